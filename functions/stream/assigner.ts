/**
 * Which windows an element belongs to, after Flink's WindowAssigner. Pure. Timestamps in fractions of a ms belong
 * to the millisecond they lie in.
 *
 * Assigners remember the windows they gave last: consecutive elements mostly share them, and then an assignment
 * costs a few comparisons and no memory.
 *
 * Source of sizes, offsets and what is refused: Flink's TumblingEventTimeWindows, SlidingEventTimeWindows,
 * EventTimeSessionWindows, GlobalWindows.
 */
import { flinkRules, type Rules } from './rules.ts';
import { never, type Trigger } from './trigger.ts';
import { END_OF_TIME, START_OF_TIME, type TimeWindow } from './window.ts';

/** Says which windows an element belongs to. */
export interface WindowAssigner {
  /** For messages and documents, e.g. `tumbling(10000)`. */
  readonly name: string;
  /** Whether windows of one key that overlap or touch become one, as sessions do. */
  readonly merges: boolean;
  /** When the windows emit unless a job says otherwise; left out: by event time. */
  readonly defaultTrigger?: Trigger;
  /** The windows of an element, by its event time in ms. Throws a RangeError if that is no time. */
  assign(timestampMs: number): readonly TimeWindow[];
}

/** The one window of the global assigner: all of time. */
export const GLOBAL_WINDOW: TimeWindow = { start: START_OF_TIME, end: END_OF_TIME + 1 };

/**
 * Windows of one size that follow each other without gap or overlap.
 * A size that is not a positive whole number of ms, or |offset| ≥ size, is a RangeError.
 */
export function tumbling(sizeMs: number, offsetMs = 0, rules: Rules = flinkRules): WindowAssigner {
  checkDuration('tumbling window size', sizeMs);
  checkOffset('tumbling window offset', offsetMs, 'size', sizeMs);
  const windowsOf = remembering((time) => {
    const start = windowStart(time, sizeMs, offsetMs, rules);
    const end = start + sizeMs;
    return { from: start, until: end, windows: [inTime(start, end)] };
  });
  return {
    name: offsetMs === 0 ? `tumbling(${sizeMs})` : `tumbling(${sizeMs}, ${offsetMs})`,
    merges: false,
    assign: windowsOf,
  };
}

/**
 * Windows of `sizeMs` that start every `slideMs`, so they overlap; when the slide is above the size they leave
 * gaps, whose elements belong to no window. |offset| ≥ slide is a RangeError.
 */
export function sliding(
  sizeMs: number,
  slideMs: number,
  offsetMs = 0,
  rules: Rules = flinkRules,
): WindowAssigner {
  checkDuration('sliding window size', sizeMs);
  checkDuration('sliding window slide', slideMs);
  checkOffset('sliding window offset', offsetMs, 'slide', slideMs);
  const windowsOf = remembering((time) => {
    const lastStart = windowStart(time, slideMs, offsetMs, rules);
    const windows: TimeWindow[] = [];
    let before = lastStart;
    for (; before > time - sizeMs; before -= slideMs) windows.push(inTime(before, before + sizeMs));
    return {
      // The same windows hold from where the one before them ends until the next starts or the first ends.
      from: Math.max(lastStart, before + sizeMs),
      until: Math.min(lastStart + slideMs, before + slideMs + sizeMs),
      windows: windows.reverse(),
    };
  });
  return {
    name: `sliding(${sizeMs}, ${slideMs}${offsetMs === 0 ? '' : `, ${offsetMs}`})`,
    merges: false,
    assign: windowsOf,
  };
}

/**
 * Sessions: an element opens a window of `gapMs`, and windows of a key that overlap or touch merge. A session ends
 * `gapMs` after its last element.
 */
export function session(gapMs: number): WindowAssigner {
  checkDuration('session gap', gapMs);
  return {
    name: `session(${gapMs})`,
    merges: true,
    assign(timestampMs) {
      const start = checkTimestamp(timestampMs);
      return [inTime(start, start + gapMs)];
    },
  };
}

/** All elements of a key in one window, which only a trigger of its own fires. */
export function globalWindows(): WindowAssigner {
  const windows = [GLOBAL_WINDOW];
  return {
    name: 'global',
    merges: false,
    defaultTrigger: never(),
    assign(timestampMs) {
      checkTimestamp(timestampMs);
      return windows;
    },
  };
}

/** Windows, and the times from which until which just these hold. */
export interface Span {
  readonly from: number;
  readonly until: number;
  readonly windows: readonly TimeWindow[];
}

/** An assignment that remembers the last two spans: elements out of order mostly lie in two. */
export function remembering(spanOf: (time: number) => Span): WindowAssigner['assign'] {
  let last: Span = { from: 0, until: 0, windows: [] };
  let other: Span = last;
  return (timestampMs) => {
    if (timestampMs >= last.from && timestampMs < last.until) return last.windows;
    const before = last;
    if (timestampMs >= other.from && timestampMs < other.until) last = other;
    else last = spanOf(checkTimestamp(timestampMs));
    other = before;
    return last.windows;
  };
}

/**
 * Start of the window of `sizeMs` that holds `timestampMs`, by floor modulo, so that negative timestamps and
 * offsets fall right: −8 lies in [−14, −7) for windows of 7 ms.
 */
export const windowStart = (
  timestampMs: number,
  sizeMs: number,
  offsetMs = 0,
  rules: Rules = flinkRules,
): number => timestampMs - rules.floorModulo(timestampMs - offsetMs, sizeMs);

/** The whole millisecond of a timestamp. Throws a RangeError if it is not one within time. */
export function checkTimestamp(timestampMs: number): number {
  if (!(timestampMs >= START_OF_TIME && timestampMs <= END_OF_TIME)) {
    throw new RangeError(
      `timestamp must be a number of ms from ${START_OF_TIME} to ${END_OF_TIME}, not ${timestampMs}`,
    );
  }
  return Math.floor(timestampMs);
}

/** Throws a RangeError if `ms` is not a positive whole number of ms. */
export function checkDuration(what: string, ms: number): void {
  if (!Number.isSafeInteger(ms) || ms <= 0) {
    throw new RangeError(`${what} must be a positive whole number of ms, not ${ms}`);
  }
}

function checkOffset(what: string, offsetMs: number, ofWhat: string, limitMs: number): void {
  if (!Number.isSafeInteger(offsetMs) || Math.abs(offsetMs) >= limitMs) {
    throw new RangeError(
      `${what} must be a whole number of ms below the ${ofWhat} of ${limitMs} ms, either side of 0, not ${offsetMs}`,
    );
  }
}

const inTime = (start: number, end: number): TimeWindow => ({
  start: Math.max(start, START_OF_TIME),
  end: Math.min(end, END_OF_TIME + 1),
});
