/**
 * When a window's timer fires. Pure.
 *
 * The first firing is at end + bound (the watermark, now − bound, passes end − 1 there). Data that comes later
 * makes the window fire again at the next tick, so that many late batches cost one firing. A slot is always
 * more than `marginMs` ahead of `nowMs`, taken after the partial was committed: whoever fires at the slot sees
 * that partial, also when the clocks of two instances differ by less than the margin. So every write is followed
 * by a later firing, and duplicates of (window, slot) collapse by name.
 */
export interface SlotSettings {
  readonly outOfOrdernessMs: number;
  readonly tickMs: number;
  readonly timerMarginMs: number;
}

/** The time, in ms since the epoch, of the next firing of a window that ends at `endMs`, for data committed at `nowMs`. */
export function nextSlot(endMs: number, nowMs: number, settings: SlotSettings): number {
  const onTimeMs = endMs + settings.outOfOrdernessMs;
  const earliestMs = nowMs + settings.timerMarginMs;
  return onTimeMs > earliestMs ? onTimeMs : nextTick(earliestMs, settings);
}

/**
 * As `nextSlot`, but always on a tick: sessions end at any time, and one firing does for all of a key that end
 * between two ticks.
 */
export function nextSessionSlot(endMs: number, nowMs: number, settings: SlotSettings): number {
  const onTimeMs = endMs + settings.outOfOrdernessMs;
  // − 1, as a tick itself is none to wait for.
  return nextTick(Math.max(onTimeMs - 1, nowMs + settings.timerMarginMs), settings);
}

/** The first tick after a time. */
const nextTick = (afterMs: number, { tickMs }: SlotSettings): number =>
  (Math.floor(afterMs / tickMs) + 1) * tickMs;
