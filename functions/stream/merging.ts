/**
 * Windows that merge: sessions. Pure.
 *
 * Guarantee: the in-flight windows of one key never overlap or touch, whatever comes in what order. When windows
 * merge, one of them keeps the state of all (Flink's state window), so nothing is copied that need not be.
 * Source: Flink's TimeWindow.mergeWindows and MergingWindowSet.
 */
import { flinkRules, type Rules } from './rules.ts';
import { compareWindows, sameWindow, type TimeWindow, windowText } from './window.ts';

/** Several windows that became one. */
export interface Merge {
  readonly into: TimeWindow;
  /** At least two, all different, by start. */
  readonly from: readonly TimeWindow[];
}

/** Groups of windows that overlap or touch, directly or through others. A window alone is not listed. */
export function mergeWindows(windows: readonly TimeWindow[], rules: Rules = flinkRules): Merge[] {
  const groups: { into: TimeWindow; from: TimeWindow[] }[] = [];
  for (const window of [...windows].sort(compareWindows)) {
    const group = groups.at(-1);
    if (group === undefined || !rules.meets(group.into, window)) {
      groups.push({ into: window, from: [window] });
      continue;
    }
    group.into = hull(group.into, window);
    if (!group.from.some((other) => sameWindow(other, window))) group.from.push(window);
  }
  return groups.filter(({ from }) => from.length > 1);
}

/** Where a new window lands among in-flight ones: it meets `count` of them, from index `first`. */
export interface Landing {
  readonly first: number;
  readonly count: number;
  /** The new window together with all it meets. */
  readonly window: TimeWindow;
}

/** `inFlight` is sorted by start, and its windows neither overlap nor touch. */
export function land(
  inFlight: readonly { readonly window: TimeWindow }[],
  added: TimeWindow,
  rules: Rules = flinkRules,
): Landing {
  let [low, last] = [0, inFlight.length];
  while (low < last) {
    const middle = (low + last) >>> 1;
    if (inFlight[middle]!.window.start > added.end) last = middle;
    else low = middle + 1;
  }
  let first = last;
  let window = added;
  while (first > 0 && rules.meets(inFlight[first - 1]!.window, added))
    window = hull(window, inFlight[--first]!.window);
  return { first, count: last - first, window };
}

/** What became of a window that was added to a set. */
export interface Added {
  /** The in-flight window it is part of now. */
  readonly window: TimeWindow;
  /** Whether an in-flight window changed, so that timers and contents had to follow. */
  readonly merged: boolean;
}

/** The in-flight windows of one key, each with the window under which its state was first kept. */
export class MergingWindowSet {
  readonly #rules: Rules;
  readonly #inFlight: { window: TimeWindow; readonly state: TimeWindow }[] = [];

  constructor(rules: Rules = flinkRules) {
    this.#rules = rules;
  }

  /** All in-flight windows, by start. */
  get windows(): readonly TimeWindow[] {
    return this.#inFlight.map(({ window }) => window);
  }

  add(added: TimeWindow): Added {
    const { first, count, window } = land(this.#inFlight, added, this.#rules);
    const kept = this.#inFlight[first];
    if (count === 0 || kept === undefined) {
      this.#inFlight.splice(first, 0, { window, state: window });
      return { window, merged: false };
    }
    const merged = count > 1 || !sameWindow(kept.window, window);
    kept.window = window;
    this.#inFlight.splice(first + 1, count - 1);
    return { window, merged };
  }

  /** The window that keeps the state of an in-flight window. Throws if it is not in flight. */
  stateWindow(window: TimeWindow): TimeWindow {
    return this.#inFlight[this.#find(window)]!.state;
  }

  /** Takes out a window that is over. Throws if it is not in flight. */
  retire(window: TimeWindow): void {
    this.#inFlight.splice(this.#find(window), 1);
  }

  #find(window: TimeWindow): number {
    const index = this.#inFlight.findIndex((other) => sameWindow(other.window, window));
    if (index < 0) throw new Error(`window ${windowText(window)} is not in flight`);
    return index;
  }
}

/** The smallest window that covers both. */
const hull = (a: TimeWindow, b: TimeWindow): TimeWindow =>
  a.start <= b.start && a.end >= b.end
    ? a
    : { start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
