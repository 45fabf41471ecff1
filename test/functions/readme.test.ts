import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { settingsTable } from '../../functions/config.ts';

it("the README's table of settings is what `logweir settings` prints", async () => {
  expect(await readFile(new URL('../../README.md', import.meta.url), 'utf8')).toContain(settingsTable());
});
