import { describe, expect, it } from 'vitest';
import { mediansOf } from './medians.ts';

const textsOf = (...runs: string[]): string[] => mediansOf(runs).map(({ text }) => text);

describe('what several runs printed', () => {
  it('is one text with the medians of its numbers, formatted as they were', () => {
    expect(
      textsOf('path 71,692 lines/s, 14.6 %', 'path 99,000 lines/s, 15.2 %', 'path 80,000 lines/s, 9.9 %'),
    ).toEqual(['path 80,000 lines/s, 14.6 %']);
  });

  it('tells of each number how far it was spread', () => {
    expect(mediansOf(['n 1,000', 'n 3,000', 'n 2,000'])[0]?.numbers).toEqual([
      { median: 2000, least: 1000, most: 3000 },
    ]);
  });

  it('has the smaller of two in the middle, never one that nobody measured', () => {
    expect(textsOf('a 1', 'a 4', 'a 2', 'a 3')).toEqual(['a 2']);
  });

  it('leaves alone what is no number by itself, and lines that differ in more than numbers', () => {
    expect(
      textsOf('p99 of utf8 on 2026-11-21: 5', 'p99 of utf8 on 2026-11-21: 7', 'p99 of utf8 on 2026-11-21: 6'),
    ).toEqual(['p99 of utf8 on 2026-11-21: 6']);
    expect(mediansOf(['fast 1', 'slow 2'])).toEqual([{ text: 'fast 1', numbers: [] }]);
  });

  it('takes lines for alike whose numbers are set flush right', () => {
    expect(textsOf('x        9\ny 1.25', 'x       10\ny 1.50', 'x      999\ny 1.75')).toEqual([
      'x       10',
      'y 1.50',
    ]);
  });

  it('is nothing of nothing', () => {
    expect(mediansOf([])).toEqual([]);
  });
});
