/**
 * The time in a field of a record → integer microseconds since the epoch, or null: a time that cannot be read is
 * never "now" and never 1970.
 */
import { dayUs, isDigit, SECOND_US, within } from './calendar.ts';
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
  const usual = readUsualText(value);
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

const SHORTEST = 20;
const LONGEST = 30;
const scratch = new Uint8Array(LONGEST);

function readUsualText(text: string): FieldTime | null {
  const { length } = text;
  if (length < SHORTEST || length > LONGEST || text.charCodeAt(10) !== 0x54) return null;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    scratch[i] = code < 128 ? code : 0;
  }
  return readUsual(scratch, 0, length);
}

/** `2026-11-20T10:00:00Z`, with at most nine digits of a fraction: nearly every time there is, without a detour. */
export function readUsual(text: Uint8Array, from: number, to: number): FieldTime | null {
  const length = to - from;
  if (length < SHORTEST || length > LONGEST || text[to - 1] !== 0x5a || text[from + 10] !== 0x54) return null;
  if (text[from + 4] !== 0x2d || text[from + 7] !== 0x2d) return null;
  if (text[from + 13] !== 0x3a || text[from + 16] !== 0x3a) return null;
  const year = twoDigits(text, from) * 100 + twoDigits(text, from + 2);
  const day = dayUs(year, twoDigits(text, from + 5), twoDigits(text, from + 8));
  const hour = twoDigits(text, from + 11);
  const minute = twoDigits(text, from + 14);
  const second = twoDigits(text, from + 17);
  if (day === null || !(year >= 0 && hour < 24 && minute < 60 && second < 60)) return null;
  let us = day + ((hour * 60 + minute) * 60 + second) * SECOND_US;
  if (length > SHORTEST) {
    if (text[from + 19] !== 0x2e || length === SHORTEST + 1) return null;
    for (let i = from + 20, unit = 100_000; i < to - 1; i++, unit = unit === 1 ? 0 : unit / 10) {
      const code = text[i]!;
      if (!isDigit(code)) return null;
      us += (code - 0x30) * unit;
    }
  }
  return us < MIN_USUAL_US ? null : { timestampUs: us, zoned: true };
}

/** NaN where one is none. */
function twoDigits(text: Uint8Array, at: number): number {
  const tens = text[at]!;
  const ones = text[at + 1]!;
  return isDigit(tens) && isDigit(ones) ? tens * 10 + ones - 0x30 * 11 : Number.NaN;
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
