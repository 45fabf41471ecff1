/**
 * The time at the head of a text line, in whatever form programs print it:
 *
 *     ISO 8601 and its relatives (iso.ts)      20/Nov/2026:10:00:00 +0000      20-Nov-2026 10:00:00.123
 *     Nov 20 10:00:00 (no year)                Nov 20, 2026 10:00:00 AM        Nov 20 2026 10:00:00
 *     Fri Nov 20 10:00:00.123 2026             Fri Nov 20 10:00:00 UTC 2026    Fri, 20 Nov 2026 10:00:00 +0100
 *     20 Nov 26 10:00 GMT (RFC 822)
 *     11/20/2026 10:00:00 AM   20.11.2026 10:00:00   17/06/09 20:10:40   081109 203615
 *     11-20 10:00:00.123 (no year)   10.30 16:49:06 (no year)   10:00:00.123 (no date)   1795168800.123
 *
 * A time without a year is in the year that puts it nearest to `nearUs`, the publish time, but not more than
 * `maxFutureMs` after it, because logs do not come from the future; a time without a date likewise in the day.
 */
import {
  type Clock,
  DAY_US,
  dayDigits,
  dayUs,
  digits,
  digitsEnd,
  isDigit,
  monthAt,
  monthEnd,
  type ReadTime,
  readClock,
  weekdayEnd,
  within,
} from './calendar.ts';
import { readEpoch } from './epoch.ts';
import { readIso } from './iso.ts';
import { readZone } from './zone.ts';

/** What a time without a year or a date is read against. */
export interface Near {
  /** The publish time, in µs. */
  readonly nearUs: number;
  /** How far after it an entry may claim to be, in ms. */
  readonly maxFutureMs: number;
}

/** Reads the time at `start`; null: there is none. */
export function readHead(text: string, start: number, near: Near): ReadTime | null {
  const code = text.charCodeAt(start);
  if (isDigit(code)) return readIso(text, start) ?? readNumeric(text, start, near);
  if (code === 0x2b) return readIso(text, start);
  if ((code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a)) return readNamed(text, start, near);
  return null;
}

/** Forms that begin with a digit and are no ISO. */
function readNumeric(text: string, start: number, near: Near): ReadTime | null {
  const run = digitsEnd(text, start) - start;
  const mark = text.charCodeAt(start + run);
  if (run <= 2) {
    if (mark === 0x3a) return readTimeOfDay(text, start, near);
    if (monthAt(text, start + run + 1) > 0) return readDayMonth(text, start, run, near);
    if (mark === 0x2f || mark === 0x2e || mark === 0x2d) return readShortDate(text, start, run, near);
    return null;
  }
  if (run === 6 && mark === 0x20) return readCompact(text, start);
  return run >= 10 && run <= 19 ? readEpochHead(text, start, run) : null;
}

/** `20/Nov/2026:10:00:00 +0000`, `20-Nov-2026 10:00:00`, `20 Nov 2026 10:00:00.123`, `20 Nov 10:00:00` (no year). */
function readDayMonth(text: string, start: number, run: number, near: Near): ReadTime | null {
  const day = digits(text, start, run);
  const month = monthAt(text, start + run + 1);
  let at = start + run + 4;
  const year = digits(text, at + 1, 4);
  if (!isYear(year)) {
    // RFC 822 writes two digits.
    const short = text.charCodeAt(at + 3) === 0x20 ? digits(text, at + 1, 2) : -1;
    if (short >= 0) return dated(dayUs(short + (short < 50 ? 2000 : 1900), month, day), text, at + 3);
    return yearless(month, day, readClock(text, at + 1), text, near);
  }
  at += 5;
  if (text.charCodeAt(at) === 0x2c) at++;
  return dated(dayUs(year, month, day), text, at);
}

/** Four digits that a log means as a year; others are an hour and a minute, or a mistake. */
const isYear = (year: number): boolean => year >= 1970 && year < 2200;

/** A day, one separating character, a time of day, a zone. */
function dated(day: number | null, text: string, at: number): ReadTime | null {
  const clock = day === null ? null : readClock(text, at + 1);
  return clock === null ? null : zoned(day! + clock.us, text, clock.end);
}

function zoned(localUs: number, text: string, at: number): ReadTime | null {
  const zone = readZone(text, at, localUs);
  const timestampUs = within(localUs - zone.offsetUs);
  return timestampUs === null ? null : { timestampUs, end: zone.end, zoned: zone.end > at };
}

/**
 * `11/20/2026 10:00:00 AM` (American; day first where the first number is above 12, or between dots),
 * `17/06/09 20:10:40` (year first, where three pairs of digits stand), `11-20 10:00:00.1` and `10.30 16:49:06`.
 */
function readShortDate(text: string, start: number, run: number, near: Near): ReadTime | null {
  const mark = text.charCodeAt(start + run);
  const first = digits(text, start, run);
  const secondEnd = digitsEnd(text, start + run + 1);
  const secondRun = secondEnd - start - run - 1;
  if (secondRun < 1 || secondRun > 2) return null;
  const second = digits(text, start + run + 1, secondRun);
  if (text.charCodeAt(secondEnd) === 0x20)
    return run === 2 && secondRun === 2
      ? yearless(first, second, readClock(text, secondEnd + 1), text, near)
      : null;
  if (text.charCodeAt(secondEnd) !== mark) return null;
  const year = digits(text, secondEnd + 1, 4);
  if (isYear(year)) {
    const dayFirst = first > 12 || mark === 0x2e;
    const at = secondEnd + (text.charCodeAt(secondEnd + 5) === 0x2c ? 6 : 5);
    return dated(dayFirst ? dayUs(year, second, first) : dayUs(year, first, second), text, at);
  }
  const third = digits(text, secondEnd + 1, 2);
  return third < 0 || run !== 2 ? null : dated(dayUs(2000 + first, second, third), text, secondEnd + 3);
}

/** `081109 203615`: HDFS; or with a time of day behind the day, as MySQL had it. */
function readCompact(text: string, start: number): ReadTime | null {
  const day = dayUs(2000 + digits(text, start, 2), digits(text, start + 2, 2), digits(text, start + 4, 2));
  if (day === null) return null;
  const at = text.charCodeAt(start + 7) === 0x20 ? start + 8 : start + 7;
  const clock = readClock(text, at);
  if (clock !== null) return { timestampUs: day + clock.us, end: clock.end, zoned: false };
  const hour = digits(text, start + 7, 2);
  const minute = digits(text, start + 9, 2);
  const second = digits(text, start + 11, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return null;
  if (isDigit(text.charCodeAt(start + 13))) return null;
  return { timestampUs: day + ((hour * 60 + minute) * 60 + second) * 1e6, end: start + 13, zoned: false };
}

function readEpochHead(text: string, start: number, run: number): ReadTime | null {
  let end = start + run;
  if (text.charCodeAt(end) === 0x2e && isDigit(text.charCodeAt(end + 1))) end = digitsEnd(text, end + 1);
  if (end < text.length && !/[\s\]:,|]/.test(text[end]!)) return null;
  const us = readEpoch(Number(text.slice(start, end)));
  return us === null ? null : { timestampUs: us, end, zoned: true };
}

/** Forms that begin with the name of a month or a day of the week. */
function readNamed(text: string, start: number, near: Near): ReadTime | null {
  const month = monthAt(text, start);
  if (month > 0) return readMonthDay(text, start, month, near);
  let at = weekdayEnd(text, start);
  if (at < 0) return null;
  if (text.charCodeAt(at) === 0x2c) at++;
  if (text.charCodeAt(at) !== 0x20) return null;
  at++;
  if (isDigit(text.charCodeAt(at))) {
    const run = digitsEnd(text, at) - at;
    return run <= 2 && monthAt(text, at + run + 1) > 0 ? readDayMonth(text, at, run, near) : null;
  }
  return monthAt(text, at) > 0 ? readMonthDay(text, at, monthAt(text, at), near) : null;
}

/** `Nov 20 10:00:00`, `Nov 20, 2026 10:00:00 AM`, `Nov 20 2026 10:00:00`, `Nov 20 10:00:00 [UTC] 2026`. */
function readMonthDay(text: string, start: number, month: number, near: Near): ReadTime | null {
  let at = monthEnd(text, start, month);
  if (at < 0 || text.charCodeAt(at) !== 0x20) return null;
  const wide = isDigit(text.charCodeAt(at + 1)) && !isDigit(text.charCodeAt(at + 2)) ? 1 : 2;
  const day = wide === 1 ? digits(text, at + 1, 1) : dayDigits(text, at + 1);
  at += 1 + wide;
  if (day < 1) return null;
  if (text.charCodeAt(at) === 0x2c) at++;
  const year = digits(text, at + 1, 4);
  if (isYear(year)) {
    const comma = text.charCodeAt(at + 5) === 0x2c ? 1 : 0;
    return dated(dayUs(year, month, day), text, at + 5 + comma);
  }
  const clock = readClock(text, at + 1);
  if (clock === null) return null;
  return yearBehind(text, clock, month, day) ?? yearless(month, day, clock, text, near);
}

/** asctime and date(1) write the year last. */
function yearBehind(text: string, clock: Clock, month: number, day: number): ReadTime | null {
  if (text.charCodeAt(clock.end) !== 0x20) return null;
  const plain = digits(text, clock.end + 1, 4);
  if (isYear(plain) && !isDigit(text.charCodeAt(clock.end + 5))) {
    const local = dayUs(plain, month, day);
    return local === null ? null : zoned(local + clock.us, text, clock.end + 5);
  }
  const zoneEnd = readZone(text, clock.end, 0).end;
  const year = zoneEnd > clock.end && text.charCodeAt(zoneEnd) === 0x20 ? digits(text, zoneEnd + 1, 4) : -1;
  const local = year > 0 ? dayUs(year, month, day) : null;
  if (local === null || isDigit(text.charCodeAt(zoneEnd + 5))) return null;
  const timestampUs = within(local + clock.us - readZone(text, clock.end, local + clock.us).offsetUs);
  return timestampUs === null ? null : { timestampUs, end: zoneEnd + 5, zoned: true };
}

let lastYear = { fromUs: 1, untilUs: 0, year: 0 };

function yearOf(us: number): number {
  if (us >= lastYear.fromUs && us < lastYear.untilUs) return lastYear.year;
  const year = new Date(us / 1000).getUTCFullYear();
  lastYear = { fromUs: Date.UTC(year, 0, 1) * 1000, untilUs: Date.UTC(year + 1, 0, 1) * 1000, year };
  return year;
}

function yearless(
  month: number,
  day: number,
  clock: Clock | null,
  text: string,
  near: Near,
): ReadTime | null {
  if (clock === null || !(month >= 1 && month <= 12)) return null;
  const year = yearOf(near.nearUs);
  const latest = near.nearUs + near.maxFutureMs * 1000;
  let best: ReadTime | null = null;
  // Eight years back: 29 February, across 1900-like years.
  for (let candidate = year + 1; candidate >= year - 8; candidate--) {
    const local = dayUs(candidate, month, day);
    const time = local === null ? null : zoned(local + clock.us, text, clock.end);
    if (time === null || time.timestampUs > latest) continue;
    if (best !== null && Math.abs(best.timestampUs - near.nearUs) <= Math.abs(time.timestampUs - near.nearUs))
      break;
    best = time;
  }
  return best;
}

/** `10:00:00.123` alone: the day that puts it nearest. An `hh:mm` without seconds is no time of a log. */
function readTimeOfDay(text: string, start: number, near: Near): ReadTime | null {
  const clock = readClock(text, start);
  if (clock === null || clock.end - start < 7) return null;
  const code = text.charCodeAt(clock.end);
  if (code === 0x3a || code === 0x2e || (code >= 0x61 && code <= 0x7a)) return null;
  const today = Math.floor(near.nearUs / DAY_US) * DAY_US + clock.us;
  const nearest = today + Math.round((near.nearUs - today) / DAY_US) * DAY_US;
  const timestampUs = nearest > near.nearUs + near.maxFutureMs * 1000 ? nearest - DAY_US : nearest;
  return zoned(timestampUs, text, clock.end);
}
