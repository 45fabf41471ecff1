/** Runs one case against the library, and says what differs. */
import { windowStart } from '../../functions/stream/assigner.ts';
import { CombinedWatermark } from '../../functions/stream/combined-watermark.ts';
import { IdlenessTimer } from '../../functions/stream/idleness.ts';
import { MergingWindowSet, mergeWindows } from '../../functions/stream/merging.ts';
import type { Rules } from '../../functions/stream/rules.ts';
import { boundedOutOfOrderness, WatermarkGenerator } from '../../functions/stream/watermark.ts';
import { END_OF_TIME, START_OF_TIME, type TimeWindow } from '../../functions/stream/window.ts';
import type { CaseOf, WindowCase } from './case.ts';
import { checkRun } from './check-run.ts';
import { makeAnything, makeAssigner, UnknownSubject } from './subject.ts';

/** A difference: where in the case, and both sides, as JSON values. */
export interface Difference {
  readonly where: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** The first difference of a case, or null. Throws only UnknownSubject, for a case that asks for what is not there. */
export function checkCase(one: WindowCase, rules: Rules): Difference | null {
  try {
    return check(one, rules);
  } catch (error) {
    if (error instanceof UnknownSubject) throw error;
    return { where: one.kind, expected: 'no error', actual: String(error) };
  }
}

function check(one: WindowCase, rules: Rules): Difference | null {
  switch (one.kind) {
    case 'windowStart': {
      const { timestamp, offsetMs, sizeMs, start } = one;
      return differ('start', start, windowStart(timestamp, sizeMs, offsetMs, rules));
    }
    case 'assign': {
      const windows = makeAssigner(one.assigner, rules).assign(one.timestamp);
      return differ('windows', sorted(one.windows.map(pairInTime)), sorted(windows.map(pair)));
    }
    case 'invalid':
      return checkInvalid(one, rules);
    case 'merge': {
      const merges = mergeWindows(one.windows.map(fromPair), rules);
      return differ(
        'merges',
        sorted(
          one.merges.map(({ into, from }) => ({
            into: pairInTime(into),
            from: sorted(from.map(pairInTime)),
          })),
        ),
        sorted(merges.map(({ into, from }) => ({ into: pair(into), from: sorted(from.map(pair)) }))),
      );
    }
    case 'mergeSet':
      return checkMergeSet(one, rules);
    case 'watermark': {
      const generator = new WatermarkGenerator(boundedOutOfOrderness(one.maxOutOfOrdernessMs), rules);
      for (const timestampMs of one.events) generator.onEvent(inTime(timestampMs), 0);
      return differ('watermark', one.expected, orNone(generator.watermarkMs));
    }
    case 'idle':
      return checkIdle(one, rules);
    case 'combine':
      return checkCombine(one, rules);
    case 'run':
      return checkRun(one, rules);
  }
}

function checkInvalid({ assigner }: CaseOf<'invalid'>, rules: Rules): Difference | null {
  try {
    makeAnything(assigner, rules);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
  return { where: 'assigner', expected: 'a RangeError', actual: 'accepted' };
}

function checkMergeSet({ steps }: CaseOf<'mergeSet'>, rules: Rules): Difference | null {
  const set = new MergingWindowSet(rules);
  return first(steps, (step, where) => {
    if ('retire' in step) {
      set.retire(fromPair(step.retire as [number, number]));
      return null;
    }
    const { add, result, merged } = step as { add: Pair; result: Pair; merged: boolean };
    const added = set.add(fromPair(add));
    return differ(where, { result, merged }, { result: pair(added.window), merged: added.merged });
  });
}

function checkIdle({ timeoutMs, steps }: CaseOf<'idle'>, rules: Rules): Difference | null {
  const timer = new IdlenessTimer(timeoutMs, rules);
  let nowMs = 0;
  return first(steps, ({ advanceMs = 0, event = false, check }, where) => {
    nowMs += advanceMs;
    if (event !== false) timer.onEvent();
    return check === undefined ? null : differ(where, check, timer.check(nowMs));
  });
}

function checkCombine({ steps }: CaseOf<'combine'>, rules: Rules): Difference | null {
  const combined = new CombinedWatermark(rules);
  return first(steps, (step, where) => {
    for (const input of step.declare ?? []) combined.declare(input);
    if (step.input !== undefined) {
      if (step.watermark != null) combined.update(step.input, inTime(step.watermark));
      if (step.markIdle) combined.markIdle(step.input);
      if (step.markActive) combined.markActive(step.input);
      if (step.remove) combined.remove(step.input);
    }
    // What a step does not say is not compared.
    const actual = { combined: orNone(combined.watermarkMs), idle: combined.idle };
    const { combined: watermark = actual.combined, idle = actual.idle } = step;
    return differ(where, { combined: watermark, idle }, actual);
  });
}

type Pair = readonly [number, number];

/** The first difference among steps. */
export function first<Step>(
  steps: readonly Step[],
  check: (step: Step, where: string) => Difference | null,
): Difference | null {
  for (const [index, step] of steps.entries()) {
    const difference = check(step, `step ${index + 1}`);
    if (difference !== null) return difference;
  }
  return null;
}

/** null if both are the same as JSON. */
export function differ(where: string, expected: unknown, actual: unknown): Difference | null {
  return JSON.stringify(expected) === JSON.stringify(actual) ? null : { where, expected, actual };
}

/** As a set: in an order that depends on the items alone. */
export const sorted = <T>(items: readonly T[]): T[] =>
  [...items].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

export const pair = ({ start, end }: TimeWindow): Pair => [inTime(start), inTime(end)];

const pairInTime = ([start, end]: Pair): Pair => [inTime(start), inTime(end)];

const fromPair = ([start, end]: Pair): TimeWindow => ({ start, end });

/** A time of a table, whose ends of time may be those of a 64-bit integer. */
export const inTime = (timeMs: number): number => Math.max(START_OF_TIME, Math.min(timeMs, END_OF_TIME));

const orNone = (watermarkMs: number): number | null => (watermarkMs === START_OF_TIME ? null : watermarkMs);
