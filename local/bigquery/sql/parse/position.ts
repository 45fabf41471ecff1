/**
 * Places in a script: offsets are kept while parsing and become `[line:column]` only when an error is made.
 * Columns count as BigQuery counts them: characters, and a tab goes on to the next multiple of eight.
 */

import type { SqlErrorReason } from '../statement.ts';
import { SqlError } from '../statement.ts';

function place(source: string, offset: number): { readonly line: number; readonly column: number } {
  let line = 1;
  let start = 0;
  for (let i = source.indexOf('\n'); i >= 0 && i < offset; i = source.indexOf('\n', i + 1)) {
    line += 1;
    start = i + 1;
  }
  let column = 1;
  for (const character of source.slice(start, offset)) {
    column = character === '\t' ? column + 8 - ((column - 1) % 8) : column + 1;
  }
  return { line, column };
}

/** Makes the errors of one script. */
export class Failures {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  error(reason: SqlErrorReason, message: string, offset: number): SqlError {
    const { line, column } = place(this.source, offset);
    return new SqlError(reason, `${message} at [${line}:${column}]`, line, column);
  }

  syntax(message: string, offset: number): SqlError {
    return this.error('invalidQuery', `Syntax error: ${message}`, offset);
  }

  invalid(message: string, offset: number): SqlError {
    return this.error('invalidQuery', message, offset);
  }

  /** An error of the whole statement, which BigQuery gives without a place. */
  invalidPlain(message: string): SqlError {
    return new SqlError('invalidQuery', message);
  }

  unsupported(what: string, offset: number): SqlError {
    return this.error('notImplemented', `not supported locally: ${what}`, offset);
  }
}
