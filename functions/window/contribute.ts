/**
 * Between the map half and the store: what a batch adds → contributions, timers and late output.
 *
 * Late or not is decided by the clock when the batch is first processed, and the decision itself is a document
 * (store.ts), so it holds for every redelivery. Late means end − 1 + lateness ≤ watermark, watermark =
 * now − bound (Flink's WindowOperator.isWindowLate, with time that advances by the wall clock). A backfill is
 * exempt: only a sealed window refuses it. What claims to be further ahead of the clock than a setting opens no
 * window. Timers are asked for after the partial is committed or found, also when it was found, because the attempt
 * that committed it may have died before asking; and they are noted in the commit, for when no attempt ever does.
 */
import type { Job } from '../stream/job.ts';
import type { TimeWindow } from '../stream/window.ts';
import {
  type DueWindow,
  type Portion,
  panePortions,
  type Reader,
  sessionPortions,
  type Verdict,
} from './portion.ts';
import { checkRunnable } from './runnable.ts';
import { nextSessionSlot, nextSlot, type SlotSettings } from './slot.ts';
import type { Contribution, MissedReason, Outcome, Timers, WindowStore } from './store.ts';
import { groupTimers } from './timer-group.ts';
import { inTurns } from './turns.ts';
import { type Timer, timerName, windowId } from './window-id.ts';

export interface ContributeEffects {
  readonly store: WindowStore;
  readonly timers: Timers;
  readonly clock: () => number;
}

export interface ContributeSettings extends SlotSettings {
  /** How far ahead of the clock an element may be, in ms. */
  readonly maxFutureMs: number;
}

/** A batch of elements of a job. */
export interface ElementBatch<In> {
  readonly id: string;
  readonly backfill: boolean;
  readonly elements: readonly In[];
}

/** Elements that a window did not take, and why. */
export interface Missed<In> {
  readonly window: TimeWindow;
  readonly reason: MissedReason;
  readonly elements: readonly In[];
}

export interface Contributed<In> {
  /** Partials the batch is counted in, made now or at an earlier delivery. */
  readonly counted: number;
  /** Of these, how many were made before: duplicates dropped. */
  readonly duplicates: number;
  /** What came too late, or far too early; the caller puts the elements into the late output. */
  readonly missed: readonly Missed<In>[];
}

/** How many portions are judged, and timers asked for, at once. */
const CONCURRENT = 16;

/** Contributes a batch to the windows of one job. Throws a RangeError for a job that only runs in memory. */
export async function contribute<In, Acc, Out>(
  job: Job<In, Acc, Out>,
  batch: ElementBatch<In>,
  effects: ContributeEffects,
  settings: ContributeSettings,
): Promise<Contributed<In>> {
  checkRunnable(job);
  const portions = job.assigner.merges ? sessionPortions(job, batch) : panePortions(job, batch);
  // One time for all of the batch, whatever takes how long.
  const nowMs = effects.clock();
  const verdicts: Verdict[] = [];
  const reader = batch.backfill ? await readAhead(portions, effects.store) : effects.store;
  await inTurns(CONCURRENT, [...portions.entries()], async ([i, portion]) => {
    verdicts[i] = await judge(job, batch, portion, reader, { ...settings, nowMs });
  });

  const timersOf = (due: readonly DueWindow[]): Timer[] =>
    timersFor(job, due, effects.clock(), settings).filter((timer) => !effects.timers.asked(timer));
  const contributions = portions.map((portion, i) =>
    contributionOf(batch, portion, verdicts[i]!, timersOf(verdicts[i]!.due)),
  );
  const outcomes = await effects.store.contribute(contributions, nowMs);

  const needed = new Map<string, Timer>();
  outcomes.forEach(({ created, kind }, i) => {
    if (kind !== 'partial') return;
    // From the clock as it is now: the slot must lie after the commit. Found, not made: whoever made it may have
    // counted it in windows that are late by now.
    for (const timer of timersOf(created ? verdicts[i]!.due : portions[i]!.due))
      needed.set(timerName(timer), timer);
  });
  await askFor(needed, notedWith(contributions, outcomes), effects);
  return summary(portions, outcomes);
}

function summary<In>(portions: readonly Portion<In>[], outcomes: readonly Outcome[]): Contributed<In> {
  const counted = outcomes.filter(({ kind }) => kind === 'partial');
  return {
    counted: counted.length,
    duplicates: counted.filter(({ created }) => !created).length,
    missed: outcomes.flatMap(({ kind }, i) =>
      kind === 'partial'
        ? []
        : [{ window: portions[i]!.window, reason: kind, elements: portions[i]!.elements() }],
    ),
  };
}

/** Names of the timers that were noted in the commits of partials. */
const notedWith = (contributions: readonly Contribution[], outcomes: readonly Outcome[]): Set<string> =>
  new Set(contributions.flatMap(({ timers }, i) => (outcomes[i]?.created ? timers.map(timerName) : [])));

/** The states of all windows due, read at once: a backfill may touch thousands. */
async function readAhead<In>(portions: readonly Portion<In>[], store: WindowStore): Promise<Reader> {
  const due = new Map(portions.flatMap((portion) => portion.due.map(({ of }) => [windowId(of), of])));
  const states = await store.statesOf([...due.values()]);
  const known = new Map([...due.keys()].map((id, i) => [id, states[i] ?? null]));
  return {
    partsOf: (of) => store.partsOf(of),
    statesOf: async (of) => {
      if (of.every((one) => known.has(windowId(one)))) return of.map((one) => known.get(windowId(one))!);
      return store.statesOf(of);
    },
  };
}

async function judge<In, Acc, Out>(
  job: Job<In, Acc, Out>,
  batch: ElementBatch<In>,
  portion: Portion<In>,
  store: Reader,
  { outOfOrdernessMs, maxFutureMs, nowMs }: ContributeSettings & { readonly nowMs: number },
): Promise<Verdict> {
  if (portion.startMs > nowMs + maxFutureMs) return { kind: 'future', due: portion.due };
  return batch.backfill
    ? portion.sealed(store, nowMs)
    : portion.late(store, nowMs - outOfOrdernessMs - job.allowedLatenessMs);
}

function contributionOf<In>(
  batch: ElementBatch<In>,
  portion: Portion<In>,
  { kind, fromEndMs }: Verdict,
  timers: readonly Timer[],
): Contribution {
  const partial = kind === 'partial';
  return {
    of: portion.of,
    batchId: batch.id,
    kind,
    parts: partial ? portion.encode() : [],
    endMs: portion.window.end,
    ...(batch.backfill ? { backfill: true } : {}),
    ...(fromEndMs === undefined ? {} : { fromEndMs }),
    ...(portion.span === undefined ? {} : { span: portion.span }),
    timers: partial ? timers : [],
  };
}

function timersFor<In, Acc, Out>(
  job: Job<In, Acc, Out>,
  due: readonly DueWindow[],
  nowMs: number,
  settings: SlotSettings,
): Timer[] {
  const slotOf = job.assigner.merges ? nextSessionSlot : nextSlot;
  return due.map(({ of, endMs }) => ({ of, slotMs: slotOf(endMs, nowMs, settings) }));
}

/** Asks for timers, and notes those that were not noted with a partial. */
async function askFor(
  needed: ReadonlyMap<string, Timer>,
  noted: ReadonlySet<string>,
  { store, timers }: ContributeEffects,
): Promise<void> {
  const unnoted = [...needed].filter(([name]) => !noted.has(name)).map(([, timer]) => timer);
  if (unnoted.length > 0) await store.noteTimers(unnoted);
  await inTurns(CONCURRENT, groupTimers(needed.values()), (group) => timers.ask(group));
}
