/**
 * Windows that merge: sessions. Pure.
 *
 * Guarantee: the in-flight windows of one key never overlap or touch, whatever comes in what order. When windows
 * merge, one of them keeps the state of all (Flink's state window), so nothing is copied that need not be.
 * Source: Flink's TimeWindow.mergeWindows and MergingWindowSet.
 */
import type { Cell } from './cell.ts';
import { Cells } from './cells.ts';
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

/** Where a new window lands among the open windows of a key. */
export interface Landing<Acc> {
  /** The open windows it meets, newest first. */
  readonly met: readonly Cell<Acc>[];
  /** The new window together with all it meets. */
  readonly window: TimeWindow;
  /** Its neighbours: what lies after and before it in time. */
  readonly newer: Cell<Acc> | null;
  readonly older: Cell<Acc> | null;
}

/** The open windows of the key neither overlap nor touch. */
export function land<Acc>(
  cells: Cells<Acc>,
  key: string,
  added: TimeWindow,
  rules: Rules = flinkRules,
): Landing<Acc> {
  let at = cells.seek(key, added, added.end);
  let newer = at?.newer ?? null;
  while (at !== null && at.window.start >= added.end && !rules.meets(at.window, added)) {
    newer = at;
    at = at.older;
  }
  const met: Cell<Acc>[] = [];
  let window = added;
  while (at !== null && rules.meets(at.window, added)) {
    window = hull(window, at.window);
    met.push(at);
    at = at.older;
  }
  return { met, window, newer, older: at };
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
  readonly #cells = new Cells<TimeWindow>();

  constructor(rules: Rules = flinkRules) {
    this.#rules = rules;
  }

  /** All in-flight windows, by start. */
  get windows(): readonly TimeWindow[] {
    return Array.from(this.#cells.all(), ({ window }) => window);
  }

  add(added: TimeWindow): Added {
    const { met, window, newer, older } = land(this.#cells, '', added, this.#rules);
    const [kept, ...others] = met;
    if (kept === undefined) {
      this.#cells.open('', window, newer, older).acc = window;
      return { window, merged: false };
    }
    for (const other of others) this.#cells.close(other);
    const merged = others.length > 0 || !sameWindow(kept.window, window);
    kept.window = window;
    return { window, merged };
  }

  /** The window that keeps the state of an in-flight window. Throws if it is not in flight. */
  stateWindow(window: TimeWindow): TimeWindow {
    return this.#find(window).acc!;
  }

  /** Takes out a window that is over. Throws if it is not in flight. */
  retire(window: TimeWindow): void {
    this.#cells.close(this.#find(window));
  }

  #find(window: TimeWindow): Cell<TimeWindow> {
    for (const cell of this.#cells.all()) if (sameWindow(cell.window, window)) return cell;
    throw new Error(`window ${windowText(window)} is not in flight`);
  }
}

/** The smallest window that covers both. */
const hull = (a: TimeWindow, b: TimeWindow): TimeWindow =>
  a.start <= b.start && a.end >= b.end
    ? a
    : { start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
