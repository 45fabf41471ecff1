import { describe, expect, it } from 'vitest';
import { timeInName } from '../../../functions/archive/archive.ts';
import { joined } from '../../../functions/archive/replay-files.ts';

describe('the time in the name of an archive file', () => {
  it.each([
    ['2026-11-20/10_05_07_3f2a.avro', '2026-11-20T10:05:07Z'],
    ['2026-11-20T10:05:07+00:00_3f2a.avro', '2026-11-20T10:05:07Z'],
    ['2026/11/20/10:05:07Z_3f2a', '2026-11-20T10:05:07Z'],
  ])('%s is %s', (name, time) => {
    expect(timeInName(name)).toBe(Date.parse(time));
  });

  it('is unknown where there is none', () => {
    expect(timeInName('notes.txt')).toBeNull();
  });
});

describe('spans', () => {
  it('that overlap or touch are one', () => {
    const spans = [
      { fromMs: 50, toMs: 60 },
      { fromMs: 0, toMs: 10 },
      { fromMs: 10, toMs: 20 },
      { fromMs: 5, toMs: 7 },
    ];
    expect(joined(spans)).toEqual([
      { fromMs: 0, toMs: 20 },
      { fromMs: 50, toMs: 60 },
    ]);
  });
});
