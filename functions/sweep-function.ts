/**
 * The edge of `sweep`, which Cloud Scheduler calls once a minute: asks again for timers that were lost. Answers 200
 * with counts; 500 when a client failed, and the next minute goes on. May run twice at the same time.
 */
import { openFirestore, openTasks, timerQueue } from './clients.ts';
import { wallClock } from './clock.ts';
import type { Answer } from './close-function.ts';
import { loadConfig } from './config.ts';
import { errorFields, log } from './log.ts';
import { ERROR, INFO, WARNING } from './parse/severity.ts';
import { firestoreStore } from './window/firestore-store.ts';
import { type SweepEffects, type SweepSettings, sweep } from './window/sweep.ts';
import { taskTimers } from './window/task-timers.ts';

/** Timers that one run asks for at most; about ten seconds of work. */
const MAX_TIMERS = 2000;

/** Opens the clients once an instance; returns what handles one call. */
export async function openSweep(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<() => Promise<Answer>> {
  const config = loadConfig(env);
  const [firestore, tasks] = await Promise.all([openFirestore(config), openTasks(config)]);
  const effects: SweepEffects = {
    store: firestoreStore(firestore, { retentionMs: config.allowedLatenessMs + config.redeliveryMs }),
    timers: taskTimers(tasks, {
      queue: timerQueue(config),
      closeUrl: config.closeUrl,
      identity: config.closeIdentity,
    }),
    clock: wallClock,
  };
  return () => answerSweep(effects, { ...config, maxTimers: MAX_TIMERS });
}

/** Handles one call. Never throws. */
export async function answerSweep(effects: SweepEffects, settings: SweepSettings): Promise<Answer> {
  const startedMs = effects.clock();
  try {
    const { asked, oldestSlotMs, more } = await sweep(effects, settings);
    const nowMs = effects.clock();
    const oldest = oldestSlotMs === null ? null : nowMs - oldestSlotMs;
    const counts = { asked, oldest_ms: oldest, more };
    const said = asked > 0 ? 'timers are overdue; asked for them again' : 'no timer is overdue';
    log(asked > 0 ? WARNING : INFO, 'sweep', said, { ...counts, ms: nowMs - startedMs });
    return { status: 200, body: counts };
  } catch (error) {
    log(ERROR, 'sweep', 'sweeping failed; the next run goes on', errorFields(error));
    return { status: 500, body: { error: 'sweeping failed' } };
  }
}
