/** CREATE FUNCTION, CREATE TABLE FUNCTION, external tables, search indexes, EXPORT DATA. */

import type { Cursor } from './cursor.ts';
import { column, optionsIfAny } from './ddl.ts';
import { parseExpression } from './expression.ts';
import { tablePath } from './from.ts';
import { parseQuery } from './query.ts';
import type { ColumnTree, RoutineArgumentTree, StatementTree } from './statement-tree.ts';
import type { Path } from './tree.ts';
import { parseType, TypeCloser } from './type.ts';

interface FunctionHead {
  readonly orReplace: boolean;
  readonly at: number;
  readonly isTable?: boolean;
  readonly isTemporary?: boolean;
}

const ifNot = (cursor: Cursor): boolean => cursor.acceptWords('IF', 'NOT', 'EXISTS');

/** The text from an offset to the last token that was read. */
const textSince = (cursor: Cursor, from: number): string =>
  cursor.source.slice(from, cursor.tokens[cursor.index - 1]?.end ?? from);

/** From after the word FUNCTION on. */
export function createFunction(cursor: Cursor, head: FunctionHead): StatementTree {
  const { orReplace, at, isTable = false, isTemporary = false } = head;
  const ifNotExists = ifNot(cursor);
  const routine = tablePath(cursor);
  cursor.expect('(');
  const args = cursor.is(')') ? [] : cursor.list(() => argument(cursor));
  cursor.expect(')');
  const returns = cursor.acceptWords('RETURNS') ? returnType(cursor, isTable) : null;
  if (
    cursor.isWord('LANGUAGE') ||
    cursor.isWord('REMOTE') ||
    cursor.isWord('DETERMINISTIC') ||
    cursor.is('NOT')
  )
    throw cursor.unsupported('functions in other languages than SQL');
  const before = optionsIfAny(cursor);
  cursor.expect('AS');
  const { body, bodyAt } = isTable ? queryBody(cursor) : expressionBody(cursor);
  const options = [...before, ...optionsIfAny(cursor)];
  const rest = { ifNotExists, orReplace, arguments: args, returns, body, bodyAt, options, at };
  return { kind: 'create_function', routine, isTable, isTemporary, ...rest };
}

function argument(cursor: Cursor): RoutineArgumentTree {
  const at = cursor.at;
  const name = cursor.identifier();
  if (cursor.acceptWords('ANY', 'TYPE')) return { name, type: null, at };
  if (cursor.isWord('TABLE')) throw cursor.unsupported('table arguments of functions');
  const from = cursor.at;
  parseType(cursor);
  const type = textSince(cursor, from);
  if (cursor.is('DEFAULT')) throw cursor.unsupported('default values of arguments');
  return { name, type, at };
}

/** `INT64`, or `TABLE<a INT64, b STRING>`, as text. */
function returnType(cursor: Cursor, isTable: boolean): string {
  const from = cursor.at;
  if (!isTable) {
    parseType(cursor);
    return textSince(cursor, from);
  }
  cursor.expectWord('TABLE');
  cursor.expect('<');
  const closer = new TypeCloser();
  do {
    cursor.identifier();
    parseType(cursor, closer);
  } while (closer.pending === 0 && cursor.accept(','));
  closer.close(cursor);
  return textSince(cursor, from);
}

function expressionBody(cursor: Cursor): { readonly body: string; readonly bodyAt: number } {
  if (cursor.token.kind === 'string') throw cursor.unsupported('functions in other languages than SQL');
  cursor.expect('(');
  const bodyAt = cursor.at;
  parseExpression(cursor);
  const body = textSince(cursor, bodyAt);
  cursor.expect(')');
  return { body, bodyAt };
}

function queryBody(cursor: Cursor): { readonly body: string; readonly bodyAt: number } {
  const bodyAt = cursor.at;
  parseQuery(cursor);
  return { body: textSince(cursor, bodyAt), bodyAt };
}

export function createExternalTable(cursor: Cursor, orReplace: boolean, at: number): StatementTree {
  const ifNotExists = ifNot(cursor);
  const table = tablePath(cursor);
  const columns = cursor.is('(') ? columnList(cursor) : null;
  let partitionColumns: readonly ColumnTree[] | null = null;
  let connection: Path | null = null;
  // Google's examples have the connection last, its syntax has it first.
  for (;;) {
    if (partitionColumns === null && cursor.acceptWords('WITH', 'PARTITION', 'COLUMNS'))
      partitionColumns = cursor.is('(') ? columnList(cursor) : [];
    else if (connection === null && cursor.acceptWords('WITH', 'CONNECTION'))
      connection = connectionPath(cursor);
    else break;
  }
  const options = optionsIfAny(cursor);
  return {
    kind: 'create_external_table',
    table,
    ifNotExists,
    orReplace,
    columns,
    partitionColumns,
    connection,
    options,
    at,
  };
}

/** `project.location.connection`, `location.connection`, or the default one. */
function connectionPath(cursor: Cursor): Path {
  const { at } = cursor;
  if (cursor.accept('DEFAULT')) return { parts: ['DEFAULT'], at };
  const path = tablePath(cursor);
  if (path.parts.length === 2 || path.parts.length === 3) return path;
  throw cursor.failures.invalid(
    `Invalid connection name: ${path.parts.join('.')}; allowed: project.location.connection, location.connection, DEFAULT`,
    at,
  );
}

function columnList(cursor: Cursor): readonly ColumnTree[] {
  cursor.expect('(');
  const closer = new TypeCloser();
  const columns = cursor.list(() => column(cursor, closer));
  cursor.expect(')');
  return columns;
}

/** From after SEARCH INDEX on. */
export function createSearchIndex(cursor: Cursor, at: number): StatementTree {
  const ifNotExists = ifNot(cursor);
  const index = cursor.identifier();
  cursor.expect('ON');
  const table = tablePath(cursor);
  cursor.expect('(');
  const all = cursor.acceptWords('ALL', 'COLUMNS');
  const columns = all
    ? null
    : cursor.list(() => {
        const path = tablePath(cursor);
        optionsIfAny(cursor);
        return path;
      });
  if (all && cursor.is('WITH')) throw cursor.unsupported('search indexes with options of single columns');
  cursor.expect(')');
  return {
    kind: 'create_search_index',
    index,
    table,
    ifNotExists,
    columns,
    options: optionsIfAny(cursor),
    at,
  };
}

/** `EXPORT DATA OPTIONS(…) AS query`. */
export function exportData(cursor: Cursor): StatementTree {
  const at = cursor.next().start;
  cursor.expectWord('DATA');
  if (cursor.is('WITH')) throw cursor.unsupported('EXPORT DATA with a connection');
  const options = optionsIfAny(cursor);
  cursor.expect('AS');
  return { kind: 'export_data', options, query: parseQuery(cursor), at };
}
