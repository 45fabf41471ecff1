/**
 * Finds windows whose timer was lost, and asks for it again.
 *
 * A timer is noted in the same commit as the partial that needs it and forgotten when its firing is done
 * (contribute.ts, fire.ts). So what is overdue was never asked for (the batch died, and its message went to the dead
 * letters), or Cloud Tasks lost it or gave it up. Asking is harmless when the timer merely waits: a firing without
 * new partials does nothing.
 *
 * Guarantee: a noted timer is asked for until a firing is done. May run twice at the same time.
 * Under pressure: works in pages, the longest overdue first, and stops at `maxTimers`; the next run goes on.
 */
import { nextSlot, type SlotSettings } from './slot.ts';
import type { Timers, WindowStore } from './store.ts';
import { inTurns } from './turns.ts';

export interface SweepEffects {
  readonly store: Pick<WindowStore, 'overdueTimers' | 'replaceTimer'>;
  readonly timers: Timers;
  readonly clock: () => number;
}

export interface SweepSettings extends SlotSettings {
  /** The most timers to ask for in one run. */
  readonly maxTimers: number;
}

export interface Swept {
  /** Timers asked for again. */
  readonly asked: number;
  /** Slot of the longest overdue, in ms since the epoch; null: none was. */
  readonly oldestSlotMs: number | null;
  /** There are more than were asked for. */
  readonly more: boolean;
}

const PAGE = 100;
const CONCURRENT = 16;

/** Asks for all overdue timers again, at most `maxTimers`. */
export async function sweep({ store, timers, clock }: SweepEffects, settings: SweepSettings): Promise<Swept> {
  let asked = 0;
  let oldestSlotMs: number | null = null;
  for (;;) {
    const limit = Math.min(PAGE, settings.maxTimers - asked);
    if (limit <= 0) return { asked, oldestSlotMs, more: true };
    const overdue = await store.overdueTimers(clock(), limit);
    for (const { slotMs } of overdue) oldestSlotMs = Math.min(oldestSlotMs ?? slotMs, slotMs);
    await inTurns(CONCURRENT, overdue, async (timer) => {
      // A name that was used may be refused for an hour, so it is asked for with a slot of its own.
      const next = { of: timer.of, slotMs: nextSlot(Number.NEGATIVE_INFINITY, clock(), settings) };
      await timers.ask([next]);
      await store.replaceTimer(timer, next);
    });
    asked += overdue.length;
    if (overdue.length === 0) return { asked, oldestSlotMs, more: false };
  }
}
