import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { settingsTable } from '../../functions/config.ts';

it('the table of settings in functions/README.md is what `logweir settings` prints', async () => {
  expect(await readFile(new URL('../../functions/README.md', import.meta.url), 'utf8')).toContain(
    settingsTable(),
  );
});
