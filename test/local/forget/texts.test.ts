import { expect, it } from 'vitest';
import type { UserRows } from '../../../functions/archive/forget.ts';
import { foundLines, reportLines } from '../../../local/forget/texts.ts';

const found: UserRows = {
  ...{ hot: 1200, cold: 30, late: 2, examples: 1, mentions: 4, deadLetters: 0, notes: 0 },
  received: { fromMs: 0, toMs: 1 },
};
const none: UserRows = { ...found, hot: 0, cold: 0, late: 0, examples: 0, received: null };
const raw = { files: 3, goneMs: Date.UTC(2027, 11, 5) };

it('without --yes it says what there is, and that nothing was deleted', () => {
  const lines = foundLines(found, raw, false);
  expect(lines).toContain(`  ${'log_entries'.padEnd(38)}1,200`);
  expect(lines.at(-1)).toBe('nothing was deleted; --yes deletes');
});

it('the report says what was found, deleted and left, and what remains until when', () => {
  const cold = { rows: 30, filesReplaced: 2, days: 1 };
  const text = reportLines({ found, left: { ...none, hot: 5 }, cold, refused: true }, raw, false).join('\n');
  expect(text).toMatch(/log_entries +1,200 +1,195 +5\n/);
  expect(text).toMatch(/cold tier +30 +30 +0\n/);
  expect(text).toContain('cold files replaced: 2, of 1 days');
  expect(text).toContain('until 2027-12-05');
  expect(text).toContain('run this again in an hour and a half');
  expect(text).toContain('--mentions');
  const clean = reportLines({ found, left: none, cold, refused: false }, null, true).join('\n');
  expect(clean).not.toMatch(/run this again|--mentions/);
});
