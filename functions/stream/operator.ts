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
import { type Cell, NEVER_MS } from './cell.ts';
import { CellContext } from './cell-context.ts';
import { Cells } from './cells.ts';
import type { Job } from './job.ts';
import { type Landing, land } from './merging.ts';
import { flinkRules, type Rules } from './rules.ts';
import type { OutputTag } from './side-output.ts';
import { TimerQueue } from './timer-queue.ts';
import { CONTINUE, FIRE, PURGE, type TriggerResult } from './trigger.ts';
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
export interface Output<Result> {
  emit(result: Result): void;
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
  readonly #output: Output<Fired<Out>>;
  readonly #rules: Rules;
  readonly #cells = new Cells<Acc>();
  readonly #timers = new TimerQueue<Cell<Acc>>();
  readonly #context: CellContext<Acc>;
  readonly #isDue: (timeMs: number) => boolean;
  readonly #runTimer: (cell: Cell<Acc>, timeMs: number) => void;
  readonly #counters: Counters = { taken: 0, late: 0, fired: 0 };

  constructor(job: Job<In, Acc, Out>, output: Output<Fired<Out>>, rules: Rules = flinkRules) {
    this.#job = job;
    this.#output = output;
    this.#rules = rules;
    this.#context = new CellContext(rules, (cell) => this.#schedule(cell));
    this.#isDue = (timeMs) => rules.isDue(timeMs, this.#context.watermarkMs);
    this.#runTimer = (cell, timeMs) => this.#onEventTime(cell, timeMs);
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
    return this.#cells.size;
  }

  /** Takes an element. Throws a RangeError if its timestamp is no time. */
  process(element: In): void {
    const job = this.#job;
    if (!job.accepts(element)) return;
    const timestampMs = job.timestampMs(element);
    const windows = job.assigner.assign(timestampMs);
    const key = job.key(element);
    const taken = job.assigner.merges
      ? this.#addMerging(key, windows, element, timestampMs)
      : this.#addFixed(key, windows, element, timestampMs);
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
    const { aggregate } = this.#job;
    const cells = Array.from(this.#cells.all(), (cell): CellSnapshot => {
      const { key, window, timers, value, filled, acc } = cell;
      const content = filled ? [aggregate.encode(acc as Acc)] : [];
      return [key, window.start, window.end, timers, value, ...content];
    });
    return { watermarkMs: this.watermarkMs, cells };
  }

  /** Takes over what `snapshot` gave, into an operator that has seen nothing yet. */
  restore({ watermarkMs, cells }: Snapshot): this {
    this.#context.watermarkMs = watermarkMs;
    for (const [key, start, end, timers, value, ...content] of cells) {
      const window = { start, end };
      const cell = this.#cells.open(key, window, null, this.#cells.seek(key, window, start));
      for (const timerMs of timers) cell.addTimer(timerMs);
      cell.value = value;
      if (content.length > 0) {
        cell.acc = this.#job.aggregate.decode(content[0]);
        cell.filled = true;
      }
      this.#schedule(cell);
    }
    return this;
  }

  /** Adds to windows of fixed bounds; returns how many were not late. */
  #addFixed(key: string, windows: readonly TimeWindow[], element: In, timestampMs: number): number {
    const newest = windows[windows.length - 1];
    if (newest === undefined) return 0;
    let taken = 0;
    let at = this.#cells.seek(key, newest, newest.start);
    let newer = at === null ? null : at.newer;
    // The newest first, as the chain goes, so that both are walked once.
    for (let i = windows.length - 1; i >= 0; i--) {
      const window = windows[i]!;
      while (at !== null && at.window !== window && compareWindows(at.window, window) > 0) {
        newer = at;
        at = at.older;
      }
      if (at === null || (at.window !== window && !sameWindow(at.window, window))) {
        if (this.#isLate(window)) continue;
        at = this.#cells.open(key, window, newer, at);
        this.#schedule(at);
      } else if (this.watermarkMs === END_OF_TIME && this.#isLate(window)) continue;
      taken++;
      this.#add(at, element, timestampMs);
    }
    return taken;
  }

  /** Adds to windows that merge with those they meet; returns how many were not late even so. */
  #addMerging(key: string, windows: readonly TimeWindow[], element: In, timestampMs: number): number {
    let taken = 0;
    for (const added of windows) {
      const landing = land(this.#cells, key, added, this.#rules);
      if (this.#isLate(landing.window)) continue;
      taken++;
      this.#add(this.#settle(key, landing), element, timestampMs);
    }
    return taken;
  }

  /** The cell of a landed window: a new one, or the one that takes in all others. */
  #settle(key: string, { met, window, newer, older }: Landing<Acc>): Cell<Acc> {
    const kept = met[0];
    if (kept === undefined) {
      const cell = this.#cells.open(key, window, newer, older);
      this.#schedule(cell);
      return cell;
    }
    if (met.length > 1 || !sameWindow(kept.window, window)) this.#merge(kept, met.slice(1), window);
    return kept;
  }

  /** Grows `kept` to `window`, with the content and the trigger's number of the others. */
  #merge(kept: Cell<Acc>, others: readonly Cell<Acc>[], window: TimeWindow): void {
    const { trigger, aggregate } = this.#job;
    kept.window = window;
    kept.quiet = false;
    kept.clearTimers();
    for (const other of others) {
      this.#cells.close(other);
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

  #add(cell: Cell<Acc>, element: In, timestampMs: number): void {
    const { aggregate, trigger } = this.#job;
    if (cell.filled) {
      const acc = aggregate.add(cell.acc as Acc, element);
      if (acc !== cell.acc) cell.acc = acc;
    } else {
      cell.acc = aggregate.add(aggregate.create(), element);
      cell.filled = true;
    }
    if (cell.quiet) return;
    this.#context.cell = cell;
    const result = trigger.onElement(timestampMs, cell.window, this.#context);
    if (result === CONTINUE) cell.quiet = trigger.quiet;
    else this.#apply(cell, result);
  }

  #cleanupMs(window: TimeWindow): number {
    return this.#rules.addTime(this.#rules.maxTimestamp(window), this.#job.allowedLatenessMs);
  }

  #isLate(window: TimeWindow): boolean {
    return this.#rules.isLate(this.#cleanupMs(window), this.#context.watermarkMs);
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
    const cleanupMs = this.#cleanupMs(cell.window);
    // A clean-up at the end of time never comes.
    const nextMs = Math.min(cell.nextTimer(), cleanupMs === END_OF_TIME ? NEVER_MS : cleanupMs);
    if (nextMs >= cell.scheduledMs) return;
    cell.scheduledMs = nextMs;
    this.#timers.add(nextMs, cell);
  }

  #onEventTime(cell: Cell<Acc>, timeMs: number): void {
    if (!cell.alive || cell.scheduledMs !== timeMs) return;
    cell.scheduledMs = NEVER_MS;
    const isCleanup = timeMs === this.#cleanupMs(cell.window) && timeMs !== END_OF_TIME;
    if (cell.takeTimer(timeMs) || isCleanup) {
      cell.quiet = false;
      this.#context.cell = cell;
      const result = this.#job.trigger.onEventTime(timeMs, cell.window, this.#context);
      if (result !== CONTINUE) this.#apply(cell, result);
    }
    if (isCleanup) this.#cells.close(cell);
    else if (cell.alive) this.#schedule(cell);
  }

  #apply(cell: Cell<Acc>, result: TriggerResult): void {
    const rules = this.#rules;
    if (result & FIRE && cell.filled) {
      this.#counters.fired++;
      this.#output.emit({
        key: cell.key,
        window: cell.window,
        timestampMs: rules.resultTimestamp(rules.maxTimestamp(cell.window)),
        value: this.#job.aggregate.result(cell.acc as Acc),
      });
      if (!rules.keepsContents()) cell.clear();
    }
    if (!(result & PURGE)) return;
    if (rules.purges()) cell.clear();
    if (!rules.purgeKeepsWindow()) this.#cells.close(cell);
  }
}
