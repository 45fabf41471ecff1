/**
 * From a timeline to what the window models learn: features of each window, sequences of 20, and the truth.
 *
 * A window is positive when its service is in an incident, or an incident has shown its first sign and the service
 * fails within the horizon. It is left out (null) where no answer is right: in the minutes before an incident that
 * announces itself by nothing, in the first window of a sign, and in the windows an end falls into.
 */
import { FEATURES, featuresOf, HISTORY, SEQUENCE, usualOf } from '../features.ts';
import { type Timeline, type Trouble, WINDOW_MS } from './simulation.ts';

/** How far ahead a failure counts, ms. */
export const HORIZON_MS = 300_000;

export interface LabelledWindow {
  readonly service: string;
  readonly startMs: number;
  /** The window's own features. */
  readonly features: Float32Array;
  /** Those of the last 20 windows, oldest first. */
  readonly sequence: Float32Array;
  readonly label: 0 | 1 | null;
  /** In an incident, or one begins within the horizon, announced or not. */
  readonly strict: 0 | 1;
  /** In an incident, or within its signs; null: neither. */
  readonly trouble: Trouble | null;
}

export function labelledWindows({ service, windows, troubles }: Timeline): LabelledWindow[] {
  const features = windows.map((row, at) =>
    featuresOf(row, usualOf(windows.slice(Math.max(0, at - HISTORY), at))),
  );
  const before = new Float32Array(FEATURES.length);
  return windows.map((row, at) => {
    const sequence = new Float32Array(SEQUENCE * FEATURES.length);
    for (let step = 0; step < SEQUENCE; step++)
      sequence.set(features[at - SEQUENCE + 1 + step] ?? before, step * FEATURES.length);
    const endMs = row.window_start_ms + WINDOW_MS;
    const trouble = troubles.find((one) => one.signMs < endMs && row.window_start_ms < one.endMs) ?? null;
    return {
      service,
      startMs: row.window_start_ms,
      features: features[at]!,
      sequence,
      label: labelAt(troubles, endMs),
      strict: troubles.some((one) => one.startMs - endMs <= HORIZON_MS && endMs <= one.endMs) ? 1 : 0,
      trouble,
    };
  });
}

function labelAt(troubles: readonly Trouble[], endMs: number): 0 | 1 | null {
  let left = false;
  for (const { signMs, startMs, endMs: overMs } of troubles) {
    if (endMs >= signMs + WINDOW_MS && endMs <= overMs && startMs - endMs <= HORIZON_MS) return 1;
    if (endMs > startMs - HORIZON_MS && endMs < overMs + 3 * WINDOW_MS) left = true;
  }
  return left ? null : 0;
}
