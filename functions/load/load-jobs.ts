/**
 * Load jobs of BigQuery, by name: a name is run once, whoever asks for it how often, because BigQuery keeps the ids of
 * jobs for months. Nobody waits for one: a later run looks what became of it.
 * Limits: 1,500 jobs a table and day, failed ones too; 10,000 URIs and 15 TB a job; 30,000 days of the table changed a
 * day. Source: https://cloud.google.com/bigquery/quotas#load_jobs
 */
import type { BigQuery, JobMetadata } from '@google-cloud/bigquery';

/** What became of a job. */
export type JobOutcome =
  | { readonly kind: 'running' }
  | { readonly kind: 'done'; readonly rows: number }
  /** BigQuery cannot read a file, or what it holds does not fit; `files`: those that it names. */
  | { readonly kind: 'refused'; readonly files: readonly string[] }
  /** Something else: quota, rights, BigQuery itself. */
  | { readonly kind: 'failed'; readonly reason: string };

export interface LoadJobs {
  /** Null: there is no job of the name. */
  find(name: string): Promise<JobOutcome | null>;
  /** Starts a job that loads all of the files or none; does nothing if the name was used. */
  start(name: string, files: readonly string[]): Promise<void>;
}

export interface LoadJobsOptions {
  readonly datasetId: string;
  readonly tableId: string;
  readonly bucket: string;
}

const ALREADY_EXISTS = 409;
const NOT_FOUND = 404;

export function loadJobsOf(client: BigQuery, { datasetId, tableId, bucket }: LoadJobsOptions): LoadJobs {
  const uriOf = (file: string): string => `gs://${bucket}/${file}`;
  let location: Promise<string | undefined> | null = null;
  // Jobs are found by id and place, and are run where the dataset is.
  const place = (): Promise<string | undefined> => {
    location ??= client
      .dataset(datasetId)
      .getMetadata()
      .then(([metadata]) => metadata.location as string | undefined);
    location.catch(() => {
      location = null;
    });
    return location;
  };
  return {
    async find(name) {
      const at = await place();
      try {
        const [metadata] = await client.job(name, at === undefined ? {} : { location: at }).getMetadata();
        return outcomeOf(metadata as JobMetadata, uriOf(''));
      } catch (error) {
        if ((error as { code?: unknown }).code !== NOT_FOUND) throw error;
        return null;
      }
    },
    async start(name, files) {
      const at = await place();
      try {
        await client.createJob({
          jobId: name,
          ...(at === undefined ? {} : { location: at }),
          configuration: {
            load: {
              sourceUris: files.map(uriOf),
              sourceFormat: 'AVRO',
              useAvroLogicalTypes: true,
              destinationTable: { projectId: client.projectId, datasetId, tableId },
              createDisposition: 'CREATE_NEVER',
              writeDisposition: 'WRITE_APPEND',
            },
          },
        });
      } catch (error) {
        // A job that fails at once is thrown, and found by the next run.
        const { code } = error as { code?: unknown };
        if (code !== ALREADY_EXISTS) throw error;
      }
    },
  };
}

function outcomeOf({ status, statistics }: JobMetadata, bucketUri: string): JobOutcome {
  if (status?.state !== 'DONE') return { kind: 'running' };
  const { errorResult, errors = [] } = status;
  if (errorResult === undefined) return { kind: 'done', rows: Number(statistics?.load?.outputRows ?? 0) };
  const reason = errorResult.reason ?? 'unknown';
  if (reason !== 'invalid') return { kind: 'failed', reason };
  const said = [errorResult, ...errors].map(({ location, message }) => `${location ?? ''} ${message ?? ''}`);
  const names = said.flatMap((text) => [...text.matchAll(/gs:\/\/[^\s,;"']+/g)].map(([uri]) => uri));
  const files = names.filter((uri) => uri.startsWith(bucketUri)).map((uri) => uri.slice(bucketUri.length));
  return { kind: 'refused', files: [...new Set(files)] };
}
