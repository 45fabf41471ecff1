import { expect, it } from 'vitest';
import { runLoaderKills } from './loader-run.ts';

it('a loader that is killed at any moment, or whose BigQuery is, loads every file once and forgets none', async () => {
  const seed = Number(process.env.TEST_SEED ?? Date.now() % 2 ** 31);
  const report = await runLoaderKills({ seed, kills: 9, files: 4 });
  expect({ seed, wrong: report.wrong }).toEqual({ seed, wrong: [] });
  expect(report.kills).toEqual({ load: 6, bigquery: 3 });
  expect(report.entries).toBe(9 * 4 * 20);
}, 240_000);
