/**
 * The map half of a job with fixed windows: one batch of elements → one accumulator per (pane, key). Pure; costs two
 * comparisons and a look-up an element, and memory for panes × keys of the batch, not for its elements.
 *
 * A pane is a longest span of time all of whose elements lie in the same windows. Tumbling windows are panes
 * themselves; a window of 60 s that slides by 10 s has six, each part of six windows. So an element is added
 * and stored once, however many windows overlap (Li et al., "No pane, no gain", SIGMOD Record 2005).
 */
import type { WindowAssigner } from '../stream/assigner.ts';
import type { Job } from '../stream/job.ts';
import { compareWindows, type TimeWindow } from '../stream/window.ts';

/** A pane and the windows it is part of, by start. */
export interface Pane {
  readonly pane: TimeWindow;
  readonly windows: readonly TimeWindow[];
}

/** What a batch adds to a pane: an accumulator per key. */
export interface FoldedPane<Acc> extends Pane {
  readonly accumulators: Map<string, Acc>;
}

/** Folds the elements that the job accepts. */
export function fold<In, Acc, Out>(job: Job<In, Acc, Out>, elements: readonly In[]): FoldedPane<Acc>[] {
  const { aggregate } = job;
  const panes: FoldedPane<Acc>[] = [];
  for (const element of elements) {
    if (!job.accepts(element)) continue;
    const pane = paneOf(panes, job.assigner, job.timestampMs(element));
    if (pane === null) continue;
    const key = job.key(element);
    const present = pane.accumulators.get(key);
    const acc = aggregate.add(present === undefined ? aggregate.create() : present, element);
    if (acc !== present) pane.accumulators.set(key, acc);
  }
  return panes;
}

/** The pane that holds a time; null: no window does. */
export function paneAt(assigner: WindowAssigner, timestampMs: number): Pane | null {
  const windows = [...assigner.assign(timestampMs)].sort(compareWindows);
  const [oldest, newest] = [windows[0], windows.at(-1)];
  if (oldest === undefined || newest === undefined) return null;
  // Other windows begin or end only where a window does, and they come in the order of both their bounds.
  const ended = assigner.assign(newest.start).filter(({ end }) => end <= timestampMs);
  const begun = assigner.assign(oldest.end - 1).filter(({ start }) => start > timestampMs);
  return {
    pane: {
      start: Math.max(newest.start, ...ended.map(({ end }) => end)),
      end: Math.min(oldest.end, ...begun.map(({ start }) => start)),
    },
    windows,
  };
}

/** The panes of a window, in order. */
export function panesOf(assigner: WindowAssigner, window: TimeWindow): TimeWindow[] {
  const panes: TimeWindow[] = [];
  for (let at = window.start; at < window.end; ) {
    const found = paneAt(assigner, at);
    if (found === null) throw new Error(`${assigner.name} has no window at ${at}`);
    panes.push(found.pane);
    at = found.pane.end;
  }
  return panes;
}

/** The accepted elements that lie in a pane: for late output, which wants them one by one. */
export function elementsIn<In, Acc, Out>(
  job: Job<In, Acc, Out>,
  elements: readonly In[],
  pane: TimeWindow,
): In[] {
  return elements.filter((element) => {
    if (!job.accepts(element)) return false;
    const timestampMs = job.timestampMs(element);
    return timestampMs >= pane.start && timestampMs < pane.end;
  });
}

/** The pane of an element among those of the batch; few, and most elements lie in the last one used. */
function paneOf<Acc>(
  panes: FoldedPane<Acc>[],
  assigner: WindowAssigner,
  timestampMs: number,
): FoldedPane<Acc> | null {
  for (let i = 0; i < panes.length; i++) {
    const { pane } = panes[i]!;
    if (timestampMs >= pane.start && timestampMs < pane.end) {
      if (i > 0) [panes[0], panes[i]] = [panes[i]!, panes[0]!];
      return panes[0]!;
    }
  }
  const found = paneAt(assigner, timestampMs);
  if (found === null) return null;
  const folded = { ...found, accumulators: new Map<string, Acc>() };
  panes.push(folded);
  return folded;
}
