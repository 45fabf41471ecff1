/** FROM: table paths, subqueries, UNNEST, joins, PIVOT and UNPIVOT. Comma and CROSS JOIN bind alike, to the left. */

import type { Cursor } from './cursor.ts';
import { parseExpression } from './expression.ts';
import { aliasOf, parseQuery } from './query.ts';
import type { FromItem, Path, Pivot, TableArgument, Unpivot } from './tree.ts';

export function parseFrom(cursor: Cursor): FromItem {
  let left = joins(cursor);
  while (cursor.is(',')) {
    const at = cursor.next().start;
    const right = joinsAfterComma(cursor, left, at);
    left = right;
  }
  return left;
}

function joinsAfterComma(cursor: Cursor, left: FromItem, at: number): FromItem {
  const right = item(cursor);
  const crossed: FromItem = { kind: 'join', type: 'CROSS', left, right, on: null, using: null, at };
  return joinTail(cursor, crossed);
}

function joins(cursor: Cursor): FromItem {
  return joinTail(cursor, item(cursor));
}

function joinTail(cursor: Cursor, start: FromItem): FromItem {
  let left = start;
  for (let count = 0; ; count += 1) {
    if (count > 100) throw cursor.tooDeep(cursor.at);
    const next = joinOnto(cursor, left);
    if (!next) return left;
    left = next;
  }
}

/** One join, if there is one. */
export function joinOnto(cursor: Cursor, left: FromItem): FromItem | null {
  const at = cursor.at;
  const type = joinType(cursor);
  if (!type) return null;
  const right = item(cursor);
  const on = type !== 'CROSS' && cursor.accept('ON') ? parseExpression(cursor) : null;
  const using = type !== 'CROSS' && !on && cursor.accept('USING') ? usingColumns(cursor) : null;
  return { kind: 'join', type, left, right, on, using, at };
}

type JoinType = 'INNER' | 'LEFT' | 'RIGHT' | 'FULL' | 'CROSS';

function joinType(cursor: Cursor): JoinType | null {
  if (cursor.is('NATURAL')) throw cursor.unsupported('NATURAL JOIN');
  if (cursor.accept('JOIN')) return hint(cursor, 'INNER');
  for (const type of ['INNER', 'CROSS', 'LEFT', 'RIGHT', 'FULL'] as const) {
    if (!cursor.is(type)) continue;
    cursor.next();
    if (type !== 'INNER' && type !== 'CROSS') cursor.accept('OUTER');
    cursor.expect('JOIN');
    return hint(cursor, type);
  }
  return null;
}

function hint(cursor: Cursor, type: JoinType): JoinType {
  if (cursor.is('@')) throw cursor.unsupported('hints');
  return type;
}

function usingColumns(cursor: Cursor) {
  cursor.expect('(');
  const columns = cursor.list(() => ({ at: cursor.at, name: cursor.identifier() }));
  cursor.expect(')');
  return columns;
}

function item(cursor: Cursor): FromItem {
  const at = cursor.at;
  if (cursor.is('LATERAL')) throw cursor.unsupported('LATERAL');
  if (cursor.accept('UNNEST')) {
    cursor.expect('(');
    const array = parseExpression(cursor);
    if (cursor.is(',')) throw cursor.unsupported('UNNEST of several arrays');
    cursor.expect(')');
    const alias = aliasUnlessTurn(cursor);
    const withOffset = offsetOf(cursor);
    return { kind: 'unnest', array, alias, withOffset, at };
  }
  if (cursor.is('(')) {
    if (!cursor.opensQuery()) {
      cursor.next();
      const inner = cursor.nested(() => parseFrom(cursor));
      cursor.expect(')');
      return inner;
    }
    cursor.next();
    const query = parseQuery(cursor);
    cursor.expect(')');
    const alias = aliasUnlessTurn(cursor);
    return { kind: 'derived', query, alias, turn: turnOf(cursor), at };
  }
  const { parts: path } = tablePath(cursor);
  if (cursor.is('(')) {
    const args = tableArguments(cursor);
    const alias = aliasUnlessTurn(cursor);
    return { kind: 'tableCall', path, args, alias, turn: turnOf(cursor), at };
  }
  if (cursor.is('FOR') && cursor.isWord('SYSTEM_TIME', 1)) throw cursor.unsupported('FOR SYSTEM_TIME AS OF');
  const alias = aliasUnlessTurn(cursor);
  if (cursor.is('FOR')) throw cursor.unsupported('FOR SYSTEM_TIME AS OF');
  const withOffset = offsetOf(cursor);
  const turn = turnOf(cursor);
  const percent = cursor.accept('TABLESAMPLE') ? samplePercent(cursor) : null;
  return { kind: 'table', path, alias, withOffset, turn, percent, at };
}

/** `SYSTEM (10 PERCENT)`. */
function samplePercent(cursor: Cursor): number {
  cursor.expectWord('SYSTEM');
  cursor.expect('(');
  const token = cursor.next();
  if (token.kind !== 'integer' && token.kind !== 'float') throw cursor.unexpected(token);
  cursor.expectWord('PERCENT');
  cursor.expect(')');
  return Number(token.text);
}

/** Arguments of a table function, from the opening parenthesis on. */
function tableArguments(cursor: Cursor): readonly TableArgument[] {
  cursor.expect('(');
  const args = cursor.is(')') ? [] : cursor.list(() => tableArgument(cursor));
  cursor.expect(')');
  return args;
}

function tableArgument(cursor: Cursor): TableArgument {
  const at = cursor.at;
  const named = cursor.isIdentifier() && cursor.is('=>', 1);
  const name = named ? cursor.identifier().toUpperCase() : null;
  if (named) cursor.next();
  if (cursor.isWord('TABLE') && cursor.isIdentifier(1)) {
    cursor.next();
    return { name, value: null, table: tablePath(cursor), at };
  }
  return { name, value: parseExpression(cursor), table: null, at };
}

function aliasUnlessTurn(cursor: Cursor): string | null {
  return startsTurn(cursor) ? null : aliasOf(cursor);
}

function startsTurn(cursor: Cursor): boolean {
  if (cursor.token.kind !== 'identifier') return false;
  if (cursor.isWord('PIVOT')) return cursor.is('(', 1);
  return (
    cursor.isWord('UNPIVOT') && (cursor.is('(', 1) || cursor.isWord('INCLUDE', 1) || cursor.is('EXCLUDE', 1))
  );
}

function offsetOf(cursor: Cursor): { readonly alias: string } | null {
  if (!cursor.is('WITH') || !cursor.isWord('OFFSET', 1)) return null;
  cursor.index += 2;
  return { alias: aliasUnlessTurn(cursor) ?? 'offset' };
}

export function turnOf(cursor: Cursor): Pivot | Unpivot | null {
  if (!startsTurn(cursor)) return null;
  return cursor.isWord('PIVOT') ? pivot(cursor) : unpivot(cursor);
}

function pivot(cursor: Cursor): Pivot {
  const at = cursor.next().start;
  cursor.expect('(');
  const aggregates = cursor.list(() => ({ value: parseExpression(cursor), alias: aliasOf(cursor) }));
  cursor.expect('FOR');
  const column = parseExpressionBeforeIn(cursor);
  cursor.expect('IN');
  cursor.expect('(');
  const values = cursor.list(() => ({ value: parseExpression(cursor), alias: aliasOf(cursor) }));
  cursor.expect(')');
  cursor.expect(')');
  return { kind: 'pivot', aggregates, column, values, alias: aliasOf(cursor), at };
}

/** The pivoted column: a path of names, since `x IN (…)` would be read as a condition. */
function parseExpressionBeforeIn(cursor: Cursor) {
  const at = cursor.at;
  const parts = [cursor.identifier()];
  while (cursor.accept('.')) parts.push(cursor.next().text);
  if (!cursor.is('IN')) throw cursor.unsupported('PIVOT FOR an expression', at);
  const [first, ...rest] = parts;
  return rest.reduce<Pivot['column']>((of, name) => ({ kind: 'dot', of, name, at }), {
    kind: 'name',
    name: first ?? '',
    quoted: false,
    at,
  });
}

function unpivot(cursor: Cursor): Unpivot {
  const at = cursor.next().start;
  const includeNulls = cursor.acceptWords('INCLUDE');
  if (includeNulls || cursor.accept('EXCLUDE')) cursor.expect('NULLS');
  cursor.expect('(');
  if (cursor.is('(')) throw cursor.unsupported('UNPIVOT of several columns at once');
  const value = cursor.identifier();
  cursor.expect('FOR');
  const name = cursor.identifier();
  cursor.expect('IN');
  cursor.expect('(');
  const columns = cursor.list(() => {
    const place = cursor.at;
    const column = cursor.identifier();
    const label = cursor.accept('AS') || ['string', 'integer'].includes(cursor.token.kind);
    return { column, label: label ? parseExpression(cursor) : null, at: place };
  });
  cursor.expect(')');
  cursor.expect(')');
  return { kind: 'unpivot', includeNulls, value, name, columns, alias: aliasOf(cursor), at };
}

const dashed = /[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*/y;

/**
 * The path of a table: `d.t`, `` `p.d.t` ``, `my-project.d.t`. Dots inside backquotes separate, as BigQuery has it.
 */
export function tablePath(cursor: Cursor): Path {
  const at = cursor.at;
  const parts: string[] = [];
  if (cursor.token.kind === 'identifier') {
    dashed.lastIndex = cursor.at;
    const name = dashed.exec(cursor.source)?.[0] ?? '';
    const end = cursor.at + name.length;
    cursor.next();
    while (!cursor.done && cursor.token.start < end) cursor.next();
    parts.push(name);
  } else {
    parts.push(...quotedParts(cursor));
  }
  while (cursor.accept('.')) {
    const token = cursor.token;
    if (token.kind === 'quoted') parts.push(...quotedParts(cursor));
    else if (token.kind === 'identifier' || token.kind === 'keyword') parts.push(cursor.next().text);
    else if (token.kind === 'integer') parts.push(cursor.next().text);
    else throw cursor.unexpected();
    const star = cursor.is('*') && cursor.at === cursor.tokens[cursor.index - 1]?.end;
    if (star) throw cursor.failures.syntax('Unexpected "*"; a wildcard table needs backquotes', cursor.at);
  }
  return { parts, at };
}

function quotedParts(cursor: Cursor): readonly string[] {
  if (cursor.token.kind !== 'quoted') throw cursor.unexpected();
  const text = cursor.next().text;
  const parts = text.split('.');
  if (parts.some((part) => part === '')) {
    throw cursor.failures.invalid(`Invalid table name: \`${text}\``, cursor.at);
  }
  return parts;
}
