/** Subqueries in expressions: scalar, EXISTS, ARRAY(…), IN (…). */

import type { Expression, Query } from '../parse/tree.ts';
import * as types from '../type.ts';
import { commonType } from './coerce.ts';
import type { Expr } from './expr.ts';
import { joinRopes, makeExpr } from './expr.ts';
import { required } from './expression.ts';
import { argumentType, failing } from './failure.ts';
import type { QueryResult } from './query.ts';
import { analyzeQuery } from './query.ts';
import type { Env } from './scope.ts';

type SubqueryNode = Extract<Expression, { kind: 'subquery' | 'exists' | 'arrayQuery' }>;

/** Inside, names of the queries around are seen; aggregates and windows are the subquery's own. */
function inside(env: Env): Env {
  return { ...env, windows: new Map(), noAggregate: null, noWindow: null };
}

export function analyzeSubquery(node: SubqueryNode, env: Env): Expr {
  if (node.kind === 'exists') {
    const result = analyzeQuery(node.query, inside(env));
    return makeExpr(types.BOOL, ['EXISTS (', ...result.rope, ')'], { node: 'subquery' });
  }
  return node.kind === 'subquery' ? scalar(node, env) : array(node, env);
}

function onlyColumn(
  result: QueryResult,
  node: SubqueryNode,
  env: Env,
  what: string,
): QueryResult['columns'][number] {
  const [column, ...more] = result.columns;
  if (!column || more.length > 0) {
    throw env.session.failures.invalid(
      `${what} cannot have more than one column unless using SELECT AS STRUCT to build STRUCT values`,
      node.at,
    );
  }
  return column;
}

/** At most one row, as GoogleSQL wants it: more is an error, and not the first of them. */
function scalar(node: SubqueryNode, env: Env): Expr {
  const result = analyzeQuery(node.query, inside(env));
  const column = onlyColumn(result, node, env, 'Scalar subquery');
  const alias = env.session.alias();
  if (result.atMostOneRow) {
    return makeExpr(
      column.type,
      ['(SELECT ', `${alias}.${column.sql}`, ' FROM (', ...result.rope, `) ${alias})`],
      { node: 'subquery' },
    );
  }
  const failure = failing(column.type, 'Scalar subquery produced more than one element');
  const value = `CASE WHEN count(*) > 1 THEN ${failure} ELSE first(${alias}.${column.sql}) END`;
  return makeExpr(column.type, [`(SELECT ${value} FROM (`, ...result.rope, `) ${alias})`], {
    node: 'subquery',
  });
}

/** ARRAY(…): in the order of the query's ORDER BY, or of the array that it unnests. */
function array(node: SubqueryNode, env: Env): Expr {
  const result = analyzeQuery(node.query, inside(env), { orderKeys: true });
  const column = onlyColumn(result, node, env, 'ARRAY subquery');
  if (column.type.kind === 'ARRAY') {
    throw env.session.failures.invalid(
      'Cannot use array subquery with column of type ARRAY because nested arrays are not supported',
      node.at,
    );
  }
  const alias = env.session.alias();
  const type = types.arrayOf(column.type);
  const keys = result.orderKeys.map((key) => [`${alias}.${key.sql} ${key.order}`]);
  const order = keys.length > 0 ? [' ORDER BY ', ...joinRopes(keys, ', ')] : [];
  const list = [`list(${alias}.${column.sql}`, ...order, ')'];
  const empty = `[]::${types.duckdbType(type)}`;
  return makeExpr(type, ['(SELECT coalesce(', ...list, `, ${empty}) FROM (`, ...result.rope, `) ${alias})`], {
    node: 'subquery',
  });
}

export function analyzeInQuery(value: Expr, query: Query, at: number, env: Env): Expr {
  const result = analyzeQuery(query, inside(env));
  const [column, ...more] = result.columns;
  const { failures } = env.session;
  if (!column || more.length > 0)
    throw failures.invalid('Subquery of type IN must have only one output column', at);
  const element = makeExpr(column.type, ['']);
  const type = commonType([value, element]);
  if (!type || ['ARRAY', 'JSON', 'INTERVAL'].includes(type.kind)) {
    throw failures.invalid(
      `Cannot execute IN subquery with uncomparable types ${argumentType(value)} and ${types.typeText(column.type)}`,
      at,
    );
  }
  if (type.kind === 'STRUCT' || type.kind === 'FLOAT64')
    throw failures.unsupported(`IN (subquery) of ${type.kind}`, at);
  const one = required(value, type, at, env, 'IN');
  const alias = env.session.alias();
  const picked = types.sameType(column.type, type)
    ? `${alias}.${column.sql}`
    : `CAST(${alias}.${column.sql} AS ${types.duckdbType(type)})`;
  return makeExpr(types.BOOL, ['(', one, ` IN (SELECT ${picked} FROM (`, ...result.rope, `) ${alias}))`], {
    node: 'subquery',
  });
}
