import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHead } from '../../../../functions/parse/time/head.ts';
import { readTime } from '../../../../functions/parse/time/value.ts';

const us = (iso: string): number => Date.parse(iso) * 1000;
const PUBLISHED = us('2026-11-21T10:00:00Z');
const near = (nearUs: number) => ({ nearUs, maxFutureMs: 86_400_000 });

describe('the time of a field', () => {
  it('in ISO 8601 agrees with Date.parse, at any date and offset', () => {
    const date = fc.date({
      min: new Date('0001-01-02T00:00:00Z'),
      max: new Date('9999-12-30T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(date, fc.integer({ min: -14 * 60, max: 14 * 60 }), (at, offset) => {
        const shifted = new Date(at.getTime() + offset * 60_000).toISOString().slice(0, -1);
        const size = Math.abs(offset);
        const zone = `${offset < 0 ? '-' : '+'}${String(Math.floor(size / 60)).padStart(2, '0')}:${String(size % 60).padStart(2, '0')}`;
        if (shifted.length > 23) return;
        expect(readTime(shifted + zone)).toBe(at.getTime() * 1000);
      }),
    );
  });

  for (const [text, iso, extraUs] of [
    ['2026-11-20T10:00:00Z', '2026-11-20T10:00:00Z', 0],
    ['2026-11-20 10:00:00,123', '2026-11-20T10:00:00.123Z', 0],
    ['2026-11-20T10:00:00.123456789Z', '2026-11-20T10:00:00.123Z', 456],
    ['2026-11-20T10:00:00.5+0530', '2026-11-20T04:30:00.500Z', 0],
    ['2026-11-20T10:00Z', '2026-11-20T10:00:00Z', 0],
    ['2026/11/20 10:00:00', '2026-11-20T10:00:00Z', 0],
    ['Fri, 20 Nov 2026 10:00:00 +0100', '2026-11-20T09:00:00Z', 0],
    ['Fri, 20 Nov 2026 10:00:00 +0100 (CET)', '2026-11-20T09:00:00Z', 0],
    ['20 Nov 2026 10:00 +0000', '2026-11-20T10:00:00Z', 0],
    ['20 Nov 26 10:00 GMT', '2026-11-20T10:00:00Z', 0],
    ['Fri Nov 20 2026 10:00:00 GMT+0100 (Central European Standard Time)', '2026-11-20T09:00:00Z', 0],
    ['2026-11-20 10:00:00.123456 +0100 CET m=+0.01', '2026-11-20T09:00:00.123Z', 456],
    ['20261120T100000.5+0100', '2026-11-20T09:00:00.500Z', 0],
    ['20261120100000', '2026-11-20T10:00:00Z', 0],
    ['2026-324T10:00:00Z', '2026-11-20T10:00:00Z', 0],
    ['2026324T100000Z', '2026-11-20T10:00:00Z', 0],
    ['2026-W47-5T10:00:00Z', '2026-11-20T10:00:00Z', 0],
    ['2026W475T100000Z', '2026-11-20T10:00:00Z', 0],
    ['+002026-11-20t10:00:00z', '2026-11-20T10:00:00Z', 0],
    ['2026-11-20T10Z', '2026-11-20T10:00:00Z', 0],
    ['2026-11-20T10,5Z', '2026-11-20T10:30:00Z', 0],
    ['2026-11-20T10:30.5Z', '2026-11-20T10:30:30Z', 0],
    ['2026-11-20T24:00:00Z', '2026-11-21T00:00:00Z', 0],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00Z', 0],
    ['2026-11-20T10:00:00\u221201:00', '2026-11-20T11:00:00Z', 0],
    ['2026-11-20 10:00:00 CET', '2026-11-20T09:00:00Z', 0],
    ['2026-11-20T10:00:00 EST', '2026-11-20T15:00:00Z', 0],
    ['2026-11-20 10:00:00 +0530 IST', '2026-11-20T04:30:00Z', 0],
    ['2026-11-20 10:00:00 Europe/Berlin', '2026-11-20T09:00:00Z', 0],
    ['2026-07-20 10:00:00 America/New_York', '2026-07-20T14:00:00Z', 0],
    ['2026-11-20T10:00:00+01:00[Europe/Paris]', '2026-11-20T09:00:00Z', 0],
    ['1795168800', '2026-11-20T10:00:00Z', 0],
    ['1795168800123', '2026-11-20T10:00:00.123Z', 0],
    ['1795168800123456', '2026-11-20T10:00:00.123Z', 456],
    [1795168800, '2026-11-20T10:00:00Z', 0],
    [1795168800.5, '2026-11-20T10:00:00.5Z', 0],
    [1795168800123, '2026-11-20T10:00:00.123Z', 0],
    [1795168800123456, '2026-11-20T10:00:00.123Z', 456],
    ['1795168800123456789', '2026-11-20T10:00:00.123Z', 456],
  ] as const) {
    it(`${text} is ${iso}`, () => expect(readTime(text)).toBe(us(iso) + extraUs));
  }

  for (const value of [
    '0000-01-01T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-11-20T25:00:00Z',
    '',
    'soon',
    '12',
    '2026-W54-1T10:00:00Z',
    '2025366T100000Z',
    '2026-11-20T10:00:00 XYZ',
    '2026-11-20T10:00:00 Europe/Atlantis',
    0,
    7,
    -1,
    1e30,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    null,
    {},
    '2026-11-20',
  ]) {
    it(`${JSON.stringify(value)} is no time, not now and not 1970`, () => expect(readTime(value)).toBeNull());
  }
});

describe('the time at the head of a line', () => {
  for (const [line, iso] of [
    ['17/06/09 20:10:40 INFO executor', '2017-06-09T20:10:40Z'],
    ['081109 203615 148 INFO dfs', '2008-11-09T20:36:15Z'],
    ['10/Oct/2000:13:55:36 -0700] "GET', '2000-10-10T20:55:36Z'],
    ['Nov 20 06:55:46 LabSZ sshd', '2026-11-20T06:55:46Z'],
    ['Dec 10 06:55:46 LabSZ sshd', '2025-12-10T06:55:46Z'],
    ['2026-11-20 10:00:00 CET [1] LOG', '2026-11-20T09:00:00Z'],
    ['2026-11-20 10:00:00.123 Europe/Berlin [1] LOG', '2026-11-20T09:00:00.123Z'],
    ['2026-11-20 10:00:00 +0000 UTC done', '2026-11-20T10:00:00Z'],
    ['20 Nov 26 10:00 GMT x', '2026-11-20T10:00:00Z'],
    ['2026-11-20T10:00:00.123Z hello', '2026-11-20T10:00:00.123Z'],
  ] as const) {
    it(`${line} is ${iso}`, () => expect(readHead(line, 0, near(PUBLISHED))?.timestampUs).toBe(us(iso)));
  }

  it('without a year goes to the nearest year across New Year, both ways', () => {
    expect(readHead('Dec 31 23:59:59 x', 0, near(us('2027-01-01T00:00:10Z')))?.timestampUs).toBe(
      us('2026-12-31T23:59:59Z'),
    );
    expect(readHead('Jan  1 00:00:05 x', 0, near(us('2026-12-31T23:59:50Z')))?.timestampUs).toBe(
      us('2027-01-01T00:00:05Z'),
    );
  });
});
