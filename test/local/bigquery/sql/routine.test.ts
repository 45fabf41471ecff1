import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { script } from '../../../../local/bigquery/sql/index.ts';
import { TestWarehouse } from './duckdb.ts';

describe('functions that users make', () => {
  let warehouse: TestWarehouse;
  beforeAll(async () => {
    warehouse = await TestWarehouse.open();
    await warehouse.run(`
      CREATE TABLE entries (ts TIMESTAMP, service STRING, status INT64) PARTITION BY DATE(ts) OPTIONS(require_partition_filter = TRUE);
      INSERT INTO entries VALUES ('2026-11-01 10:00:00', 'auth', 200), ('2026-11-01 11:00:00', 'auth', 500), ('2026-11-02', 'pay', 404);
      CREATE FUNCTION logs.class(status INT64) RETURNS STRING AS (CASE WHEN status >= 500 THEN 'bad' WHEN status >= 400 THEN 'odd' ELSE 'good' END);
      CREATE OR REPLACE FUNCTION twice(x ANY TYPE) AS (x + x);
      CREATE FUNCTION longest(texts ARRAY<STRING>) AS ((SELECT t FROM UNNEST(texts) t ORDER BY LENGTH(t) DESC LIMIT 1));
      CREATE TABLE FUNCTION between_times(first TIMESTAMP, last TIMESTAMP) AS
        SELECT service, class(status) AS class FROM entries WHERE ts >= first AND ts < last;
      CREATE TABLE FUNCTION from_inside(first TIMESTAMP, one STRING) AS
        WITH later AS (SELECT * FROM entries WHERE ts >= first)
        SELECT * FROM (SELECT status FROM later WHERE service = one UNION ALL SELECT status FROM later WHERE one IS NULL);`);
  });
  afterAll(() => warehouse.close());

  const queries: readonly (readonly [title: string, sql: string, rows: unknown])[] = [
    [
      'computes with columns',
      `SELECT class(status), COUNT(*) FROM entries WHERE ts > '2026-01-01' GROUP BY 1 ORDER BY 1`,
      [
        ['bad', '1'],
        ['good', '1'],
        ['odd', '1'],
      ],
    ],
    ['takes any type', `SELECT twice(2), twice(1.25)`, [['4', '2.5']]],
    [
      'is found by its whole name',
      'SELECT `local-proj.logs.class`(500), logs.class(404), `local-proj`.logs.class(1)',
      [['bad', 'odd', 'good']],
    ],
    ['reads an array by a query', `SELECT longest(['a', 'abc', 'ab'])`, [['abc']]],
    ['nests', 'SELECT twice(twice(twice(1)))', [['8']]],
    [
      'gives rows',
      `SELECT * FROM between_times('2026-11-01', TIMESTAMP '2026-11-02') ORDER BY class`,
      [
        ['auth', 'bad'],
        ['auth', 'good'],
      ],
    ],
    [
      'joins its rows',
      `SELECT COUNT(*) FROM logs.between_times('2026-11-01', '2026-11-03') a JOIN between_times('2026-11-02', '2026-11-03') b USING (service)`,
      [['1']],
    ],
    [
      'sees its arguments in every query of its body',
      `SELECT status FROM from_inside(TIMESTAMP '2026-11-01 10:30:00', 'auth')`,
      [['500']],
    ],
    [
      'takes NULL for an argument',
      `SELECT status FROM from_inside(TIMESTAMP '2026-11-01 10:30:00', NULL) ORDER BY 1`,
      [['404'], ['500']],
    ],
    [
      'lasts as long as the script',
      `CREATE TEMP FUNCTION inc(x INT64) AS (x + 1); SELECT inc(inc(1))`,
      [['3']],
    ],
    [
      'computes a long argument once',
      `SELECT twice(LENGTH(CONCAT(${Array(30).fill("'abcdefghij'").join(', ')})))`,
      [['600']],
    ],
  ];
  it.each(queries)('%s', async (_title, sql, rows) => {
    expect(await warehouse.cells(sql)).toEqual(rows);
  });

  it('takes parameters as arguments of table functions', async () => {
    const type = { type: 'TIMESTAMP' };
    const parameters = [
      { name: 'from', type, value: { value: '2026-11-02 00:00:00+00' } },
      { name: 'to', type, value: { value: '2026-11-03 00:00:00+00' } },
    ];
    expect(await warehouse.cells('SELECT class FROM between_times(@from, @to)', { parameters })).toEqual([
      ['odd'],
    ]);
  });

  it('takes parameters that are known before the query runs', async () => {
    const text = { type: 'STRING' };
    const parameters = [
      { name: 'words', type: text, value: { value: 'auth' } },
      { name: 'service', type: text, value: { value: 'pay' } },
    ];
    const sql = `WITH e AS (SELECT * FROM entries WHERE ts > '2026-01-01')
      SELECT COUNT(*) FROM e WHERE SEARCH(service, @words) OR service = @service`;
    expect(await warehouse.cells(sql, { parameters })).toEqual([['3']]);
  });

  const errors: readonly (readonly [sql: string, words: string])[] = [
    [
      'SELECT class(1, 2)',
      'No matching signature for function class for argument types: INT64, INT64. Supported signature: class(INT64)',
    ],
    [
      `SELECT class('x')`,
      'No matching signature for function class for argument types: STRING. Supported signature: class(INT64)',
    ],
    ['SELECT * FROM nothing(1)', 'Table-valued function not found: nothing at [1:15]'],
    ['CREATE FUNCTION bad(x INT64) AS (y + 1)', 'Unrecognized name: y at [1:1]'],
    [
      'CREATE FUNCTION js(x INT64) RETURNS INT64 LANGUAGE js AS "return x"',
      'not supported locally: functions in other languages than SQL',
    ],
    ['SELECT inc(1)', 'Function not found: inc at [1:8]'],
    ['SELECT logs.Nope(1)', 'Function not found: logs.Nope at [1:8]'],
    ["SELECT SOUNDEX('x')", 'not supported locally: function SOUNDEX at [1:8]'],
  ];
  it.each(errors)('refuses %s', async (sql, words) => {
    await expect(warehouse.run(sql)).rejects.toThrow(words);
  });
});

describe('statements about files and indexes', () => {
  let warehouse: TestWarehouse;
  beforeAll(async () => {
    warehouse = await TestWarehouse.open();
    await warehouse.run('CREATE TABLE t (a INT64, message STRING)');
  });
  afterAll(() => warehouse.close());
  const only = (sql: string) => [...script(sql, warehouse.context())][0];

  it('exports a query', () => {
    expect(
      only(
        `EXPORT DATA OPTIONS(uri = 'gs://b/x/*.parquet', format = 'PARQUET', compression = 'zstd', overwrite = true) AS SELECT a FROM t`,
      ),
    ).toMatchObject({
      kind: 'export_data',
      files: { format: 'PARQUET', uris: ['gs://b/x/*.parquet'], compression: 'ZSTD', overwrite: true },
      query: { columns: [{ name: 'a', type: 'INTEGER' }] },
    });
  });

  it('declares an external table with hive partitions', () => {
    const sql = `CREATE OR REPLACE EXTERNAL TABLE cold (a INT64) WITH PARTITION COLUMNS (day DATE, service STRING)
      OPTIONS(format = 'PARQUET', uris = ['gs://b/cold/*'], hive_partition_uri_prefix = 'gs://b/cold', require_hive_partition_filter = true, description = 'old')`;
    expect(only(sql)).toMatchObject({
      kind: 'create_external_table',
      orReplace: true,
      columns: [{ name: 'a', type: 'INTEGER' }],
      partitionColumns: [
        { name: 'day', type: 'DATE' },
        { name: 'service', type: 'STRING' },
      ],
      files: { format: 'PARQUET', hivePartitionUriPrefix: 'gs://b/cold', requireHivePartitionFilter: true },
      options: { description: 'old' },
    });
  });

  it('makes materialized views and search indexes', () => {
    expect(
      only(
        'CREATE MATERIALIZED VIEW IF NOT EXISTS m CLUSTER BY a OPTIONS(enable_refresh = true) AS SELECT a, COUNT(*) AS n FROM t GROUP BY a',
      ),
    ).toMatchObject({
      kind: 'create_view',
      materialized: true,
      ifNotExists: true,
      columns: [{ name: 'a' }, { name: 'n' }],
    });
    expect(only('CREATE SEARCH INDEX IF NOT EXISTS i ON t(message)')).toMatchObject({
      kind: 'create_search_index',
      index: 'i',
      tolerant: true,
    });
    expect(() => only('CREATE SEARCH INDEX i ON t(nope)')).toThrow('Unrecognized name: nope');
  });
});
