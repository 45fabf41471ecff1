/**
 * One key's window while it is open: its content, its trigger's number, its timers. The operator's unit of state:
 * memory grows with these, not with elements, when the aggregate's accumulator does not. There may be millions,
 * so what can be computed is not kept, and the usual single timer needs no list.
 */
import type { TimeWindow } from './window.ts';

/** In the place of a time: none. */
export const NEVER_MS = Number.POSITIVE_INFINITY;

export class Cell<Acc> {
  readonly key: string;
  window: TimeWindow;
  /** The accumulator, when `filled`. */
  acc: Acc | undefined = undefined;
  filled = false;
  /** The trigger said that no element concerns it before its next timer. */
  quiet = false;
  /** False once its window is over or has merged into another. */
  alive = true;
  /** The trigger's own number. */
  value: number | null = null;
  /** The open windows of the same key form a chain, by start and end. */
  older: Cell<Acc> | null = null;
  newer: Cell<Acc> | null = null;
  /** The one time for which the cell stands in the queue; entries of other times are stale. */
  scheduledMs = NEVER_MS;
  #timerMs = NEVER_MS;
  #moreTimers: number[] | null = null;

  constructor(key: string, window: TimeWindow) {
    this.key = key;
    this.window = window;
  }

  /** Times the trigger asked for, each once. */
  get timers(): readonly number[] {
    return this.#timerMs === NEVER_MS ? [] : [this.#timerMs, ...(this.#moreTimers ?? [])];
  }

  addTimer(timeMs: number): void {
    if (this.#timerMs === timeMs || this.#moreTimers?.includes(timeMs)) return;
    if (this.#timerMs === NEVER_MS) {
      this.#timerMs = timeMs;
      return;
    }
    this.#moreTimers ??= [];
    this.#moreTimers.push(timeMs);
  }

  /** Takes out a timer; false: it was not asked for. */
  takeTimer(timeMs: number): boolean {
    if (this.#timerMs === timeMs) {
      this.#timerMs = this.#moreTimers?.pop() ?? NEVER_MS;
      return true;
    }
    const index = this.#moreTimers?.indexOf(timeMs) ?? -1;
    if (index >= 0) this.#moreTimers?.splice(index, 1);
    return index >= 0;
  }

  clearTimers(): void {
    this.#timerMs = NEVER_MS;
    this.#moreTimers = null;
  }

  /** The earliest timer; NEVER_MS without any. */
  nextTimer(): number {
    let nextMs = this.#timerMs;
    if (this.#moreTimers !== null)
      for (const timerMs of this.#moreTimers) if (timerMs < nextMs) nextMs = timerMs;
    return nextMs;
  }

  /** Drops the content. */
  clear(): void {
    this.acc = undefined;
    this.filled = false;
  }
}
