/**
 * A job as data, and the chain that builds it, named after Flink's DataStream API:
 *
 *     stream<LogEntry>('error_counts')
 *       .timestampBy((e) => e.timestamp / 1000)
 *       .filter((e) => e.severity >= WARNING)
 *       .keyBy((e) => e.service)
 *       .window(tumbling(seconds(10)))
 *       .allowedLateness(minutes(1))
 *       .aggregate(errorCounter)
 *
 * Nothing runs here: the in-memory operator and the serverless runtime (functions/window) read the same Job.
 */
import type { AggregateFunction } from './aggregate.ts';
import type { WindowAssigner } from './assigner.ts';

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
}

/** `seconds(10)` is 10,000 ms. */
export const seconds = (n: number): number => n * 1000;

/** `minutes(1)` is 60,000 ms. */
export const minutes = (n: number): number => n * 60_000;

/** Starts a job over elements of type `In`. */
export function stream<In>(name: string) {
  return {
    /** Event time of an element, in ms since the epoch. */
    timestampBy: (timestampMs: (element: In) => number) => source<In>({ name, timestampMs, filters: [] }),
  };
}

interface Source<In> {
  readonly name: string;
  readonly timestampMs: (element: In) => number;
  readonly filters: readonly ((element: In) => boolean)[];
}

function source<In>(state: Source<In>) {
  return {
    filter: (accepts: (element: In) => boolean) =>
      source<In>({ ...state, filters: [...state.filters, accepts] }),
    keyBy: (key: (element: In) => string) => ({
      window: (assigner: WindowAssigner) => windowed<In>(state, key, assigner, 0),
    }),
  };
}

function windowed<In>(
  state: Source<In>,
  key: (element: In) => string,
  assigner: WindowAssigner,
  allowedLatenessMs: number,
) {
  return {
    /** How long after its end a window still takes elements, in ms. Default 0. */
    allowedLateness: (ms: number) => windowed<In>(state, key, assigner, ms),
    /** Ends the chain: the job. */
    aggregate: <Acc, Out>(aggregate: AggregateFunction<In, Acc, Out>): Job<In, Acc, Out> => ({
      name: state.name,
      timestampMs: state.timestampMs,
      accepts: (element) => state.filters.every((accepts) => accepts(element)),
      key,
      assigner,
      allowedLatenessMs,
      aggregate,
    }),
  };
}
