import { describe, expect, it } from 'vitest';
import { readTime } from '../../../local/replay/time-argument.ts';

const NOW_MS = Date.UTC(2026, 10, 20, 10);

describe('a time on the command line', () => {
  it.each([
    ['2026-11-20', '2026-11-20T00:00:00Z'],
    ['2026-11-20T09:30', '2026-11-20T09:30:00Z'],
    ['2026-11-20 09:30:01.5', '2026-11-20T09:30:01.500Z'],
    ['2026-11-20T09:30:00+02:00', '2026-11-20T07:30:00Z'],
    ['now', '2026-11-20T10:00:00Z'],
    ['90m', '2026-11-20T08:30:00Z'],
    ['7d', '2026-11-13T10:00:00Z'],
  ])('%s is %s', (text, time) => {
    expect(readTime(text, NOW_MS)).toBe(Date.parse(time));
  });

  it.each(['yesterday', '2026-13-01', '20', '2026-11-20T25:00', '-2h', ''])(
    '%j is refused, in words',
    (text) => {
      expect(() => readTime(text, NOW_MS)).toThrow(/allowed: a time such as 2026-11-20/);
    },
  );
});
