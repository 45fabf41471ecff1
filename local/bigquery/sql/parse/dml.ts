/** INSERT, UPDATE, DELETE, MERGE. Source: GoogleSQL "Data manipulation language". */

import type { Cursor } from './cursor.ts';
import { parseExpression } from './expression.ts';
import { parseFrom, tablePath } from './from.ts';
import { aliasOf, parseQuery } from './query.ts';
import type { Assignment, MergeWhen, StatementTree } from './statement-tree.ts';
import type { Expression, Path } from './tree.ts';

export function insert(cursor: Cursor): StatementTree {
  const at = cursor.next().start;
  cursor.accept('INTO');
  const table = tablePath(cursor);
  const columns = cursor.is('(') && !cursor.opensQuery() ? columnList(cursor) : null;
  if (cursor.acceptWords('VALUES')) {
    return { kind: 'insert', table, columns, rows: cursor.list(() => valueRow(cursor)), query: null, at };
  }
  return { kind: 'insert', table, columns, rows: null, query: parseQuery(cursor), at };
}

function columnList(cursor: Cursor): readonly Path[] {
  cursor.expect('(');
  const columns = cursor.list(() => ({ at: cursor.at, parts: [cursor.identifier()] }));
  cursor.expect(')');
  return columns;
}

function valueRow(cursor: Cursor): readonly (Expression | null)[] {
  cursor.expect('(');
  const values = cursor.list(() => valueOrDefault(cursor));
  cursor.expect(')');
  return values;
}

function valueOrDefault(cursor: Cursor): Expression | null {
  return cursor.accept('DEFAULT') ? null : parseExpression(cursor);
}

function assignments(cursor: Cursor): readonly Assignment[] {
  return cursor.list(() => {
    const at = cursor.at;
    const target = [cursor.identifier()];
    while (cursor.accept('.')) target.push(cursor.identifier());
    cursor.expect('=');
    return { target, value: valueOrDefault(cursor), at };
  });
}

export function update(cursor: Cursor): StatementTree {
  const at = cursor.next().start;
  const table = tablePath(cursor);
  const alias = aliasOf(cursor);
  cursor.expect('SET');
  const set = assignments(cursor);
  const from = cursor.accept('FROM') ? parseFrom(cursor) : null;
  const where = cursor.accept('WHERE') ? parseExpression(cursor) : null;
  return { kind: 'update', table, alias, set, from, where, at };
}

export function deleteFrom(cursor: Cursor): StatementTree {
  const at = cursor.next().start;
  cursor.accept('FROM');
  const table = tablePath(cursor);
  const alias = aliasOf(cursor);
  const where = cursor.accept('WHERE') ? parseExpression(cursor) : null;
  return { kind: 'delete', table, alias, where, at };
}

export function merge(cursor: Cursor): StatementTree {
  const at = cursor.next().start;
  cursor.accept('INTO');
  const table = tablePath(cursor);
  const alias = aliasOf(cursor);
  cursor.expect('USING');
  const source = parseFrom(cursor);
  cursor.expect('ON');
  const on = parseExpression(cursor);
  const whens: MergeWhen[] = [];
  while (cursor.is('WHEN')) whens.push(mergeWhen(cursor));
  if (whens.length === 0) throw cursor.expected('keyword WHEN');
  return { kind: 'merge', table, alias, source, on, whens, at };
}

function mergeWhen(cursor: Cursor): MergeWhen {
  const at = cursor.next().start;
  const matched = matchKind(cursor);
  const condition = cursor.accept('AND') ? parseExpression(cursor) : null;
  cursor.expect('THEN');
  if (cursor.acceptWords('DELETE')) return { matched, condition, action: { kind: 'delete' }, at };
  if (cursor.acceptWords('UPDATE')) {
    cursor.expect('SET');
    return { matched, condition, action: { kind: 'update', set: assignments(cursor) }, at };
  }
  cursor.expectWord('INSERT');
  const columns = cursor.is('(') ? columnList(cursor) : null;
  if (cursor.acceptWords('ROW'))
    return { matched, condition, action: { kind: 'insert', columns, values: null }, at };
  cursor.expectWord('VALUES');
  return { matched, condition, action: { kind: 'insert', columns, values: valueRow(cursor) }, at };
}

function matchKind(cursor: Cursor): MergeWhen['matched'] {
  const not = cursor.accept('NOT');
  cursor.expectWord('MATCHED');
  if (!not) return 'MATCHED';
  if (!cursor.accept('BY')) return 'NOT MATCHED BY TARGET';
  if (cursor.acceptWords('SOURCE')) return 'NOT MATCHED BY SOURCE';
  cursor.expectWord('TARGET');
  return 'NOT MATCHED BY TARGET';
}
