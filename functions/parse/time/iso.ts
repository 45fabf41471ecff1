/**
 * ISO 8601 and its relatives, read by hand at any place of a text:
 *
 *     2026-11-20T10:00:00.123456789+01:00   2026-11-20 10:00:00,123   2026/11/20 10:00   2026.11.20 10:00:00
 *     20261120T100000Z   20261120100000   2026-324T10:00:00Z   2026324T100000Z   2026-W47-5T10:00:00Z   2026W475T100000Z
 *     +002026-11-20T10:00:00Z   2026-11-20-10.00.00.123456 (DB2)   2026-11-20T10Z   2026-11-20T10:30.5Z
 *
 * Without a zone it is UTC, and `zoned` is false. A date alone is none: it is no time.
 */
import {
  type Clock,
  DAY_US,
  dayUs,
  digits,
  digitsEnd,
  isDigit,
  type ReadTime,
  readClock,
  SECOND_US,
  within,
} from './calendar.ts';
import { readZone } from './zone.ts';

/** Reads a time at `start`; null: none is there. */
export function readIso(text: string, start: number): ReadTime | null {
  const year = digits(text, start, 4);
  if (year < 0) return readExpanded(text, start);
  const mark = text.charCodeAt(start + 4);
  if (mark === 0x57) return readWeek(text, start + 5, year, 0);
  if (mark !== 0x2d && mark !== 0x2f && mark !== 0x2e) return readBasic(text, start, year);
  if (text.charCodeAt(start + 7) !== mark) return mark === 0x2d ? readOrdinalOrWeek(text, start, year) : null;
  const day = dayUs(year, digits(text, start + 5, 2), digits(text, start + 8, 2));
  return day === null || year < 1 ? null : readRest(text, start + 10, day);
}

/** What stands behind a date: `T`, `t`, blank or `_` and a time of day, or DB2's `-hh.mm.ss`; then a zone. */
function readRest(text: string, at: number, day: number): ReadTime | null {
  const separator = text.charCodeAt(at);
  let clock: Clock | null = null;
  if (separator === 0x54 || separator === 0x20 || separator === 0x74 || separator === 0x5f) {
    clock = readClock(text, at + 1) ?? (separator === 0x54 ? readBareClock(text, at + 1) : null);
    if (clock?.end === at + 6) clock = withDecimals(text, clock, 60);
  } else if (separator === 0x2d || separator === 0x3a) {
    clock = readClock(text, at + 1, 0x2e) ?? readClock(text, at + 1, 0x3a);
  }
  return clock === null ? null : zoned(text, clock, day);
}

function zoned(text: string, clock: Clock, day: number): ReadTime | null {
  const localUs = day + clock.us;
  const zone = readZone(text, clock.end, localUs);
  const timestampUs = within(localUs - zone.offsetUs);
  return timestampUs === null
    ? null
    : { timestampUs, end: bracketEnd(text, zone.end), zoned: zone.end > clock.end };
}

/** Java writes the zone's name behind its offset: `+01:00[Europe/Berlin]`. */
function bracketEnd(text: string, at: number): number {
  if (text.charCodeAt(at) !== 0x5b || !(text.charCodeAt(at + 1) >= 0x41 && text.charCodeAt(at + 1) <= 0x5a))
    return at;
  const match = /^\[(?:UTC|GMT|Z|[A-Z][A-Za-z_]+(?:\/[A-Za-z_]+){1,2})\]/.exec(text.slice(at, at + 50));
  return match === null ? at : at + match[0].length;
}

/** `T10Z`, `T1000`, `T100000.5`: an hour alone is a time only before a zone. */
function readBareClock(text: string, at: number): Clock | null {
  const size = digitsEnd(text, at) - at;
  const hour = digits(text, at, 2);
  const minute = size >= 4 ? digits(text, at + 2, 2) : 0;
  const second = size === 6 ? digits(text, at + 4, 2) : 0;
  if ((size !== 2 && size !== 4 && size !== 6) || hour > 23 || minute > 59 || second > 60) return null;
  const end = at + size;
  const us = ((hour * 60 + minute) * 60 + second) * SECOND_US;
  const clock = withDecimals(text, { us, end }, size === 2 ? 3600 : size === 4 ? 60 : 1);
  return size === 2 && !/[Z+-]/.test(text[clock.end] ?? '') ? null : clock;
}

/** Decimals of the last part of a time of day, which is so many seconds. */
function withDecimals(text: string, clock: Clock, seconds: number): Clock {
  const point = text.charCodeAt(clock.end);
  if ((point !== 0x2e && point !== 0x2c) || !isDigit(text.charCodeAt(clock.end + 1))) return clock;
  const end = digitsEnd(text, clock.end + 1);
  const part = Number(`0.${text.slice(clock.end + 1, Math.min(end, clock.end + 7))}`);
  return { us: clock.us + Math.floor(part * seconds * SECOND_US + 1e-3), end };
}

/** `20261120T100000Z`, `20261120-10:00:00`, `20261120 10:00:00:123`, `20261120100000`, with a day's number `2026324T100000Z`. */
function readBasic(text: string, start: number, year: number): ReadTime | null {
  if (year < 1900 || year > 2199) return null;
  if (text.charCodeAt(start + 7) === 0x54) return readOrdinal(text, start + 4, year);
  const monthDay = digits(text, start + 4, 4);
  if (monthDay < 0) return null;
  const day = dayUs(year, Math.floor(monthDay / 100), monthDay % 100);
  const separator = text.charCodeAt(start + 8);
  if (day !== null && digitsEnd(text, start) === start + 14) {
    const clock = readBareClock(text, start + 8);
    return clock === null ? null : zoned(text, clock, day);
  }
  if (day === null || (separator !== 0x54 && separator !== 0x2d && separator !== 0x20)) return null;
  const clock =
    readClock(text, start + 9, 0x3a, true) ?? (separator === 0x54 ? readBareClock(text, start + 9) : null);
  return clock === null ? null : zoned(text, clock, day);
}

const readOrdinalOrWeek = (text: string, start: number, year: number): ReadTime | null =>
  text.charCodeAt(start + 5) === 0x57
    ? readWeek(text, start + 6, year, 1)
    : readOrdinal(text, start + 5, year);

/** A week and its day, with so many dashes between them. */
function readWeek(text: string, at: number, year: number, dashes: number): ReadTime | null {
  const first = year < 1 ? null : dayUs(year, 1, 1);
  const week = digits(text, at, 2);
  const weekday = dashes === 0 || text.charCodeAt(at + 2) === 0x2d ? digits(text, at + 2 + dashes, 1) : -1;
  if (first === null || week < 1 || week > 53 || weekday < 1 || weekday > 7) return null;
  // The first week holds 4 January; 1970-01-01 was a Thursday.
  const january4 = first + 3 * DAY_US;
  const monday = january4 - ((((january4 / DAY_US + 3) % 7) + 7) % 7) * DAY_US;
  return readRest(text, at + 3 + dashes, monday + ((week - 1) * 7 + weekday - 1) * DAY_US);
}

/** The number of the day in its year, three digits, and `T`. */
function readOrdinal(text: string, at: number, year: number): ReadTime | null {
  const first = year < 1 ? null : dayUs(year, 1, 1);
  const ordinal = digits(text, at, 3);
  const leap = dayUs(year, 2, 29) !== null ? 366 : 365;
  if (first === null || ordinal < 1 || ordinal > leap || text.charCodeAt(at + 3) !== 0x54) return null;
  return readRest(text, at + 3, first + (ordinal - 1) * DAY_US);
}

/** `+002026-11-20T…`: a sign and six digits, as JavaScript prints years. */
function readExpanded(text: string, start: number): ReadTime | null {
  const sign = text.charCodeAt(start);
  if (sign !== 0x2b || text.charCodeAt(start + 7) !== 0x2d || text.charCodeAt(start + 10) !== 0x2d)
    return null;
  const year = digits(text, start + 1, 6);
  if (year < 1 || year > 9999) return null;
  const day = dayUs(year, digits(text, start + 8, 2), digits(text, start + 11, 2));
  return day === null ? null : readRest(text, start + 13, day);
}
