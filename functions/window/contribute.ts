/**
 * Between the map half and the store: a batch's panes → contributions, timers and late output.
 *
 * Late or not is decided by the clock when the batch is first processed, and the decision itself is a document
 * (store.ts), so it holds for every redelivery. Late means end − 1 + lateness ≤ watermark, watermark =
 * now − bound (Flink's WindowOperator.isWindowLate, with time that advances by the wall clock). A backfill is
 * exempt: only a sealed window refuses it. Timers are asked for after the partial is committed or found, also
 * when it was found, because the attempt that committed it may have died before asking.
 */
import type { Job } from '../stream/job.ts';
import { maxTimestamp } from '../stream/window.ts';
import { encodePane } from './encoding.ts';
import { fold, type Pane } from './pane.ts';
import { nextSlot, type SlotSettings } from './slot.ts';
import type { Contribution, Outcome, Timers, WindowStore } from './store.ts';
import type { JobWindow } from './window-id.ts';

export interface ContributeEffects {
  readonly store: WindowStore;
  readonly timers: Timers;
  readonly clock: () => number;
}

/** A window that the batch missed, and why. */
export interface Missed {
  readonly of: JobWindow;
  readonly reason: 'late' | 'sealed';
}

export interface Contributed {
  /** Windows the batch was counted in, now or at an earlier delivery. */
  readonly counted: number;
  /** Of these, how many had counted the batch before: duplicates dropped. */
  readonly duplicates: number;
  /** Windows the batch came too late for; the caller puts their elements into the late output. */
  readonly missed: readonly Missed[];
}

/** How many timers are asked for at once. */
const CONCURRENT_TIMERS = 16;

/** Contributes a batch to the windows of one job. */
export async function contribute<In, Acc, Out>(
  job: Job<In, Acc, Out>,
  batch: { readonly id: string; readonly backfill: boolean; readonly elements: readonly In[] },
  effects: ContributeEffects,
  settings: SlotSettings,
): Promise<Contributed> {
  const panes = fold(job, batch.elements).map((pane) => ({
    pane,
    of: { job: job.name, window: pane.window },
  }));
  const reasons = batch.backfill
    ? await sealed(panes, effects)
    : panes.map(({ pane }) =>
        isLate(job, pane, effects.clock() - settings.outOfOrdernessMs) ? 'late' : null,
      );

  const contributions = panes.map(({ pane, of }, i): Contribution => {
    const late = reasons[i] !== null;
    return {
      of,
      batchId: batch.id,
      kind: late ? 'late' : 'partial',
      parts: late ? [] : encodePane(job.aggregate, pane),
    };
  });
  const outcomes = await effects.store.contribute(contributions, effects.clock());
  const counted = panes.filter((_, i) => outcomes[i]?.kind === 'partial');
  await inTurns(CONCURRENT_TIMERS, counted, ({ of }) =>
    effects.timers.ask(of, nextSlot(of.window, effects.clock(), settings)),
  );
  return {
    counted: counted.length,
    duplicates: outcomes.filter((one: Outcome) => !one.created && one.kind === 'partial').length,
    missed: panes.flatMap(({ of }, i) =>
      outcomes[i]?.kind === 'late' ? [{ of, reason: reasons[i] ?? 'late' }] : [],
    ),
  };
}

const isLate = <In, Acc, Out>(job: Job<In, Acc, Out>, pane: Pane<Acc>, watermarkMs: number): boolean =>
  maxTimestamp(pane.window) + job.allowedLatenessMs <= watermarkMs;

async function sealed(
  panes: readonly { readonly of: JobWindow }[],
  { store, clock }: ContributeEffects,
): Promise<('sealed' | null)[]> {
  const states = await store.statesOf(panes.map(({ of }) => of));
  return states.map((found) => (found !== null && found.state.sealAtMs <= clock() ? 'sealed' : null));
}

/** Runs `work` on each item, at most `limit` at once. */
async function inTurns<T>(
  limit: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) await work(items[next++]!);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
}
