/**
 * Event-time windows: half-open intervals [start, end) of milliseconds since the epoch.
 * Source of the rules: Apache Flink's TimeWindow.
 */
export interface TimeWindow {
  /** First millisecond of the window, inclusive. */
  readonly start: number;
  /** End of the window, exclusive. */
  readonly end: number;
}

/** Last timestamp that belongs to a window: end − 1. It is the timestamp of the window's result. */
export const maxTimestamp = (window: TimeWindow): number => window.end - 1;

/**
 * Start of the window of `sizeMs` that holds `timestampMs`, by floor modulo, so that negative timestamps and
 * offsets fall right: −8 lies in [−14, −7) for windows of 7 ms.
 */
export function windowStart(timestampMs: number, sizeMs: number, offsetMs = 0): number {
  const remainder = (timestampMs - offsetMs) % sizeMs;
  return timestampMs - (remainder < 0 ? remainder + sizeMs : remainder);
}
