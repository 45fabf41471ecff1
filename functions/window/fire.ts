/**
 * What a task does when it is called: fires its windows, then says that their timers are done with.
 *
 * Guarantee: a timer that runs before its slot is refused and must be called again: a partial that comes between
 * its early run and its slot asks for the same slot, and would be fired by nobody.
 */
import type { Job } from '../stream/job.ts';
import { type Closed, type CloseEffects, type CloseSettings, closeWindows } from './close.ts';
import { closeSessions } from './close-sessions.ts';
import { checkRunnable } from './runnable.ts';
import { chunksOf } from './timer-group.ts';
import type { Timer } from './window-id.ts';

/** Thrown when a timer runs before its slot. */
export class TooEarly extends Error {
  override readonly name = 'TooEarly';

  constructor({ slotMs }: Timer, nowMs: number) {
    super(`the timer is due in ${slotMs - nowMs} ms`);
  }
}

/** Windows fired at once: of all of them the partials are in memory. */
const AT_ONCE = 25;

/**
 * Runs the timers of a group (timer-group.ts); what was done with each. Throws TooEarly or FiringConflict when they
 * must be called again; then some may have been fired.
 */
export async function fire<In, Acc, Out>(
  job: Job<In, Acc, Out>,
  group: readonly Timer[],
  effects: CloseEffects<Out>,
  settings: CloseSettings,
): Promise<readonly Closed[]> {
  checkRunnable(job);
  const early = group.find(({ slotMs }) => settings.nowMs < slotMs);
  if (early !== undefined) throw new TooEarly(early, settings.nowMs);
  const closed: Closed[] = [];
  for (const timers of chunksOf(group, job.assigner.merges ? 1 : AT_ONCE)) {
    const windows = timers.map(({ of }) => of);
    if (job.assigner.merges) closed.push(await closeSessions(job, windows[0]!, effects, settings));
    else closed.push(...(await closeWindows(job, windows, effects, settings)));
    await effects.store.timersDone(timers);
  }
  return closed;
}
