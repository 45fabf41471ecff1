/** A job: what was asked, how far it is, what came of it; and its form in the REST API. */
import { type ErrorProto, failure } from '../failure.ts';
import type { Result } from './result.ts';

export type JobKind = 'query' | 'load' | 'extract' | 'copy';

/** Configuration as the client sent it: `{ query: {…} }`, `{ load: {…} }`, …, with labels, dryRun, jobTimeoutMs. */
export type JobConfiguration = Readonly<Record<string, unknown>>;

/** What a job leaves when it succeeds. */
export interface JobOutcome {
  /** Fields of `statistics`, as the REST API names them. */
  readonly statistics: Readonly<Record<string, unknown>>;
  readonly result?: Result;
  /** What running found out about the configuration, e.g. the schema of a load. */
  readonly configuration?: JobConfiguration;
}

export interface Job {
  readonly jobId: string;
  readonly projectId: string;
  readonly location: string;
  readonly kind: JobKind;
  readonly configuration: JobConfiguration;
  /** File that came with the request: what a load job reads. */
  readonly upload?: string;
  readonly createdMs: number;
  readonly state: 'PENDING' | 'RUNNING' | 'DONE';
  readonly startedMs?: number;
  readonly endedMs?: number;
  readonly error?: ErrorProto;
  readonly outcome?: JobOutcome;
}

export const USER = 'local@logweir.invalid';

/** The reference other requests use. */
export const jobReference = (job: Job) => ({
  projectId: job.projectId,
  jobId: job.jobId,
  location: job.location,
});

/** `Job` of the REST API. */
export function jobResource(job: Job) {
  return {
    kind: 'bigquery#job',
    etag: `${job.jobId}.${job.state}`,
    id: `${job.projectId}:${job.location}.${job.jobId}`,
    selfLink: `/bigquery/v2/projects/${job.projectId}/jobs/${job.jobId}?location=${job.location}`,
    user_email: USER,
    jobReference: jobReference(job),
    configuration: { jobType: job.kind.toUpperCase(), ...job.configuration, ...job.outcome?.configuration },
    status: jobStatus(job),
    statistics: jobStatistics(job),
  };
}

/** An entry of `jobs.list`. */
export function jobListing(job: Job) {
  const { id, kind, user_email, configuration, status, statistics } = jobResource(job);
  const errorResult = job.error === undefined ? {} : { errorResult: job.error };
  const state = job.state;
  return {
    id,
    kind,
    jobReference: jobReference(job),
    user_email,
    state,
    ...errorResult,
    configuration,
    status,
    statistics,
  };
}

/** The rows of a query that is done; throws what made it fail. */
export function resultOf(job: Job): Result | undefined {
  if (job.error) throw failure(job.error.reason, job.error.message, job.error.location);
  return job.outcome?.result;
}

function jobStatus(job: Job) {
  const { state, error } = job;
  return error === undefined ? { state } : { errorResult: error, errors: [error], state };
}

function jobStatistics(job: Job) {
  const at = (name: string, ms: number | undefined) => (ms === undefined ? {} : { [name]: String(ms) });
  return {
    ...at('creationTime', job.createdMs),
    ...at('startTime', job.startedMs),
    ...at('endTime', job.endedMs),
    ...job.outcome?.statistics,
  };
}
