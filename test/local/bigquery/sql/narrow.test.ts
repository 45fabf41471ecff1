import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { translate } from '../../../../local/bigquery/sql/index.ts';
import { TestWarehouse } from './duckdb.ts';

describe('filters on a view that shows each entry once', () => {
  let warehouse: TestWarehouse;
  beforeAll(async () => {
    warehouse = await TestWarehouse.open();
    // 'b' came twice with other texts: the first received stands for it.
    await warehouse.run(`
      CREATE TABLE entries (id STRING, ts TIMESTAMP, received INT64, service STRING, message STRING, n INT64, labels JSON)
        PARTITION BY DATE(ts) OPTIONS(require_partition_filter = TRUE);
      INSERT INTO entries VALUES
        ('a', '2026-11-01 00:00:00', 1, 'auth', 'a timeout', 1, JSON '{"k":"x"}'),
        ('a', '2026-11-01 00:00:00', 2, 'auth', 'a timeout', 1, JSON '{"k":"x"}'),
        ('b', '2026-11-01 00:00:01', 2, 'pay', 'a deadlock', 5, JSON '{"k":"y"}'),
        ('b', '2026-11-01 00:00:01', 1, 'pay', 'all well', 2, JSON '{"k":"z"}'),
        ('c', '2026-11-02 00:00:00', 1, 'pay', 'a deadlock', 9, NULL),
        (NULL, '2026-11-02 00:00:00', 1, 'auth', 'a deadlock', NULL, NULL),
        (NULL, '2026-11-02 00:00:00', 0, 'auth', 'no lock', 3, NULL);
      CREATE VIEW once AS SELECT * FROM entries QUALIFY ROW_NUMBER() OVER (PARTITION BY id, ts ORDER BY received) = 1;
      CREATE VIEW renamed AS SELECT id AS key, ts, CONCAT(message, '!') AS text, service, n * 2 AS double FROM once WHERE ts >= '2026-01-01';
      CREATE TABLE FUNCTION found(since TIMESTAMP, word STRING) AS
        SELECT id, message FROM once WHERE ts >= since AND STRPOS(message, word) > 0;`);
  });
  afterAll(() => warehouse.close());

  const day = `ts >= '2026-11-01'`;
  it.each([
    [`SELECT id FROM once WHERE ${day} AND message LIKE '%deadlock%' ORDER BY id`, [['c']]],
    [`SELECT id, message FROM once WHERE ${day} AND SEARCH(message, 'well')`, [['b', 'all well']]],
    [
      `SELECT id, n FROM once WHERE ${day} AND n >= 2 AND service = 'pay' ORDER BY id`,
      [
        ['b', '2'],
        ['c', '9'],
      ],
    ],
    [
      `SELECT id, message FROM once WHERE ${day} AND message IN ('no lock', 'a deadlock') ORDER BY 1`,
      [
        [null, 'no lock'],
        ['c', 'a deadlock'],
      ],
    ],
    [`SELECT COUNT(*) FROM once WHERE ${day} AND (message = 'a deadlock' OR n = 3)`, [['2']]],
    [
      `SELECT service, COUNT(*) FROM once WHERE ${day} AND JSON_VALUE(labels, '$.k') = 'y' GROUP BY service`,
      [],
    ],
    [`SELECT key, double FROM renamed WHERE text = 'all well!' AND double > 1`, [['b', '4']]],
    [`SELECT x.key FROM (SELECT * FROM renamed WHERE service = 'pay') x WHERE x.double = 18`, [['c']]],
    [
      `SELECT * FROM found('2026-11-01', 'lock') ORDER BY id`,
      [
        [null, 'no lock'],
        ['c', 'a deadlock'],
      ],
    ],
    [
      `SELECT id FROM (SELECT * FROM once WHERE ${day} ORDER BY id LIMIT 2) WHERE message = 'a timeout'`,
      [['a']],
    ],
  ])('%s', async (sql, rows) => {
    expect(await warehouse.cells(sql)).toEqual(rows);
  });

  const plan = (sql: string): string => JSON.stringify(translate(sql, warehouse.context()));
  it.each([
    `SELECT id FROM once WHERE ${day} AND SEARCH(message, 'rare')`,
    `SELECT service, COUNT(*) FROM once WHERE ${day} AND n > 3 GROUP BY service`,
    `SELECT key FROM renamed WHERE text LIKE '%x%'`,
    `SELECT * FROM found('2026-11-01', 'lock')`,
  ])('numbers only the groups that it may find: %s', (sql) => {
    expect(plan(sql)).toContain('SEMI JOIN');
  });

  it.each([
    ['filters only on what rows are grouped by', `SELECT id FROM once WHERE ${day} AND id = 'a'`],
    [
      'has no filter that leaves few rows',
      `SELECT id FROM once WHERE ${day} AND message IS NOT NULL AND n < 5`,
    ],
    [
      'could fail on a row that was taken away',
      `SELECT id FROM once WHERE ${day} AND CAST(message AS INT64) = 5`,
    ],
    ['is not the same each time', `SELECT id FROM once WHERE ${day} AND n = CAST(RAND() * 3 AS INT64)`],
    ['filters after a limit', `SELECT id FROM (SELECT * FROM once WHERE ${day} LIMIT 2) WHERE message = 'x'`],
    ['asks another query', `SELECT id FROM once WHERE ${day} AND n = (SELECT MAX(x) FROM UNNEST([1]) x)`],
  ])('is left as it is where the query %s', (_title, sql) => {
    expect(plan(sql)).not.toContain('SEMI JOIN');
  });
});
