import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { dictionary } from '../../sql/dictionary.ts';

it('the data dictionary is what the schema says today (npx tsx sql/dictionary.ts writes it)', async () => {
  expect(await readFile(new URL('../../sql/README.md', import.meta.url), 'utf8')).toBe(dictionary());
});

it('every table and column of the schema is described', () => {
  const rows = dictionary()
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  expect(rows.length).toBeGreaterThan(100);
  for (const row of rows) expect(row).toMatch(/\| .+ \| [\w'"].{6,} \|$/);
});
