/**
 * The calendar under every reader of times: digits, months, days since the epoch, times of day. Arithmetic only, no
 * Date: a Date costs as much as the rest of a record. Bounds are BigQuery's: 0001-01-01 to 9999-12-31.
 */
const MIN_US = -62_135_596_800_000_000;
const END_US = 253_402_300_800_000_000;
export const SECOND_US = 1_000_000;
export const DAY_US = 86_400_000_000;

/** A time read inside a text, and where it ends. `zoned`: its zone was written with it. */
export interface ReadTime {
  readonly timestampUs: number;
  readonly end: number;
  readonly zoned: boolean;
}

export const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

/** `count` digits at `at` as a number; −1 where one is none. */
export function digits(text: string, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i++) {
    const code = text.charCodeAt(i);
    if (!(code >= 0x30 && code <= 0x39)) return -1;
    value = value * 10 + code - 0x30;
  }
  return value;
}

/** One or two digits at `at`, of which the first may be a blank; −1 for anything else. */
export function dayDigits(text: string, at: number): number {
  return text.charCodeAt(at) === 0x20 ? digits(text, at + 1, 1) : digits(text, at, 2);
}

/** `us`, where BigQuery can hold it. */
export const within = (us: number): number | null => (us >= MIN_US && us < END_US ? us : null);

const MONTH_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Midnight of a day in µs; null where there is no such day. Source: Hinnant, "chrono-compatible date algorithms". */
export function dayUs(year: number, month: number, day: number): number | null {
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= MONTH_DAYS[month - 1]!)) return null;
  if (day === 29 && month === 2 && !(year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0))) return null;
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return (era * 146_097 + dayOfEra - 719_468) * DAY_US;
}

const MONTHS = 'janfebmaraprmayjunjulaugsepoctnovdec';

/** Number of the month whose English name or abbreviation begins at `at`, 1 to 12; 0: none. */
export function monthAt(text: string, at: number): number {
  const first = text.charCodeAt(at) | 0x20;
  for (let i = 0; i < 36; i += 3) {
    if (
      MONTHS.charCodeAt(i) === first &&
      MONTHS.charCodeAt(i + 1) === (text.charCodeAt(at + 1) | 0x20) &&
      MONTHS.charCodeAt(i + 2) === (text.charCodeAt(at + 2) | 0x20)
    )
      return i / 3 + 1;
  }
  return 0;
}

const LONG = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];
const LONG_DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

/** End of a month's name at `at`, abbreviated to three letters or whole; −1: what stands there is none. */
export const monthEnd = (text: string, at: number, month: number): number =>
  nameEnd(text, at, LONG[month - 1]!);

/** End of the name of a day of the week; −1: none. */
export function weekdayEnd(text: string, at: number): number {
  for (const name of LONG_DAYS) {
    const end = nameEnd(text, at, name);
    if (end > 0) return end;
  }
  return -1;
}

function nameEnd(text: string, at: number, name: string): number {
  let length = 0;
  while (length < name.length && (text.charCodeAt(at + length) | 0x20) === name.charCodeAt(length)) length++;
  const next = text.charCodeAt(at + length) | 0x20;
  const whole = length === 3 || length === name.length || (length === 4 && name === 'september');
  return whole && !(next >= 0x61 && next <= 0x7a) ? at + length : -1;
}

/** A time of day, in µs since midnight, and where it ends. */
export interface Clock {
  readonly us: number;
  readonly end: number;
}

/**
 * Time of day at `start`: h:mm, hh:mm, hh:mm:ss, with a fraction after `.` or `,` (or `:`, where `colonFraction`
 * allows it), `AM` and `PM`. 24:00:00 and 23:59:60 are the next midnight.
 */
export function readClock(text: string, start: number, mark = 0x3a, colonFraction = false): Clock | null {
  const wide = isDigit(text.charCodeAt(start + 1)) ? 2 : 1;
  const hour = digits(text, start, wide);
  let at = start + wide;
  if (hour < 0 || hour > 24 || text.charCodeAt(at) !== mark) return null;
  const minuteWide = isDigit(text.charCodeAt(at + 2)) ? 2 : colonFraction ? 1 : 2;
  const minute = digits(text, at + 1, minuteWide);
  if (minute < 0 || minute > 59) return null;
  at += 1 + minuteWide;
  let second = 0;
  let fraction = 0;
  if (text.charCodeAt(at) === mark) {
    const secondWide = isDigit(text.charCodeAt(at + 2)) ? 2 : colonFraction ? 1 : 2;
    second = digits(text, at + 1, secondWide);
    if (second < 0 || second > 60) return null;
    at += 1 + secondWide;
    const point = text.charCodeAt(at);
    if (
      (point === 0x2e || point === 0x2c || (colonFraction && point === 0x3a)) &&
      isDigit(text.charCodeAt(at + 1))
    ) {
      const end = digitsEnd(text, at + 1);
      // HealthApp and the like write milliseconds as a number: 29:6 is 6 ms, not 600.
      fraction =
        point === 0x3a
          ? digits(text, at + 1, Math.min(3, end - at - 1)) * 1000
          : fractionUs(text, at + 1, end);
      at = end;
    }
  }
  const half = halfOfDay(text, at, hour);
  if (hour === 24 && (minute > 0 || second > 0)) return null;
  return { us: ((half.hour * 60 + minute) * 60 + second) * SECOND_US + fraction, end: half.end };
}

export function digitsEnd(text: string, at: number): number {
  let end = at;
  while (isDigit(text.charCodeAt(end))) end++;
  return end;
}

function fractionUs(text: string, at: number, end: number): number {
  let us = 0;
  for (let i = at, unit = 100_000; i < end && unit >= 1; i++, unit /= 10)
    us += (text.charCodeAt(i) - 0x30) * unit;
  return us;
}

/** `10:00:00 PM`: the hour of 24, and the end behind the mark. */
function halfOfDay(text: string, at: number, hour: number): { hour: number; end: number } {
  const start = text.charCodeAt(at) === 0x20 ? at + 1 : at;
  const letter = text.charCodeAt(start) | 0x20;
  if (letter !== 0x61 && letter !== 0x70) return { hour, end: at };
  const isMark = (text.charCodeAt(start + 1) | 0x20) === 0x6d && !isWordCode(text.charCodeAt(start + 2));
  if (!isMark || hour < 1 || hour > 12) return { hour, end: at };
  return { hour: (hour % 12) + (letter === 0x70 ? 12 : 0), end: start + 2 };
}

const isWordCode = (code: number): boolean =>
  isDigit(code) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a) || code === 0x5f;
