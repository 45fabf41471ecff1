/**
 * Jobs and queries of the REST API: `jobs.query` and `getQueryResults` wait for the job as long as the client asks,
 * then give a page of rows, or say that it is not complete.
 * Source: https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs
 */
import { z } from 'zod';
import { ApiError, type Call, type Route, sendJson } from '../../http.ts';
import { writeFields } from '../catalogue/schema.ts';
import type { Warehouse } from '../engine/warehouse.ts';
import { asFailure, invalid } from '../failure.ts';
import { type Job, type JobOutcome, jobListing, jobReference, jobResource, resultOf } from '../jobs/job.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { dryRun } from '../jobs/query.ts';
import { int64Shape, parse } from '../jobs/shapes.ts';
import {
  asksMicros,
  checkProject,
  jsonBody,
  numberParam,
  paged,
  pageStart,
  pageToken,
  route,
  rowsInSeconds,
  sendRows,
} from './request.ts';

const DEFAULT_WAIT_MS = 10_000;
const MAX_WAIT_MS = 200_000;
const MAX_PAGE_ROWS = 100_000;

const queryRequest = z.looseObject({
  query: z.string(),
  maxResults: z.number().nullish(),
  timeoutMs: int64Shape.nullish(),
  jobTimeoutMs: int64Shape.nullish(),
  dryRun: z.boolean().nullish(),
  location: z.string().nullish(),
  labels: z.record(z.string(), z.string()).nullish(),
  requestId: z.string().nullish(),
  formatOptions: z.looseObject({ useInt64Timestamp: z.boolean().nullish() }).nullish(),
});

const jobRequest = z.looseObject({
  jobReference: z.looseObject({ jobId: z.string().nullish(), location: z.string().nullish() }).nullish(),
  configuration: z.looseObject({
    dryRun: z.boolean().nullish(),
    jobTimeoutMs: int64Shape.nullish(),
    query: z.record(z.string(), z.unknown()).optional(),
    load: z.record(z.string(), z.unknown()).optional(),
    extract: z.record(z.string(), z.unknown()).optional(),
    copy: z.record(z.string(), z.unknown()).optional(),
  }),
});

const KINDS = ['query', 'load', 'extract', 'copy'] as const;

/** Starts the job that `jobs.insert` asks for; `upload` is the file that came with it. */
export async function insertJob(
  context: { readonly warehouse: Warehouse; readonly jobs: Jobs },
  body: unknown,
  upload?: string,
): Promise<Job> {
  const { jobReference: reference, configuration } = parse(jobRequest, body);
  const kinds = KINDS.filter((kind) => configuration[kind] !== undefined);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) {
    throw invalid(`A job has one configuration of: ${KINDS.join(', ')}.`);
  }
  if (configuration.dryRun && kind === 'query') {
    return dryJob(context.warehouse, configuration, await dryRun(context.warehouse, configuration.query));
  }
  if (configuration.dryRun) throw invalid('dryRun is for query jobs.');
  return context.jobs.insert({
    kind,
    configuration,
    upload,
    jobId: reference?.jobId ?? undefined,
    location: reference?.location ?? undefined,
    timeoutMs: configuration.jobTimeoutMs == null ? undefined : Number(configuration.jobTimeoutMs),
  });
}

export function queryRoutes(warehouse: Warehouse, jobs: Jobs): Route[] {
  const requests = new Map<string, string>();
  const at = (method: string, path: string, handle: (call: Call) => unknown): Route =>
    route(method, `/projects/{projectId}${path}`, (call) => {
      checkProject(warehouse, call);
      return handle(call);
    });
  const jobId = ({ params }: Call): string => params.jobId ?? '';
  return [
    at('POST', '/queries', (call) => query(warehouse, jobs, requests, call)),
    at('GET', '/queries/{jobId}', (call) => queryResults(jobs, call)),
    at('POST', '/jobs', async (call) =>
      jobResource(await insertJob({ warehouse, jobs }, await jsonBody(call))),
    ),
    at('GET', '/jobs', (call) => {
      const { items, ...rest } = paged(call, jobs.list().filter(stateFilter(call)));
      return { kind: 'bigquery#jobList', jobs: items.map(jobListing), ...rest };
    }),
    at('GET', '/jobs/{jobId}', (call) => jobResource(jobs.get(jobId(call)))),
    at('POST', '/jobs/{jobId}/cancel', (call) => ({
      kind: 'bigquery#jobCancelResponse',
      job: jobResource(jobs.cancel(jobId(call))),
    })),
    at('DELETE', '/jobs/{jobId}/delete', (call) => {
      jobs.remove(jobId(call));
      call.response.writeHead(204).end();
    }),
  ];
}

async function query(
  warehouse: Warehouse,
  jobs: Jobs,
  requests: Map<string, string>,
  call: Call,
): Promise<void> {
  const body = await jsonBody(call);
  const given = parse(queryRequest, body);
  const {
    maxResults,
    timeoutMs,
    jobTimeoutMs,
    dryRun: dry,
    location,
    labels,
    requestId,
    formatOptions,
    ...rest
  } = given;
  const micros = formatOptions?.useInt64Timestamp === true;
  if (dry) {
    const outcome = await dryRun(warehouse, rest);
    const job = dryJob(warehouse, { query: rest, dryRun: true }, outcome);
    answer(call, job, { start: 0, limit: 0, micros });
    return;
  }
  const known = requestId == null ? undefined : requests.get(requestId);
  const jobId =
    known ??
    jobs.insert({
      kind: 'query',
      configuration: { query: rest, ...(labels ? { labels } : {}) },
      location: location ?? undefined,
      timeoutMs: jobTimeoutMs == null ? undefined : Number(jobTimeoutMs),
    }).jobId;
  if (requestId != null && !known) remember(requests, requestId, jobId);
  const job = await jobs.wait(jobId, Math.min(Number(timeoutMs ?? DEFAULT_WAIT_MS), MAX_WAIT_MS));
  answer(call, job, { start: 0, limit: maxResults ?? MAX_PAGE_ROWS, micros });
}

async function queryResults(jobs: Jobs, call: Call): Promise<void> {
  const waitMs = Math.min(numberParam(call, 'timeoutMs', DEFAULT_WAIT_MS), MAX_WAIT_MS);
  const job = await jobs.wait(call.params.jobId ?? '', waitMs);
  const limit = numberParam(call, 'maxResults', MAX_PAGE_ROWS);
  answer(call, job, { start: pageStart(call), limit, micros: asksMicros(call) });
}

interface Wanted {
  readonly start: number;
  readonly limit: number;
  readonly micros: boolean;
}

/** `QueryResponse` and `GetQueryResultsResponse` are one shape. */
function answer(call: Call, job: Job, { start, limit, micros }: Wanted): void {
  const head = { kind: 'bigquery#queryResponse', jobReference: jobReference(job) };
  if (job.state !== 'DONE') {
    sendJson(call.response, 200, { ...head, jobComplete: false });
    return;
  }
  const result = resultOf(job);
  const done = { ...head, jobComplete: true, cacheHit: false, ...outcomeJson(job) };
  if (result === undefined) {
    sendJson(call.response, 200, { ...done, totalRows: '0' });
    return;
  }
  const page = result.page(start, limit);
  const rest = {
    ...done,
    schema: { fields: writeFields(result.columns) },
    totalRows: String(result.length),
    ...(page.next === null ? {} : { pageToken: pageToken(page.next) }),
  };
  sendRows(call, rest, micros ? page.rows : rowsInSeconds(page.rows, result.columns));
}

function outcomeJson(job: Job) {
  const statistics = job.outcome?.statistics as
    | { totalBytesProcessed?: string; query?: Record<string, unknown> }
    | undefined;
  const { numDmlAffectedRows, dmlStats } = statistics?.query ?? {};
  return {
    totalBytesProcessed: statistics?.totalBytesProcessed ?? '0',
    ...(numDmlAffectedRows === undefined ? {} : { numDmlAffectedRows, dmlStats }),
  };
}

function dryJob(warehouse: Warehouse, configuration: Record<string, unknown>, outcome: JobOutcome): Job {
  const { projectId, location, timers } = warehouse;
  return {
    jobId: '',
    projectId,
    location,
    kind: 'query',
    configuration,
    createdMs: timers.now(),
    state: 'DONE',
    outcome,
  };
}

const KEPT_REQUESTS = 1_000;

function remember(requests: Map<string, string>, requestId: string, jobId: string): void {
  requests.set(requestId, jobId);
  for (const oldest of requests.keys()) {
    if (requests.size <= KEPT_REQUESTS) break;
    requests.delete(oldest);
  }
}

function stateFilter({ url }: Call): (job: Job) => boolean {
  const states = url.searchParams.getAll('stateFilter').map((state) => state.toUpperCase());
  return (job) => states.length === 0 || states.includes(job.state);
}

/** Errors of jobs and SQL in the shape of the HTTP edge. */
export function refusing(routes: readonly Route[]): Route[] {
  return routes.map((one) => ({
    ...one,
    handle: async (call) => {
      try {
        return await one.handle(call);
      } catch (error) {
        const seen = asFailure(error);
        throw seen instanceof ApiError ? seen : error;
      }
    },
  }));
}
