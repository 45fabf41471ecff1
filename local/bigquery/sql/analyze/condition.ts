/**
 * Conditions: comparisons, AND/OR, BETWEEN, IN, LIKE, IS. GoogleSQL's NaN is equal to nothing and DuckDB's is the
 * greatest number; a condition that bounds a partition column says so (`prunes`).
 */

import type { Expression } from '../parse/tree.ts';
import type { Type } from '../type.ts';
import * as types from '../type.ts';
import { fieldNames } from '../type.ts';
import { commonType } from './coerce.ts';
import type { Expr, Origin, Part, Rope } from './expr.ts';
import { fill, isNull, joinRopes, makeExpr } from './expr.ts';
import { analyze, required } from './expression.ts';
import { argumentType } from './failure.ts';
import { stringLiteral } from './literal.ts';
import { both, operand } from './operator.ts';
import type { Env } from './scope.ts';
import { analyzeInQuery } from './subquery.ts';

type Node<K extends Expression['kind']> = Extract<Expression, { kind: K }>;

interface Place {
  readonly node: { readonly at: number };
  readonly env: Env;
}

const fixed = (expr: Expr): boolean =>
  !expr.hasColumn && !expr.hasSubquery && !expr.hasAggregate && !expr.hasWindow;

function prunesOf(a: Expr, others: readonly Expr[]): readonly Origin[] {
  return others.every(fixed) ? a.origins : [];
}

export function compare(operator: string, left: Expr, right: Expr, place: Place): Expr {
  const { node, env } = place;
  const type = commonType([left, right]);
  const given = `${argumentType(left)}, ${argumentType(right)}`;
  if (!type || (isNull(left) && isNull(right))) {
    const text = `No matching signature for operator ${operator} for argument types: ${given}`;
    throw env.session.failures.invalid(text, node.at);
  }
  refuseIncomparable(type, operator, place);
  const [a, b] = both(left, right, type, node, env);
  if (type.kind === 'STRUCT') return compareStructs(operator, a, b, type, place);
  const prunes = operator === '!=' ? [] : [...prunesOf(left, [right]), ...prunesOf(right, [left])];
  if (a.dayOf && fixed(b) && !b.volatile)
    return fill(types.BOOL, daySql[operator] ?? '', [a.dayOf, b], { prunes });
  return fill(types.BOOL, comparisonSql(operator, type, a, b), [a, b], { prunes });
}

function refuseIncomparable(type: Type, operator: string, { node, env }: Place): void {
  const equality = operator === '=' || operator === '!=';
  if (type.kind === 'ARRAY' || type.kind === 'JSON' || (type.kind === 'STRUCT' && !equality)) {
    const what = equality ? 'Equality is not defined' : `${operator} is not defined`;
    throw env.session.failures.invalid(`${what} for arguments of type ${types.typeText(type)}`, node.at);
  }
  if (type.kind === 'INTERVAL') throw env.session.failures.unsupported('comparison of INTERVAL', node.at);
}

const dayStart = 'make_timestamptz(epoch_us(CAST($2 AS TIMESTAMP)))';
const nextDay = 'make_timestamptz(epoch_us(CAST($2 AS TIMESTAMP)) + 86400000000)';

/** DATE(ts) = day as a range of ts: DuckDB then reads only the blocks that may have it. */
const daySql: Readonly<Record<string, string>> = {
  '=': `($1 >= ${dayStart} AND $1 < ${nextDay})`,
  '!=': `($1 < ${dayStart} OR $1 >= ${nextDay})`,
  '<': `($1 < ${dayStart})`,
  '<=': `($1 < ${nextDay})`,
  '>': `($1 >= ${nextDay})`,
  '>=': `($1 >= ${dayStart})`,
};

const finite = (expr: Expr): boolean => expr.literal?.kind === 'float' && !Number.isNaN(expr.literal.value);

function comparisonSql(operator: string, type: Type, a: Expr, b: Expr): string {
  const plain = `($1 ${operator === '!=' ? '<>' : operator} $2)`;
  if (type.kind !== 'FLOAT64') return plain;
  const infinity = `'infinity'::DOUBLE`;
  if (finite(a) && finite(b)) return plain;
  if (finite(b))
    return operator === '>' || operator === '>=' ? `($1 ${operator} $2 AND $1 <= ${infinity})` : plain;
  if (finite(a))
    return operator === '<' || operator === '<=' ? `($1 ${operator} $2 AND $2 <= ${infinity})` : plain;
  const unordered = operator === '!=' ? 'TRUE' : 'FALSE';
  const nan = `CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL ELSE ${unordered} END`;
  return `CASE WHEN isnan($1) OR isnan($2) THEN ${nan} ELSE ${plain} END`;
}

function compareStructs(operator: string, a: Expr, b: Expr, type: Type, place: Place): Expr {
  if (type.kind !== 'STRUCT') return a;
  const field = (of: Expr, i: number): Expr => {
    const fields = of.type.kind === 'STRUCT' ? of.type.fields : [];
    return fill(fields[i]!.type, 'struct_extract($1, $2)', [of, stringLiteral(fieldNames(fields)[i] ?? '')]);
  };
  if (type.fields.length === 0)
    throw place.env.session.failures.unsupported('comparison of empty STRUCT', place.node.at);
  const equal = type.fields.map((_, i) => [compare('=', field(a, i), field(b, i), place)]);
  const all = makeExpr(types.BOOL, ['(', ...joinRopes(equal, ' AND '), ')']);
  return operator === '=' ? all : fill(types.BOOL, '(NOT $1)', [all]);
}

/** IS [NOT] DISTINCT FROM: NULL is like NULL, NaN like NaN, on both sides. */
export function isDistinct(left: Expr, right: Expr, node: Node<'distinct'>, env: Env): Expr {
  const type = commonType([left, right]);
  if (!type) {
    const given = `${argumentType(left)}, ${argumentType(right)}`;
    throw env.session.failures.invalid(
      `No matching signature for operator IS DISTINCT FROM for argument types: ${given}`,
      node.at,
    );
  }
  if (type.kind === 'STRUCT' || type.kind === 'ARRAY' || type.kind === 'JSON' || type.kind === 'INTERVAL') {
    throw env.session.failures.unsupported(`IS DISTINCT FROM for ${types.typeText(type)}`, node.at);
  }
  const prunes = node.not ? [...prunesOf(left, [right]), ...prunesOf(right, [left])] : [];
  return fill(
    types.BOOL,
    `($1 IS ${node.not ? 'NOT ' : ''}DISTINCT FROM $2)`,
    both(left, right, type, node, env),
    { prunes },
  );
}

export function analyzeLogical(node: Node<'logical'>, env: Env): Expr {
  const items = node.items.map((item) => {
    const expr = analyze(item, env);
    const message = `No matching signature for operator ${node.operator} for argument types: ${argumentType(expr)}. Supported signature: BOOL ${node.operator} BOOL`;
    return required(expr, types.BOOL, item.at, env, message);
  });
  const prunes = node.operator === 'AND' ? items.flatMap((item) => item.prunes) : common(items);
  return makeExpr(
    types.BOOL,
    [
      '(',
      ...joinRopes(
        items.map((item) => [item]),
        ` ${node.operator} `,
      ),
      ')',
    ],
    { prunes },
  );
}

function common(items: readonly Expr[]): readonly Origin[] {
  const [first, ...others] = items;
  const has = (item: Expr, origin: Origin): boolean =>
    item.prunes.some((one) => one.source === origin.source && one.column === origin.column);
  return (first?.prunes ?? []).filter((origin) => others.every((item) => has(item, origin)));
}

export function analyzeBetween(node: Node<'between'>, env: Env): Expr {
  const [value, low, high] = [node.value, node.low, node.high].map((one) => analyze(one, env));
  if (!value || !low || !high) throw new Error('BETWEEN without operands');
  const type = commonType([value, low, high]);
  if (!type) {
    const given = [value, low, high].map(argumentType).join(', ');
    throw env.session.failures.invalid(
      `No matching signature for operator BETWEEN for argument types: ${given}`,
      node.at,
    );
  }
  const place = { node, env };
  refuseIncomparable(type, 'BETWEEN', place);
  const above = compare('>=', value, low, place);
  const below = compare('<=', value, high, place);
  const prunes = node.not ? [] : prunesOf(value, [low, high]);
  return fill(types.BOOL, node.not ? '(NOT ($1 AND $2))' : '($1 AND $2)', [above, below], { prunes });
}

export function analyzeIn(node: Node<'in'>, env: Env): Expr {
  const value = analyze(node.value, env);
  const positive = inSet(value, node, env);
  return node.not ? fill(types.BOOL, '(NOT $1)', [positive]) : positive;
}

function inSet(value: Expr, node: Node<'in'>, env: Env): Expr {
  if (node.set.kind === 'query') return analyzeInQuery(value, node.set.query, node.at, env);
  if (node.set.kind === 'unnest') return inArray(value, analyze(node.set.array, env), node, env);
  const items = node.set.items.map((item) => analyze(item, env));
  return inList(value, items, node, env);
}

function inList(value: Expr, items: readonly Expr[], node: Node<'in'>, env: Env): Expr {
  const type = commonType([value, ...items]);
  if (!type) {
    const given = [value, ...items].map(argumentType).join(', ');
    throw env.session.failures.invalid(
      `No matching signature for operator IN for argument types: ${given}`,
      node.at,
    );
  }
  refuseIncomparable(type, '=', { node, env });
  const exact = type.kind !== 'STRUCT' && (type.kind !== 'FLOAT64' || items.every(finite));
  if (!exact) {
    const equal = items.map((item) => [compare('=', value, item, { node, env })] as Rope);
    return makeExpr(types.BOOL, ['(', ...joinRopes(equal, ' OR '), ')']);
  }
  const prunes = prunesOf(value, items);
  const list = items.map((item) => [both(value, item, type, node, env)[1]]);
  const one = both(value, value, type, node, env)[0];
  return makeExpr(types.BOOL, ['(', one, ' IN (', ...joinRopes(list, ', '), '))'], { prunes });
}

function inArray(value: Expr, array: Expr, node: Node<'in'>, env: Env): Expr {
  if (array.type.kind !== 'ARRAY') {
    const text = `Second argument of IN UNNEST must be an array but was ${argumentType(array)}`;
    throw env.session.failures.invalid(text, node.at);
  }
  const element = makeExpr(array.type.element, ['']);
  const type = array.literal?.kind === 'emptyArray' ? value.type : commonType([value, element]);
  const comparable = type && !['FLOAT64', 'STRUCT', 'ARRAY', 'JSON'].includes(type.kind);
  if (!type) {
    const given = `${argumentType(value)}, ${argumentType(array)}`;
    throw env.session.failures.invalid(
      `No matching signature for operator IN UNNEST for argument types: ${given}`,
      node.at,
    );
  }
  if (!comparable) throw env.session.failures.unsupported(`IN UNNEST for ${types.typeText(type)}`, node.at);
  const one = required(value, type, node.at, env, 'IN UNNEST');
  const list = required(
    array,
    types.arrayOf(type),
    node.at,
    env,
    `No matching signature for operator IN UNNEST`,
  );
  const prunes = prunesOf(value, [array]);
  return fill(
    types.BOOL,
    'CASE WHEN $2 IS NULL OR len($2) = 0 THEN FALSE WHEN $1 IS NULL THEN NULL WHEN list_contains($2, $1) THEN TRUE WHEN list_count($2) < len($2) THEN NULL ELSE FALSE END',
    [one, list],
    { prunes },
  );
}

export function analyzeLike(node: Node<'like'>, env: Env): Expr {
  const value = text(operand('LIKE', node.value, env), node, env);
  const likes: Part[][] = node.patterns.map((one) => [
    like(value, text(analyze(one, env), node, env), one.at, env),
  ]);
  const joined =
    node.quantifier === null
      ? (likes[0] ?? [])
      : joinRopes(likes, node.quantifier === 'ANY' ? ' OR ' : ' AND ');
  const all = makeExpr(types.BOOL, ['(', ...joined, ')']);
  return node.not ? fill(types.BOOL, '(NOT $1)', [all]) : all;
}

function text(expr: Expr, node: { readonly at: number }, env: Env): Expr {
  const message = `No matching signature for operator LIKE for argument types: ${argumentType(expr)}`;
  if (expr.type.kind === 'BYTES') throw env.session.failures.unsupported('LIKE for BYTES', node.at);
  return required(expr, types.STRING, node.at, env, message);
}

function like(value: Expr, pattern: Expr, at: number, env: Env): Expr {
  if (pattern.literal?.kind !== 'string')
    return fill(types.BOOL, `($1 LIKE $2 ESCAPE '\\')`, [value, pattern]);
  const given = pattern.literal.value;
  if (/(?:^|[^\\])(?:\\\\)*\\$/.test(given))
    throw env.session.failures.invalid('LIKE pattern ends with a backslash', at);
  if (!given.includes('\\')) return fill(types.BOOL, '($1 LIKE $2)', [value, pattern]);
  return fill(types.BOOL, `($1 LIKE $2 ESCAPE '\\')`, [value, pattern]);
}

export function analyzeIs(node: Node<'is'>, env: Env): Expr {
  const value = analyze(node.value, env);
  const not = node.not ? 'NOT ' : '';
  if (node.what === 'NULL') {
    const prunes = node.not ? value.origins : [];
    return fill(types.BOOL, `($1 IS ${not}NULL)`, [value], { prunes });
  }
  const message = `No matching signature for operator IS ${node.what} for argument types: ${argumentType(value)}`;
  const bool = required(value, types.BOOL, node.at, env, message);
  const what = node.what === 'UNKNOWN' ? 'NULL' : node.what;
  if (what === 'NULL') return fill(types.BOOL, `($1 IS ${not}NULL)`, [bool]);
  return fill(types.BOOL, `($1 IS ${node.not ? '' : 'NOT '}DISTINCT FROM ${what})`, [bool]);
}
