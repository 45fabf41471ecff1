/**
 * The time in a field of a record → integer microseconds since the epoch, or null: a time that cannot be read is
 * never "now" and never 1970.
 */
import { dayUs, digits, isDigit, SECOND_US, within } from './calendar.ts';
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
  const usual = readUsual(value);
  if (usual !== null) return usual;
  const iso = readIso(value, 0);
  if (iso !== null && iso.end === value.length) return iso;
  const epoch = readEpochText(value);
  if (epoch !== null) return exact(epoch);
  const head = readHead(value, 0, near ?? { nearUs: 0, maxFutureMs: 0 });
  if (head === null || (near === null && !YEAR.test(value))) return null;
  return head.end === value.length || COMMENT.test(value.slice(head.end)) ? head : null;
}

/** A time without one needs the publish time. */
const YEAR = /\d{4}|[A-Za-z]{3}[ -]\d\d /;

/** What may stand behind a time that is a whole value: the zone's name in brackets (RFC 2822, JavaScript), Go's monotonic clock. */
const COMMENT = /^ (?:\([A-Za-z ]{1,60}\)|m=[+-][\d.]{1,30})$/;

/** `2026-11-20T10:00:00Z`, with at most nine digits of a fraction: nearly every time there is, without a detour. */
function readUsual(text: string): FieldTime | null {
  const length = text.length;
  if (length < 20 || length > 30 || text.charCodeAt(length - 1) !== 0x5a || text.charCodeAt(10) !== 0x54)
    return null;
  if (text.charCodeAt(4) !== 0x2d || text.charCodeAt(7) !== 0x2d) return null;
  if (text.charCodeAt(13) !== 0x3a || text.charCodeAt(16) !== 0x3a) return null;
  const day = dayUs(digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2));
  const hour = digits(text, 11, 2);
  const minute = digits(text, 14, 2);
  const second = digits(text, 17, 2);
  if (day === null || !(hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60))
    return null;
  let us = day + ((hour * 60 + minute) * 60 + second) * SECOND_US;
  if (length > 20) {
    if (text.charCodeAt(19) !== 0x2e || length === 21) return null;
    for (let i = 20, unit = 100_000; i < length - 1; i++, unit = unit === 1 ? 0 : unit / 10) {
      const code = text.charCodeAt(i);
      if (!isDigit(code)) return null;
      us += (code - 0x30) * unit;
    }
  }
  return us < MIN_USUAL_US ? null : { timestampUs: us, zoned: true };
}

/** Times before this take the long way, which knows the bounds. */
const MIN_USUAL_US = 0;

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
