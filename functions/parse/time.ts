/**
 * Times as logs write them → integer microseconds since the epoch, or null: a time that cannot be read is never
 * "now" and never 1970. ISO 8601 is read by hand, because Date.parse costs as much as JSON.parse.
 * Bounds are BigQuery's: 0001-01-01 to 9999-12-31.
 */
const MIN_US = -62_135_596_800_000_000;
const END_US = 253_402_300_800_000_000;
const DAY_MS = 86_400_000;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** A time read at the head of a text, and where it ends. */
export interface ReadTime {
  readonly timestampUs: number;
  readonly end: number;
}

/** Reads a field's value: ISO text, or epoch as number or digits in s, ms, µs or ns by magnitude. */
export function readTime(value: unknown): number | null {
  if (typeof value === 'number') return readEpoch(value);
  if (typeof value !== 'string') return null;
  const iso = readIso(value, 0);
  if (iso !== null && iso.end === value.length) return iso.timestampUs;
  if (/^\d{9,19}(\.\d+)?$/.test(value)) return readEpoch(Number(value));
  return readRfc2822(value);
}

/** Epoch by magnitude: seconds up to 1e11, then ms, µs, ns, each a thousand times more (years 1973 to 5138). */
export function readEpoch(value: number): number | null {
  const size = Math.abs(value);
  if (!(size >= 1e8 && size < 1e20)) return null;
  if (size >= 1e17) return within(Math.floor(value / 1e3));
  return within(Math.round(size < 1e11 ? value * 1e6 : size < 1e14 ? value * 1e3 : value));
}

/**
 * Reads ISO 8601 at `start`: date, `T` or blank, time with optional seconds and fraction (`.` or `,`, nine digits
 * used), zone `Z`, `±hh`, `±hhmm`, `±hh:mm` or none, which is UTC. A date alone is none: it is no time.
 */
export function readIso(text: string, start: number): ReadTime | null {
  const year = digits(text, start, 4);
  if (year < 1 || text.charCodeAt(start + 4) !== text.charCodeAt(start + 7)) return null;
  const dash = text.charCodeAt(start + 4);
  if (dash !== 0x2d && dash !== 0x2f) return null;
  const separator = text.charCodeAt(start + 10);
  if (separator !== 0x54 && separator !== 0x20 && separator !== 0x74) return null;
  const dayUs = daysUs(year, digits(text, start + 5, 2), digits(text, start + 8, 2));
  const clock = readClock(text, start + 11);
  if (dayUs === null || clock === null) return null;
  const zone = readZone(text, clock.end);
  const timestampUs = within(dayUs + clock.timestampUs - zone.timestampUs);
  return timestampUs === null ? null : { timestampUs, end: zone.end };
}

/** Time of day at `start`, in µs since midnight: hh:mm, hh:mm:ss, with fraction. 23:59:60 is the next midnight. */
export function readClock(text: string, start: number): ReadTime | null {
  const hour = digits(text, start, 2);
  const minute = digits(text, start + 3, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || text.charCodeAt(start + 2) !== 0x3a) return null;
  let us = (hour * 60 + minute) * 60_000_000;
  if (text.charCodeAt(start + 5) !== 0x3a) return { timestampUs: us, end: start + 5 };
  const second = digits(text, start + 6, 2);
  if (second < 0 || second > 60) return null;
  us += second * 1_000_000;
  const point = text.charCodeAt(start + 8);
  if ((point !== 0x2e && point !== 0x2c) || !isDigit(text.charCodeAt(start + 9)))
    return { timestampUs: us, end: start + 8 };
  let end = start + 9;
  let unit = 100_000;
  for (; isDigit(text.charCodeAt(end)); end++) {
    if (unit >= 1) us += (text.charCodeAt(end) - 0x30) * unit;
    unit /= 10;
  }
  return { timestampUs: us, end };
}

/** Zone at `start`, as µs to subtract; nothing there: 0. */
function readZone(text: string, start: number): ReadTime {
  const mark = text.charCodeAt(start);
  if (mark === 0x5a || mark === 0x7a) return { timestampUs: 0, end: start + 1 };
  const at = mark === 0x20 && /[+-]/.test(text[start + 1] ?? '') ? start + 1 : start;
  const sign = text[at] === '+' ? 1 : text[at] === '-' ? -1 : 0;
  const hour = digits(text, at + 1, 2);
  if (sign === 0 || hour < 0 || hour > 15) return { timestampUs: 0, end: start };
  const colon = text.charCodeAt(at + 3) === 0x3a ? 1 : 0;
  const minute = digits(text, at + 3 + colon, 2);
  const end = minute < 0 ? at + 3 : at + 5 + colon;
  return { timestampUs: sign * (hour * 60 + Math.max(0, minute)) * 60_000_000, end };
}

/** `Fri, 20 Nov 2026 10:00:00 +0100`. */
function readRfc2822(text: string): number | null {
  const match =
    /^(?:[A-Za-z]{3}, )?(\d{1,2}) ([A-Za-z]{3}) (\d{4}) ([\d:]{5,8}) ?(GMT|UTC|Z|[+-]\d{4})?$/.exec(text);
  return match === null
    ? null
    : assemble(Number(match[3]), match[2]!, Number(match[1]), `${match[4]}${zoneText(match[5])}`);
}

const zoneText = (zone: string | undefined): string =>
  zone === undefined || /^[A-Z]/.test(zone) ? '' : zone;

function assemble(year: number, month: string, day: number, rest: string): number | null {
  const dayUs = daysUs(year, MONTHS.indexOf(month.toLowerCase()) + 1, day);
  const clock = readClock(rest, 0);
  if (dayUs === null || clock === null) return null;
  return within(dayUs + clock.timestampUs - readZone(rest, clock.end).timestampUs);
}

const APACHE = /^(\d{2})\/([A-Za-z]{3})\/(\d{4}):(\d{2}:\d{2}:\d{2}(?: ?[+-]\d{4})?)/;
const SYSLOG = /^([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d{2}:\d{2}:\d{2}(?:[.,]\d+)?)/;
const SHORT_YEAR = /^(\d{2})\/(\d{2})\/(\d{2}) (\d{2}:\d{2}:\d{2}(?:[.,]\d+)?)/;
const COMPACT = /^(\d{2})(\d{2})(\d{2}) (\d{2})(\d{2})(\d{2})(?= )/;

/**
 * Reads a time at the head of a text line. A syslog time has no year: it is in the year that puts it nearest to
 * `nearUs` (the publish time), but not more than `maxFutureMs` after it, because logs do not come from the future.
 */
export function readTextTime(
  text: string,
  start: number,
  nearUs: number,
  maxFutureMs = DAY_MS,
): ReadTime | null {
  const iso = readIso(text, start);
  if (iso !== null) return iso;
  const head = text.slice(start, start + 40);
  const made = (length: number, us: number | null): ReadTime | null =>
    us === null ? null : { timestampUs: us, end: start + length };
  let match = APACHE.exec(head);
  if (match) return made(match[0].length, assemble(Number(match[3]), match[2]!, Number(match[1]), match[4]!));
  match = SHORT_YEAR.exec(head);
  if (match)
    return made(
      match[0].length,
      assemble(2000 + Number(match[1]), MONTHS[Number(match[2]) - 1] ?? '', Number(match[3]), match[4]!),
    );
  match = COMPACT.exec(head);
  if (match) {
    const [, yy, mm, dd, hour, minute, second] = match;
    return made(
      match[0].length,
      assemble(2000 + Number(yy), MONTHS[Number(mm) - 1] ?? '', Number(dd), `${hour}:${minute}:${second}`),
    );
  }
  match = SYSLOG.exec(head);
  if (match)
    return made(match[0].length, nearestYear(match[1]!, Number(match[2]), match[3]!, nearUs, maxFutureMs));
  return null;
}

function nearestYear(
  month: string,
  day: number,
  clock: string,
  nearUs: number,
  maxFutureMs: number,
): number | null {
  const year = new Date(nearUs / 1000).getUTCFullYear();
  const readings = [year - 1, year, year + 1]
    .map((candidate) => assemble(candidate, month, day, clock))
    .filter((us): us is number => us !== null && us <= nearUs + maxFutureMs * 1000);
  return readings.reduce<number | null>(
    (best, us) => (best === null || Math.abs(us - nearUs) < Math.abs(best - nearUs) ? us : best),
    null,
  );
}

/** Midnight of a day in µs; null where there is no such day. Same day as last time: no arithmetic. */
let lastDay = { key: -1, us: 0 };
function daysUs(year: number, month: number, day: number): number | null {
  const key = (year * 16 + month) * 32 + day;
  if (key === lastDay.key) return lastDay.us;
  if (month < 1 || month > 12 || day < 1 || day > 31) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1) return null;
  lastDay = { key, us: date.getTime() * 1000 };
  return lastDay.us;
}

/** `count` digits at `at` as a number; −1 where one is none. */
function digits(text: string, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i++) {
    const code = text.charCodeAt(i);
    if (!isDigit(code)) return -1;
    value = value * 10 + code - 0x30;
  }
  return value;
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

const within = (us: number): number | null => (us >= MIN_US && us < END_US ? us : null);
