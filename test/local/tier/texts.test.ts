import { expect, it } from 'vitest';
import { dayLine, doneLine, planLines } from '../../../local/tier/texts.ts';

const DAY_MS = 86_400_000;

it('a dry run of tiering names the days that would move, and says so when there are none', () => {
  expect(planLines([{ day: '2026-10-01', rows: 1200 }], 30 * DAY_MS)).toEqual([
    '2026-10-01  1,200 rows',
    'would move 1 day that ended more than 30d ago: 1,200 rows',
  ]);
  expect(planLines([], 30 * DAY_MS)).toEqual(['no day of log_entries ended more than 30d ago']);
});

it('tiering tells each day, and at its end how much moved and how fast', () => {
  const moved = { rows: 2000, files: 5, bytes: 4096 };
  expect(dayLine({ day: '2026-10-01', number: 2, days: 3, ...moved })).toBe(
    '2/3  2026-10-01  2,000 rows to 5 files, 4.0 KiB',
  );
  expect(doneLine({ days: 1, left: 0, ...moved }, 500)).toBe(
    'moved 1 day, 2,000 rows to 5 files (4.0 KiB) in 0.5 s, 4,000 rows/s',
  );
  expect(doneLine({ days: 0, rows: 0, files: 0, bytes: 0, left: 0 }, 500)).toBe('nothing to move');
});
