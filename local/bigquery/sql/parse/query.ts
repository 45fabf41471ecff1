/** Queries: WITH, SELECT, set operations, ORDER BY, LIMIT. Source: GoogleSQL "Query syntax". */

import { orderItems, windowSpec } from './call.ts';
import type { Cursor } from './cursor.ts';
import { parseExpression } from './expression.ts';
import { parseFrom } from './from.ts';
import { pipeAfter, pipeFrom } from './pipe.ts';
import type {
  Body,
  CommonTable,
  Expression,
  GroupBy,
  Query,
  Select,
  SelectItem,
  WindowSpec,
} from './tree.ts';

/** A query, without the parentheses around it. */
export function parseQuery(cursor: Cursor): Query {
  return cursor.nested(() => {
    const at = cursor.at;
    const start = cursor.accept('WITH');
    const recursive = start && cursor.accept('RECURSIVE');
    const tables = start ? cursor.list(() => commonTable(cursor)) : [];
    if (cursor.is('FROM')) return { ...pipeFrom(cursor), recursive, with: tables, at };
    const body = parseBody(cursor);
    const orderBy = cursor.is('ORDER') ? orderItems(cursor) : [];
    const limit = cursor.accept('LIMIT') ? parseExpression(cursor) : null;
    const offset = limit && cursor.acceptWords('OFFSET') ? parseExpression(cursor) : null;
    const end = cursor.tokens[cursor.index - 1]?.end ?? at;
    const plain = { kind: 'query' as const, body, orderBy, limit, offset, at, end };
    if (!cursor.is('|>')) return { ...plain, recursive, with: tables };
    return { ...pipeAfter(cursor, { ...plain, recursive: false, with: [] }), recursive, with: tables, at };
  });
}

function commonTable(cursor: Cursor): CommonTable {
  const at = cursor.at;
  const name = cursor.identifier();
  cursor.expect('AS');
  cursor.expect('(');
  const query = parseQuery(cursor);
  cursor.expect(')');
  return { name, query, at };
}

const setOperators = ['UNION', 'INTERSECT', 'EXCEPT'] as const;

function parseBody(cursor: Cursor): Body {
  const at = cursor.at;
  const first = parsePart(cursor);
  const parts = [first];
  let operation: { operator: (typeof setOperators)[number]; all: boolean } | null = null;
  for (;;) {
    const operator = setOperators.find((word) => cursor.is(word));
    if (!operator) break;
    const place = cursor.next().start;
    const all = setQuantifier(cursor, operator);
    if (operation && (operation.operator !== operator || operation.all !== all)) {
      throw cursor.failures.syntax(
        'Different set operations cannot be used in the same query without using parentheses for grouping',
        place,
      );
    }
    operation = { operator, all };
    parts.push(parsePart(cursor));
  }
  return operation ? { kind: 'set', ...operation, parts, at } : first;
}

export function setQuantifier(cursor: Cursor, operator: string): boolean {
  const all = cursor.accept('ALL');
  if (!all && !cursor.accept('DISTINCT')) throw cursor.expected('keyword ALL or keyword DISTINCT');
  if (all && operator !== 'UNION') throw cursor.unsupported(`${operator} ALL`);
  if (
    cursor.isWord('CORRESPONDING') ||
    (cursor.is('BY') && cursor.isWord('NAME', 1)) ||
    cursor.isWord('STRICT')
  ) {
    throw cursor.unsupported('set operations by name');
  }
  return all;
}

/** A part of a set operation. */
export const setPart = (cursor: Cursor): Body => parsePart(cursor);

function parsePart(cursor: Cursor): Body {
  if (!cursor.is('(')) return parseSelect(cursor);
  cursor.next();
  const query = parseQuery(cursor);
  cursor.expect(')');
  return query;
}

function parseSelect(cursor: Cursor): Select {
  const at = cursor.expect('SELECT').start;
  if (cursor.is('WITH')) throw cursor.unsupported('SELECT WITH');
  const distinct = cursor.accept('DISTINCT');
  if (!distinct) cursor.accept('ALL');
  const as = cursor.accept('AS') ? selectAs(cursor) : null;
  const items = [selectItem(cursor)];
  while (cursor.accept(',')) {
    if (cursor.is('FROM')) break;
    items.push(selectItem(cursor));
  }
  const from = cursor.accept('FROM') ? parseFrom(cursor) : null;
  const where = cursor.accept('WHERE') ? parseExpression(cursor) : null;
  const groupBy = cursor.is('GROUP') ? parseGroupBy(cursor) : null;
  const having = cursor.accept('HAVING') ? parseExpression(cursor) : null;
  const qualify = cursor.accept('QUALIFY') ? parseExpression(cursor) : null;
  const windows = cursor.accept('WINDOW') ? parseWindows(cursor) : new Map<string, WindowSpec>();
  return { kind: 'select', distinct, as, items, from, where, groupBy, having, qualify, windows, at };
}

function selectAs(cursor: Cursor): 'STRUCT' | 'VALUE' {
  if (cursor.accept('STRUCT')) return 'STRUCT';
  if (cursor.acceptWords('VALUE')) return 'VALUE';
  throw cursor.unsupported('SELECT AS a type');
}

function parseWindows(cursor: Cursor): ReadonlyMap<string, WindowSpec> {
  const windows = new Map<string, WindowSpec>();
  cursor.list(() => {
    const at = cursor.at;
    const name = cursor.identifier().toLowerCase();
    cursor.expect('AS');
    if (windows.has(name)) throw cursor.failures.invalid(`Duplicate window alias ${name}`, at);
    const spec: WindowSpec = cursor.isIdentifier()
      ? { base: cursor.identifier(), partitionBy: [], orderBy: [], frame: null, at }
      : windowSpec(cursor);
    windows.set(name, spec);
  });
  return windows;
}

export function selectItem(cursor: Cursor): SelectItem {
  const at = cursor.at;
  if (cursor.is('*')) {
    cursor.next();
    return starItem(cursor, null, at);
  }
  const value = parseExpression(cursor);
  if (cursor.is('.') && cursor.is('*', 1)) {
    cursor.index += 2;
    return starItem(cursor, value, at);
  }
  return { kind: 'expression', value, alias: aliasOf(cursor), at };
}

function starItem(cursor: Cursor, of: Expression | null, at: number): SelectItem {
  const except =
    cursor.is('EXCEPT') && cursor.is('(', 1)
      ? inParentheses(cursor, 'EXCEPT', () => ({ at: cursor.at, name: cursor.identifier() }))
      : [];
  const replace = cursor.isWord('REPLACE')
    ? inParentheses(cursor, 'REPLACE', () => {
        const value = parseExpression(cursor);
        const hasAs = cursor.accept('AS');
        const place = cursor.at;
        if (!hasAs) throw cursor.expected('keyword AS');
        return { value, name: cursor.identifier(), at: place };
      })
    : [];
  return { kind: 'star', of, except, replace, rename: [], at };
}

function inParentheses<T>(cursor: Cursor, word: string, item: () => T): readonly T[] {
  cursor.expectWord(word);
  cursor.expect('(');
  const items = cursor.list(item);
  cursor.expect(')');
  return items;
}

/** `AS name` or a name that is not reserved. */
export function aliasOf(cursor: Cursor): string | null {
  if (cursor.accept('AS')) return cursor.identifier();
  return cursor.isIdentifier() ? cursor.identifier() : null;
}

function parseGroupBy(cursor: Cursor): GroupBy {
  const at = cursor.expect('GROUP').start;
  if (cursor.is('AND')) throw cursor.unsupported('GROUP AND ORDER BY');
  cursor.expect('BY');
  if (cursor.accept('ALL')) return { kind: 'all', sets: [], at };
  for (const [word, kind] of [
    ['ROLLUP', 'rollup'],
    ['CUBE', 'cube'],
  ] as const) {
    if (cursor.is(word)) {
      const items = inParentheses(cursor, word, () => keySet(cursor));
      return { kind, sets: items, at };
    }
  }
  if (cursor.is('GROUPING') && cursor.isWord('SETS', 1)) {
    cursor.next();
    const sets = inParentheses(cursor, 'SETS', () => {
      if (cursor.is('ROLLUP') || cursor.is('CUBE'))
        throw cursor.unsupported('ROLLUP and CUBE inside GROUPING SETS');
      return keySet(cursor);
    });
    return { kind: 'sets', sets, at };
  }
  const items = cursor.list(() => {
    if (cursor.is('ROLLUP') || cursor.is('CUBE') || cursor.is('GROUPING')) {
      throw cursor.unsupported('mixed GROUP BY items');
    }
    return parseExpression(cursor);
  });
  return { kind: 'items', sets: [items], at };
}

/** `()`, `(a, b)` or `a`. */
function keySet(cursor: Cursor): readonly Expression[] {
  if (cursor.is('(') && cursor.is(')', 1)) {
    cursor.index += 2;
    return [];
  }
  const value = parseExpression(cursor);
  return value.kind === 'struct' && value.tuple ? value.fields.map((field) => field.value) : [value];
}
