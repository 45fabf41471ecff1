import { expect, it } from 'vitest';
import { runTierKills } from './tier-run.ts';

it('tiering that is killed at any moment, or whose BigQuery is, loses and doubles no entry, and a further run does nothing', async () => {
  const options = { seed: Math.floor(Math.random() * 2 ** 31), days: 6, rowsPerDay: 2000, kills: 6 };
  const report = await runTierKills(options);
  expect(report.wrong, `seed ${options.seed}`).toEqual([]);
  expect(report.kills).toEqual({ tier: 4, bigquery: 2 });
  // The run must have been one: killed while it worked.
  expect(report.interrupted).toBeGreaterThan(1);
  expect(report.again).toMatchObject({ days: 0, rows: 0, left: 0 });
}, 240_000);
