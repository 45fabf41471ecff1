import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  GLOBAL_WINDOW,
  globalWindows,
  session,
  sliding,
  tumbling,
  windowStart,
} from '../../../functions/stream/assigner.ts';
import { days } from '../../../functions/stream/days.ts';
import { END_OF_TIME, START_OF_TIME } from '../../../functions/stream/window.ts';

const time = fc.oneof(fc.integer({ min: -1000, max: 1000 }), fc.maxSafeInteger());

describe('tumbling windows', () => {
  it('hold each timestamp in one window of their size, at their offset, whatever was asked before', () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 500 }), fc.integer({ min: -499, max: 499 }));
    fc.assert(
      fc.property(sizes, fc.array(fc.integer({ min: -2000, max: 2000 })), ([size, raw], times) => {
        const offset = raw % size;
        const assigner = tumbling(size, offset);
        for (const timestampMs of times) {
          const [window, ...others] = assigner.assign(timestampMs);
          expect(others).toEqual([]);
          expect(window).toEqual({
            start: windowStart(timestampMs, size, offset),
            end: windowStart(timestampMs, size, offset) + size,
          });
          expect((((window!.start - offset) % size) + size) % size).toBe(0);
          expect(window!.start <= timestampMs && timestampMs < window!.end).toBe(true);
        }
      }),
    );
  });

  it('end with time where they would pass its end', () => {
    expect(tumbling(1000).assign(END_OF_TIME)[0]!.end - 1).toBe(END_OF_TIME);
    expect(tumbling(1000).assign(START_OF_TIME)[0]!.start).toBe(START_OF_TIME);
  });

  it('hold a fraction of a millisecond where its millisecond is', () => {
    expect(tumbling(10, 3).assign(-7.0001)).toEqual([{ start: -17, end: -7 }]);
    expect(session(10).assign(4.9)).toEqual([{ start: 4, end: 14 }]);
  });
});

describe('sliding windows', () => {
  it('are all windows at their offset and slide that hold the timestamp, whatever was asked before', () => {
    const settings = fc.tuple(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: -59, max: 59 }),
    );
    fc.assert(
      fc.property(settings, fc.array(fc.integer({ min: -150, max: 150 })), ([size, slide, raw], times) => {
        const offset = raw % slide;
        const assigner = sliding(size, slide, offset);
        for (const timestampMs of times) {
          const expected = [];
          for (let start = offset - 300 * slide; start <= timestampMs; start += slide)
            if (timestampMs < start + size) expected.push({ start, end: start + size });
          expect(assigner.assign(timestampMs)).toEqual(expected);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('days of a time zone', () => {
  const dayOf = (zone: string, at: string): [string, string] => {
    const [window] = days({ zone }).assign(Date.parse(at));
    return [new Date(window!.start).toISOString(), new Date(window!.end).toISOString()];
  };

  it.each([
    [
      '23 hours when the clock goes ahead',
      'Europe/Berlin',
      '2026-03-29T12:00Z',
      '2026-03-28T23:00Z',
      '2026-03-29T22:00Z',
    ],
    [
      '25 hours when it goes back',
      'Europe/Berlin',
      '2026-10-25T22:59Z',
      '2026-10-24T22:00Z',
      '2026-10-25T23:00Z',
    ],
    ['24 hours else', 'Europe/Berlin', '2026-10-25T23:00Z', '2026-10-25T23:00Z', '2026-10-26T23:00Z'],
    [
      'from 1:00 where the clock jumps over midnight',
      'America/Sao_Paulo',
      '2018-11-04T12:00Z',
      '2018-11-04T03:00Z',
      '2018-11-05T02:00Z',
    ],
    [
      '25 hours where it goes back at midnight',
      'America/Sao_Paulo',
      '2018-02-18T02:30Z',
      '2018-02-17T02:00Z',
      '2018-02-18T03:00Z',
    ],
    [
      'the new one where it goes back over midnight',
      'America/St_Johns',
      '2006-10-29T02:45Z',
      '2006-10-29T02:30Z',
      '2006-10-30T03:30Z',
    ],
    [
      'without a date that the zone left out',
      'Pacific/Apia',
      '2011-12-30T10:00Z',
      '2011-12-30T10:00Z',
      '2011-12-31T10:00Z',
    ],
    [
      'at odd seconds, long ago',
      'Asia/Kolkata',
      '1900-01-01T00:00Z',
      '1899-12-31T18:38:50Z',
      '1900-01-01T18:38:50Z',
    ],
    ['of UTC before the epoch', 'UTC', '1969-12-31T23:59:59.999Z', '1969-12-31T00:00Z', '1970-01-01T00:00Z'],
    [
      'of UTC before the year 1',
      'UTC',
      '-000044-03-15T12:00Z',
      '-000044-03-15T00:00Z',
      '-000044-03-16T00:00Z',
    ],
  ])('have %s', (_what, zone, at, start, end) => {
    expect(dayOf(zone, at)).toEqual([start, end].map((text) => new Date(text).toISOString()));
  });

  it('follow each other without gap or overlap, in any zone', () => {
    const zone = fc.constantFrom(
      ...['Europe/Berlin', 'America/St_Johns', 'America/Sao_Paulo', 'Pacific/Apia', 'Africa/Cairo'],
      ...['Asia/Beirut', 'Australia/Lord_Howe', 'America/Havana', 'Asia/Kathmandu', 'Antarctica/Troll'],
    );
    const at = fc.integer({ min: Date.UTC(1950, 0), max: Date.UTC(2040, 0) });
    fc.assert(
      fc.property(zone, at, (zone, at) => {
        const assigner = days({ zone });
        const [day] = assigner.assign(at);
        expect(day!.start <= at && at < day!.end).toBe(true);
        expect(assigner.assign(day!.start)).toEqual([day]);
        expect(assigner.assign(day!.end - 1)).toEqual([day]);
        expect(assigner.assign(day!.end)[0]!.start).toBe(day!.end);
        expect(assigner.assign(day!.start - 1)[0]!.end).toBe(day!.start);
      }),
      { numRuns: 200 },
    );
  });

  it('refuse a zone that is not known, and times that are no date', () => {
    expect(() => days({ zone: 'Europe/Belin' })).toThrow(
      'time zone must be a name like Europe/Berlin or UTC, not Europe/Belin',
    );
    expect(() => days({ zone: 'UTC' }).assign(9e15)).toThrow(RangeError);
  });
});

describe('every assigner', () => {
  const assigners = [tumbling(10), sliding(10, 3), session(10), globalWindows(), days({ zone: 'UTC' })];

  it.each(assigners)('refuses a timestamp that is no time: $name', (assigner) => {
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** 53]) {
      expect(() => assigner.assign(wrong)).toThrow(`not ${wrong}`);
    }
  });

  it.each([tumbling(10), session(10), globalWindows()])('takes all of time: $name', (assigner) => {
    fc.assert(fc.property(time, (at) => assigner.assign(at).length === 1));
  });

  it.each([
    ['size 0', () => tumbling(0)],
    ['a negative size', () => tumbling(-1)],
    ['a size that is no number', () => tumbling(Number.NaN)],
    ['a size without end', () => tumbling(Number.POSITIVE_INFINITY)],
    ['half a millisecond', () => tumbling(0.5)],
    ['an offset of the size', () => tumbling(10, 10)],
    ['an offset of minus the size', () => tumbling(10, -10)],
    ['an offset that is no number', () => tumbling(10, Number.NaN)],
    ['a slide of 0', () => sliding(10, 0)],
    ['a slide that is no number', () => sliding(10, Number.NaN)],
    ['an offset of the slide', () => sliding(10, 3, 3)],
    ['a gap of 0', () => session(0)],
    ['a gap that is no number', () => session(Number.NaN)],
  ])('refuses %s and says what is allowed', (_what, make) => {
    expect(make).toThrow(RangeError);
    expect(make).toThrow(/must be a .*whole number of ms/);
  });

  it('has one window for all of time when it is global', () => {
    expect(globalWindows().assign(5)).toEqual([GLOBAL_WINDOW]);
    expect(GLOBAL_WINDOW.end - 1).toBe(END_OF_TIME);
  });
});
