/**
 * What one batch adds under one window: a pane's accumulators or a fragment of a session, and how it is judged.
 *
 * Flink judges an element by the windows that its operator has in flight. A stateless map half judges the whole
 * portion, at once, by the clock. For fixed windows that is the same. For sessions there are two differences: all
 * elements of a fragment share its fate, and a fragment that is late alone is taken if the session that it would
 * become part of is not late, also when Flink had dropped a part of that session; so this takes whatever Flink takes,
 * and joins what belongs together.
 */
import type { Job } from '../stream/job.ts';
import { maxTimestamp, type TimeWindow } from '../stream/window.ts';
import { Buckets } from './buckets.ts';
import { encodeAccumulators } from './encoding.ts';
import { type Fragment, foldSessions, gapOf } from './fragment.ts';
import { elementsIn, type FoldedPane, fold } from './pane.ts';
import type { MissedReason, WindowStore } from './store.ts';
import type { JobWindow } from './window-id.ts';

/** What judging reads of the store. */
export type Reader = Pick<WindowStore, 'statesOf' | 'partsOf'>;

/** Something to be fired, and the end of what is fired there. */
export interface DueWindow {
  readonly of: JobWindow;
  readonly endMs: number;
}

export interface Verdict {
  readonly kind: 'partial' | MissedReason;
  /** What must fire if it is counted. */
  readonly due: readonly DueWindow[];
  /** Windows that end before it do not count the portion. */
  readonly fromEndMs?: number;
}

export interface Portion<In> {
  readonly of: JobWindow;
  /** What late output says was missed; it ends when the last window that counts the portion does. */
  readonly window: TimeWindow;
  /** The earliest time of an element, or before. */
  readonly startMs: number;
  readonly span?: TimeWindow;
  readonly due: readonly DueWindow[];
  encode(): string[];
  elements(): readonly In[];
  /** Judges by the time before which windows are late: watermark − lateness. */
  late(store: Reader, lateMs: number): Promise<Verdict>;
  /** Judges a backfill. */
  sealed(store: Reader, nowMs: number): Promise<Verdict>;
}

interface Elements<In> {
  readonly elements: readonly In[];
}

/** Of fixed windows: a portion per pane. */
export function panePortions<In, Acc, Out>(job: Job<In, Acc, Out>, batch: Elements<In>): Portion<In>[] {
  return fold(job, batch.elements).map((folded) => panePortion(job, batch, folded));
}

function panePortion<In, Acc, Out>(
  job: Job<In, Acc, Out>,
  batch: Elements<In>,
  { pane, windows, accumulators }: FoldedPane<Acc>,
): Portion<In> {
  const due = windows.map((window) => ({ of: { job: job.name, window }, endMs: window.end }));
  const verdict = (kind: MissedReason, open: readonly DueWindow[]): Verdict =>
    open.length === 0 ? { kind, due } : { kind: 'partial', due: open };
  return {
    of: { job: job.name, window: pane },
    window: windows.at(-1)!,
    startMs: pane.start,
    due,
    encode: () => encodeAccumulators(job.aggregate, accumulators),
    elements: () => elementsIn(job, batch.elements, pane),
    async late(_store, lateMs) {
      const open = due.filter(({ of }) => maxTimestamp(of.window) > lateMs);
      const judged = verdict('late', open);
      const first = open[0];
      return first === undefined || open.length === due.length
        ? judged
        : { ...judged, fromEndMs: first.endMs };
    },
    async sealed(store, nowMs) {
      const states = await store.statesOf(due.map(({ of }) => of));
      const sealAtMs = (i: number): number => states[i]?.state.sealAtMs ?? Number.POSITIVE_INFINITY;
      return verdict(
        'sealed',
        due.filter((_, i) => sealAtMs(i) > nowMs),
      );
    },
  };
}

/** Of sessions: a portion per fragment. */
export function sessionPortions<In, Acc, Out>(job: Job<In, Acc, Out>, batch: Elements<In>): Portion<In>[] {
  const gapMs = gapOf(job.assigner);
  return foldSessions(job, batch.elements).map((fragment) => fragmentPortion(job, fragment, gapMs));
}

function fragmentPortion<In, Acc, Out>(
  job: Job<In, Acc, Out>,
  { of, key, span, sessionEndMs, accumulator, elements }: Fragment<In, Acc>,
  gapMs: number,
): Portion<In> {
  const due = [{ of, endMs: span.end }];
  return {
    of,
    window: span,
    startMs: span.start,
    span,
    due,
    encode: () => encodeAccumulators(job.aggregate, new Map([[key, accumulator]])),
    elements: () => elements,
    async late(store, lateMs) {
      if (sessionEndMs - 1 > lateMs) return { kind: 'partial', due };
      const buckets = new Buckets(store, gapMs);
      const endMs = await mergedEnd(buckets, of, span);
      return { kind: endMs - 1 > lateMs ? 'partial' : 'late', due };
    },
    async sealed(store, nowMs) {
      const buckets = new Buckets(store, gapMs);
      await mergedEnd(buckets, of, span);
      const sealed = buckets.all().some(({ of: bucket, state }) => {
        if (state === null || state.state.sealAtMs > nowMs) return false;
        return bucket.window.start === of.window.start || state.state.rows.some((row) => meets(row, span));
      });
      return { kind: sealed ? 'sealed' : 'partial', due };
    },
  };
}

const meets = (a: TimeWindow, b: TimeWindow): boolean => a.start <= b.end && b.start <= a.end;

/** Where the session would end that a fragment becomes part of. */
async function mergedEnd(buckets: Buckets, of: JobWindow, span: TimeWindow): Promise<number> {
  await buckets.read(of);
  await buckets.readLeft(of, span.start);
  const touching = (): number =>
    buckets
      .sessions()
      .filter(({ window }) => meets(window, span))
      .reduce((end, { window }) => Math.max(end, window.end), span.end);
  await buckets.readRight(of, touching());
  return touching();
}
