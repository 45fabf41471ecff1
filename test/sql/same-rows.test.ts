/**
 * The statements of sql/ on both engines, Google's evaluator and ours, over the same small rows: equal columns, types
 * and rows. The evaluator gets each statement alone, with the rows that ours gives for the views it reads; those are
 * compared by their own file.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { columnType, typeText } from '../../local/bigquery/sql/type.ts';
import type { Answer, Row, TestWarehouse } from '../local/bigquery/sql/duckdb.ts';
import { type Oracle, oracleProgram, startOracle } from '../local/bigquery/sql/oracle.ts';
import { oracleQuery } from '../local/bigquery/sql/oracle-query.ts';
import { openProject, type ProjectFile, projectFiles } from './project.ts';

const rowsFile = new URL('../cases/sql/project-rows.sql', import.meta.url);

const NOW = "TIMESTAMP '2026-11-20 12:00:00+00'";
/** Every parameter and argument of a file, as a literal. */
const GIVEN: Readonly<Record<string, string>> = {
  since: "TIMESTAMP '2026-11-20 11:00:00+00'",
  until: "TIMESTAMP '2026-11-20 12:00:00+00'",
  moment: "TIMESTAMP '2026-11-20 11:59:00+00'",
  service: "'payment'",
  one_service: "'auth'",
  words: "'timeout'",
  trace_id: "'t1'",
  one_trace: "'t1'",
  user_id: "'bob'",
};

/** What Google's evaluator cannot compute; its analyzer takes them all. */
const ONLY_OURS: Readonly<Record<string, RegExp>> = {
  'views/alert_noise.sql': /approx_quantiles/i,
  'queries/latency_quantiles.sql': /approx_quantiles/i,
  'queries/search.sql': /Function not found: SEARCH/i,
};

const files = (['functions', 'materialized', 'views', 'queries'] as const).flatMap(projectFiles);

/** The query that a file runs: what it asks, or what it makes a view or function of. */
const bodyOf = ({ part, sql }: ProjectFile): string =>
  (part === 'queries' ? sql : sql.slice(sql.search(/^AS$/m) + 2)).replace(/;\s*$/, '');

interface Argument {
  readonly name: string;
  readonly type: string;
}

/** Arguments of a function's file. */
function argumentsOf({ part, sql }: ProjectFile): readonly Argument[] {
  const list = part === 'functions' ? (/FUNCTION \w+\(([^)]*)\)/.exec(sql)?.[1] ?? '') : '';
  return [...list.matchAll(/(\w+) (\w+)/g)].map(([, name = '', type = '']) => ({ name, type }));
}

const word = (name: string): RegExp => new RegExp(`\\b${name}\\b`, 'g');

/** The body of a function with values in place of its arguments. */
const called = (file: ProjectFile, values: readonly string[]): string =>
  argumentsOf(file).reduce(
    (body, { name, type }, i) => body.replace(word(name), `CAST(${values[i]} AS ${type})`),
    bodyOf(file),
  );

const givenTo = (file: ProjectFile): readonly string[] =>
  argumentsOf(file).map(({ name }) => GIVEN[name] ?? 'NULL');

const withParameters = (sql: string): string => sql.replace(/@(\w+)/g, (_, name: string) => GIVEN[name]!);

const functions = projectFiles('functions');

/** Calls of our functions, each with the function's body in place. */
const inlined = (sql: string): string =>
  functions.reduce(
    (text, one) =>
      text.replace(
        new RegExp(`\\b${one.name}\\(((?:[^()]|\\([^()]*\\))*)\\)`, 'g'),
        (_, list: string) => `(${called(one, list.split(/,(?![^(]*\))/))})`,
      ),
    sql,
  );

/** The statement that asks for everything the file gives. */
const asked = (file: ProjectFile): string => {
  if (file.part === 'queries') return withParameters(bodyOf(file));
  if (file.part !== 'functions') return everything(file.name);
  return `SELECT * FROM ${file.name}(${givenTo(file).join(', ')})`;
};

/** What the file says, on its own. */
const spelledOut = (file: ProjectFile): string =>
  inlined(file.part === 'functions' ? called(file, givenTo(file)) : withParameters(bodyOf(file))).replaceAll(
    'CURRENT_TIMESTAMP()',
    NOW,
  );

/** The views over log_entries want a filter. */
const everything = (name: string): string =>
  `SELECT * FROM ${name}${/^(?:hot_)?logs$/.test(name) ? " WHERE timestamp > TIMESTAMP '1900-01-01'" : ''}`;

async function tablesOf(warehouse: TestWarehouse) {
  const tables = [...warehouse.tables].map(async ([key, { columns }]) => {
    const name = key.split('.').at(-1)!;
    const sql = name === 'log_entries' ? everything('logs').replace('logs', name) : everything(name);
    return { name: `local-proj.${key}`, columns, rows: (await warehouse.run(sql)).rows };
  });
  return Promise.all(tables);
}

/** Floats to twelve digits: the last ones depend on the order of a sum. */
const rowText = (row: Row): string =>
  JSON.stringify(row).replace(/"-?\d+\.\d{10,}(?:e[+-]\d+)?"/g, (one) =>
    Number(one.slice(1, -1)).toPrecision(12),
  );

const rowsOf = ({ rows }: Answer, ordered: boolean): readonly string[] =>
  ordered ? rows.map(rowText) : rows.map(rowText).sort();

const plain = (type: string): string => type.replace(/(?<=[<\s])\w+ (?=[A-Z])/g, '');

describe.skipIf(!oracleProgram)(
  `both engines${oracleProgram ? '' : " (skipped: GoogleSQL's evaluator does not run on this machine)"}`,
  () => {
    let warehouse: TestWarehouse;
    let oracle: Oracle;
    let tables: Awaited<ReturnType<typeof tablesOf>>;
    beforeAll(async () => {
      warehouse = await openProject();
      await warehouse.run(readFileSync(rowsFile, 'utf8'));
      tables = await tablesOf(warehouse);
      oracle = await startOracle(oracleProgram!);
    }, 60_000);
    afterAll(async () => {
      warehouse.close();
      await oracle.close();
    });

    const theirs = (file: ProjectFile): Promise<Answer> => oracleQuery(oracle, spelledOut(file), tables);

    it.each(files.filter(({ path }) => !(path in ONLY_OURS)))('give the same for $path', async (file) => {
      const [ours, right] = [await warehouse.run(asked(file)), await theirs(file)];
      expect(ours.columns.map((column) => [column.name, plain(typeText(columnType(column)))])).toEqual(
        right.columns.map((column) => [column.name, column.type]),
      );
      const ordered = file.part === 'queries' && /ORDER BY(?![^(]*\))/.test(file.sql);
      expect(rowsOf(ours, ordered)).toEqual(rowsOf(right, ordered));
      expect(right.rows.length, 'rows of the small tables').toBeGreaterThan(0);
    });

    it.each(files.filter(({ path }) => path in ONLY_OURS))('ours runs $path', async (file) => {
      await expect(theirs(file)).rejects.toThrow(ONLY_OURS[file.path]);
      expect((await warehouse.run(asked(file))).rows.length).toBeGreaterThan(0);
    });
  },
);
