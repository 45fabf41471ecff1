/**
 * Event-time windows: half-open intervals [start, end) of milliseconds since the epoch.
 * Source of the rules: Apache Flink's TimeWindow.
 *
 * Time ends at ±(2^53 − 1), the whole numbers a double holds exactly, where Flink's ends at the ends of a 64-bit
 * integer. Sums that would pass an end stay there.
 */
export interface TimeWindow {
  /** First millisecond of the window, inclusive. */
  readonly start: number;
  /** End of the window, exclusive. */
  readonly end: number;
}

/** The last moment. As a watermark it says that nothing more will come: every window fires. */
export const END_OF_TIME = Number.MAX_SAFE_INTEGER;

/** The first moment. As a watermark it says that nothing is known yet. */
export const START_OF_TIME = Number.MIN_SAFE_INTEGER;

/** Last timestamp that belongs to a window: end − 1. It is the timestamp of the window's result. */
export const maxTimestamp = (window: TimeWindow): number => window.end - 1;

/** The remainder that has the divisor's sign: floorModulo(−8, 7) is 6. */
export function floorModulo(dividend: number, divisor: number): number {
  const remainder = dividend % divisor;
  // + 0 makes a 0 of −0.
  return remainder < 0 ? remainder + divisor : remainder + 0;
}

/** Order of windows by start, then end. */
export const compareWindows = (a: TimeWindow, b: TimeWindow): number => a.start - b.start || a.end - b.end;

export const sameWindow = (a: TimeWindow, b: TimeWindow): boolean => a.start === b.start && a.end === b.end;

/** For messages: `[0, 10000)`. */
export const windowText = ({ start, end }: TimeWindow): string => `[${start}, ${end})`;
