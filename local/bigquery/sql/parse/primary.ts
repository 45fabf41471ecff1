/** The operands of expressions: literals, names, calls, constructors, parenthesized expressions and subqueries. */

import { parseCall } from './call.ts';
import type { Cursor } from './cursor.ts';
import { parseExpression } from './expression.ts';
import { parseQuery } from './query.ts';
import type { Expression, TypeTree } from './tree.ts';
import { parseType } from './type.ts';

const typedLiterals = new Set([
  'DATE',
  'TIME',
  'DATETIME',
  'TIMESTAMP',
  'NUMERIC',
  'DECIMAL',
  'BIGNUMERIC',
  'BIGDECIMAL',
  'JSON',
  'RANGE',
]);

export function parsePrimary(cursor: Cursor): Expression {
  const token = cursor.token;
  const at = token.start;
  switch (token.kind) {
    case 'integer':
    case 'float':
    case 'string':
    case 'bytes':
      cursor.next();
      return { kind: token.kind, text: token.text, at };
    case 'parameter':
      cursor.next();
      if (token.text !== '?') return { kind: 'parameter', name: token.text, position: -1, at };
      cursor.positions += 1;
      return { kind: 'parameter', name: null, position: cursor.positions - 1, at };
    case 'system':
      cursor.next();
      return { kind: 'system', name: token.text, at };
    case 'identifier':
    case 'quoted':
      return nameOrCall(cursor);
    case 'keyword':
      return keyword(cursor);
    case 'symbol':
      if (token.text === '(') return parenthesized(cursor);
      if (token.text === '[') return arrayItems(cursor, null, at);
      throw cursor.unexpected();
    case 'end':
      throw cursor.unexpected();
  }
}

function nameOrCall(cursor: Cursor): Expression {
  const token = cursor.token;
  const at = token.start;
  const upper = token.text.toUpperCase();
  const unquoted = token.kind === 'identifier';
  if (unquoted && typedLiterals.has(upper) && cursor.ahead(1).kind === 'string') {
    cursor.next();
    return { kind: 'typed', type: upper, text: cursor.next().text, at };
  }
  if (unquoted && upper === 'SAFE_CAST' && cursor.is('(', 1)) return cast(cursor, true);
  cursor.next();
  if (cursor.is('(')) return parseCall(cursor, unquoted ? [token.text] : token.text.split('.'), at);
  return { kind: 'name', name: token.text, quoted: !unquoted, at };
}

function keyword(cursor: Cursor): Expression {
  const { text, start: at } = cursor.token;
  switch (text) {
    case 'TRUE':
    case 'FALSE':
      cursor.next();
      return { kind: 'boolean', value: text === 'TRUE', at };
    case 'NULL':
      cursor.next();
      return { kind: 'null', at };
    case 'CASE':
      return caseOf(cursor);
    case 'CAST':
      return cast(cursor, false);
    case 'EXTRACT':
      return extract(cursor);
    case 'EXISTS':
      cursor.next();
      return { kind: 'exists', query: queryInParentheses(cursor), at };
    case 'INTERVAL':
      return interval(cursor);
    case 'ARRAY':
      return array(cursor);
    case 'STRUCT':
      return struct(cursor);
    case 'IF':
    case 'LEFT':
    case 'RIGHT':
    case 'GROUPING':
    case 'COLLATE':
      if (!cursor.is('(', 1)) throw cursor.unexpected();
      cursor.next();
      return parseCall(cursor, [text], at);
    default:
      throw cursor.unexpected();
  }
}

function queryInParentheses(cursor: Cursor) {
  cursor.expect('(');
  const query = parseQuery(cursor);
  cursor.expect(')');
  return query;
}

function parenthesized(cursor: Cursor): Expression {
  const at = cursor.at;
  if (cursor.opensQuery()) return { kind: 'subquery', query: queryInParentheses(cursor), at };
  cursor.expect('(');
  const first = parseExpression(cursor);
  if (!cursor.is(',')) {
    cursor.expect(')');
    return first;
  }
  const fields = [{ name: null, value: first }];
  while (cursor.accept(',')) fields.push({ name: null, value: parseExpression(cursor) });
  cursor.expect(')');
  return { kind: 'struct', type: null, fields, tuple: true, at };
}

function caseOf(cursor: Cursor): Expression {
  const at = cursor.next().start;
  const value = cursor.is('WHEN') ? null : parseExpression(cursor);
  const whens: { when: Expression; result: Expression }[] = [];
  while (cursor.accept('WHEN')) {
    const when = parseExpression(cursor);
    cursor.expect('THEN');
    whens.push({ when, result: parseExpression(cursor) });
  }
  if (whens.length === 0) throw cursor.expected('keyword WHEN');
  const otherwise = cursor.accept('ELSE') ? parseExpression(cursor) : null;
  cursor.expect('END');
  return { kind: 'case', value, whens, otherwise, at };
}

function cast(cursor: Cursor, safe: boolean): Expression {
  const at = cursor.next().start;
  cursor.expect('(');
  const value = parseExpression(cursor);
  cursor.expect('AS');
  const type = parseType(cursor);
  if (cursor.isWord('FORMAT')) throw cursor.unsupported('CAST(… FORMAT …)');
  if (cursor.is('AT')) throw cursor.unsupported('CAST(… AT TIME ZONE …)');
  cursor.expect(')');
  return { kind: 'cast', value, type, safe, at };
}

function extract(cursor: Cursor): Expression {
  const at = cursor.next().start;
  cursor.expect('(');
  const part = parseExpression(cursor);
  cursor.expect('FROM');
  const value = parseExpression(cursor);
  let zone: Expression | null = null;
  if (cursor.accept('AT')) {
    cursor.expectWord('TIME');
    cursor.expectWord('ZONE');
    zone = parseExpression(cursor);
  }
  cursor.expect(')');
  return { kind: 'extract', part, value, zone, at };
}

function interval(cursor: Cursor): Expression {
  const at = cursor.next().start;
  const value = parseExpression(cursor);
  const unit = cursor.identifier().toUpperCase();
  const to = cursor.accept('TO') ? cursor.identifier().toUpperCase() : null;
  return { kind: 'interval', value, unit, to, at };
}

function array(cursor: Cursor): Expression {
  const at = cursor.at;
  if (cursor.is('(', 1)) {
    cursor.next();
    return { kind: 'arrayQuery', query: queryInParentheses(cursor), at };
  }
  if (cursor.is('<', 1)) {
    const type = parseType(cursor);
    return arrayItems(cursor, type.element ?? null, at);
  }
  cursor.next();
  return arrayItems(cursor, null, at);
}

function arrayItems(cursor: Cursor, element: TypeTree | null, at: number): Expression {
  cursor.expect('[');
  const items = cursor.is(']') ? [] : cursor.list(() => parseExpression(cursor));
  cursor.expect(']');
  return { kind: 'array', element, items, at };
}

function struct(cursor: Cursor): Expression {
  const at = cursor.at;
  const type = cursor.is('<', 1) ? parseType(cursor) : null;
  if (!type) cursor.next();
  cursor.expect('(');
  const field = () => {
    const value = parseExpression(cursor);
    const name = cursor.accept('AS') ? cursor.identifier() : null;
    if (name !== null && type)
      throw cursor.failures.syntax('STRUCT constructor with type cannot have field names', at);
    return { name, value };
  };
  const fields = cursor.is(')') ? [] : cursor.list(field);
  cursor.expect(')');
  return { kind: 'struct', type, fields, tuple: false, at };
}
