/**
 * How long a message that failed waits. Pure.
 * Source: RetryPolicy, https://cloud.google.com/pubsub/docs/handling-failures#exponential_backoff
 */
export interface RetryPolicy {
  readonly minMs: number;
  readonly maxMs: number;
}

/** What pushing does for a subscription without a retry policy, as Pub/Sub's push back-off: 100 ms to 60 s. */
export const PUSH_BACKOFF: RetryPolicy = { minMs: 100, maxMs: 60_000 };

/** Milliseconds after failure number `failures` (from 1): doubled each time, within the policy's bounds. */
export function backoffMs({ minMs, maxMs }: RetryPolicy, failures: number): number {
  return Math.min(maxMs, minMs * 2 ** Math.min(failures - 1, 60));
}
