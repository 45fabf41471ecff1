/** SELECT: its list, grouping, HAVING, QUALIFY, DISTINCT, and the ORDER BY and LIMIT that belong to it. */

import type { Expression, OrderItem, Select } from '../parse/tree.ts';
import { groupable, keyRope, orderable } from './aggregate.ts';
import { settled } from './constructor.ts';
import type { Expr, Part, Rope } from './expr.ts';
import { exprText, joinRopes, makeExpr, rewrite } from './expr.ts';
import { analyze, condition } from './expression.ts';
import { analyzeFrom } from './from.ts';
import { groupingOf } from './grouping.ts';
import type { Layer, Travelling } from './layer.ts';
import { computeWindows, group, isIn, partitionOrigins, whereRope } from './layer.ts';
import type { Narrow } from './narrow.ts';
import { columnsBeneath, conditionBeneath, groupsOf, passedOn } from './narrow.ts';
import type { OrderKey, QueryResult, Tail } from './query.ts';
import { hiddenKey } from './query.ts';
import type { Env, OutputColumn, Scope, Source } from './scope.ts';
import { emptySource, structOf } from './scope.ts';
import type { Item } from './select-list.ts';
import { aliasesOf, expandItems } from './select-list.ts';

interface Ordering {
  readonly item: OrderItem;
  readonly expr: Expr;
}

/** All expressions of a SELECT, before it is cut into layers. */
interface Parts {
  readonly items: readonly Item[];
  readonly having: Expr | null;
  readonly qualify: Expr | null;
  readonly order: readonly Ordering[];
}

export function analyzeSelect(select: Select, env: Env, tail: Tail): QueryResult {
  env.session.step(select);
  const id = env.session.id();
  const needOrdinal = tail.orderKeys && tail.orderBy.length === 0;
  const source = select.from ? analyzeFrom(select.from, env, id, null, needOrdinal) : emptySource;
  refuseWithoutFrom(select, env);
  const scope: Scope = { id, parent: env.scope, source, aliases: null };
  const base: Env = { ...env, scope, windows: select.windows, noAggregate: null, noWindow: null };
  const where = select.where
    ? condition(
        select.where,
        { ...base, noAggregate: 'WHERE clause', noWindow: 'WHERE clause' },
        'WHERE clause',
      )
    : null;
  if (where) env.session.meet(where.prunes);
  const items = expandItems(select, base);
  const aliased: Env = { ...base, scope: { ...scope, aliases: aliasesOf(items) } };
  const parts = partsOf(select, tail, items, aliased, base);
  const own = source.narrow ? conditionBeneath(select, where, source.narrow) : null;
  const rope = own && source.narrow ? source.narrow.rope(own) : source.rope;
  const first: Layer = { from: rope.length > 0 ? [' FROM ', ...rope] : [], where, scope: id };
  return build(select, tail, parts, first, { base, aliased, source, own });
}

function refuseWithoutFrom(select: Select, env: Env): void {
  if (select.from) return;
  const clauses = {
    WHERE: select.where,
    'GROUP BY': select.groupBy,
    HAVING: select.having,
    QUALIFY: select.qualify,
  };
  for (const [name, clause] of Object.entries(clauses)) {
    if (clause)
      throw env.session.failures.invalid(`Query without FROM clause cannot have a ${name} clause`, clause.at);
  }
}

function partsOf(select: Select, tail: Tail, items: readonly Item[], aliased: Env, base: Env): Parts {
  const having = select.having
    ? condition(select.having, { ...aliased, noWindow: 'HAVING clause' }, 'HAVING clause')
    : null;
  const qualify = select.qualify ? condition(select.qualify, aliased, 'QUALIFY clause') : null;
  const anyWindow = qualify?.hasWindow || items.some((item) => item.expr.hasWindow);
  if (select.qualify && !anyWindow) {
    throw base.session.failures.invalid(
      'The QUALIFY clause requires analytic function to be present',
      select.qualify.at,
    );
  }
  const order = tail.orderBy.map((item) => ({
    item,
    expr: orderable(orderExpr(item.value, items, aliased), item, aliased),
  }));
  return { items, having, qualify, order };
}

function orderExpr(node: Expression, items: readonly Item[], env: Env): Expr {
  if (node.kind !== 'integer') return analyze(node, env);
  const item = items[Number(node.text) - 1];
  if (!item)
    throw env.session.failures.invalid(
      `ORDER BY is out of SELECT column number range: ${node.text}`,
      node.at,
    );
  return item.expr;
}

interface Envs {
  readonly base: Env;
  readonly aliased: Env;
  readonly source: Source;
  /** What of WHERE has been asked of the source already. */
  readonly own: Rope | null;
}

function build(select: Select, tail: Tail, parts: Parts, first: Layer, envs: Envs): QueryResult {
  const { items, having, qualify, order } = parts;
  const all = [
    ...items.map((item) => item.expr),
    ...order.map((one) => one.expr),
    ...(having ? [having] : []),
    ...(qualify ? [qualify] : []),
  ];
  const aggregated = select.groupBy !== null || having !== null || all.some((expr) => expr.hasAggregate);
  let travelling: Travelling[] = [
    ...items.map((item) => ({ expr: item.expr, clause: 'SELECT list', at: item.at })),
    ...order.map((one) => ({ expr: one.expr, clause: 'ORDER BY clause', at: one.item.value.at })),
    ...(qualify && select.qualify
      ? [{ expr: qualify, clause: 'QUALIFY clause', at: select.qualify.at }]
      : []),
    ...(having && select.having ? [{ expr: having, clause: 'HAVING clause', at: select.having.at }] : []),
  ];
  let layer = first;
  const move = (result: { readonly layer: Layer; readonly exprs: readonly Expr[] }): void => {
    layer = result.layer;
    travelling = travelling.map((one, i) => ({ ...one, expr: result.exprs[i]! }));
  };
  if (aggregated) {
    move(group(layer, groupingOf(select, items, envs.aliased, envs.base), travelling, envs.base));
    if (having) layer = { ...layer, where: travelling.pop()!.expr };
  }
  const windows = partitionOrigins(travelling.map((one) => one.expr));
  let narrow: Print['narrow'];
  if (qualify) {
    const groups = aggregated ? null : groupsOf(layer, travelling, envs.base.session);
    const beneath = columnsBeneath(
      items.map((item) => item.expr),
      null,
    );
    const computed = computeWindows(layer, travelling, envs.base);
    if (groups) narrow = { ...groups, beneath, rope: (condition) => computed.over(groups.rope(condition)) };
    move(computed);
    layer = { ...layer, where: travelling.pop()!.expr };
  }
  const exprs = travelling.slice(0, items.length).map((one) => one.expr);
  const moved = {
    items: items.map((item, i) => ({ ...item, expr: exprs[i]! })),
    order: order.map((one, i) => ({ ...one, expr: travelling[items.length + i]!.expr })),
  };
  const oneRow =
    (aggregated && select.groupBy === null) || (select.from === null && !aggregated) || tail.atMostOneRow;
  return print(select, tail, moved, layer, {
    ...envs,
    windows,
    oneRow,
    aggregated,
    ...(narrow ? { narrow } : {}),
  });
}

interface Print extends Envs {
  readonly windows: ReturnType<typeof partitionOrigins>;
  readonly oneRow: boolean;
  readonly aggregated: boolean;
  /** FROM of the last layer, with part of the groups of its windows. */
  readonly narrow?: Narrow;
}

function print(
  select: Select,
  tail: Tail,
  parts: { readonly items: readonly Item[]; readonly order: readonly Ordering[] },
  layer: Layer,
  more: Print,
): QueryResult {
  const { base, windows, oneRow } = more;
  const { values, names } = outputValues(select, parts.items, base);
  const columns: OutputColumn[] = values.map((expr, i) => ({
    name: names[i] ?? null,
    type: expr.type,
    origins: expr.node === 'column' ? expr.origins.filter((origin) => isIn(windows, origin)) : [],
    sql: `c${i}`,
    literal: expr.literal ? expr : null,
  }));
  if (select.distinct)
    for (const [i, expr] of values.entries())
      groupable(expr, 'SELECT DISTINCT', parts.items[i]?.at ?? select.at, base);
  const list: Rope[] = values.map((expr, i) => [settled(expr), ` AS c${i}`]);
  const rope: Part[] = [`SELECT ${select.distinct ? 'DISTINCT ' : ''}`, ...joinRopes(list, ', ')];
  const common = { columns, isValue: select.as !== null, atMostOneRow: oneRow };
  if (select.distinct) {
    rope.push(...layer.from, ...whereRope(layer.where));
    return distinctOrder(rope, values, parts.order, tail, common, base);
  }
  const ordinal = tail.orderKeys && !more.aggregated ? more.source.ordinal : undefined;
  const order = parts.order.length > 0 || !ordinal ? parts.order : [{ item: ordinalItem, expr: ordinal }];
  const orderKeys: OrderKey[] = tail.orderKeys
    ? order.map(({ item, expr }, i) => hiddenKey(rope, expr, item, i))
    : [];
  const end = orderText(
    order.map(({ item, expr }) => keyRope(sameAs(expr, values) ?? expr, item, false, expr.type)),
    tail,
  );
  const whole = (from: Rope): Rope => [...rope, ...from, ...whereRope(layer.where), ...end];
  return { ...common, rope: whole(layer.from), orderKeys, ...offered(select, tail, values, more, whole) };
}

/** What a query around this one may ask for. */
function offered(
  select: Select,
  tail: Tail,
  values: readonly Expr[],
  { narrow, aggregated, source, own }: Print,
  whole: (from: Rope) => Rope,
): { readonly narrow?: Narrow } {
  if (aggregated || tail.hasLimit || tail.orderKeys || select.as !== null) return {};
  if (narrow) return { narrow: { ...narrow, rope: (condition) => whole(narrow.rope(condition)) } };
  if (select.qualify || values.some((value) => value.hasWindow)) return {};
  return passedOn({ source, exprs: values, own, rope: whole });
}

const ordinalItem: OrderItem = { value: { kind: 'null', at: 0 }, descending: false, nulls: null };

function orderText(keys: readonly Rope[], tail: Tail): Rope {
  return keys.length > 0 && (tail.hasLimit || !tail.orderKeys)
    ? [' ORDER BY ', ...joinRopes(keys, ', '), ...tail.limit]
    : tail.limit;
}

/** A key that is an output column is named, not computed again. */
function sameAs(expr: Expr, values: readonly Expr[]): string | null {
  if (expr.type.kind === 'FLOAT64') return null;
  const i = values.findIndex((value) => exprText(value) === exprText(expr));
  return i < 0 ? null : `c${i}`;
}

function outputValues(
  select: Select,
  items: readonly Item[],
  env: Env,
): { readonly values: readonly Expr[]; readonly names: readonly (string | null)[] } {
  const names = items.map((item) => item.name);
  const exprs = items.map((item) => item.expr);
  if (select.as === null) return { values: exprs, names };
  if (select.as === 'STRUCT') {
    const fields = exprs.map((expr, i) => ({ name: names[i] ?? null, type: expr.type }));
    return { values: [structOf(fields, exprs.map(settled))], names: [null] };
  }
  if (exprs.length !== 1)
    throw env.session.failures.invalid('SELECT AS VALUE query must have exactly one column', select.at);
  return { values: exprs, names: [null] };
}

/** After DISTINCT only output columns are there to order by. */
function distinctOrder(
  rope: readonly Part[],
  values: readonly Expr[],
  order: readonly Ordering[],
  tail: Tail,
  common: Omit<QueryResult, 'rope' | 'orderKeys'>,
  env: Env,
): QueryResult {
  if (order.length === 0 && !tail.hasLimit) return { ...common, rope, orderKeys: [] };
  const alias = env.session.alias();
  const keys = order.map(({ item, expr }) => {
    const visible = rewrite(expr, (one, within) => {
      const i = values.findIndex((value) => exprText(value) === exprText(one));
      if (i >= 0) return makeExpr(one.type, [`${alias}.c${i}`], { node: 'column', simple: true });
      if (one.node !== 'column' || within) return null;
      throw env.session.failures.invalid(
        'ORDER BY clause expression references an expression which is not visible after SELECT DISTINCT',
        item.value.at,
      );
    });
    return { item, expr: visible };
  });
  const outer: Part[] = [`SELECT ${values.map((_, i) => `${alias}.c${i}`).join(', ')}`];
  const orderKeys = tail.orderKeys ? keys.map(({ item, expr }, i) => hiddenKey(outer, expr, item, i)) : [];
  outer.push(
    ' FROM (',
    ...rope,
    `) ${alias}`,
    ...orderText(
      keys.map(({ item, expr }) => keyRope(expr, item, false)),
      tail,
    ),
  );
  return { ...common, rope: outer, orderKeys };
}
