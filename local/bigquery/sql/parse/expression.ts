/**
 * Expressions by precedence climbing. Source: GoogleSQL "Operators", precedence table; comparison operators do
 * not associate. Long chains of AND and OR are one node; other chains and nesting have a bound.
 */

import { parseCall } from './call.ts';
import type { Cursor } from './cursor.ts';
import { parsePrimary } from './primary.ts';
import { parseQuery } from './query.ts';
import type { BinaryOperator, Expression, InSet } from './tree.ts';

const maxChain = 400;

const levels: readonly (readonly BinaryOperator[])[] = [
  ['|'],
  ['^'],
  ['&'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '||'],
];

export function parseExpression(cursor: Cursor): Expression {
  return cursor.nested(() => logical(cursor, 'OR', () => logical(cursor, 'AND', () => negation(cursor))));
}

function logical(cursor: Cursor, operator: 'AND' | 'OR', item: () => Expression): Expression {
  const first = item();
  if (!cursor.is(operator)) return first;
  const at = cursor.at;
  const items = [first];
  while (cursor.accept(operator)) items.push(item());
  return { kind: 'logical', operator, items, at };
}

function negation(cursor: Cursor): Expression {
  if (!cursor.is('NOT')) return comparison(cursor);
  const at = cursor.next().start;
  return cursor.nested(() => ({ kind: 'unary', operator: 'NOT', value: negation(cursor), at }));
}

const comparisons = ['=', '!=', '<', '<=', '>', '>='] as const;

function comparison(cursor: Cursor): Expression {
  const left = binary(cursor, 0);
  const compared = comparisonTail(cursor, left);
  if (compared !== left && startsComparison(cursor)) throw cursor.unexpected();
  return compared;
}

function startsComparison(cursor: Cursor): boolean {
  const words = ['IS', 'IN', 'LIKE', 'BETWEEN'];
  return [...comparisons, ...words].some((text) => cursor.is(text));
}

function comparisonTail(cursor: Cursor, left: Expression): Expression {
  const at = cursor.at;
  const operator = comparisons.find((text) => cursor.is(text));
  if (operator) {
    cursor.next();
    return { kind: 'binary', operator, left, right: binary(cursor, 0), at };
  }
  if (cursor.accept('IS')) return isTail(cursor, left, at);
  const follows = ['IN', 'LIKE', 'BETWEEN'].some((text) => cursor.is(text, 1));
  const not = follows && cursor.accept('NOT');
  if (cursor.accept('IN')) return { kind: 'in', value: left, set: inSet(cursor), not, at };
  if (cursor.accept('LIKE')) return likeTail(cursor, left, not, at);
  if (cursor.accept('BETWEEN')) {
    const low = binary(cursor, 0);
    cursor.expect('AND');
    return { kind: 'between', value: left, low, high: binary(cursor, 0), not, at };
  }
  return left;
}

function isTail(cursor: Cursor, value: Expression, at: number): Expression {
  const not = cursor.accept('NOT');
  if (cursor.accept('DISTINCT')) {
    cursor.expect('FROM');
    return { kind: 'distinct', left: value, right: binary(cursor, 0), not, at };
  }
  for (const what of ['NULL', 'TRUE', 'FALSE', 'UNKNOWN'] as const) {
    if (cursor.acceptWords(what)) return { kind: 'is', value, what, not, at };
  }
  throw cursor.unexpected();
}

function likeTail(cursor: Cursor, value: Expression, not: boolean, at: number): Expression {
  const any = cursor.accept('ANY') || cursor.accept('SOME');
  const all = !any && cursor.accept('ALL');
  if (!any && !all) {
    return { kind: 'like', value, patterns: [binary(cursor, 0)], quantifier: null, not, at };
  }
  if (cursor.is('UNNEST')) throw cursor.unsupported('LIKE ANY | ALL UNNEST');
  cursor.expect('(');
  if (cursor.is('SELECT') || cursor.is('WITH')) throw cursor.unsupported('LIKE ANY | ALL (subquery)');
  const patterns = cursor.list(() => parseExpression(cursor));
  cursor.expect(')');
  return { kind: 'like', value, patterns, quantifier: any ? 'ANY' : 'ALL', not, at };
}

function inSet(cursor: Cursor): InSet {
  if (cursor.accept('UNNEST')) {
    cursor.expect('(');
    const array = parseExpression(cursor);
    cursor.expect(')');
    return { kind: 'unnest', array };
  }
  const isQuery = cursor.opensQuery();
  cursor.expect('(');
  if (isQuery) {
    const query = parseQuery(cursor);
    cursor.expect(')');
    return { kind: 'query', query };
  }
  const items = cursor.list(() => parseExpression(cursor));
  cursor.expect(')');
  return { kind: 'list', items };
}

function binary(cursor: Cursor, level: number): Expression {
  const operators = levels[level];
  if (!operators) return unary(cursor);
  let left = binary(cursor, level + 1);
  for (let length = 1; ; length += 1) {
    const operator = operators.find((text) => cursor.is(text));
    if (!operator) return left;
    if (length > maxChain) throw cursor.tooDeep(cursor.at);
    const at = cursor.next().start;
    left = { kind: 'binary', operator, left, right: binary(cursor, level + 1), at };
  }
}

function unary(cursor: Cursor): Expression {
  for (const operator of ['-', '+', '~'] as const) {
    if (!cursor.is(operator)) continue;
    const at = cursor.next().start;
    return cursor.nested(() => ({ kind: 'unary', operator, value: unary(cursor), at }));
  }
  return postfix(cursor, parsePrimary(cursor));
}

/** `.field`, `[index]` and calls of dotted names. */
function postfix(cursor: Cursor, start: Expression): Expression {
  let of = start;
  for (let length = 0; ; length += 1) {
    if (length > maxChain) throw cursor.tooDeep(cursor.at);
    const at = cursor.at;
    if (cursor.is('.')) {
      cursor.next();
      if (cursor.is('(')) throw cursor.unsupported('generalized field access');
      if (cursor.is('*')) {
        cursor.index -= 1;
        return of;
      }
      const nameAt = cursor.at;
      const token = cursor.next();
      if (!['identifier', 'quoted', 'keyword'].includes(token.kind)) throw cursor.unexpected(token);
      of = { kind: 'dot', of, name: token.text, at: nameAt };
      if (cursor.is('(')) of = parseCall(cursor, callName(cursor, of), start.at);
    } else if (cursor.is('[')) {
      cursor.next();
      const index = parseExpression(cursor);
      cursor.expect(']');
      of = { kind: 'index', of, index, at };
    } else {
      return of;
    }
  }
}

function callName(cursor: Cursor, of: Expression): readonly string[] {
  if (of.kind === 'name') return of.quoted ? of.name.split('.') : [of.name];
  if (of.kind === 'dot') return [...callName(cursor, of.of), of.name];
  throw cursor.unexpected();
}
