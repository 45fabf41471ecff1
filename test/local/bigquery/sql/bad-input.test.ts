import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SqlError, translate } from '../../../../local/bigquery/sql/index.ts';
import { TestWarehouse } from './duckdb.ts';

const times = (count: number, text: string): string => text.repeat(count);
const list = (count: number, item: (i: number) => string, separator: string): string =>
  Array.from({ length: count }, (_, i) => item(i)).join(separator);

describe('queries that are too much', () => {
  let warehouse: TestWarehouse;
  beforeAll(async () => {
    warehouse = await TestWarehouse.open();
    await warehouse.run('CREATE TABLE t (a INT64, s STRING)');
  });
  afterAll(() => warehouse.close());

  const tooComplex: readonly (readonly [title: string, sql: string])[] = [
    ['100,000 parentheses', `SELECT ${times(100_000, '(')}1${times(100_000, ')')}`],
    ['5,000 nested subqueries', `SELECT * FROM ${times(5_000, '(SELECT * FROM ')}t${times(5_000, ')')}`],
    ['a sum of 100,000 numbers', `SELECT ${list(100_000, () => '1', '+')}`],
    ['50,000 times NOT', `SELECT ${times(50_000, 'NOT ')}TRUE`],
    ['5,000 field names', `SELECT a${times(5_000, '.b')} FROM t`],
    ['3,000 nested types', `SELECT CAST(NULL AS ${times(3_000, 'STRUCT<a ')}INT64${times(3_000, '>')})`],
    ['1,000 joins', `SELECT 1 FROM t t0 ${list(1_000, (i) => `JOIN t t${i + 1} ON TRUE`, ' ')}`],
  ];
  it.each(tooComplex)('%s are refused in words', (_title, sql) => {
    expect(() => translate(sql, warehouse.context())).toThrow('query is too complex');
  });

  const large: readonly (readonly [title: string, sql: string, rows: unknown])[] = [
    ['a text of a megabyte', `SELECT LENGTH('${times(1_000_000, 'x')}')`, [['1000000']]],
    ['a list of 20,000 numbers', `SELECT 5 IN (${list(20_000, String, ', ')})`, [['true']]],
    ['2,000 conditions', `SELECT COUNT(*) FROM t WHERE ${list(2_000, (i) => `a = ${i}`, ' OR ')}`, [['0']]],
    ['100 operators in a row', `SELECT ${list(100, () => '1', ' + ')}`, [['100']]],
    ['100 nested calls', `SELECT ${times(100, 'TRIM(')}' x '${times(100, ')')}`, [['x']]],
    [
      '20 nested calls that use their argument often',
      `SELECT ${times(20, 'ROUND(')}2.25${times(20, ', 1)')}`,
      [['2.3']],
    ],
    [
      '200 tables of WITH',
      `WITH ${list(200, (i) => `c${i} AS (SELECT ${i === 0 ? '1 AS x' : `* FROM c${i - 1}`})`, ', ')} SELECT * FROM c199`,
      [['1']],
    ],
  ];
  it.each(large)('%s are answered', async (_title, sql, rows) => {
    expect(await warehouse.cells(sql)).toEqual(rows);
  });

  it('says where a text does not end, and what no character of SQL is', () => {
    expect(() => translate("SELECT\n  'abc", warehouse.context())).toThrow(
      'Unclosed string literal at [2:3]',
    );
    expect(() => translate('SELECT 1\0', warehouse.context())).toThrow(SqlError);
    expect(() => translate('', warehouse.context())).toThrow('Unexpected end of statement');
  });

  it('takes no SQL from a value', async () => {
    const parameters = [
      { name: 'x', type: { type: 'STRING' }, value: { value: "'; DROP TABLE logs.t; --" } },
    ];
    expect(await warehouse.cells(`SELECT @x, COUNT(*) FROM t WHERE s = @x`, { parameters })).toEqual([
      ["'; DROP TABLE logs.t; --", '0'],
    ]);
    expect(
      await warehouse
        .cells(`SELECT r"'); DROP TABLE t; --", 'it''s' = 'it' || "'" || 's'`)
        .catch((error: Error) => error.message),
    ).toContain('Syntax error');
    expect(await warehouse.cells(`SELECT "it's", 'say "x"', '$1 {} % \\\\'`)).toEqual([
      ["it's", 'say "x"', '$1 {} % \\'],
    ]);
  });
});

describe('parameters of every type', () => {
  let warehouse: TestWarehouse;
  beforeAll(async () => {
    warehouse = await TestWarehouse.open();
  });
  afterAll(() => warehouse.close());

  const scalars: readonly (readonly [type: string, value: string, cell: string])[] = [
    ['INT64', '-7', '-7'],
    ['INTEGER', '7', '7'],
    ['FLOAT64', '1.5e3', '1500'],
    ['BOOL', 'TRUE', 'true'],
    ['STRING', 'a\n"b"', 'a\n"b"'],
    ['BYTES', 'AAH/', 'AAH/'],
    ['DATE', '2026-11-01', '2026-11-01'],
    ['TIME', '10:20:30.5', '10:20:30.500000'],
    ['DATETIME', '2026-11-01T10:20:30', '2026-11-01T10:20:30'],
    ['TIMESTAMP', '2026-11-01 10:20:30.123456+02:00', '2026-11-01T08:20:30.123456Z'],
    ['NUMERIC', '12.340', '12.34'],
    ['JSON', '{"a":1}', '{"a":1}'],
  ];
  it.each(scalars)('%s', async (type, value, cell) => {
    const parameters = [{ name: 'p', type: { type }, value: { value } }];
    expect(await warehouse.cells('SELECT @p, @P', { parameters })).toEqual([[cell, cell]]);
    const none = [{ name: null, type: { type }, value: {} }];
    expect(await warehouse.cells('SELECT ? IS NULL', { parameters: none })).toEqual([['true']]);
  });

  it('arrays and structs', async () => {
    const struct = {
      type: 'STRUCT',
      structTypes: [
        { name: 'a', type: { type: 'INT64' } },
        { name: 'b', type: { type: 'STRING' } },
      ],
    };
    const value = (a: string, b: string) => ({ structValues: { a: { value: a }, b: { value: b } } });
    const parameters = [
      { name: 's', type: struct, value: value('1', 'x') },
      {
        name: 'l',
        type: { type: 'ARRAY', arrayType: struct },
        value: { arrayValues: [value('2', 'y'), value('3', 'z')] },
      },
      {
        name: 'd',
        type: { type: 'ARRAY', arrayType: { type: 'DATE' } },
        value: { arrayValues: [{ value: '2026-11-01' }] },
      },
    ];
    expect(
      await warehouse.cells('SELECT @s.b, (SELECT SUM(e.a) FROM UNNEST(@l) e), @d[OFFSET(0)] + 1', {
        parameters,
      }),
    ).toEqual([['x', '5', '2026-11-02']]);
  });

  it('refuses a value that is none of its type, and a name that is not given', async () => {
    const parameters = [{ name: 'p', type: { type: 'INT64' }, value: { value: '1; SELECT 2' } }];
    await expect(warehouse.run('SELECT @p', { parameters })).rejects.toThrow(
      "Invalid value for type INT64: '1; SELECT 2'",
    );
    await expect(warehouse.run('SELECT @q', { parameters })).rejects.toThrow(
      "Query parameter 'q' not found at [1:8]",
    );
  });
});
