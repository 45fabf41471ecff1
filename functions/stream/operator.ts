/**
 * The window operator in memory, element by element, with Flink's semantics: for tests, replay and backfill.
 *
 *     element ─▶ windows ─▶ cell of (key, window) ─▶ aggregate ─▶ trigger ─▶ result
 *                  └ all late ─▶ late output          watermark ─▶ timers ─┘   └ clean-up at end − 1 + lateness
 *
 * Guarantee: the same elements and watermarks in the same order give the same results in the same order, also
 * across snapshot and restore. A watermark that goes back is ignored. An element without a valid time is a
 * RangeError and changes nothing.
 * Under pressure: memory is open windows × keys. A look-up an element, and one timer a window and key; nothing
 * is buffered.
 * Source: Flink's WindowOperator. Ours: the watermark is part of a snapshot.
 */
import { Cell, CellContext, UNSCHEDULED } from './cell.ts';
import type { Job } from './job.ts';
import { land } from './merging.ts';
import { flinkRules, type Rules } from './rules.ts';
import type { OutputTag } from './side-output.ts';
import { TimerQueue } from './timer-queue.ts';
import { FIRE, PURGE, type TriggerResult } from './trigger.ts';
import { compareWindows, END_OF_TIME, START_OF_TIME, sameWindow, type TimeWindow } from './window.ts';

/** The result of a window for a key. */
export interface Fired<Out> {
  readonly key: string;
  readonly window: TimeWindow;
  /** end − 1. */
  readonly timestampMs: number;
  readonly value: Out;
}

/** Where results go. */
export interface Output<Out> {
  emit(result: Fired<Out>): void;
  /** A value for a side output; late elements go to the job's late output. Left out: they are dropped. */
  side?<T>(tag: OutputTag<T>, value: T, timestampMs: number): void;
}

/** What happened so far, in elements and results. */
export interface Counters {
  /** Elements that some window took. */
  taken: number;
  /** Elements too late for every window. */
  late: number;
  /** Results emitted. */
  fired: number;
}

/** An open window as data: key, start, end, timers, the trigger's number, and the encoded content, if any. */
export type CellSnapshot = readonly [string, number, number, readonly number[], number | null, ...unknown[]];

/** All state of an operator, fit for JSON. */
export interface Snapshot {
  readonly watermarkMs: number;
  readonly cells: readonly CellSnapshot[];
}

export class WindowOperator<In, Acc, Out> {
  readonly #job: Job<In, Acc, Out>;
  readonly #output: Output<Out>;
  readonly #rules: Rules;
  /** Open windows of each key, by start. */
  readonly #cells = new Map<string, Cell<Acc>[]>();
  readonly #timers = new TimerQueue<Cell<Acc>>();
  readonly #context: CellContext<Acc>;
  readonly #isDue: (timeMs: number) => boolean;
  readonly #runTimer: (cell: Cell<Acc>, timeMs: number) => void;
  readonly #counters: Counters = { taken: 0, late: 0, fired: 0 };

  constructor(job: Job<In, Acc, Out>, output: Output<Out>, rules: Rules = flinkRules) {
    this.#job = job;
    this.#output = output;
    this.#rules = rules;
    this.#context = new CellContext(rules, START_OF_TIME, (cell) => this.#schedule(cell));
    this.#isDue = (timeMs) => rules.isDue(timeMs, this.#context.watermarkMs);
    this.#runTimer = (cell, timeMs) => this.#onTimer(cell, timeMs);
  }

  /** Event time so far; START_OF_TIME before the first watermark. */
  get watermarkMs(): number {
    return this.#context.watermarkMs;
  }

  get counters(): Readonly<Counters> {
    return this.#counters;
  }

  /** How many windows are open, over all keys. */
  get openWindows(): number {
    let open = 0;
    for (const cells of this.#cells.values()) open += cells.length;
    return open;
  }

  /** Takes an element. Throws a RangeError if its timestamp is no time. */
  process(element: In): void {
    const job = this.#job;
    if (!job.accepts(element)) return;
    const timestampMs = job.timestampMs(element);
    const windows = job.assigner.assign(timestampMs);
    const key = job.key(element);
    let taken = 0;
    for (let i = 0; i < windows.length; i++) {
      const cell = job.assigner.merges ? this.#merging(key, windows[i]!) : this.#cell(key, windows[i]!);
      if (cell === null) continue;
      taken++;
      this.#add(cell, element, timestampMs);
    }
    if (taken > 0) this.#counters.taken++;
    if (taken < windows.length || taken === 0) this.#maybeLate(element, timestampMs, taken, windows.length);
  }

  /**
   * Event time has reached `watermarkMs`: everything due fires, in order of time. END_OF_TIME (or Infinity): no
   * more elements will come. Going back is ignored. Throws a RangeError for NaN.
   */
  advanceTo(watermarkMs: number): void {
    if (Number.isNaN(watermarkMs)) throw new RangeError('watermark must be a time in ms, not NaN');
    const context = this.#context;
    const proposed = Math.max(START_OF_TIME, Math.min(watermarkMs, END_OF_TIME));
    const advanced = this.#rules.advance(context.watermarkMs, proposed);
    if (advanced === context.watermarkMs) return;
    context.watermarkMs = advanced;
    this.#timers.drain(this.#isDue, this.#runTimer);
  }

  /** All state, as data. */
  snapshot(): Snapshot {
    const { encode } = this.#job.aggregate;
    const cells: CellSnapshot[] = [];
    for (const ofKey of this.#cells.values())
      for (const { key, window, timers, value, filled, acc } of ofKey) {
        const content = filled ? [encode.call(this.#job.aggregate, acc as Acc)] : [];
        cells.push([key, window.start, window.end, [...timers], value, ...content]);
      }
    return { watermarkMs: this.watermarkMs, cells };
  }

  /** Takes over what `snapshot` gave, into an operator that has seen nothing yet. */
  restore({ watermarkMs, cells }: Snapshot): this {
    this.#context.watermarkMs = watermarkMs;
    for (const [key, start, end, timers, value, ...content] of cells) {
      const cell = this.#open(key, { start, end }, this.#cells.get(key)?.length ?? 0);
      cell.timers = [...timers];
      cell.value = value;
      if (content.length > 0) {
        cell.acc = this.#job.aggregate.decode(content[0]);
        cell.filled = true;
      }
      this.#schedule(cell);
    }
    return this;
  }

  #add(cell: Cell<Acc>, element: In, timestampMs: number): void {
    const { aggregate, trigger } = this.#job;
    const acc = cell.filled ? (cell.acc as Acc) : aggregate.create();
    cell.acc = aggregate.add(acc, element);
    cell.filled = true;
    this.#context.cell = cell;
    const result = trigger.onElement(timestampMs, cell.window, this.#context);
    if (result !== 0) this.#apply(cell, result);
  }

  /** The cell of a window of fixed bounds; null: the window is late. */
  #cell(key: string, window: TimeWindow): Cell<Acc> | null {
    const cells = this.#cells.get(key);
    const at = cells === undefined ? 0 : placeOf(cells, window);
    const found = cells?.[at];
    if (found !== undefined && sameWindow(found.window, window))
      return this.#rules.isLate(found.cleanupMs, this.#context.watermarkMs) ? null : found;
    if (this.#isLate(window)) return null;
    const cell = this.#open(key, window, at);
    this.#schedule(cell);
    return cell;
  }

  /** The cell of a window that merges with those it meets; null: even merged it is late. */
  #merging(key: string, added: TimeWindow): Cell<Acc> | null {
    const cells = this.#cells.get(key) ?? [];
    const { first, count, window } = land(cells, added, this.#rules);
    const kept = cells[first];
    if (count > 0 && kept !== undefined && count === 1 && sameWindow(kept.window, window)) {
      return this.#isLate(window) ? null : kept;
    }
    if (this.#isLate(window)) return null;
    if (count === 0 || kept === undefined) {
      const cell = this.#open(key, window, first);
      this.#schedule(cell);
      return cell;
    }
    this.#merge(kept, cells.splice(first + 1, count - 1), window);
    return kept;
  }

  /** Grows `kept` to `window`, with the content and the trigger's number of the others. */
  #merge(kept: Cell<Acc>, others: readonly Cell<Acc>[], window: TimeWindow): void {
    const { trigger, aggregate, allowedLatenessMs } = this.#job;
    kept.bound(window, allowedLatenessMs, this.#rules);
    kept.timers = [];
    for (const other of others) {
      other.alive = false;
      if (other.value !== null)
        kept.value = kept.value === null ? other.value : trigger.merging!.value(kept.value, other.value);
      if (!other.filled || !this.#rules.mergesContents()) continue;
      kept.acc = kept.filled ? aggregate.merge(kept.acc as Acc, other.acc as Acc) : other.acc;
      kept.filled = true;
    }
    this.#context.cell = kept;
    trigger.merging!.onMerge(window, this.#context);
    this.#schedule(kept);
  }

  /** Opens a window at its place among those of the key. */
  #open(key: string, window: TimeWindow, at: number): Cell<Acc> {
    const cell = new Cell<Acc>(key, window).bound(window, this.#job.allowedLatenessMs, this.#rules);
    const cells = this.#cells.get(key);
    if (cells === undefined) this.#cells.set(key, [cell]);
    else if (at === cells.length) cells.push(cell);
    else cells.splice(at, 0, cell);
    return cell;
  }

  #isLate(window: TimeWindow): boolean {
    const { addTime, maxTimestamp, isLate } = this.#rules;
    const cleanupMs = addTime(maxTimestamp(window), this.#job.allowedLatenessMs);
    return isLate(cleanupMs, this.#context.watermarkMs);
  }

  #maybeLate(element: In, timestampMs: number, taken: number, assigned: number): void {
    const { addTime, goesToLateOutput, isLate } = this.#rules;
    const { allowedLatenessMs, lateOutput } = this.#job;
    const elementIsLate = isLate(addTime(timestampMs, allowedLatenessMs), this.#context.watermarkMs);
    if (!goesToLateOutput(taken, assigned, elementIsLate)) return;
    this.#counters.late++;
    if (lateOutput !== null) this.#output.side?.(lateOutput, element, timestampMs);
  }

  /** Puts the cell into the queue for its next time, unless it stands there for an earlier one. */
  #schedule(cell: Cell<Acc>): void {
    const nextMs = cell.nextTimer();
    if (nextMs >= cell.scheduledMs) return;
    cell.scheduledMs = nextMs;
    this.#timers.add(nextMs, cell);
  }

  #onTimer(cell: Cell<Acc>, timeMs: number): void {
    if (!cell.alive || cell.scheduledMs !== timeMs) return;
    cell.scheduledMs = UNSCHEDULED;
    const isCleanup = timeMs === cell.cleanupMs && timeMs !== END_OF_TIME;
    if (cell.takeTimer(timeMs) || isCleanup) {
      this.#context.cell = cell;
      const result = this.#job.trigger.onTimer(timeMs, cell.window, this.#context);
      if (result !== 0) this.#apply(cell, result);
    }
    if (isCleanup) this.#drop(cell);
    else if (cell.alive) this.#schedule(cell);
  }

  #apply(cell: Cell<Acc>, result: TriggerResult): void {
    const rules = this.#rules;
    if (result & FIRE && cell.filled) {
      this.#counters.fired++;
      this.#output.emit({
        key: cell.key,
        window: cell.window,
        timestampMs: rules.resultTimestamp(cell.maxTimestampMs),
        value: this.#job.aggregate.result(cell.acc as Acc),
      });
      if (!rules.keepsContents()) cell.clear();
    }
    if (!(result & PURGE)) return;
    if (rules.purges()) cell.clear();
    if (!rules.purgeKeepsWindow()) this.#drop(cell);
  }

  #drop(cell: Cell<Acc>): void {
    cell.alive = false;
    const cells = this.#cells.get(cell.key);
    if (cells === undefined) return;
    const at = cells.indexOf(cell);
    if (at >= 0) cells.splice(at, 1);
    if (cells.length === 0) this.#cells.delete(cell.key);
  }
}

/** Index of `window` among the sorted windows of a key, or where it belongs. */
function placeOf<Acc>(cells: readonly Cell<Acc>[], window: TimeWindow): number {
  // The newest first: most elements are about now.
  let [low, high] = [0, cells.length];
  for (let middle = high - 1; low < high; middle = (low + high) >>> 1) {
    if (compareWindows(cells[middle]!.window, window) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
