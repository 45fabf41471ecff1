import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestWarehouse } from './duckdb.ts';

const root = new URL('../../../../sql/', import.meta.url);
const files = (folder: string): readonly string[] =>
  readdirSync(new URL(folder, root))
    .filter((name) => name.endsWith('.sql'))
    .map((name) => `${folder}/${name}`);
const read = (file: string): string => readFileSync(new URL(file, root), 'utf8');

const nameOf = (file: string): string => file.replace(/^.*\/|\.sql$/g, '');

/** Runs the files; one that reads what another makes waits for it. */
async function runAll(warehouse: TestWarehouse, all: readonly string[]): Promise<ReadonlyMap<string, Error>> {
  const failed = new Map<string, Error>();
  let waiting = all;
  for (let before = -1; waiting.length !== before; ) {
    before = waiting.length;
    const still: string[] = [];
    for (const file of waiting) {
      try {
        await warehouse.run(read(file));
        failed.delete(file);
      } catch (error) {
        failed.set(file, error as Error);
        still.push(file);
      }
    }
    waiting = still;
  }
  return failed;
}

describe("the project's own tables and views", () => {
  let warehouse: TestWarehouse;
  let failed: ReadonlyMap<string, Error>;
  beforeAll(async () => {
    warehouse = await TestWarehouse.open();
    failed = await runAll(warehouse, [...files('schema'), ...files('materialized'), ...files('views')]);
  });
  afterAll(() => warehouse.close());

  it.each(files('schema'))('%s makes a table that answers', async (file) => {
    expect(failed.get(file)).toBeUndefined();
    const info = warehouse.tables.get(`logs.${nameOf(file)}`);
    expect(info?.columns.every((column) => (column.description ?? '') !== '')).toBe(true);
    const filter = info?.partitioning ? `WHERE ${info.partitioning.field} >= '2026-01-01'` : '';
    expect(await warehouse.cells(`SELECT count(*) FROM ${nameOf(file)} ${filter}`)).toEqual([['0']]);
  });

  it.each([...files('materialized'), ...files('views')])('%s makes a view that answers', async (file) => {
    expect(failed.get(file)).toBeUndefined();
    const columns = warehouse.tables.get(`logs.${nameOf(file)}`)?.columns ?? [];
    const time = columns.find((column) => column.type === 'TIMESTAMP')?.name;
    const filter = time ? `WHERE ${time} > '2026-01-01'` : '';
    expect(await warehouse.cells(`SELECT count(*) >= 0 FROM ${nameOf(file)} ${filter}`)).toEqual([['true']]);
  });

  it('asks for a filter on the partition column, also through the view', async () => {
    const words =
      "Cannot query over table 'local-proj.logs.log_entries' without a filter over column(s) 'timestamp' that can be used for partition elimination";
    for (const table of ['log_entries', 'logs']) {
      await expect(warehouse.run(`SELECT count(*) FROM ${table}`)).rejects.toThrow(words);
      await expect(warehouse.run(`SELECT count(*) FROM ${table} WHERE service = 'a'`)).rejects.toThrow(words);
      await expect(
        warehouse.run(`SELECT count(*) FROM ${table} WHERE timestamp > '2026-01-01' OR service = 'a'`),
      ).rejects.toThrow(words);
      for (const filter of [
        `timestamp >= TIMESTAMP '2026-01-01'`,
        `DATE(timestamp) = '2026-01-01'`,
        `timestamp BETWEEN TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 HOUR) AND CURRENT_TIMESTAMP()`,
        `service = 'a' AND timestamp IS NOT NULL AND timestamp < CURRENT_TIMESTAMP()`,
      ]) {
        expect(await warehouse.cells(`SELECT count(*) FROM ${table} WHERE ${filter}`)).toEqual([['0']]);
      }
    }
  });
});

const people = `
CREATE TABLE people (id INT64 NOT NULL, name STRING, tags ARRAY<STRING>, place STRUCT<town STRING, zip INT64>,
  labels JSON, ts TIMESTAMP, score FLOAT64);
INSERT INTO people VALUES
  (1, 'Ada', ['x', 'y'], STRUCT('London', 1), JSON '{"user":{"id":"u1"},"n":1}', '2026-11-01 10:00:00', 1.5),
  (2, 'Bob', [], STRUCT('Paris', 2), JSON '{"user":{"id":"u2"}}', '2026-11-01 11:00:00+01:00', NULL),
  (3, 'Cleo', ['y'], NULL, NULL, '2026-11-02', 2);
CREATE TABLE visits (person INT64, page STRING, ts TIMESTAMP);
INSERT INTO visits (person, page) VALUES (1, '/a'), (1, '/b'), (2, '/a'), (9, '/z');`;

describe('queries and changes', () => {
  let warehouse: TestWarehouse;
  beforeAll(async () => {
    warehouse = await TestWarehouse.open();
    await warehouse.run(people);
  });
  afterAll(() => warehouse.close());

  const queries: readonly (readonly [title: string, sql: string, rows: unknown])[] = [
    ['counts', 'SELECT count(*) FROM people', [['3']]],
    [
      'groups, orders, limits',
      'SELECT page, COUNT(*) AS n FROM visits GROUP BY page ORDER BY n DESC, page LIMIT 2',
      [
        ['/a', '2'],
        ['/b', '1'],
      ],
    ],
    [
      'groups by position and alias',
      `SELECT UPPER(page) AS p, COUNT(*) FROM visits GROUP BY 1 HAVING COUNT(*) > 1`,
      [['/A', '2']],
    ],
    [
      'reads timestamps in filters',
      `SELECT name FROM people WHERE ts >= '2026-11-01 10:00:00 UTC' AND DATE(ts) < '2026-11-02' ORDER BY id`,
      [['Ada'], ['Bob']],
    ],
    [
      'joins',
      'SELECT p.name, v.page FROM people p JOIN visits AS v ON v.person = p.id ORDER BY 1, 2',
      [
        ['Ada', '/a'],
        ['Ada', '/b'],
        ['Bob', '/a'],
      ],
    ],
    [
      'left joins',
      'SELECT name, COUNT(page) AS n FROM people LEFT JOIN visits ON person = id GROUP BY name ORDER BY name',
      [
        ['Ada', '2'],
        ['Bob', '1'],
        ['Cleo', '0'],
      ],
    ],
    [
      'keeps one row by QUALIFY',
      'SELECT person, page FROM visits WHERE TRUE QUALIFY ROW_NUMBER() OVER (PARTITION BY person ORDER BY page DESC) = 1 ORDER BY person',
      [
        ['1', '/b'],
        ['2', '/a'],
        ['9', '/z'],
      ],
    ],
    [
      'knows WITH',
      'WITH v AS (SELECT person, COUNT(*) AS n FROM visits GROUP BY person) SELECT MAX(n) FROM v',
      [['2']],
    ],
    [
      'unnests arrays',
      'SELECT name, tag FROM people, UNNEST(tags) AS tag ORDER BY name, tag',
      [
        ['Ada', 'x'],
        ['Ada', 'y'],
        ['Cleo', 'y'],
      ],
    ],
    [
      'unnests with offsets',
      `SELECT x, i FROM UNNEST(['a', 'b']) AS x WITH OFFSET i ORDER BY i DESC`,
      [
        ['b', '1'],
        ['a', '0'],
      ],
    ],
    [
      'reads JSON',
      `SELECT JSON_VALUE(labels, '$.user.id'), JSON_VALUE(labels, '$.n') FROM people ORDER BY id`,
      [
        ['u1', '1'],
        ['u2', null],
        [null, null],
      ],
    ],
    ['reads struct fields', 'SELECT place.town FROM people WHERE place.zip = 2', [['Paris']]],
    ['gives columns without a name their names', 'SELECT 1, 2', [['1', '2']]],
    ['selects structs as columns', `SELECT AS STRUCT 1 AS a, 'x' AS b`, [['1', 'x']]],
    [
      'sums windows',
      'SELECT id, SUM(id) OVER (ORDER BY id) FROM people ORDER BY id',
      [
        ['1', '1'],
        ['2', '3'],
        ['3', '6'],
      ],
    ],
    ['puts NULL first', 'SELECT score FROM people ORDER BY score', [[null], ['1.5'], ['2']]],
    [
      'knows correlated subqueries',
      'SELECT name, (SELECT COUNT(*) FROM visits WHERE person = id) AS n FROM people ORDER BY id',
      [
        ['Ada', '2'],
        ['Bob', '1'],
        ['Cleo', '0'],
      ],
    ],
    ['unites', 'SELECT 1 AS x UNION ALL SELECT 2.5 ORDER BY x', [['1'], ['2.5']]],
  ];
  it.each(queries)('%s', async (_title, sql, rows) => {
    expect(await warehouse.cells(sql)).toEqual(rows);
  });

  it('names columns f0_, f1_ where the query does not', async () => {
    const { columns } = await warehouse.run('SELECT COUNT(*), id AS f FROM people GROUP BY id LIMIT 0');
    expect(columns.map((column) => [column.name, column.type])).toEqual([
      ['f0_', 'INTEGER'],
      ['f', 'INTEGER'],
    ]);
  });

  it('makes a table of a query, changes it and empties it', async () => {
    await warehouse.run(
      `CREATE TABLE copy PARTITION BY DATE(ts) AS SELECT id, name, ts, place, tags FROM people`,
    );
    const rows = (): Promise<unknown> => warehouse.cells('SELECT id, name FROM copy ORDER BY id');
    expect((await warehouse.run(`UPDATE copy SET name = CONCAT(name, '!') WHERE id > 1`)).changed).toBe(2);
    expect(await rows()).toEqual([
      ['1', 'Ada'],
      ['2', 'Bob!'],
      ['3', 'Cleo!'],
    ]);
    expect((await warehouse.run(`DELETE FROM copy AS c WHERE c.id = 3`)).changed).toBe(1);
    expect(
      (await warehouse.run(`INSERT copy (id, name) SELECT 7, 'Gil' UNION ALL SELECT 8, NULL`)).changed,
    ).toBe(2);
    expect(await rows()).toEqual([
      ['1', 'Ada'],
      ['2', 'Bob!'],
      ['7', 'Gil'],
      ['8', null],
    ]);
    await warehouse.run(`UPDATE copy SET place.zip = place.zip + 10 WHERE id = 1`);
    expect(await warehouse.cells('SELECT place FROM copy WHERE id = 1')).toEqual([
      [{ town: 'London', zip: '11' }],
    ]);
    await warehouse.run('TRUNCATE TABLE copy');
    expect(await rows()).toEqual([]);
  });

  it('updates from another table, and refuses two source rows for one', async () => {
    await warehouse.run('CREATE TABLE seen AS SELECT id, name FROM people');
    await warehouse.run(
      `UPDATE seen s SET name = v.page FROM visits v WHERE v.person = s.id AND v.page = '/a'`,
    );
    expect(await warehouse.cells('SELECT name FROM seen ORDER BY id')).toEqual([['/a'], ['/a'], ['Cleo']]);
    await expect(
      warehouse.run('UPDATE seen s SET name = v.page FROM visits v WHERE v.person = s.id'),
    ).rejects.toThrow('UPDATE/MERGE must match at most one source row for each target row');
  });

  it('merges', async () => {
    await warehouse.run('CREATE TABLE totals (id INT64, n INT64, note STRING)');
    const merge = `MERGE INTO totals t USING (SELECT person, COUNT(*) AS n FROM visits GROUP BY person) s ON t.id = s.person
      WHEN MATCHED AND s.n > 1 THEN UPDATE SET n = t.n + s.n, note = 'updated'
      WHEN MATCHED THEN DELETE
      WHEN NOT MATCHED BY TARGET THEN INSERT (id, n) VALUES (person, s.n)
      WHEN NOT MATCHED BY SOURCE AND t.n < 0 THEN DELETE`;
    expect((await warehouse.run(merge)).changed).toBe(3);
    await warehouse.run('INSERT INTO totals VALUES (70, -1, NULL), (71, 1, NULL)');
    expect((await warehouse.run(merge)).changed).toBe(4);
    expect(await warehouse.cells('SELECT * FROM totals ORDER BY id')).toEqual([
      ['1', '4', 'updated'],
      ['71', '1', null],
    ]);
    await expect(
      warehouse.run(
        'MERGE totals t USING visits v ON v.person = t.id WHEN MATCHED THEN UPDATE SET note = v.page',
      ),
    ).rejects.toThrow('UPDATE/MERGE must match at most one source row for each target row');
  });

  it('binds parameters, named and positional', async () => {
    const text = { type: 'STRING' };
    const parameters = [
      { name: 'name', type: text, value: { value: "Ada'; DROP TABLE people; --" } },
      {
        name: 'ids',
        type: { type: 'ARRAY', arrayType: { type: 'INT64' } },
        value: { arrayValues: [{ value: '1' }, { value: '2' }] },
      },
    ];
    const sql = 'SELECT COUNT(*), @name FROM people WHERE id IN UNNEST(@ids)';
    expect(await warehouse.cells(sql, { parameters })).toEqual([['2', "Ada'; DROP TABLE people; --"]]);
    const positional = [
      { name: null, type: { type: 'INT64' }, value: { value: '2' } },
      { name: null, type: text, value: { value: 'Bob' } },
    ];
    expect(
      await warehouse.cells('SELECT id FROM people WHERE id >= ? AND name = ?', { parameters: positional }),
    ).toEqual([['2']]);
  });

  it('keeps variables, functions and tables of a script', async () => {
    expect(
      await warehouse.cells(`DECLARE least INT64 DEFAULT 1; DECLARE page STRING;
        SET page = '/a'; SET least = least + 1;
        CREATE TEMP FUNCTION shout(x STRING) AS (CONCAT(UPPER(x), '!'));
        CREATE TEMP TABLE counts AS SELECT person, COUNT(*) AS n FROM visits GROUP BY person HAVING n >= least;
        SELECT shout(page), COUNT(*) FROM counts`),
    ).toEqual([['/A!', '1']]);
  });

  it('copies tables, with rows and without', async () => {
    await warehouse.run('CREATE TABLE likeness LIKE people; CREATE TABLE clone CLONE people');
    expect(
      await warehouse.cells('SELECT (SELECT COUNT(*) FROM likeness), (SELECT COUNT(*) FROM clone)'),
    ).toEqual([['0', '3']]);
  });

  it('shows the catalogue and the jobs', async () => {
    const of = (view: string, columns: string): Promise<unknown> =>
      warehouse.cells(
        `SELECT ${columns} FROM logs.INFORMATION_SCHEMA.${view} WHERE table_name = 'visits' ORDER BY 1`,
      );
    expect(await of('TABLES', 'table_name, table_type')).toEqual([['visits', 'BASE TABLE']]);
    expect(await of('COLUMNS', 'column_name, data_type, is_nullable')).toEqual([
      ['page', 'STRING', 'YES'],
      ['person', 'INT64', 'YES'],
      ['ts', 'TIMESTAMP', 'YES'],
    ]);
    expect(
      await warehouse.cells(
        'SELECT job_id, total_bytes_processed, error_result.reason, TIMESTAMP_DIFF(end_time, start_time, SECOND) FROM `region-us`.INFORMATION_SCHEMA.JOBS WHERE error_result IS NOT NULL',
      ),
    ).toEqual([['job_1', '1024', 'invalidQuery', '60']]);
  });

  const errors: readonly (readonly [sql: string, words: string])[] = [
    ['SELECT nam FROM people', 'Unrecognized name: nam; Did you mean name? at [1:8]'],
    ['SELECT\n  p.nam FROM people p', 'Name nam not found inside p; Did you mean name? at [2:5]'],
    ['SELECT * FROM nowhere', 'Not found: Table local-proj:logs.nowhere was not found in location US'],
    [
      'SELECT name, COUNT(*) FROM people',
      'SELECT list expression references column name which is neither grouped nor aggregated at [1:8]',
    ],
    ['SELECT 1 +', 'Syntax error: Unexpected end of script at [1:11]'],
    ['SELECT UNKNOWN_FN(1)', 'Function not found: UNKNOWN_FN at [1:8]'],
    [
      'SELECT id + name FROM people',
      'No matching signature for operator + for argument types: INT64, STRING at [1:11]',
    ],
    ['UPDATE people SET id = 1', 'UPDATE must have a WHERE clause at [1:1]'],
    [
      'INSERT INTO people (id, name) VALUES (1)',
      'Inserted row has wrong column count; Has 1, expected 2 at [1:39]',
    ],
    [
      'SELECT 1 AS a, 2 AS a',
      'Duplicate column names in the result are not supported. Found duplicate(s): a at [1:1]',
    ],
    ['SELECT 1 / 0', 'division by zero: 1 / 0'],
  ];
  it.each(errors)('refuses %s', async (sql, words) => {
    await expect(warehouse.run(sql)).rejects.toThrow(words);
  });
});
