/**
 * Applies the files of sql/ to a dataset, as the laptop does (sql/apply.ts). Reads its settings as JSON from standard
 * input; sql-step.ts starts it as a process of its own. Credentials are those of who deploys. Safe to run again.
 */
import { text } from 'node:stream/consumers';
import { BigQuery } from '@google-cloud/bigquery';
import { z } from 'zod';
import { applySql } from '../../sql/apply.ts';

const input = z.object({
  project: z.string(),
  dataset: z.string(),
  location: z.string(),
  expirationMs: z.record(z.string(), z.number()),
  policyTag: z.string().nullable(),
  /** Another BigQuery than Google's; empty: Google's. */
  endpoint: z.string(),
});

const { project, dataset, location, expirationMs, policyTag, endpoint } = input.parse(
  JSON.parse(await text(process.stdin)),
);
await applySql({
  bigquery: new BigQuery(
    endpoint === '' ? { projectId: project } : { projectId: project, apiEndpoint: endpoint },
  ),
  ...{ dataset, location, expirationMs },
  ...(policyTag === null ? {} : { policyTag }),
  onStep: ({ file, action }) => {
    if (action !== 'unchanged') process.stderr.write(`${file}: ${action}\n`);
  },
});
