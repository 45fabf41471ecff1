/**
 * The map half of a windowed job: one batch of elements → one accumulator per (window, key). Pure; costs one
 * assignment and two look-ups an element, and memory for windows × keys of the batch, not for its elements.
 */
import type { Job } from '../stream/job.ts';
import type { TimeWindow } from '../stream/window.ts';

/** What a batch adds to one window: an accumulator per key. */
export interface Pane<Acc> {
  readonly window: TimeWindow;
  readonly accumulators: Map<string, Acc>;
}

/** Folds the elements that the job accepts. */
export function fold<In, Acc, Out>(job: Job<In, Acc, Out>, elements: readonly In[]): Pane<Acc>[] {
  const { aggregate } = job;
  const panes = new Map<number, Pane<Acc>[]>();
  for (const element of elements) {
    if (!job.accepts(element)) continue;
    const key = job.key(element);
    for (const window of job.assigner.assign(job.timestampMs(element))) {
      const { accumulators } = paneOf(panes, window);
      accumulators.set(key, aggregate.add(accumulators.get(key) ?? aggregate.create(), element));
    }
  }
  return [...panes.values()].flat();
}

/** The accepted elements that lie in one window: for late output, which wants them one by one. */
export function elementsOf<In, Acc, Out>(
  job: Job<In, Acc, Out>,
  elements: readonly In[],
  window: TimeWindow,
): In[] {
  return elements.filter(
    (element) =>
      job.accepts(element) &&
      job.assigner
        .assign(job.timestampMs(element))
        .some((other) => other.start === window.start && other.end === window.end),
  );
}

/** Panes by start; windows of one start and several ends share a short list. */
function paneOf<Acc>(panes: Map<number, Pane<Acc>[]>, window: TimeWindow): Pane<Acc> {
  const sameStart = panes.get(window.start);
  const found = sameStart?.find((pane) => pane.window.end === window.end);
  if (found !== undefined) return found;
  const pane = { window, accumulators: new Map<string, Acc>() };
  if (sameStart === undefined) panes.set(window.start, [pane]);
  else sameStart.push(pane);
  return pane;
}
