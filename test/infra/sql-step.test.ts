import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BigQuery } from '@google-cloud/bigquery';
import * as pulumi from '@pulumi/pulumi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SqlStepInputs, sqlDigest, sqlProvider } from '../../infra/sql-step.ts';
import { type BigqueryService, startBigquery } from '../../local/bigquery/service.ts';

const INFRA = fileURLToPath(new URL('../../infra/', import.meta.url));

let folder: string;
let warehouse: BigqueryService;
let inputs: SqlStepInputs;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'logweir-sql-step-'));
  warehouse = await startBigquery({ port: 0, writePort: 0, dataDir: folder, projectId: 'my-project' });
  inputs = {
    ...{ project: 'my-project', dataset: 'logweir_dev', location: 'europe-west1', policyTag: null },
    expirationMs: { dead_letters: 90 * 86_400_000 },
    endpoint: `http://127.0.0.1:${warehouse.port}`,
    digest: await sqlDigest(),
  };
});
afterAll(async () => {
  await warehouse.close();
  await rm(folder, { recursive: true, force: true });
});

const runStep = (given: object): Promise<{ stderr: string }> => {
  const child = promisify(execFile)(process.execPath, ['--import=tsx', 'steps/apply-sql.ts'], { cwd: INFRA });
  child.child.stdin?.end(JSON.stringify(given));
  return child;
};

describe('the tables of a deployment', () => {
  it('are made by the files of sql/, as on the laptop, and made once', async () => {
    const { stderr } = await runStep(inputs);
    expect(stderr).toContain('sql/schema/log_entries.sql: created');
    const bigquery = new BigQuery({ projectId: 'my-project', apiEndpoint: inputs.endpoint });
    const [tables] = await bigquery.dataset('logweir_dev').getTables();
    expect(tables.map(({ id }) => id)).toEqual(expect.arrayContaining(['log_entries', 'windows', 'logs']));
    const [{ timePartitioning }] = await bigquery.dataset('logweir_dev').table('dead_letters').getMetadata();
    expect(Number(timePartitioning.expirationMs)).toBe(90 * 86_400_000);
    const again = await runStep(inputs);
    expect(again.stderr).not.toContain('sql/schema/log_entries.sql');
  });

  it('refuse settings that are none', async () => {
    await expect(runStep({ ...inputs, dataset: 7 })).rejects.toThrow(/dataset/);
  });

  it('are applied again when a file or a setting changed, in another dataset anew', async () => {
    const diff = (news: object) => sqlProvider.diff!('id', inputs, { ...inputs, ...news });
    expect(await diff({})).toMatchObject({ changes: false });
    expect(await diff({ digest: 'other' })).toMatchObject({ changes: true, replaces: [] });
    expect(await diff({ expirationMs: {} })).toMatchObject({ changes: true, replaces: [] });
    expect(await diff({ dataset: 'other' })).toMatchObject({ changes: true, replaces: ['dataset'] });
  });

  it('need nothing but the text that Pulumi stores of their provider', async () => {
    const { text, exportName } = await pulumi.runtime.serializeFunction(() => sqlProvider);
    const file = join(folder, 'provider.cjs');
    await writeFile(file, text);
    const stored = createRequire(import.meta.url)(file)[exportName]() as typeof sqlProvider;
    expect(await stored.diff!('id', inputs, { ...inputs, digest: 'other' })).toMatchObject({ changes: true });
    expect(text).not.toContain(INFRA);
  });
});
