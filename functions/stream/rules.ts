/**
 * Flink's rules of event time that are easy to get wrong, each once, by name. Everything in this folder asks here,
 * so the conformance command can break one rule at a time and show that the tables notice. Nobody else passes
 * rules of their own: the default is Flink's.
 *
 * Source: Apache Flink's TimeWindow, WindowOperator, EventTimeTrigger, PurgingTrigger, MergingWindowSet,
 * BoundedOutOfOrdernessWatermarks, WatermarksWithIdleness and WatermarkOutputMultiplexer.
 */
import { END_OF_TIME, floorModulo, maxTimestamp, START_OF_TIME, type TimeWindow } from './window.ts';

export interface Rules {
  /** Window starts go by floor modulo, also before the epoch and with offsets. */
  floorModulo(dividend: number, divisor: number): number;
  /** Windows are [start, end): the last timestamp inside is end − 1. */
  maxTimestamp(window: TimeWindow): number;
  /** A result carries the last timestamp of its window. */
  resultTimestamp(maxTimestampMs: number): number;
  /** Sessions that overlap or touch merge; one ms apart they do not. */
  meets(a: TimeWindow, b: TimeWindow): boolean;
  /** Merged sessions keep the content of both. */
  mergesContents(): boolean;
  /** A timer is due when its time ≤ watermark; a window's is at end − 1. */
  isDue(timerMs: number, watermarkMs: number): boolean;
  /** An element of a window that the watermark has passed, but within lateness, fires it at once. */
  firesAtOnce(maxTimestampMs: number, watermarkMs: number): boolean;
  /** A firing emits the whole content; only purging drops it. */
  keepsContents(): boolean;
  /** Purging drops the content. */
  purges(): boolean;
  /** Purging drops the content, not the window: its end, timers and merges stay. */
  purgeKeepsWindow(): boolean;
  /** A window is late, and cleaned up, when end − 1 + lateness ≤ watermark. */
  isLate(cleanupMs: number, watermarkMs: number): boolean;
  /** Only an element that no window took, and that is late itself, goes to the late output. */
  goesToLateOutput(taken: number, assigned: number, elementIsLate: boolean): boolean;
  /** Sums stay at the ends of time instead of passing them. */
  addTime(timeMs: number, durationMs: number): number;
  /** How far a watermark stays behind the highest timestamp: bound + 1. */
  watermarkLag(boundMs: number): number;
  /** A watermark never goes back. */
  advance(currentMs: number, proposedMs: number): number;
  /** Several inputs: the lowest watermark of the active ones. */
  combine(watermarksMs: readonly number[]): number;
  /** All inputs idle: the highest watermark. */
  combineIdle(watermarksMs: readonly number[]): number;
  /** An idle input does not hold back the others. */
  leavesOutIdle(): boolean;
  /** An input is idle when more than the timeout passed since a check first found nothing new. */
  isIdle(quietMs: number, timeoutMs: number): boolean;
}

/** Flink's rules. */
export const flinkRules: Rules = {
  floorModulo,
  maxTimestamp,
  resultTimestamp: (maxTimestampMs) => maxTimestampMs,
  meets: (a, b) => a.start <= b.end && b.start <= a.end,
  mergesContents: () => true,
  isDue: (timerMs, watermarkMs) => timerMs <= watermarkMs,
  firesAtOnce: (maxTimestampMs, watermarkMs) => maxTimestampMs <= watermarkMs,
  keepsContents: () => true,
  purges: () => true,
  purgeKeepsWindow: () => true,
  isLate: (cleanupMs, watermarkMs) => cleanupMs <= watermarkMs,
  goesToLateOutput: (taken, _assigned, elementIsLate) => taken === 0 && elementIsLate,
  addTime: (timeMs, durationMs) => Math.max(START_OF_TIME, Math.min(timeMs + durationMs, END_OF_TIME)),
  watermarkLag: (boundMs) => boundMs + 1,
  advance: (currentMs, proposedMs) => Math.max(currentMs, proposedMs),
  combine: (watermarksMs) => Math.min(...watermarksMs),
  combineIdle: (watermarksMs) => Math.max(...watermarksMs),
  leavesOutIdle: () => true,
  isIdle: (quietMs, timeoutMs) => quietMs > timeoutMs,
};
