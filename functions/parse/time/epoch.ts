/** Epoch times: seconds, milliseconds, microseconds or nanoseconds, told apart by magnitude. */
import { within } from './calendar.ts';

/** Epoch by magnitude: seconds up to 1e11, then ms, µs, ns, each a thousand times more (years 1973 to 5138). */
export function readEpoch(value: number): number | null {
  const size = Math.abs(value);
  if (!(size >= 1e8 && size < 1e20)) return null;
  if (size >= 1e17) return within(Math.floor(value / 1e3));
  return within(Math.round(size < 1e11 ? value * 1e6 : size < 1e14 ? value * 1e3 : value));
}

/** Digits with an optional fraction, exact to the microsecond also where a double is not (nanoseconds). */
export function readEpochText(text: string): number | null {
  if (!/^\d{9,19}(?:\.\d{1,12})?$/.test(text)) return null;
  if (text.length === 19 && !text.includes('.')) return readEpoch(Number(text.slice(0, 16)));
  return readEpoch(Number(text));
}
