/**
 * Queues and tasks of the Cloud Tasks stand-in as the rest of it sees them: plain data, times in milliseconds.
 * Source of fields and defaults: https://cloud.google.com/tasks/docs/reference/rest/v2/projects.locations.queues
 */

export interface RateLimits {
  readonly maxDispatchesPerSecond: number;
  /** How many tasks may go out at once after a lull; follows from the rate. */
  readonly maxBurstSize: number;
  readonly maxConcurrentDispatches: number;
}

export interface RetryConfig {
  /** The first attempt included; -1 is without end. */
  readonly maxAttempts: number;
  /** Since the first attempt; 0 is without end. */
  readonly maxRetryDurationMs: number;
  readonly minBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly maxDoublings: number;
}

export interface Queue {
  /** projects/P/locations/L/queues/Q */
  readonly name: string;
  readonly state: 'RUNNING' | 'PAUSED';
  readonly rateLimits: RateLimits;
  readonly retryConfig: RetryConfig;
  readonly purgeMs?: number;
}

/** One try at a task. */
export interface Attempt {
  readonly scheduleMs: number;
  readonly dispatchMs: number;
  /** When the target answered; absent when it did not. */
  readonly responseMs?: number;
  /** The HTTP status; absent when there was no answer. */
  readonly httpStatus?: number;
  readonly message: string;
}

export interface TaskRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Base64, as the API carries it. */
  readonly body?: string;
}

export interface Task {
  /** projects/P/locations/L/queues/Q/tasks/T */
  readonly name: string;
  readonly createMs: number;
  /** When it is next due. */
  readonly scheduleMs: number;
  readonly dispatchDeadlineMs: number;
  readonly request: TaskRequest;
  readonly dispatchCount: number;
  readonly responseCount: number;
  /** Answers other than 5xx: what X-CloudTasks-TaskExecutionCount counts. */
  readonly executionCount: number;
  readonly firstAttempt?: Attempt;
  readonly lastAttempt?: Attempt;
}

export const DEFAULT_RETRY: RetryConfig = {
  maxAttempts: 100,
  maxRetryDurationMs: 0,
  minBackoffMs: 100,
  maxBackoffMs: 3_600_000,
  maxDoublings: 16,
};

export const DEFAULT_RATE = { maxDispatchesPerSecond: 500, maxConcurrentDispatches: 1_000 };

/** Burst size as Cloud Tasks derives it: a fifth of the rate, from 10 to 100. */
export function burstOf(maxDispatchesPerSecond: number): number {
  return Math.min(100, Math.max(10, Math.ceil(maxDispatchesPerSecond / 5)));
}

/** The queue a task belongs to. */
export function queueNameOf(taskName: string): string {
  return taskName.slice(0, taskName.lastIndexOf('/tasks/'));
}

/** The last part of a resource name. */
export function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}
