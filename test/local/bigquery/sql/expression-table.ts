/**
 * Adds expressions, one a line on standard input, to test/cases/sql/expressions.json with the answers that
 * GoogleSQL's reference evaluator gives: npx tsx test/local/bigquery/sql/expression-table.ts < list
 */

import { readFileSync, writeFileSync } from 'node:fs';
import type { Cell } from './duckdb.ts';
import { oracleProgram, startOracle } from './oracle.ts';
import { evaluatedCell, typeName } from './oracle-value.ts';

export interface ExpressionCase {
  /** The function or operator that it is about. */
  readonly of: string;
  readonly sql: string;
  /** GoogleSQL's name of the type, with a value; or the error. */
  readonly type?: string;
  readonly value?: Cell;
  readonly error?: string;
}

const table = new URL('../../../cases/sql/expressions.json', import.meta.url);

export const readTable = (): readonly ExpressionCase[] =>
  (JSON.parse(readFileSync(table, 'utf8')) as { readonly cases: readonly ExpressionCase[] }).cases;

/** The function that stands first in it, or `operator`. */
function subject(sql: string): string {
  const name = /^(?:SAFE\.)?((?:NET\.)?[A-Z][A-Z0-9_]*)\(/.exec(sql)?.[1];
  const aggregate = /^\(SELECT ([A-Z_]+)\(/.exec(sql)?.[1];
  return name ?? aggregate ?? 'operators';
}

async function add(lines: readonly string[]): Promise<void> {
  const oracle = await startOracle(oracleProgram ?? '');
  const cases = [...readTable()];
  const known = new Set(cases.map((one) => one.sql));
  for (const sql of lines.filter((line) => line.trim() !== '' && !known.has(line))) {
    known.add(sql);
    const answer = await oracle.evaluate(sql).then(
      (found) => ({ type: typeName(found.type), value: evaluatedCell(found) }),
      (error: Error) => ({ error: error.message.replace(/ \[at \d+:\d+\]$/, '') }),
    );
    cases.push({ of: subject(sql), sql, ...answer });
  }
  await oracle.close();
  cases.sort((a, b) => (a.of < b.of ? -1 : a.of > b.of ? 1 : 0));
  const about =
    "Expressions of GoogleSQL, by function, with the answers of GoogleSQL's reference evaluator. Values are written as in the REST API, TIMESTAMPs as text.";
  const rows = cases.map((one) => `    ${JSON.stringify(one)}`).join(',\n');
  writeFileSync(table, `{\n  "about": ${JSON.stringify(about)},\n  "cases": [\n${rows}\n  ]\n}\n`);
}

if (process.argv[1]?.endsWith('expression-table.ts')) await add(readFileSync(0, 'utf8').split('\n'));
