/**
 * When a failed task is tried again, and when it is given up. Pure.
 * Source: RetryConfig, https://cloud.google.com/tasks/docs/reference/rest/v2/projects.locations.queues#RetryConfig
 * (its example, 10 s to 300 s with three doublings, is a row of test/cases/tasks-backoff.json).
 */
import type { RetryConfig } from './resource.ts';

/**
 * Milliseconds to wait before retry number `retry` (1 is the second attempt): doubled `maxDoublings` times, then
 * growing by the same step, never above `maxBackoffMs`.
 */
export function backoffMs(config: RetryConfig, retry: number): number {
  const doublings = Math.min(retry - 1, config.maxDoublings);
  const step = config.minBackoffMs * 2 ** doublings;
  const linear = Math.max(0, retry - 1 - config.maxDoublings);
  return Math.min(config.maxBackoffMs, step * (1 + linear));
}

/** Whether a task that failed `attempts` times, first at `firstMs`, is to be dropped. */
export function isExhausted(config: RetryConfig, attempts: number, firstMs: number, nowMs: number): boolean {
  const countDone = config.maxAttempts >= 0 && attempts >= config.maxAttempts;
  const timeDone = config.maxRetryDurationMs > 0 && nowMs - firstMs >= config.maxRetryDurationMs;
  // Both limits, where both are set, must be passed; a limit that is not set does not keep the task alive.
  if (config.maxRetryDurationMs > 0) return timeDone && (countDone || config.maxAttempts < 0);
  return countDone;
}
