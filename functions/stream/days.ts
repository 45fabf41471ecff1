/**
 * Calendar days of a time zone as windows: from the first moment of a local date to the first moment of the next.
 * With daylight saving such a day has 23 or 25 hours; where the clock jumps over midnight, the day begins later.
 *
 * Guarantee: days follow each other without gap or overlap, whatever the zone does. When the clock is set back
 * over midnight, so that an hour of the old date comes again, that hour belongs to the new day.
 * Under pressure: a zone is asked a few times for each day, never for each element.
 */
import { remembering, type Span, type WindowAssigner } from './assigner.ts';
import { END_OF_TIME } from './window.ts';

const DAY_MS = 86_400_000;
/** Dates that Date knows, less two days for what zones are off. */
const MAX_DATE_MS = 8_640_000_000_000_000 - 2 * DAY_MS;
/** Days remembered; more than any run needs at once. */
const MAX_CACHED = 1000;

export interface DaysOptions {
  /** Name of the time zone, e.g. `Europe/Berlin`. */
  readonly zone: string;
}

/** Days of a time zone: `days({ zone: 'Europe/Berlin' })`. Throws a RangeError for a zone that is not known. */
export function days({ zone }: DaysOptions): WindowAssigner {
  const offsetAt = zoneOffset(zone);
  const cache = new Map<number, Span>();
  return {
    name: `days(${zone})`,
    merges: false,
    assign: remembering((time) => {
      const hour = Math.floor(time / 3_600_000);
      const cached = cache.get(hour);
      if (cached !== undefined && time >= cached.from && time < cached.until) return cached;
      const span = dayOf(time, offsetAt);
      if (cache.size >= MAX_CACHED) cache.clear();
      cache.set(hour, span);
      return span;
    }),
  };
}

type OffsetAt = (timeMs: number) => number;

function dayOf(timeMs: number, offsetAt: OffsetAt): Span {
  if (Math.abs(timeMs) > MAX_DATE_MS)
    throw new RangeError(`timestamp must be within ${MAX_DATE_MS} ms of the epoch for days, not ${timeMs}`);
  // Local midnight, as if it were UTC.
  let midnight = Math.floor((timeMs + offsetAt(timeMs)) / DAY_MS) * DAY_MS;
  let start = firstMoment(midnight, offsetAt);
  let end = firstMoment(midnight + DAY_MS, offsetAt);
  // The clock was set back over midnight: the date is the old one again, the day is not.
  while (timeMs >= end) {
    midnight += DAY_MS;
    start = end;
    end = firstMoment(midnight + DAY_MS, offsetAt);
  }
  return { from: start, until: end, windows: [{ start, end: Math.min(end, END_OF_TIME + 1) }] };
}

/** When a local midnight first comes; where it never does, when the clock jumps over it. */
function firstMoment(midnight: number, offsetAt: OffsetAt): number {
  const [before, after] = [offsetAt(midnight - DAY_MS), offsetAt(midnight + DAY_MS)];
  const early = midnight - before;
  if (before === after || offsetAt(early) === before) return early;
  const late = midnight - after;
  if (offsetAt(late) === after && offsetAt(late - 1) === after) return late;
  // The jump lies between: halve until it is found.
  let [low, high] = [Math.min(early, late) - 1, Math.max(early, late)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle) === before) low = middle;
    else high = middle;
  }
  return high;
}

/** Local time − UTC at a moment, in ms. */
function zoneOffset(zone: string): OffsetAt {
  const format = formatOf(zone);
  return (timeMs) => {
    const part: Record<string, string> = {};
    for (const { type, value } of format.formatToParts(timeMs)) part[type] = value;
    const local = new Date(0);
    const year = part.era === 'B' || part.era === 'BC' ? 1 - Number(part.year) : Number(part.year);
    local.setUTCFullYear(year, Number(part.month) - 1, Number(part.day));
    local.setUTCHours(Number(part.hour), Number(part.minute), Number(part.second));
    return local.getTime() - Math.floor(timeMs / 1000) * 1000;
  };
}

function formatOf(zone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      era: 'narrow',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    throw new RangeError(`time zone must be a name like Europe/Berlin or UTC, not ${zone}`);
  }
}
