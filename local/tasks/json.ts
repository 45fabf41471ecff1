/**
 * Queues and tasks between Google's JSON and ours. What comes in is checked here once, with Google's rules and a
 * message that names the field; what goes out has Google's spelling.
 * Source: https://cloud.google.com/tasks/docs/reference/rest/v2/projects.locations.queues.tasks
 */
import { z } from 'zod';
import { ApiError } from '../http.ts';
import {
  type Attempt,
  burstOf,
  DEFAULT_RATE,
  DEFAULT_RETRY,
  type Queue,
  type Task,
  type TaskRequest,
} from './resource.ts';

const DAY_MS = 86_400_000;
const MAX_AHEAD_MS = 30 * DAY_MS;
const MIN_DEADLINE_MS = 15_000;
const MAX_DEADLINE_MS = 30 * 60_000;
const DEFAULT_DEADLINE_MS = 10 * 60_000;
/** A whole task may not be larger. */
const MAX_TASK_BYTES = 1 << 20;
/** HttpMethod by number, as clients that send enums as integers name it. */
const METHODS = ['POST', 'POST', 'GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const;
const METHODS_WITH_BODY = ['POST', 'PUT', 'PATCH'];
/** Headers that Cloud Tasks sets itself and drops from a task. */
const RESERVED_HEADER =
  /^(host|content-length|user-agent|transfer-encoding|connection|x-cloudtasks-.*|x-google-.*|x-appengine-.*)$/i;

const durationMs = z
  .string()
  .regex(/^\d+(\.\d{1,9})?s$/, 'a duration such as "3.5s" is expected')
  .transform((text) => Math.round(Number(text.slice(0, -1)) * 1000));

const timestampMs = z
  .string()
  .refine((text) => !Number.isNaN(Date.parse(text)), 'an RFC 3339 time is expected')
  .transform((text) => Date.parse(text));

const queueSchema = z.object({
  name: z.string(),
  rateLimits: z
    .object({
      maxDispatchesPerSecond: z.number().positive().max(500).optional(),
      maxConcurrentDispatches: z.number().int().min(1).max(5000).optional(),
    })
    .optional(),
  retryConfig: z
    .object({
      maxAttempts: z.number().int().min(-1).optional(),
      maxRetryDuration: durationMs.optional(),
      minBackoff: durationMs.optional(),
      maxBackoff: durationMs.optional(),
      maxDoublings: z.number().int().min(0).optional(),
    })
    .optional(),
});

const httpMethod = z.union([
  z.enum(['HTTP_METHOD_UNSPECIFIED', 'POST', 'GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']),
  z.number().int().min(0).max(7),
]);

const requestSchema = z.object({
  url: z
    .string()
    .max(2083)
    .regex(/^https?:\/\/\S+$/, 'a URL that begins with http:// or https:// is expected'),
  httpMethod: httpMethod.optional(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.string().optional(),
});

const taskSchema = z.object({
  name: z.string().optional(),
  scheduleTime: timestampMs.optional(),
  dispatchDeadline: durationMs.optional(),
  httpRequest: requestSchema,
});

/** A queue from JSON; fields that are not given keep those of `base`, or Google's defaults. */
export function parseQueue(json: unknown, base?: Queue): Queue {
  const given = check(queueSchema, json, 'queue');
  const rate = { ...(base?.rateLimits ?? DEFAULT_RATE), ...defined(given.rateLimits) };
  const { maxRetryDuration, minBackoff, maxBackoff, ...counts } = given.retryConfig ?? {};
  const retryConfig = {
    ...(base?.retryConfig ?? DEFAULT_RETRY),
    ...defined(counts),
    ...defined({ maxRetryDurationMs: maxRetryDuration, minBackoffMs: minBackoff, maxBackoffMs: maxBackoff }),
  };
  if (retryConfig.minBackoffMs > retryConfig.maxBackoffMs) {
    throw invalid('queue.retryConfig.minBackoff must not be above maxBackoff');
  }
  return {
    name: given.name,
    state: base?.state ?? 'RUNNING',
    rateLimits: { ...rate, maxBurstSize: burstOf(rate.maxDispatchesPerSecond) },
    // maxAttempts 0 is proto3's "not given".
    retryConfig: { ...retryConfig, maxAttempts: retryConfig.maxAttempts || DEFAULT_RETRY.maxAttempts },
    ...(base?.purgeMs === undefined ? {} : { purgeMs: base.purgeMs }),
  };
}

/** A task from JSON. `freshName` is used when the task has no name of its own. */
export function parseTask(json: unknown, freshName: string, nowMs: number): Task {
  if (typeof json === 'object' && json !== null && 'appEngineHttpRequest' in json) {
    throw new ApiError(501, 'App Engine tasks are not supported here; use httpRequest.', {
      status: 'UNIMPLEMENTED',
    });
  }
  const given = check(taskSchema, json, 'task');
  const request = parseRequest(given.httpRequest);
  const scheduleMs = given.scheduleTime ?? nowMs;
  if (scheduleMs > nowMs + MAX_AHEAD_MS) {
    throw invalid('task.scheduleTime must be within 30 days from now.');
  }
  const deadlineMs = given.dispatchDeadline ?? DEFAULT_DEADLINE_MS;
  if (deadlineMs < MIN_DEADLINE_MS || deadlineMs > MAX_DEADLINE_MS) {
    throw invalid('task.dispatchDeadline must be between [15s, 30m].');
  }
  return {
    name: given.name || freshName,
    createMs: nowMs,
    scheduleMs: Math.max(scheduleMs, nowMs),
    dispatchDeadlineMs: deadlineMs,
    request,
    dispatchCount: 0,
    responseCount: 0,
    executionCount: 0,
  };
}

function parseRequest(given: z.output<typeof requestSchema>): TaskRequest {
  const method = typeof given.httpMethod === 'number' ? METHODS[given.httpMethod]! : given.httpMethod;
  const verb = method === undefined || method === 'HTTP_METHOD_UNSPECIFIED' ? 'POST' : method;
  const body = given.body || undefined;
  if (body !== undefined && !METHODS_WITH_BODY.includes(verb)) {
    throw invalid(`task.httpRequest.body is allowed with ${METHODS_WITH_BODY.join(', ')} only.`);
  }
  if (given.url.length + (body?.length ?? 0) * 0.75 > MAX_TASK_BYTES) {
    throw invalid(`Task size too large: the limit is ${MAX_TASK_BYTES} bytes.`);
  }
  if (!URL.canParse(given.url)) throw invalid(`task.httpRequest.url is no URL: "${given.url}"`);
  const headers = Object.entries(given.headers ?? {}).filter(([name]) => !RESERVED_HEADER.test(name));
  return {
    url: given.url,
    method: verb,
    headers: Object.fromEntries(headers),
    ...(body === undefined ? {} : { body }),
  };
}

export function formatQueue(queue: Queue): unknown {
  const { maxRetryDurationMs, minBackoffMs, maxBackoffMs, maxAttempts, maxDoublings } = queue.retryConfig;
  return {
    name: queue.name,
    rateLimits: queue.rateLimits,
    retryConfig: {
      maxAttempts,
      ...(maxRetryDurationMs > 0 ? { maxRetryDuration: seconds(maxRetryDurationMs) } : {}),
      minBackoff: seconds(minBackoffMs),
      maxBackoff: seconds(maxBackoffMs),
      maxDoublings,
    },
    state: queue.state,
    ...(queue.purgeMs === undefined ? {} : { purgeTime: new Date(queue.purgeMs).toISOString() }),
  };
}

/** A task as JSON; the BASIC view leaves the body out. */
export function formatTask(task: Task, view: 'BASIC' | 'FULL'): unknown {
  const { url, method, headers, body } = task.request;
  return {
    name: task.name,
    httpRequest: {
      url,
      httpMethod: method,
      headers,
      ...(view === 'FULL' && body !== undefined ? { body } : {}),
    },
    scheduleTime: new Date(task.scheduleMs).toISOString(),
    createTime: new Date(task.createMs).toISOString(),
    dispatchDeadline: seconds(task.dispatchDeadlineMs),
    dispatchCount: task.dispatchCount,
    responseCount: task.responseCount,
    ...(task.firstAttempt
      ? { firstAttempt: { dispatchTime: formatAttempt(task.firstAttempt).dispatchTime } }
      : {}),
    ...(task.lastAttempt ? { lastAttempt: formatAttempt(task.lastAttempt) } : {}),
    view,
  };
}

/** gRPC's code for an attempt without success. */
const UNKNOWN = 2;

function formatAttempt(attempt: Attempt): Record<string, unknown> {
  return {
    scheduleTime: new Date(attempt.scheduleMs).toISOString(),
    dispatchTime: new Date(attempt.dispatchMs).toISOString(),
    ...(attempt.responseMs === undefined ? {} : { responseTime: new Date(attempt.responseMs).toISOString() }),
    responseStatus: { code: UNKNOWN, message: attempt.message },
  };
}

/** An INVALID_ARGUMENT answer. */
export function invalid(message: string): ApiError {
  return new ApiError(400, message, { status: 'INVALID_ARGUMENT' });
}

function check<S extends z.ZodType>(schema: S, json: unknown, field: string): z.output<S> {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw invalid(`Invalid value at '${[field, ...issue.path].join('.')}': ${issue.message}`);
}

function seconds(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${(ms / 1000).toFixed(3)}s`;
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the fields that are undefined. */
function defined<T extends object>(fields: T | undefined): Defined<T> {
  return Object.fromEntries(
    Object.entries(fields ?? {}).filter(([, value]) => value !== undefined),
  ) as Defined<T>;
}
