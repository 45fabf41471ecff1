/**
 * The edge of `sweep`, which Cloud Scheduler calls once a minute: asks again for timers that were lost, and for the
 * firing of the last window that is over, so that somebody looks when nothing comes at all (detect/total-silence.ts).
 * Answers 200 with counts; 500 when a client failed, and the next minute goes on. May run twice at the same time.
 */
import { openFirestore, openTasks, timerQueue } from './clients.ts';
import { wallClock } from './clock.ts';
import type { Answer } from './close-function.ts';
import { loadConfig } from './config.ts';
import { JUDGED_JOB } from './detect/judged-job.ts';
import { errorFields, log } from './log.ts';
import { ERROR, INFO, WARNING } from './parse/severity.ts';
import { firestoreStore } from './window/firestore-store.ts';
import { nextSlot } from './window/slot.ts';
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
  const judgedJob = config.jobs.includes(JUDGED_JOB) ? JUDGED_JOB : null;
  return () => answerSweep(effects, { ...config, judgedJob, maxTimers: MAX_TIMERS });
}

export interface SweepFunctionSettings extends SweepSettings {
  readonly windowSizeMs: number;
  /** Job of fixed windows that are judged; null: none runs. */
  readonly judgedJob: string | null;
}

/** Asks for the firing of the last window that is over; where it has fired, that does nothing. */
async function askForLast({ timers, clock }: SweepEffects, settings: SweepFunctionSettings): Promise<void> {
  const { judgedJob: job, windowSizeMs, outOfOrdernessMs } = settings;
  if (job === null) return;
  const nowMs = clock();
  const end = Math.floor((nowMs - outOfOrdernessMs) / windowSizeMs) * windowSizeMs;
  const of = { job, window: { start: end - windowSizeMs, end } };
  await timers.ask([{ of, slotMs: nextSlot(end, nowMs, settings) }]);
}

/** Handles one call. Never throws. */
export async function answerSweep(effects: SweepEffects, settings: SweepFunctionSettings): Promise<Answer> {
  const startedMs = effects.clock();
  try {
    const { asked, oldestSlotMs, more } = await sweep(effects, settings);
    await askForLast(effects, settings);
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
