/** The roll-ups of minutes and hours over windows that the functions upsert, revise and take back. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serviceStats } from '../../functions/service-stats.ts';
import type { Warehouse } from '../../functions/warehouse/warehouse.ts';
import { serviceWindows, type WindowRow } from '../../functions/warehouse/window-tables.ts';
import { applySql } from '../../sql/apply.ts';
import { DATASET, rowsOf, writerOf } from '../local/bigquery/client.ts';
import { entry, START_US } from '../local/bigquery/entries.ts';
import { useBigquery } from '../local/bigquery/fixture.ts';
import { projectFiles } from './project.ts';

const bigquery = useBigquery();
let windows: Warehouse;

beforeAll(async () => {
  await applySql({ bigquery: bigquery.client, dataset: DATASET });
  windows = writerOf(bigquery.service);
});
afterAll(() => windows.close());

type Row = WindowRow<ReturnType<typeof serviceStats.result>>;

/** A window of `entries` entries, one in ten an error, `offsetS` seconds after the start. */
function windowRow(offsetS: number, revision: number, entries: number, changes: Partial<Row> = {}): Row {
  const start = START_US / 1000 + offsetS * 1000;
  const all = Array.from({ length: entries }, (_, i) => entry(i));
  return {
    job: 'service_health',
    key: 'auth',
    start,
    end: start + 10_000,
    revision,
    tombstone: false,
    incomplete: false,
    parts: revision,
    emittedAtMs: start + 12_000,
    value: serviceStats.result(all.reduce(serviceStats.add, serviceStats.create())),
    ...changes,
  };
}

const hours = () =>
  rowsOf(
    bigquery.client,
    `SELECT FORMAT_TIMESTAMP('%H:%M', hour) AS clock, windows, revised, entries, errors,
       ROUND(latency_total_ms / latency_count, 3) AS mean_ms
     FROM service_hours WHERE service = 'auth' AND job = 'service_health' ORDER BY hour`,
  );
const minutes = () =>
  rowsOf(
    bigquery.client,
    `SELECT FORMAT_TIMESTAMP('%H:%M', minute) AS clock, windows, entries, errors
     FROM service_minutes WHERE service = 'auth' ORDER BY minute`,
  );

describe('a roll-up', () => {
  it('counts each window once, by its latest revision, in whatever order revisions come', async () => {
    await windows.append(serviceWindows, [windowRow(0, 1, 10), windowRow(10, 1, 20), windowRow(3600, 1, 5)]);
    await windows.append(serviceWindows, [windowRow(10, 3, 40)]);
    await windows.append(serviceWindows, [windowRow(10, 2, 30), windowRow(60, 1, 10)]);
    expect(await minutes()).toEqual([
      { clock: '10:00', windows: 2, entries: 50, errors: 5 },
      { clock: '10:01', windows: 1, entries: 10, errors: 1 },
      { clock: '11:00', windows: 1, entries: 5, errors: 1 },
    ]);
    expect(await hours()).toMatchObject([
      { clock: '10:00', windows: 3, revised: 1, entries: 60, errors: 6 },
      { clock: '11:00', windows: 1, revised: 0, entries: 5, errors: 1 },
    ]);
  });

  it('has the mean of all entries, not the mean of means', async () => {
    const sum = (n: number): number => (n * (n - 1)) / 2;
    const mean = (sum(10) + sum(40) + sum(10)) / 60;
    const [first] = await hours();
    expect(first?.mean_ms).toBeCloseTo(mean, 2);
  });

  it('forgets a window that merged into another', async () => {
    await windows.append(serviceWindows, [windowRow(60, 2, 10, { tombstone: true })]);
    expect((await minutes()).map(({ clock }) => clock)).toEqual(['10:00', '11:00']);
    expect(await hours()).toMatchObject([{ windows: 2, entries: 50 }, { windows: 1 }]);
  });

  it('gives what the view of the latest revisions gives', async () => {
    const [same] = await rowsOf(
      bigquery.client,
      `SELECT COUNT(*) AS n, LOGICAL_AND(w.entries = h.entries AND w.errors = h.errors) AS same
       FROM (SELECT service, TIMESTAMP_TRUNC(window_start, HOUR) AS hour, SUM(entries) AS entries, SUM(errors) AS errors
             FROM windows WHERE job = 'service_health' GROUP BY service, hour) AS w
       JOIN service_hours AS h ON h.service = w.service AND h.hour = w.hour`,
    );
    expect(same).toEqual({ n: 2, same: true });
  });
});

/** Source: https://cloud.google.com/bigquery/docs/materialized-views-create#query_limitations */
const AGGREGATES = [
  'ANY_VALUE',
  'APPROX_COUNT_DISTINCT',
  'AVG',
  'BIT_AND',
  'BIT_OR',
  'BIT_XOR',
  'COUNT',
  'COUNTIF',
  'LOGICAL_AND',
  'LOGICAL_OR',
  'MAX',
  'MIN',
  'SUM',
];

describe('what BigQuery asks of a materialized view that it keeps up to date by itself', () => {
  it.each(projectFiles('materialized'))('$name keeps to', ({ sql }) => {
    const [, head = '', query = ''] = /^([\s\S]*)\nAS\n([\s\S]*)$/.exec(sql) ?? [];
    expect(query).not.toMatch(
      /\b(?:OVER|QUALIFY|HAVING|ORDER BY|LIMIT|UNION|JOIN|DISTINCT|CURRENT_\w+|RAND)\b/,
    );
    expect(query.match(/\bFROM\b/g)).toHaveLength(1);
    const called = [...query.matchAll(/\b([A-Z_]+)\(/g)].map(([, name = '']) => name);
    const scalar = called.filter((name) => !AGGREGATES.includes(name));
    expect(scalar).toEqual(['TIMESTAMP_TRUNC']);
    // an aggregate is a column by itself, nothing is computed from it
    for (const line of query.split('\n').filter((one) => /^ {2}(?:SUM|MAX|COUNT)/.test(one)))
      expect(line).toMatch(/^ {2}[A-Z]+\([^()]*\) AS \w+,?$/);
    const column = /TIMESTAMP_TRUNC\(window_start, (?:MINUTE|HOUR)\) AS (\w+)/.exec(query)?.[1];
    expect(head).toMatch(new RegExp(`^PARTITION BY DATE\\(${column}\\)$`, 'm'));
    expect(query).toMatch(new RegExp(`GROUP BY job, service, ${column};`));
    const staleness = /max_staleness=INTERVAL "(\d+):0:0" HOUR TO SECOND/.exec(head)?.[1];
    expect(Number(staleness)).toBeGreaterThan(0.5);
    expect(Number(staleness)).toBeLessThanOrEqual(72);
  });

  it('no statement reads a roll-up beside the windows that it is made from', () => {
    const files = (['functions', 'views', 'queries'] as const).flatMap(projectFiles);
    const reading = files.filter(({ sql }) => /\b(?:FROM|JOIN) service_(?:hours|minutes)\b/.test(sql));
    expect(reading.map(({ name }) => name)).toContain('error_budget');
    for (const { sql, name } of reading)
      expect(sql, name).not.toMatch(
        /\b(?:FROM|JOIN) (?:service_windows|windows|recent_windows|service_health)\b/,
      );
  });
});
