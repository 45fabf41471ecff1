import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import queriesFile from '../../../cases/sql/queries.json' with { type: 'json' };
import { type Answer, type Given, TestWarehouse } from './duckdb.ts';
import { type Oracle, oracleProgram, startOracle } from './oracle.ts';
import { oracleQuery, oracleTables } from './oracle-query.ts';

interface Query {
  readonly name: string;
  readonly sql: string;
}

const { queries }: { readonly queries: readonly Query[] } = queriesFile;
const cases = new URL('../../../cases/sql/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, cases), 'utf8');

const text = { type: 'STRING' };
const given: Readonly<Record<string, Given>> = {
  params_array: {
    parameters: [
      {
        name: 'services',
        type: { type: 'ARRAY', arrayType: text },
        value: { arrayValues: [{ value: 'auth' }, { value: 'user' }] },
      },
    ],
  },
  params_positional: {
    parameters: [
      { name: null, type: text, value: { value: 'auth' } },
      { name: null, type: { type: 'INT64' }, value: { value: '500' } },
    ],
  },
};

const open = async (): Promise<TestWarehouse> => {
  const warehouse = await TestWarehouse.open();
  await warehouse.run(read('tables.sql'));
  await warehouse.run(read('rows.sql'));
  return warehouse;
};

describe("analysts' queries", () => {
  let warehouse: TestWarehouse;
  beforeAll(async () => {
    warehouse = await open();
  });
  afterAll(() => warehouse.close());

  it.each(queries)('$name runs', async ({ name, sql }) => {
    const { columns } = await warehouse.run(sql, given[name]);
    expect(columns.length).toBeGreaterThan(0);
  });

  it('counts what parameters ask for', async () => {
    const sql = (name: string): string => queries.find((query) => query.name === name)?.sql ?? '';
    expect(await warehouse.cells(sql('params_array'), given.params_array)).toEqual([['5']]);
    expect(await warehouse.cells(sql('params_positional'), given.params_positional)).toEqual([['2']]);
  });
});

/** Rows as text, floats to twelve digits: the last ones depend on the order of a sum. */
function rowsOf(answer: Answer, sql: string): readonly string[] {
  const digits = (one: string): string => Number(one.slice(1, -1)).toPrecision(12);
  const rows = answer.rows.map((row) =>
    JSON.stringify(row).replace(/"-?\d+\.\d{10,}(?:e[+-]\d+)?"/g, digits),
  );
  return /ORDER BY(?![^(]*\))/.test(sql) ? rows : [...rows].sort();
}

/** What the evaluator has not, or names otherwise. */
const notThere =
  /^(?:Unsupported built-in function|Function not found|Table not found|Unrecognized name: _PARTITION|Query parameter|Positional parameters|GROUP BY (?:GROUPING SETS|ALL) is (?:un|not )supported|Unimplemented feature|(?:Window )?ORDER BY (?:clause )?expression references column ts|Table-valued function not found|Syntax error: Unexpected keyword (?:DECLARE|FROM)|Statement not supported: Create|Generate_Uuid is an optional)/;

const files = ['queries.json', 'more-queries.json', 'dashboard-queries.json'];

describe.skipIf(!oracleProgram)(
  `analysts' queries on both engines${oracleProgram ? '' : " (skipped: GoogleSQL's evaluator does not run on this machine)"}`,
  () => {
    let warehouse: TestWarehouse;
    let oracle: Oracle;
    beforeAll(async () => {
      warehouse = await open();
      oracle = await startOracle(oracleProgram!);
    });
    afterAll(async () => {
      warehouse.close();
      await oracle.close();
    });

    it.each(files)('give the same rows: %s', async (file) => {
      const tables = await oracleTables(warehouse);
      const all = (JSON.parse(read(file)) as { readonly queries: readonly Query[] }).queries;
      let compared = 0;
      for (const { name, sql } of all) {
        const theirs = await oracleQuery(oracle, sql, tables).catch((error: unknown) => error as Error);
        const ours = await warehouse.run(sql, given[name]);
        if (theirs instanceof Error) {
          expect(theirs.message, name).toMatch(notThere);
          continue;
        }
        expect(rowsOf(ours, sql), `${name}: ${sql}`).toEqual(rowsOf(theirs, sql));
        expect(ours.columns.map((column) => column.name)).toEqual(
          theirs.columns.map((column) => column.name),
        );
        compared += 1;
      }
      expect(compared).toBeGreaterThan(all.length / 2);
    });
  },
);
