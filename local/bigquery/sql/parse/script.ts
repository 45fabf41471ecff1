/**
 * A script: statements separated by semicolons. Of scripting, DECLARE and SET are read; IF, loops and transactions
 * are refused.
 */

import { Cursor } from './cursor.ts';
import { alter, create, drop } from './ddl.ts';
import { deleteFrom, insert, merge, update } from './dml.ts';
import { parseExpression } from './expression.ts';
import { tablePath } from './from.ts';
import { parseQuery } from './query.ts';
import { exportData } from './routine.ts';
import type { StatementTree } from './statement-tree.ts';
import { parseType } from './type.ts';

export interface Script {
  readonly statements: readonly StatementTree[];
  readonly cursor: Cursor;
}

export function parseScript(source: string): Script {
  const cursor = new Cursor(source);
  const statements: StatementTree[] = [];
  while (cursor.accept(';'));
  while (!cursor.done) {
    statements.push(statement(cursor));
    if (!cursor.done && !cursor.is(';')) throw cursor.expected('end of input');
    while (cursor.accept(';'));
  }
  if (statements.length === 0) throw cursor.failures.syntax('Unexpected end of statement', source.length);
  return { statements, cursor };
}

const refused = new Set(
  `IF BEGIN LOOP WHILE REPEAT FOR CASE CALL EXECUTE RETURN RAISE BREAK LEAVE CONTINUE COMMIT ROLLBACK
  LOAD GRANT REVOKE ASSERT EXPLAIN DESCRIBE SHOW UNDROP`.split(/\s+/),
);

function statement(cursor: Cursor): StatementTree {
  const at = cursor.at;
  if (cursor.is('SELECT') || cursor.is('WITH') || cursor.is('(') || cursor.is('FROM')) {
    return { kind: 'query', query: parseQuery(cursor), at };
  }
  const word = cursor.token.kind === 'quoted' ? '' : cursor.token.text.toUpperCase();
  switch (word) {
    case 'DECLARE':
      return declare(cursor);
    case 'SET':
      return setVariable(cursor);
    case 'EXPORT':
      return exportData(cursor);
    case 'CREATE':
      return create(cursor);
    case 'DROP':
      return drop(cursor);
    case 'ALTER':
      return alter(cursor);
    case 'TRUNCATE':
      cursor.next();
      cursor.expectWord('TABLE');
      return { kind: 'truncate', table: tablePath(cursor), at };
    case 'INSERT':
      return insert(cursor);
    case 'UPDATE':
      return update(cursor);
    case 'DELETE':
      return deleteFrom(cursor);
    case 'MERGE':
      return merge(cursor);
    default:
      if (refused.has(word)) throw cursor.unsupported(`${word} statement`);
      throw cursor.unexpected();
  }
}

/** `DECLARE a, b INT64 DEFAULT 1`, `DECLARE a DEFAULT 1`. */
function declare(cursor: Cursor): StatementTree {
  const at = cursor.next().start;
  const names = cursor.list(() => cursor.identifier());
  const type = cursor.is('DEFAULT') ? null : parseType(cursor);
  const value = cursor.accept('DEFAULT') ? parseExpression(cursor) : null;
  if (!type && !value) throw cursor.expected('keyword DEFAULT');
  return { kind: 'declare', names, type, value, at };
}

function setVariable(cursor: Cursor): StatementTree {
  const at = cursor.next().start;
  if (cursor.is('(')) throw cursor.unsupported('SET of several variables');
  if (cursor.token.kind === 'system') throw cursor.unsupported('SET of system variables');
  const name = cursor.identifier();
  cursor.expect('=');
  return { kind: 'set', name, value: parseExpression(cursor), at };
}
