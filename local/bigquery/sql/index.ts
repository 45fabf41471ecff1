/**
 * GoogleSQL to DuckDB: the door of the translator. What is not known to mean the same on both sides is
 * refused with "not supported locally: …"; nothing is passed through.
 */

import { ScriptState } from './analyze/statement.ts';
import { parseScript } from './parse/script.ts';
import type { SqlContext, Statement } from './statement.ts';

export { failureMessage } from './analyze/failure.ts';
export * from './statement.ts';

/**
 * The statements of a script, translated one at a time: the next is translated when it is asked for, so it sees
 * what the ones before it created. The whole script is parsed first; a syntax error anywhere runs nothing.
 */
export function* script(googleSql: string, context: SqlContext): Generator<Statement, void, undefined> {
  const { statements, cursor } = parseScript(googleSql);
  const state = new ScriptState(context, cursor.failures);
  for (const tree of statements) {
    const statement = state.next(tree);
    if (statement) yield statement;
  }
}

/** All statements of a script at once, against one state of the catalogue. */
export function translate(googleSql: string, context: SqlContext): readonly Statement[] {
  return [...script(googleSql, context)];
}
