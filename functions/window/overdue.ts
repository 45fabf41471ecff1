/**
 * When a timer that was asked for counts as lost. Pure. Two minutes after its slot, then four after it was asked for
 * again, doubling up to two hours: while Cloud Tasks or `close` is down, timers that merely wait are not multiplied.
 */
const PATIENCE_MS = 120_000;
const MAX_DOUBLINGS = 6;

/** From when on a timer for `slotMs` that was asked for again `asks` times is overdue. */
export const overdueAt = (slotMs: number, asks: number): number =>
  slotMs + PATIENCE_MS * 2 ** Math.min(asks, MAX_DOUBLINGS);
