/**
 * The time in a field of a record → integer microseconds since the epoch, or null: a time that cannot be read is
 * never "now" and never 1970.
 */
import { within } from './calendar.ts';
import { readEpoch, readEpochText } from './epoch.ts';
import { type Near, readHead } from './head.ts';
import { readIso } from './iso.ts';

/** A time, and whether its zone was written with it. */
export interface FieldTime {
  readonly timestampUs: number;
  readonly zoned: boolean;
}

/**
 * Reads a field's value: ISO text; epoch as number or digits in s, ms, µs or ns by magnitude; `{seconds, nanos}`,
 * `{epochSecond, nanoOfSecond}` and `{$date}`; any form of a text line's head, where it is the whole value.
 */
export function readFieldTime(value: unknown, near: Near | null): FieldTime | null {
  if (typeof value === 'number') return exact(readEpoch(value));
  if (typeof value === 'object') return value === null ? null : readObjectTime(value, near);
  if (typeof value !== 'string' || value.length > 80 || value.length < 7) return null;
  const iso = readIso(value, 0);
  if (iso !== null && iso.end === value.length) return iso;
  const epoch = readEpochText(value);
  if (epoch !== null) return exact(epoch);
  const head = readHead(value, 0, near ?? { nearUs: 0, maxFutureMs: 0 });
  if (head === null || head.end !== value.length || (near === null && !/\d{4}/.test(value))) return null;
  return head;
}

/** As `readFieldTime`, without what needs the publish time. */
export const readTime = (value: unknown): number | null => readFieldTime(value, null)?.timestampUs ?? null;

const exact = (us: number | null): FieldTime | null =>
  us === null ? null : { timestampUs: us, zoned: true };

const PARTS = new Set(['seconds', 'nanos', 'epochSecond', 'nanoOfSecond', '$date']);

/** Protocol Buffers' Timestamp, java.time.Instant, MongoDB's extended JSON. */
function readObjectTime(value: object, near: Near | null): FieldTime | null {
  // A member more, and it is not only a time.
  for (const name in value) if (!PARTS.has(name)) return null;
  const { seconds, nanos, epochSecond, nanoOfSecond, $date } = value as Readonly<Record<string, unknown>>;
  if (typeof $date === 'string' || typeof $date === 'number') return readFieldTime($date, near);
  const whole = Number(seconds ?? epochSecond);
  const part = Number(nanos ?? nanoOfSecond ?? 0);
  if (!Number.isInteger(whole) || whole < 1e8 || !(part >= 0 && part < 1e9)) return null;
  return exact(within(whole * 1e6 + Math.floor(part / 1e3)));
}
