/**
 * Queries: WITH, set operations, ORDER BY and LIMIT around a SELECT. Columns of a query's rope are `c0`, `c1`, …
 * (every name is ours, so nothing is ambiguous); what they are called for the user stands beside them.
 */

import type { Body, OrderItem, Query, SetOperation } from '../parse/tree.ts';
import * as types from '../type.ts';
import { groupable, keyRope, orderable } from './aggregate.ts';
import { coerce, commonType } from './coerce.ts';
import type { Expr, Part, Rope } from './expr.ts';
import { joinRopes, makeExpr } from './expr.ts';
import { analyze } from './expression.ts';
import type { Narrow } from './narrow.ts';
import type { CommonResult, CommonScope, Env, OutputColumn, Scope } from './scope.ts';
import { emptySource } from './scope.ts';
import { analyzeSelect } from './select.ts';

export interface OrderKey {
  readonly sql: string;
  /** `ASC NULLS FIRST`, … */
  readonly order: string;
}

export interface QueryResult {
  readonly rope: Rope;
  readonly columns: readonly OutputColumn[];
  /** SELECT AS STRUCT | VALUE: its one column is the row. */
  readonly isValue: boolean;
  readonly atMostOneRow: boolean;
  /** Columns to order by outside, where they were asked for. */
  readonly orderKeys: readonly OrderKey[];
  readonly narrow?: Narrow;
}

/** What is around a SELECT: it does these itself, since they see its FROM. */
export interface Tail {
  readonly orderBy: readonly OrderItem[];
  readonly limit: Rope;
  /** LIMIT 1 and the like. */
  readonly atMostOneRow: boolean;
  readonly hasLimit: boolean;
  readonly orderKeys: boolean;
}

export function analyzeQuery(
  query: Query,
  env: Env,
  options: { readonly orderKeys?: boolean } = {},
): QueryResult {
  env.session.step(query);
  const { common, tables } = commonTables(query, env);
  const inner: Env = { ...env, common };
  const { rope: limit, atMostOne } = limitRope(query, inner);
  const hasLimit = limit.length > 0;
  const tail: Tail = {
    orderBy: query.orderBy,
    limit,
    atMostOneRow: atMostOne,
    hasLimit,
    orderKeys: options.orderKeys ?? false,
  };
  const result =
    query.body.kind === 'select'
      ? analyzeSelect(query.body, inner, tail)
      : ordered(analyzeBody(query.body, inner), query, tail, inner);
  const limited = hasLimit ? result.columns.map((column) => ({ ...column, origins: [] })) : result.columns;
  if (tables.length === 0) return { ...result, columns: limited };
  const { narrow: _, ...whole } = result;
  const ropes = tables.map((table) => table());
  const word = query.recursive ? 'WITH RECURSIVE ' : 'WITH ';
  return { ...whole, columns: limited, rope: [word, ...joinRopes(ropes, ', '), ' ', ...result.rope] };
}

function analyzeBody(body: Body, env: Env): QueryResult {
  if (body.kind === 'set') return analyzeSet(body, env);
  if (body.kind === 'query') return analyzeQuery(body, env);
  return analyzeSelect(body, env, {
    orderBy: [],
    limit: [],
    atMostOneRow: false,
    hasLimit: false,
    orderKeys: false,
  });
}

function commonTables(
  query: Query,
  env: Env,
): { readonly common: CommonScope | null; readonly tables: readonly (() => Rope)[] } {
  let common = env.common;
  const tables: (() => Rope)[] = [];
  const seen = new Set<string>();
  for (const table of query.with) {
    const key = table.name.toLowerCase();
    if (seen.has(key))
      throw env.session.failures.invalid(`Duplicate alias ${table.name} for WITH subquery`, table.at);
    seen.add(key);
    const outer: Env = { ...env, common, scope: env.scope };
    const sql = `${env.session.alias()}w`;
    if (query.recursive && namesItself(table.query, key)) {
      const { result, rope } = recursiveTable(table.name, sql, table.query, outer);
      tables.push(() => rope);
      common = { name: key, parent: common, table: result };
      continue;
    }
    const result = analyzeQuery(table.query, outer);
    const { columns, isValue } = result;
    const named: CommonResult = { tree: table.query, sql, columns, isValue, uses: 0 };
    tables.push(() => [`${sql} AS ${named.uses > 1 ? '' : 'NOT MATERIALIZED '}(`, ...result.rope, ')']);
    common = { name: key, parent: common, table: named };
  }
  return { common, tables };
}

/** Does the text of a WITH table have its own name in it? Only then it is planned as recursive. */
function namesItself(query: Query, name: string): boolean {
  const look = (value: unknown): boolean => {
    if (Array.isArray(value)) return value.some(look);
    if (value === null || typeof value !== 'object') return false;
    const node = value as { kind?: unknown; path?: unknown };
    if (node.kind === 'table' && Array.isArray(node.path) && node.path.length === 1)
      return String(node.path[0]).toLowerCase() === name;
    return Object.values(value).some(look);
  };
  return look(query.body);
}

function recursiveTable(
  name: string,
  sql: string,
  query: Query,
  env: Env,
): { readonly result: CommonResult; readonly rope: Rope } {
  const { failures } = env.session;
  const body = query.body;
  if (
    body.kind !== 'set' ||
    body.operator !== 'UNION' ||
    body.parts.length !== 2 ||
    query.orderBy.length > 0 ||
    query.limit
  ) {
    throw failures.invalid(
      `Recursive reference to ${name} needs a query of the form: base UNION ALL recursive term`,
      query.at,
    );
  }
  if (!body.all) throw failures.unsupported('WITH RECURSIVE with UNION DISTINCT', query.at);
  const base = analyzeBody(body.parts[0]!, env);
  const columns = base.columns.map((column) => ({ ...column, origins: [] }));
  const result: CommonResult = { tree: query, sql, columns, isValue: false, uses: 0 };
  const step = analyzeBody(body.parts[1]!, {
    ...env,
    common: { name: name.toLowerCase(), parent: env.common, table: result },
  });
  const same =
    step.columns.length === columns.length &&
    step.columns.every((column, i) => types.sameType(column.type, columns[i]!.type));
  if (!same) throw failures.unsupported('WITH RECURSIVE whose terms have different types', query.at);
  const names = columns.map((column) => column.sql).join(', ');
  const list = (part: QueryResult): Rope => [
    `SELECT ${part.columns.map((c) => c.sql).join(', ')} FROM (`,
    ...part.rope,
    `) ${env.session.alias()}`,
  ];
  return { result, rope: [`${sql}(${names}) AS (`, ...list(base), ' UNION ALL ', ...list(step), ')'] };
}

function limitRope(query: Query, env: Env): { readonly rope: Rope; readonly atMostOne: boolean } {
  if (!query.limit) return { rope: [], atMostOne: false };
  const count = whole(query.limit, 'LIMIT', env);
  const skip = query.offset ? whole(query.offset, 'OFFSET', env) : null;
  const atMostOne = count.literal?.kind === 'int' && count.literal.value <= 1n;
  return { rope: [' LIMIT ', count, ...(skip ? [' OFFSET ', skip] : [])], atMostOne };
}

function whole(node: NonNullable<Query['limit']>, clause: string, env: Env): Expr {
  const value = analyze(node, { ...env, scope: null });
  if (value.literal?.kind === 'int' && value.literal.value < 0n) {
    throw env.session.failures.invalid(
      `${clause} expects a non-negative integer literal or parameter`,
      node.at,
    );
  }
  if (value.type.kind !== 'INT64' || !(value.literal?.kind === 'int' || value.isParameter)) {
    throw env.session.failures.invalid(`${clause} expects an integer literal or parameter`, node.at);
  }
  return value;
}

function analyzeSet(node: SetOperation, env: Env): QueryResult {
  const parts = node.parts.map((part) => analyzeBody(part, env));
  const first = parts[0]!;
  const name = `${node.operator} ${node.all ? 'ALL' : 'DISTINCT'}`;
  for (const part of parts) {
    if (part.columns.length !== first.columns.length) {
      const text = `Queries in ${name} have mismatched column count; query 1 has ${first.columns.length} columns, query ${parts.indexOf(part) + 1} has ${part.columns.length} columns`;
      throw env.session.failures.invalid(text, node.at);
    }
  }
  const columns = first.columns.map((column, i) => setColumn(parts, i, name, column, node, env));
  const ropes = parts.map((part) => castPart(part, columns, env));
  const operator = node.operator === 'UNION' && node.all ? 'UNION ALL' : node.operator;
  const alias = env.session.alias();
  const rope = [
    `SELECT * FROM (`,
    ...joinRopes(
      ropes.map((one) => ['(', ...one, ')']),
      ` ${operator} `,
    ),
    `) ${alias}`,
  ];
  return { rope, columns, isValue: parts.every((part) => part.isValue), atMostOneRow: false, orderKeys: [] };
}

function setColumn(
  parts: readonly QueryResult[],
  i: number,
  name: string,
  first: OutputColumn,
  node: SetOperation,
  env: Env,
): OutputColumn {
  const type = commonType(
    parts.map((part) => part.columns[i]!.literal ?? makeExpr(part.columns[i]!.type, [''])),
  );
  if (!type) {
    const given = parts.map((part) => types.typeText(part.columns[i]!.type)).join(', ');
    throw env.session.failures.invalid(
      `Column ${i + 1} in ${name} has incompatible types: ${given}`,
      node.at,
    );
  }
  if (!node.all) groupable(makeExpr(type, ['']), name, node.at, env);
  const origins = node.operator === 'UNION' ? parts.flatMap((part) => part.columns[i]!.origins) : [];
  const all = parts.every((part) => part.columns[i]!.origins.length > 0);
  return { name: first.name, type, origins: all ? origins : [], sql: `c${i}`, literal: null };
}

function castPart(part: QueryResult, columns: readonly OutputColumn[], env: Env): Rope {
  const alias = env.session.alias();
  const list = columns.map((column, i): Rope => {
    const from = part.columns[i]!;
    const expr = makeExpr(from.type, [`${alias}.${from.sql}`], { literal: from.literal?.literal ?? null });
    const cast = from.literal ? (coerce(from.literal, column.type) ?? expr) : coerce(expr, column.type);
    const sql = cast && cast !== 'bad' ? cast : expr;
    const struct =
      types.duckdbType(from.type) !== types.duckdbType(column.type) && types.sameType(from.type, column.type);
    return struct
      ? ['CAST(', sql, ` AS ${types.duckdbType(column.type)}) AS ${column.sql}`]
      : [sql, ` AS ${column.sql}`];
  });
  return ['SELECT ', ...joinRopes(list, ', '), ' FROM (', ...part.rope, `) ${alias}`];
}

/** ORDER BY and LIMIT over a set operation or a query in parentheses: by its output columns alone. */
function ordered(result: QueryResult, query: Query, tail: Tail, env: Env): QueryResult {
  if (query.orderBy.length === 0 && !tail.hasLimit) return result;
  const alias = env.session.alias();
  const scope = outputScope(result, alias, env);
  const keys = query.orderBy.map((item) => ({
    item,
    expr: orderable(outputKey(item, result, alias, { ...env, scope }), item, env),
  }));
  const list: Part[] = result.columns.flatMap((column, i): Part[] => [
    `${i > 0 ? ', ' : ''}${alias}.${column.sql}`,
  ]);
  const rope: Part[] = ['SELECT ', ...list];
  const orderKeys = tail.orderKeys ? keys.map(({ item, expr }, i) => hiddenKey(rope, expr, item, i)) : [];
  rope.push(' FROM (', ...result.rope, `) ${alias}`);
  if (keys.length > 0)
    rope.push(
      ' ORDER BY ',
      ...joinRopes(
        keys.map(({ item, expr }) => keyRope(expr, item, false)),
        ', ',
      ),
    );
  rope.push(...tail.limit);
  const { narrow: _, ...whole } = result;
  return { ...whole, rope, atMostOneRow: tail.atMostOneRow, orderKeys };
}

/** Adds a column `oN` to order by later. */
export function hiddenKey(rope: Part[], expr: Expr, item: OrderItem, index: number): OrderKey {
  rope.push(', ', expr, ` AS o${index}`);
  const nulls = item.nulls ?? (item.descending ? 'LAST' : 'FIRST');
  return { sql: `o${index}`, order: `${item.descending ? 'DESC' : 'ASC'} NULLS ${nulls}` };
}

function outputScope(result: QueryResult, alias: string, env: Env): Scope {
  const id = env.session.id();
  const columns = result.columns.map((column) => ({
    name: column.name,
    expr: makeExpr(column.type, [`${alias}.${column.sql}`], {
      node: 'column',
      scope: id,
      label: column.name,
      origins: column.origins,
    }),
  }));
  return { id, parent: env.scope, source: { ...emptySource, columns }, aliases: null };
}

function outputKey(item: OrderItem, result: QueryResult, alias: string, env: Env): Expr {
  if (item.value.kind === 'integer') {
    const column = result.columns[Number(item.value.text) - 1];
    if (!column)
      throw env.session.failures.invalid(
        `ORDER BY column number ${item.value.text} is out of range`,
        item.value.at,
      );
    return makeExpr(column.type, [`${alias}.${column.sql}`]);
  }
  return analyze(item.value, {
    ...env,
    noAggregate: 'ORDER BY of a set operation',
    noWindow: 'ORDER BY of a set operation',
  });
}
