/**
 * What follows the windows: a function of their results per key, with state that outlives windows, event-time
 * timers and side outputs, after Flink's KeyedProcessFunction.
 *
 *     stream<LogEntry>('outages')…aggregate(errorCounter).process({
 *       processElement(errors, context) { … context.state.value(failures) … context.collect(outage) … },
 *       onTimer(timeMs, context) { … },
 *     })
 *
 * Guarantee: results of a key in the order in which its windows fired; timers in order of time, once each, after
 * the results of the same watermark; the same again after snapshot and restore.
 * Under pressure: memory is keys with state or timers. Expired state is swept a few keys at each result.
 */
import type { Job } from './job.ts';
import { KeyedState, type StateSnapshot } from './keyed-state.ts';
import type { Fired, Output } from './operator.ts';
import type { OutputTag } from './side-output.ts';
import { TimerQueue } from './timer-queue.ts';
import { END_OF_TIME, START_OF_TIME, type TimeWindow } from './window.ts';

/** What a process function works with; valid during the call. */
export interface ProcessContext<Out> {
  readonly key: string;
  readonly watermarkMs: number;
  /** State of the key, by descriptor. */
  readonly state: Pick<KeyedState, 'value' | 'list' | 'map'>;
  /** Emits a result. */
  collect(value: Out): void;
  /** Emits to a side output. */
  output<T>(tag: OutputTag<T>, value: T): void;
  /** Asks for `onTimer` when the watermark reaches `timeMs`; asking twice is asking once. */
  registerEventTimeTimer(timeMs: number): void;
  deleteEventTimeTimer(timeMs: number): void;
}

/** The context of a window's result. */
export interface ElementContext<Out> extends ProcessContext<Out> {
  readonly window: TimeWindow;
  /** end − 1 of the window. */
  readonly timestampMs: number;
}

export interface ProcessFunction<In, Out> {
  processElement(value: In, context: ElementContext<Out>): void;
  onTimer?(timeMs: number, context: ProcessContext<Out>): void;
}

/** A job whose windows' results go through a process function. */
export interface ProcessJob<In, Acc, Out, Result> {
  readonly windows: Job<In, Acc, Out>;
  readonly process: ProcessFunction<Out, Result>;
}

/** A result of a process function. */
export interface Processed<Out> {
  readonly key: string;
  /** Of the window whose result it follows, or the timer's time. */
  readonly timestampMs: number;
  readonly value: Out;
}

/** All state of a process operator, fit for JSON. */
export interface ProcessSnapshot {
  readonly watermarkMs: number;
  readonly state: StateSnapshot;
  readonly timers: readonly (readonly [string, readonly number[]])[];
}

/** Keys that are looked at for expired state with each result. */
const SWEPT_KEYS = 2;

export class ProcessOperator<In, Out> {
  readonly #process: ProcessFunction<In, Out>;
  readonly #output: Output<Processed<Out>>;
  readonly #state: KeyedState;
  readonly #queue = new TimerQueue<string>();
  /** Timers that count, by key; what else stands in the queue was deleted. */
  readonly #timers = new Map<string, Set<number>>();
  #watermarkMs = START_OF_TIME;
  /** Event time of the result or timer at hand. */
  #nowMs = START_OF_TIME;

  /**
   * `clock` is what times to live are counted by. Without it that is event time: of the result or timer at hand, so
   * that a replay forgets what the first run forgot.
   */
  constructor(process: ProcessFunction<In, Out>, output: Output<Processed<Out>>, clock?: () => number) {
    this.#process = process;
    this.#output = output;
    this.#state = new KeyedState(clock ?? (() => this.#nowMs));
  }

  /** Takes a window's result. */
  process({ key, value, window, timestampMs }: Fired<In>): void {
    const context = this.#context(key, timestampMs);
    this.#state.sweep(SWEPT_KEYS);
    this.#process.processElement(value, { ...context, window, timestampMs });
  }

  /** Event time has reached `watermarkMs`: timers due run, in order of time. Going back is ignored. */
  advanceTo(watermarkMs: number): void {
    const proposed = Math.max(START_OF_TIME, Math.min(watermarkMs, END_OF_TIME));
    if (!(proposed > this.#watermarkMs)) return;
    this.#watermarkMs = proposed;
    this.#queue.drain(
      (timeMs) => timeMs <= proposed,
      (key, timeMs) => {
        if (this.#deleteTimer(key, timeMs)) this.#process.onTimer?.(timeMs, this.#context(key, timeMs));
      },
    );
  }

  /** All state, as data. */
  snapshot(): ProcessSnapshot {
    const timers = [...this.#timers].map(([key, times]) => [key, [...times]] as const);
    return { watermarkMs: this.#watermarkMs, state: this.#state.snapshot(), timers };
  }

  /** Takes over what `snapshot` gave, into an operator that has seen nothing yet. */
  restore({ watermarkMs, state, timers }: ProcessSnapshot): this {
    this.#watermarkMs = watermarkMs;
    this.#state.restore(state);
    for (const [key, times] of timers) for (const timeMs of times) this.#registerTimer(key, timeMs);
    return this;
  }

  #context(key: string, timestampMs: number): ProcessContext<Out> {
    this.#state.key = key;
    this.#nowMs = timestampMs;
    return {
      key,
      watermarkMs: this.#watermarkMs,
      state: this.#state,
      collect: (value) => this.#output.emit({ key, timestampMs, value }),
      output: (tag, value) => this.#output.side?.(tag, value, timestampMs),
      registerEventTimeTimer: (timeMs) => this.#registerTimer(key, timeMs),
      deleteEventTimeTimer: (timeMs) => {
        this.#deleteTimer(key, timeMs);
      },
    };
  }

  #registerTimer(key: string, timeMs: number): void {
    if (Number.isNaN(timeMs)) throw new RangeError('timer must be a time in ms, not NaN');
    const times = this.#timers.get(key) ?? new Set();
    if (times.has(timeMs)) return;
    this.#timers.set(key, times.add(timeMs));
    this.#queue.add(timeMs, key);
  }

  /** False: there was none. */
  #deleteTimer(key: string, timeMs: number): boolean {
    const times = this.#timers.get(key);
    if (!times?.delete(timeMs)) return false;
    if (times.size === 0) this.#timers.delete(key);
    return true;
  }
}
