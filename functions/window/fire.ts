/**
 * What a timer does when it is called: fires its window, then says that it is done with.
 *
 * Guarantee: a timer that runs before its slot is refused and must be called again: a partial that comes between
 * its early run and its slot asks for the same slot, and would be fired by nobody.
 */
import type { Job } from '../stream/job.ts';
import { type Closed, type CloseEffects, type CloseSettings, closeWindow } from './close.ts';
import { closeSessions } from './close-sessions.ts';
import { checkRunnable } from './runnable.ts';
import type { Timer } from './window-id.ts';

/** Thrown when a timer runs before its slot. */
export class TooEarly extends Error {
  override readonly name = 'TooEarly';

  constructor({ slotMs }: Timer, nowMs: number) {
    super(`the timer is due in ${slotMs - nowMs} ms`);
  }
}

/** Runs a timer. Throws TooEarly or FiringConflict when it must be called again. */
export async function fire<In, Acc, Out>(
  job: Job<In, Acc, Out>,
  timer: Timer,
  effects: CloseEffects<Out>,
  settings: CloseSettings,
): Promise<Closed> {
  checkRunnable(job);
  if (settings.nowMs < timer.slotMs) throw new TooEarly(timer, settings.nowMs);
  const close = job.assigner.merges ? closeSessions : closeWindow;
  const closed = await close(job, timer.of, effects, settings);
  await effects.store.timerDone(timer);
  return closed;
}
