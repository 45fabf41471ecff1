/**
 * When a window's timer fires. Pure.
 *
 * The first firing is at end + bound (the watermark, now − bound, passes end − 1 there). Data that comes later
 * makes the window fire again at the next tick, so that many late batches cost one firing. A slot is always
 * more than `marginMs` ahead of `nowMs`, taken after the partial was committed: whoever fires at the slot sees
 * that partial, also when the clocks of two instances differ by less than the margin. So every write is followed
 * by a later firing, and duplicates of (window, slot) collapse by name.
 */
import type { TimeWindow } from '../stream/window.ts';

export interface SlotSettings {
  readonly outOfOrdernessMs: number;
  readonly tickMs: number;
  readonly timerMarginMs: number;
}

/** The time, in ms since the epoch, of the next firing of `window` for data committed at `nowMs`. */
export function nextSlot(window: TimeWindow, nowMs: number, settings: SlotSettings): number {
  const onTimeMs = window.end + settings.outOfOrdernessMs;
  const earliestMs = nowMs + settings.timerMarginMs;
  if (onTimeMs > earliestMs) return onTimeMs;
  return (Math.floor(earliestMs / settings.tickMs) + 1) * settings.tickMs;
}
