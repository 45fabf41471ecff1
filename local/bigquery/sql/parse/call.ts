/** Calls: arguments, modifiers of aggregates (DISTINCT, IGNORE NULLS, HAVING, ORDER BY, LIMIT) and OVER. */

import type { Cursor } from './cursor.ts';
import { parseExpression } from './expression.ts';
import type { Argument, Call, FrameBound, OrderItem, WindowSpec } from './tree.ts';

/** From the opening parenthesis on. */
export function parseCall(cursor: Cursor, written: readonly string[], at: number): Call {
  const name = written.map((part) => part.toUpperCase());
  cursor.expect('(');
  const distinct = cursor.accept('DISTINCT');
  const star = cursor.is('*');
  if (star) cursor.next();
  const args = star || cursor.is(')') || startsModifier(cursor) ? [] : cursor.list(() => argument(cursor));
  const nulls = nullHandling(cursor);
  const having = havingOf(cursor);
  const orderBy = cursor.is('ORDER') ? orderItems(cursor) : [];
  const limit = cursor.accept('LIMIT') ? parseExpression(cursor) : null;
  cursor.expect(')');
  if (cursor.isWord('WITH') && cursor.isWord('GROUP', 1)) throw cursor.unsupported('WITH GROUP ROWS');
  const over = cursor.accept('OVER') ? overOf(cursor) : null;
  return { kind: 'call', name, written, args, star, distinct, nulls, having, orderBy, limit, over, at };
}

function startsModifier(cursor: Cursor): boolean {
  return ['ORDER', 'LIMIT', 'IGNORE', 'RESPECT'].some((word) => cursor.is(word));
}

function argument(cursor: Cursor): Argument {
  if (cursor.isIdentifier() && cursor.is('=>', 1)) {
    const name = cursor.identifier().toUpperCase();
    cursor.next();
    return { name, value: parseExpression(cursor) };
  }
  if (cursor.isIdentifier() && cursor.is('->', 1)) throw cursor.unsupported('lambda arguments');
  if (cursor.is('SELECT')) {
    throw cursor.failures.syntax('The argument is an unparenthesized query', cursor.at);
  }
  return { name: null, value: parseExpression(cursor) };
}

function nullHandling(cursor: Cursor): 'IGNORE' | 'RESPECT' | null {
  for (const word of ['IGNORE', 'RESPECT'] as const) {
    if (cursor.accept(word)) {
      cursor.expect('NULLS');
      return word;
    }
  }
  return null;
}

function havingOf(cursor: Cursor): Call['having'] {
  if (!cursor.accept('HAVING')) return null;
  const kind = cursor.acceptWords('MAX') ? 'MAX' : 'MIN';
  if (kind === 'MIN') cursor.expectWord('MIN');
  return { kind, value: parseExpression(cursor) };
}

/** `ORDER BY …`, from the word ORDER on. */
export function orderItems(cursor: Cursor): readonly OrderItem[] {
  cursor.expect('ORDER');
  cursor.expect('BY');
  return cursor.list(() => {
    const value = parseExpression(cursor);
    if (cursor.is('COLLATE')) throw cursor.unsupported('COLLATE');
    const descending = cursor.accept('DESC');
    if (!descending) cursor.accept('ASC');
    let nulls: OrderItem['nulls'] = null;
    if (cursor.accept('NULLS')) {
      nulls = cursor.acceptWords('FIRST') ? 'FIRST' : 'LAST';
      if (nulls === 'LAST') cursor.expectWord('LAST');
    }
    return { value, descending, nulls };
  });
}

function overOf(cursor: Cursor): WindowSpec {
  const at = cursor.at;
  if (cursor.isIdentifier())
    return { base: cursor.identifier(), partitionBy: [], orderBy: [], frame: null, at };
  return windowSpec(cursor);
}

/** `(base PARTITION BY … ORDER BY … frame)`. */
export function windowSpec(cursor: Cursor): WindowSpec {
  const at = cursor.at;
  cursor.expect('(');
  const base = cursor.isIdentifier() ? cursor.identifier() : null;
  let partitionBy: WindowSpec['partitionBy'] = [];
  if (cursor.accept('PARTITION')) {
    cursor.expect('BY');
    partitionBy = cursor.list(() => parseExpression(cursor));
  }
  const orderBy = cursor.is('ORDER') ? orderItems(cursor) : [];
  const frame = frameOf(cursor);
  cursor.expect(')');
  return { base, partitionBy, orderBy, frame, at };
}

function frameOf(cursor: Cursor): WindowSpec['frame'] {
  const unit = cursor.is('ROWS') ? 'ROWS' : cursor.is('RANGE') ? 'RANGE' : null;
  if (!unit) return null;
  cursor.next();
  if (cursor.accept('BETWEEN')) {
    const start = bound(cursor);
    cursor.expect('AND');
    return { unit, start, end: bound(cursor) };
  }
  return { unit, start: bound(cursor), end: { kind: 'CURRENT ROW', offset: null } };
}

function bound(cursor: Cursor): FrameBound {
  if (cursor.accept('CURRENT')) {
    cursor.expectWord('ROW');
    return { kind: 'CURRENT ROW', offset: null };
  }
  const unbounded = cursor.accept('UNBOUNDED');
  const offset = unbounded ? null : parseExpression(cursor);
  const direction = cursor.accept('PRECEDING') ? 'PRECEDING' : 'FOLLOWING';
  if (direction === 'FOLLOWING') cursor.expect('FOLLOWING');
  return { kind: unbounded ? `UNBOUNDED ${direction}` : direction, offset };
}
