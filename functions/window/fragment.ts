/**
 * The map half of a job with sessions: one batch of elements → fragments, an accumulator each. Pure; sorts the times
 * of each key's elements.
 *
 * A fragment is a session as one batch alone sees it, cut at buckets of time, so that the fragments of a session
 * that many batches make can be found: those of a key that start in a bucket rest under (job, key, bucket). Pieces
 * of what was cut touch, so they merge again. A bucket is longer than the gap, so what touches a fragment starts in
 * its bucket or in one next to it.
 */
import type { WindowAssigner } from '../stream/assigner.ts';
import type { Job } from '../stream/job.ts';
import { floorModulo, type TimeWindow } from '../stream/window.ts';
import type { JobWindow } from './window-id.ts';

/** What a batch adds to the sessions of a key. */
export interface Fragment<In, Acc> {
  /** The bucket it starts in. */
  readonly of: JobWindow;
  readonly key: string;
  /** From the first element to the gap after the last, as Flink's session windows. */
  readonly span: TimeWindow;
  /** End of the session that the batch alone sees, before it was cut. */
  readonly sessionEndMs: number;
  readonly accumulator: Acc;
  readonly elements: readonly In[];
}

const GAPS_PER_BUCKET = 4;
const MIN_BUCKET_MS = 60_000;

/** How long a session stays open without an element, in ms. */
export function gapOf(assigner: WindowAssigner): number {
  const { start, end } = assigner.assign(0)[0]!;
  return end - start;
}

/** Size of the buckets: small, because a firing reads them whole, and longer than the gap. */
export const bucketMs = (gapMs: number): number => Math.max(GAPS_PER_BUCKET * gapMs, MIN_BUCKET_MS);

/** The bucket of a key at a time. */
function bucketAt(job: string, key: string, timeMs: number, sizeMs: number): JobWindow {
  const start = timeMs - floorModulo(timeMs, sizeMs);
  return { job, key, window: { start, end: start + sizeMs } };
}

/** The bucket before (−1) or after (1) another. */
export function neighbour({ job, key, window }: JobWindow, direction: 1 | -1): JobWindow {
  const sizeMs = window.end - window.start;
  const start = window.start + direction * sizeMs;
  return { job, window: { start, end: start + sizeMs }, ...(key === undefined ? {} : { key }) };
}

/** Folds the elements that the job accepts, by key and time. */
export function foldSessions<In, Acc, Out>(
  job: Job<In, Acc, Out>,
  elements: readonly In[],
): Fragment<In, Acc>[] {
  const gapMs = gapOf(job.assigner);
  const fragments: Fragment<In, Acc>[] = [];
  for (const [key, timed] of byKey(job, elements)) {
    timed.sort((a, b) => a.atMs - b.atMs);
    for (const session of runs(timed, (before, next) => next.atMs - before.atMs <= gapMs)) {
      const sessionEndMs = session.at(-1)!.atMs + gapMs;
      const sizeMs = bucketMs(gapMs);
      const bucket = ({ atMs }: Timed<In>): number => Math.floor(atMs / sizeMs);
      for (const piece of runs(session, (before, next) => bucket(before) === bucket(next)))
        fragments.push(fragment(job, key, piece, { gapMs, sessionEndMs }));
    }
  }
  return fragments;
}

interface Timed<In> {
  readonly atMs: number;
  readonly element: In;
}

function byKey<In, Acc, Out>(job: Job<In, Acc, Out>, elements: readonly In[]): Map<string, Timed<In>[]> {
  const keys = new Map<string, Timed<In>[]>();
  for (const element of elements) {
    if (!job.accepts(element)) continue;
    const key = job.key(element);
    const timed = { atMs: job.assigner.assign(job.timestampMs(element))[0]!.start, element };
    const present = keys.get(key);
    if (present === undefined) keys.set(key, [timed]);
    else present.push(timed);
  }
  return keys;
}

/** Cuts a list wherever two neighbours do not belong together. */
function runs<T>(list: readonly T[], together: (before: T, next: T) => boolean): T[][] {
  const found: T[][] = [];
  for (const item of list) {
    const run = found.at(-1);
    if (run !== undefined && together(run.at(-1)!, item)) run.push(item);
    else found.push([item]);
  }
  return found;
}

function fragment<In, Acc, Out>(
  job: Job<In, Acc, Out>,
  key: string,
  piece: readonly Timed<In>[],
  { gapMs, sessionEndMs }: { readonly gapMs: number; readonly sessionEndMs: number },
): Fragment<In, Acc> {
  const { aggregate } = job;
  const start = piece[0]!.atMs;
  let accumulator = aggregate.create();
  for (const { element } of piece) accumulator = aggregate.add(accumulator, element);
  return {
    of: bucketAt(job.name, key, start, bucketMs(gapMs)),
    key,
    span: { start, end: piece.at(-1)!.atMs + gapMs },
    sessionEndMs,
    accumulator,
    elements: piece.map(({ element }) => element),
  };
}
