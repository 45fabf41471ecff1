/**
 * How long what belongs to a window is kept, and when it is sealed. Pure.
 *
 *     first partial, or the window's end      sealed: takes nothing     fires no more      partials may go
 *     ├──────────────── retention ───────────────┼──────── 12 h ────────────┼──── 12 h ────────┤
 *
 * Retention = allowed lateness + the longest redelivery. The two spans after it let what was taken in the last
 * moment be fired, late, retried or swept, before the first partial of the window can have expired: a firing that
 * is not sealed always sees all partials.
 */
const HALF_DAY_MS = 43_200_000;

/** From when on, in ms since the epoch, a window takes nothing any more. */
export const sealAt = (firstPartialMs: number, endMs: number, retentionMs: number): number =>
  Math.max(firstPartialMs, endMs) + retentionMs;

/** Whether a window that seals at `sealAtMs` must not fire any more. */
export const isOver = (sealAtMs: number, nowMs: number): boolean => nowMs >= sealAtMs + HALF_DAY_MS;

/** When a partial created at `nowMs` for windows that end by `endMs` may go. */
export const expiresAt = (nowMs: number, endMs: number, retentionMs: number): number =>
  Math.max(nowMs, endMs) + retentionMs + 2 * HALF_DAY_MS;
