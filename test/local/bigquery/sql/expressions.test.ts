import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ColumnSpec } from '../../../../local/bigquery/sql/index.ts';
import { columnType, typeText } from '../../../../local/bigquery/sql/type.ts';
import { type Cell, TestWarehouse } from './duckdb.ts';
import { type ExpressionCase, readTable } from './expression-table.ts';
import { type Oracle, oracleProgram, startOracle } from './oracle.ts';
import { evaluatedCell, typeName } from './oracle-value.ts';

const cases = readTable();
const functions = [...new Set(cases.map((one) => one.of))];

/** Types as GoogleSQL writes them, without the names of fields. */
function plainType(column: ColumnSpec): string {
  return typeText(columnType(column)).replace(/(?<=[<\s])\w+ (?=[A-Z])/g, '');
}

/** The same, but for the last two digits of a float. */
function same(ours: Cell, theirs: Cell, type: string): boolean {
  if (type !== 'FLOAT64' || ours === null || theirs === null)
    return JSON.stringify(ours) === JSON.stringify(theirs);
  const [a, b] = [Number(ours), Number(theirs)];
  return Object.is(a, b) || a === b || Math.abs(a - b) <= 4e-15 * Math.abs(b);
}

type Answered = ExpressionCase & { readonly refused: boolean };

const answers = new Map<string, Promise<Answered>>();

function answer(warehouse: TestWarehouse, sql: string): Promise<Answered> {
  const known = answers.get(sql) ?? asked(warehouse, sql);
  answers.set(sql, known);
  return known;
}

/** What the local engine says: a value, an error, or that it is not supported. */
async function asked(warehouse: TestWarehouse, sql: string): Promise<Answered> {
  const base = { of: '', sql, refused: false };
  try {
    const { columns, rows } = await warehouse.run(`SELECT ${sql} AS v`);
    return { ...base, type: plainType(columns[0]!), value: rows[0]?.v ?? null };
  } catch (error) {
    const message = error instanceof Error ? error.message.replace(/ at \[\d+:\d+\]$/, '') : '';
    return { ...base, error: message, refused: message.startsWith('not supported locally: ') };
  }
}

describe('expressions on the local engine', () => {
  let warehouse: TestWarehouse;
  beforeAll(async () => {
    warehouse = await TestWarehouse.open();
  });
  afterAll(() => warehouse.close());

  it('cover more than a hundred functions with at least six hundred expressions', () => {
    expect(functions.length).toBeGreaterThan(100);
    expect(cases.length).toBeGreaterThanOrEqual(600);
  });

  it.each(functions)('%s answers as GoogleSQL does, or refuses', async (name) => {
    for (const one of cases.filter((candidate) => candidate.of === name)) {
      const ours = await answer(warehouse, one.sql);
      if (ours.refused) continue;
      if (one.error !== undefined) {
        expect(ours.error?.slice(0, 40), one.sql).toBe(one.error.slice(0, 40));
        continue;
      }
      expect(ours.error, one.sql).toBeUndefined();
      const value = ours.value ?? null;
      expect(
        same(value, one.value ?? null, one.type ?? ''),
        `${one.sql}: ${JSON.stringify(value)}, not ${JSON.stringify(one.value)}`,
      ).toBe(true);
      expect(ours.type, one.sql).toBe(one.type);
    }
  });

  it('refuses no more than one in twelve', async () => {
    const all = await Promise.all(cases.map((one) => answer(warehouse, one.sql)));
    const refused = all.filter((one) => one.refused).map((one) => one.sql);
    expect(refused.length, refused.join('\n')).toBeLessThanOrEqual(cases.length / 12);
  });
});

describe.skipIf(!oracleProgram)(
  `expressions on the reference evaluator${oracleProgram ? '' : ' (skipped: it does not run on this machine)'}`,
  () => {
    let oracle: Oracle;
    beforeAll(async () => {
      oracle = await startOracle(oracleProgram!);
    });
    afterAll(() => oracle.close());

    it('give the answers that the table holds', async () => {
      for (const one of cases) {
        const found = await oracle.evaluate(one.sql).catch((error: Error) => error);
        if (found instanceof Error)
          expect(found.message.replace(/ \[at \d+:\d+\]$/, ''), one.sql).toBe(one.error);
        else expect([typeName(found.type), evaluatedCell(found)], one.sql).toEqual([one.type, one.value]);
      }
    });
  },
);
