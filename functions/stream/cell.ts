/**
 * One key's window while it is open: its content, its trigger's number, its timers. The operator's unit of state:
 * memory grows with these, not with elements, when the aggregate's accumulator does not.
 */

import type { Rules } from './rules.ts';
import type { TriggerContext } from './trigger.ts';
import { END_OF_TIME, type TimeWindow } from './window.ts';

/** No timer stands in the queue for a cell. */
export const UNSCHEDULED = Number.POSITIVE_INFINITY;

export class Cell<Acc> {
  readonly key: string;
  window: TimeWindow;
  /** end − 1. */
  maxTimestampMs = 0;
  /** end − 1 + lateness: from then on the window is late, and its state is dropped. */
  cleanupMs = 0;
  /** The accumulator, when `filled`. */
  acc: Acc | undefined = undefined;
  filled = false;
  /** The trigger's own number. */
  value: number | null = null;
  /** Times the trigger asked for, each once. */
  timers: number[] = [];
  /** The one time for which the cell stands in the queue; entries of other times are stale. */
  scheduledMs = UNSCHEDULED;
  /** False once its window is over or has merged into another. */
  alive = true;

  constructor(key: string, window: TimeWindow) {
    this.key = key;
    this.window = window;
  }

  /** Gives the cell its window's times. */
  bound(window: TimeWindow, latenessMs: number, rules: Rules): this {
    this.window = window;
    this.maxTimestampMs = rules.maxTimestamp(window);
    this.cleanupMs = rules.addTime(this.maxTimestampMs, latenessMs);
    return this;
  }

  /** The next time the cell must be looked at. A clean-up at the end of time never comes. */
  nextTimer(): number {
    let next = this.cleanupMs === END_OF_TIME ? UNSCHEDULED : this.cleanupMs;
    for (const timer of this.timers) if (timer < next) next = timer;
    return next;
  }

  /** Takes out a timer; false: it was not asked for. */
  takeTimer(timeMs: number): boolean {
    const index = this.timers.indexOf(timeMs);
    if (index < 0) return false;
    this.timers.splice(index, 1);
    return true;
  }

  /** Drops the content. */
  clear(): void {
    this.acc = undefined;
    this.filled = false;
  }
}

/** The context of whichever cell a trigger is asked about; one object for all, as it is asked for each element. */
export class CellContext<Acc> implements TriggerContext {
  readonly #rules: Rules;
  readonly #schedule: (cell: Cell<Acc>) => void;
  cell: Cell<Acc>;
  watermarkMs: number;

  constructor(rules: Rules, watermarkMs: number, schedule: (cell: Cell<Acc>) => void) {
    this.#rules = rules;
    this.#schedule = schedule;
    this.watermarkMs = watermarkMs;
    this.cell = new Cell<Acc>('', { start: 0, end: 0 });
  }

  get maxTimestampMs(): number {
    return this.cell.maxTimestampMs;
  }

  get value(): number | null {
    return this.cell.value;
  }

  set value(value: number | null) {
    this.cell.value = value;
  }

  isPast(): boolean {
    return this.#rules.firesAtOnce(this.cell.maxTimestampMs, this.watermarkMs);
  }

  registerTimer(timeMs: number): void {
    const { cell } = this;
    if (cell.timers.includes(timeMs)) return;
    cell.timers.push(timeMs);
    if (timeMs < cell.scheduledMs) this.#schedule(cell);
  }
}
