/**
 * Views for tools that ask without a filter: each brings its own time range, so it neither fails nor scans a table.
 * Four show everything there is and say so; of two of them BigQuery itself asks for a filter.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestWarehouse } from '../local/bigquery/sql/duckdb.ts';
import { openProject, projectFiles } from './project.ts';

const EVERYTHING = ['logs', 'hot_logs', 'windows', 'refusals'];
const views = projectFiles('views').map(({ name }) => name);
const safe = views.filter((name) => !EVERYTHING.includes(name));
/** Older than the time range of any view but that of the experiments. */
const LONG_AGO = '2026-09-15';

let warehouse: TestWarehouse;

beforeAll(async () => {
  warehouse = await openProject();
  await warehouse.run(readFileSync(new URL('../cases/sql/project-rows.sql', import.meta.url), 'utf8'));
  for (const [key, info] of warehouse.tables) {
    if (info.partitioning) warehouse.tables.set(key, { ...info, requirePartitionFilter: true });
  }
});
afterAll(() => warehouse.close());

const rowsOf = async (view: string): Promise<readonly string[]> =>
  (await warehouse.run(`SELECT * FROM ${view}`)).rows.map((row) => JSON.stringify(row)).sort();

describe('a view', () => {
  it.each(safe)('%s filters the partitions of every table it reads', async (view) => {
    await expect(warehouse.run(`SELECT COUNT(*) FROM ${view}`)).resolves.toBeDefined();
  });

  it('that shows everything is refused where a filter is required', async () => {
    expect(views).toEqual(expect.arrayContaining(EVERYTHING));
    for (const view of EVERYTHING) {
      await expect(warehouse.run(`SELECT COUNT(*) FROM ${view}`)).rejects.toThrow(
        /without a filter over column\(s\)/,
      );
    }
  });

  it('shows the same when old partitions are gone', async () => {
    const before = new Map(await Promise.all(safe.map(async (view) => [view, await rowsOf(view)] as const)));
    let gone = 0;
    for (const [key, { partitioning }] of warehouse.tables) {
      if (!partitioning?.field) continue;
      const { changed } = await warehouse.run(
        `DELETE FROM ${key} WHERE ${partitioning.field} < '${LONG_AGO}'`,
      );
      gone += changed;
    }
    expect(gone).toBeGreaterThan(3);
    for (const view of safe) {
      expect(before.get(view)?.length, view).toBeGreaterThan(0);
      expect(await rowsOf(view), view).toEqual(before.get(view));
    }
  });
});
