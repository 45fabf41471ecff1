import { type TimeWindow, windowStart } from './window.ts';

/** Says which windows an element belongs to, after Flink's WindowAssigner. */
export interface WindowAssigner {
  /** For messages and documents, e.g. `tumbling(10000)`. */
  readonly name: string;
  /** The windows of an element, by its event time in ms. */
  assign(timestampMs: number): readonly TimeWindow[];
}

/**
 * Windows of one size that follow each other without gap or overlap.
 * Source: Flink's TumblingEventTimeWindows; a size that is not positive, or |offset| ≥ size, is refused.
 */
export function tumbling(sizeMs: number, offsetMs = 0): WindowAssigner {
  if (!Number.isSafeInteger(sizeMs) || sizeMs <= 0) {
    throw new RangeError(`tumbling window size must be a positive whole number of ms, not ${sizeMs}`);
  }
  if (!Number.isSafeInteger(offsetMs) || Math.abs(offsetMs) >= sizeMs) {
    throw new RangeError(`tumbling window offset must be below the size of ${sizeMs} ms, not ${offsetMs}`);
  }
  return {
    name: `tumbling(${sizeMs})`,
    assign(timestampMs) {
      const start = windowStart(timestampMs, sizeMs, offsetMs);
      return [{ start, end: start + sizeMs }];
    },
  };
}
