/**
 * A job as data, and the chain that builds it, named after Flink's DataStream API:
 *
 *     stream<LogEntry>('error_counts')
 *       .timestampBy((e) => e.timestamp / 1000)
 *       .filter((e) => e.severity >= WARNING)
 *       .keyBy((e) => e.service)
 *       .window(tumbling(seconds(10)))
 *       .allowedLateness(minutes(1))
 *       .sideOutputLateData(late)
 *       .aggregate(errorCounter)
 *
 * Nothing runs here: the in-memory operator and the serverless runtime (functions/window) read the same Job.
 */
import type { AggregateFunction } from './aggregate.ts';
import { globalWindows, type WindowAssigner } from './assigner.ts';
import type { ProcessFunction, ProcessJob } from './process.ts';
import type { OutputTag } from './side-output.ts';
import { count, eventTime, purging, type Trigger } from './trigger.ts';
import { monotonousTimestamps, type WatermarkStrategy } from './watermark.ts';

/** What a job is: how an element finds its time, key and windows, and what is made of them. */
export interface Job<In, Acc, Out> {
  /** Identity of the job: part of the ids of its documents, timers and rows. */
  readonly name: string;
  /** Event time of an element, in ms since the epoch. */
  readonly timestampMs: (element: In) => number;
  /** Elements for which it is false are left out. */
  readonly accepts: (element: In) => boolean;
  readonly key: (element: In) => string;
  readonly assigner: WindowAssigner;
  /** How long after its end a window still takes elements, in ms. */
  readonly allowedLatenessMs: number;
  readonly aggregate: AggregateFunction<In, Acc, Out>;
  /** When a window emits. The serverless runtime fires by its own timers, as `eventTime` does. */
  readonly trigger: Trigger;
  /** Where elements go that came too late for every window; null: they are counted and dropped. */
  readonly lateOutput: OutputTag<In> | null;
  /** How event time advances in memory. On serverless it advances with the clock. */
  readonly watermarks: WatermarkStrategy;
}

/** `seconds(10)` is 10,000 ms. */
export const seconds = (n: number): number => n * 1000;

/** `minutes(1)` is 60,000 ms. */
export const minutes = (n: number): number => n * 60_000;

/** `hours(1)` is 3,600,000 ms. */
export const hours = (n: number): number => n * 3_600_000;

/** Starts a job over elements of type `In`. */
export function stream<In>(name: string) {
  return {
    /** Event time of an element, in ms since the epoch. */
    timestampBy: (timestampMs: (element: In) => number) =>
      new DataStream<In, In>({
        name,
        timestampMs,
        watermarks: monotonousTimestamps(),
        value: null,
        filters: [],
      }),
  };
}

interface Source<In, Value> {
  readonly name: string;
  readonly timestampMs: (element: In) => number;
  readonly watermarks: WatermarkStrategy;
  /** The value that the maps so far make of an element; null: there were none, and it is the element. */
  readonly value: ((element: In) => Value) | null;
  readonly filters: readonly ((element: In) => boolean)[];
}

/** Elements `In` of the source, seen as `Value`. */
class DataStream<In, Value> {
  readonly #source: Source<In, Value>;

  constructor(source: Source<In, Value>) {
    this.#source = source;
  }

  /** How event time advances. Default: elements are in order. */
  watermarks(watermarks: WatermarkStrategy): DataStream<In, Value> {
    return new DataStream({ ...this.#source, watermarks });
  }

  /** Makes another value of each; pure. The element keeps its timestamp, and is what late output receives. */
  map<To>(make: (value: Value) => To): DataStream<In, To> {
    const { value } = this.#source;
    const from = value ?? ((element: In) => element as unknown as Value);
    return new DataStream({ ...this.#source, value: remembered((element: In) => make(from(element))) });
  }

  /** Keeps the values for which `accepts` is true; with a type guard, the type narrows. */
  filter<To extends Value>(accepts: (value: Value) => value is To): DataStream<In, To>;
  filter(accepts: (value: Value) => boolean): DataStream<In, Value>;
  filter(accepts: (value: Value) => boolean): DataStream<In, Value> {
    const { filters } = this.#source;
    return new DataStream({ ...this.#source, filters: [...filters, this.#ofValue(accepts)] });
  }

  /** Partitions by a key; windows, state and timers are per key. */
  keyBy(key: (value: Value) => string): KeyedStream<In, Value> {
    const { name, timestampMs, watermarks, value, filters } = this.#source;
    const accepts = (): boolean => true;
    return new KeyedStream<In, Value>(
      {
        name,
        timestampMs,
        watermarks,
        accepts:
          filters.length > 1
            ? (element) => filters.every((filter) => filter(element))
            : (filters[0] ?? accepts),
        key: this.#ofValue(key),
      },
      value,
    );
  }

  #ofValue<T>(read: (value: Value) => T): (element: In) => T {
    const { value } = this.#source;
    if (value === null) return read as unknown as (element: In) => T;
    return (element) => read(value(element));
  }
}

type Keyed<In> = Pick<Job<In, unknown, unknown>, 'name' | 'timestampMs' | 'watermarks' | 'accepts' | 'key'>;

class KeyedStream<In, Value> {
  readonly #keyed: Keyed<In>;
  readonly #value: ((element: In) => Value) | null;

  constructor(keyed: Keyed<In>, value: ((element: In) => Value) | null) {
    this.#keyed = keyed;
    this.#value = value;
  }

  /** Groups by time. Fires by event time, global windows never, unless `trigger` says otherwise. */
  window(assigner: WindowAssigner): WindowedStream<In, Value> {
    const trigger = assigner.defaultTrigger ?? eventTime();
    return new WindowedStream<In, Value>(
      { ...this.#keyed, assigner, trigger, allowedLatenessMs: 0, lateOutput: null },
      this.#value,
    );
  }

  /** Groups every `size` elements of a key. */
  countWindow(size: number): WindowedStream<In, Value> {
    return this.window(globalWindows()).trigger(purging(count(size)));
  }
}

type Windowed<In> = Omit<Job<In, unknown, unknown>, 'aggregate'>;

class WindowedStream<In, Value> {
  readonly #windowed: Windowed<In>;
  readonly #value: ((element: In) => Value) | null;

  constructor(windowed: Windowed<In>, value: ((element: In) => Value) | null) {
    this.#windowed = windowed;
    this.#value = value;
  }

  /** When windows emit. Throws a RangeError if sessions cannot use it. */
  trigger(trigger: Trigger): WindowedStream<In, Value> {
    const { assigner } = this.#windowed;
    if (assigner.merges && trigger.merging === null)
      throw new RangeError(`${assigner.name} windows merge, which trigger ${trigger.name} does not support`);
    return new WindowedStream({ ...this.#windowed, trigger }, this.#value);
  }

  /** How long after its end a window still takes elements, in ms. Default 0. */
  allowedLateness(ms: number): WindowedStream<In, Value> {
    if (!(ms >= 0)) throw new RangeError(`allowed lateness must be a number of ms of at least 0, not ${ms}`);
    return new WindowedStream({ ...this.#windowed, allowedLatenessMs: ms }, this.#value);
  }

  /** Where elements go that came too late for every window. Default: counted and dropped. */
  sideOutputLateData(lateOutput: OutputTag<In>): WindowedStream<In, Value> {
    return new WindowedStream({ ...this.#windowed, lateOutput }, this.#value);
  }

  /** The job: one result per key and window. */
  aggregate<Acc, Out>(aggregate: AggregateFunction<Value, Acc, Out>): AggregatedJob<In, Acc, Out> {
    const job = { ...this.#windowed, aggregate: ofElement(aggregate, this.#value) };
    return { ...job, process: (process) => ({ windows: job, process }) };
  }
}

/** A job, which may be continued by a process function with keyed state and timers. */
export interface AggregatedJob<In, Acc, Out> extends Job<In, Acc, Out> {
  /** Continues with the results, per key: state that outlives windows, timers, side outputs. */
  process<Result>(process: ProcessFunction<Out, Result>): ProcessJob<In, Acc, Out, Result>;
}

function ofElement<In, Value, Acc, Out>(
  aggregate: AggregateFunction<Value, Acc, Out>,
  value: ((element: In) => Value) | null,
): AggregateFunction<In, Acc, Out> {
  if (value === null) return aggregate as unknown as AggregateFunction<In, Acc, Out>;
  return {
    create: () => aggregate.create(),
    add: (acc, element) => aggregate.add(acc, value(element)),
    merge: (a, b) => aggregate.merge(a, b),
    result: (acc) => aggregate.result(acc),
    encode: (acc) => aggregate.encode(acc),
    decode: (encoded) => aggregate.decode(encoded),
    ...(aggregate.mergeEncoded === undefined
      ? {}
      : { mergeEncoded: (acc, encoded) => aggregate.mergeEncoded!(acc, encoded) }),
  };
}

/** A pure function that remembers its last answer: filter, key and aggregate ask for the same element. */
function remembered<In, Out>(make: (element: In) => Out): (element: In) => Out {
  let last: { readonly of: In; readonly made: Out } | null = null;
  return (element) => {
    if (last === null || last.of !== element) last = { of: element, made: make(element) };
    return last.made;
  };
}
