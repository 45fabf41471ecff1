/**
 * Statements as BigQuery jobs. One that must not run twice at the same time has a name: a second caller, after a crash
 * for example, finds the job that runs or has run and waits for it.
 */
import type { BigQuery, Job } from '@google-cloud/bigquery';
import { z } from 'zod';

export type ResultRow = Readonly<Record<string, unknown>>;

/** Named parameters; what is personal goes here, as the text of a statement stays in BigQuery's list of jobs. */
export type StatementParameters = Readonly<Record<string, string | number>>;

/** What stands under a table's name. */
export interface TableFacts {
  readonly isExternal: boolean;
  readonly columns: number;
  /** Connection by which an external table reads its files, its name alone; null: who asks reads them. */
  readonly connection: string | null;
}

export interface Statements {
  /** Null: there is no such table. */
  table(name: string): Promise<TableFacts | null>;
  /** Runs a statement; resolves to its rows. */
  run(sql: string, parameters?: StatementParameters): Promise<readonly ResultRow[]>;
  /** Runs a statement unless a job of the name has succeeded; `again` comes before a new attempt after a failure. */
  runOnce(name: string, sql: string, again: () => Promise<void>): Promise<void>;
}

const NOT_FOUND = 404;
const ALREADY_EXISTS = 409;
/** So many failures of one statement, over all runs, and it is given up. */
const MAX_ATTEMPTS = 20;

export function statementsOf(client: BigQuery, datasetId: string): Statements {
  const options = (query: string) => ({ query, defaultDataset: { datasetId } });
  return {
    async table(name) {
      const table = client.dataset(datasetId).table(name);
      const metadata = await table.getMetadata().then(
        ([found]) => tableShape.parse(found),
        (error: { readonly code?: unknown }) => {
          if (error.code === NOT_FOUND) return null;
          throw error;
        },
      );
      return metadata && factsOf(metadata);
    },
    async run(sql, params) {
      const [rows] = await client.query({ ...options(sql), ...(params === undefined ? {} : { params }) });
      return rows as ResultRow[];
    },
    async runOnce(name, sql, again) {
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        if (attempt > 0) await again();
        const job = await open(client, { ...options(sql), jobId: `${name}_${attempt}` }, datasetId);
        const failure = await job.promise().then(
          () => null,
          (error: unknown) => error,
        );
        if (failure === null) return;
        if (job.isNew) throw failure;
      }
      throw new Error(`${name} failed ${MAX_ATTEMPTS} times`);
    },
  };
}

const tableShape = z.object({
  type: z.string(),
  schema: z.object({ fields: z.array(z.unknown()).default([]) }).default({ fields: [] }),
  externalDataConfiguration: z.object({ connectionId: z.string().optional() }).optional(),
});

/** BigQuery names a connection with dots or with slashes, its project by id or by number: its own name is the last part. */
function factsOf({
  type,
  schema,
  externalDataConfiguration: external,
}: z.infer<typeof tableShape>): TableFacts {
  return {
    isExternal: type === 'EXTERNAL',
    columns: schema.fields.length,
    connection: external?.connectionId === undefined ? null : connectionName(external.connectionId),
  };
}

/** `cold` of `my-project.europe-west1.cold` and of `projects/1/locations/europe-west1/connections/cold`. */
export const connectionName = (id: string): string => id.split(/[./;]/).at(-1)!;

interface Opened {
  readonly isNew: boolean;
  /** Waits until it is done; rejects when it failed. */
  promise(): Promise<unknown>;
}

async function open(
  client: BigQuery,
  request: Parameters<BigQuery['createQueryJob']>[0] & { readonly jobId: string },
  datasetId: string,
): Promise<Opened> {
  const wait = (job: Job): Promise<unknown> => job.getQueryResults({ maxResults: 0, autoPaginate: false });
  try {
    const [job] = await client.createQueryJob(request);
    return { isNew: true, promise: () => wait(job) };
  } catch (error) {
    if ((error as { code?: unknown }).code !== ALREADY_EXISTS) throw error;
    // Jobs are run where the dataset is, and found by id and place.
    const [{ location }] = await client.dataset(datasetId).getMetadata();
    const job = client.job(request.jobId, location === undefined ? {} : { location });
    return { isNew: false, promise: () => wait(job) };
  }
}
