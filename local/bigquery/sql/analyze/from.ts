/**
 * FROM: tables, subqueries, UNNEST (also of arrays of the rows before it), joins. Every table and layer gets an alias
 * of ours; what the user called it stays in the scope.
 */

import type { Expression, FromItem } from '../parse/tree.ts';
import type { Type } from '../type.ts';
import * as types from '../type.ts';
import { compare } from './condition.ts';
import type { Expr, Rope } from './expr.ts';
import { fill, makeExpr } from './expr.ts';
import { analyze, condition } from './expression.ts';
import { argumentType } from './failure.ts';
import { aliased } from './narrow.ts';
import { analyzeQuery } from './query.ts';
import { tableCallSource } from './routine.ts';
import type { Column, CommonResult, CommonScope, Env, OutputColumn, Range, Source } from './scope.ts';
import { fieldOf, findName } from './scope.ts';
import { tableSource } from './table.ts';
import { turned } from './turn.ts';

/** `left`: what stands before it in the same FROM, for arrays of its rows. `id`: the SELECT's scope. */
export function analyzeFrom(
  item: FromItem,
  env: Env,
  id: number,
  left: Source | null,
  ordinal = false,
): Source {
  env.session.step(item);
  switch (item.kind) {
    case 'table':
      return pathSource(item, env, id, left, ordinal);
    case 'derived': {
      const result = analyzeQuery(item.query, { ...env, windows: new Map() });
      const alias = env.session.alias();
      const source = resultSource(result.columns, {
        sql: alias,
        name: item.alias,
        isValue: result.isValue,
        id,
      });
      const whole: Source = { ...source, rope: ['(', ...result.rope, `) ${alias}`] };
      if (item.turn) return turned(whole, item.turn, env, id);
      return result.isValue ? whole : { ...whole, ...aliased(result.narrow, result.columns, alias) };
    }
    case 'tableCall': {
      const source = tableCallSource(item, env, id);
      return item.turn ? turned(source, item.turn, env, id) : source;
    }
    case 'unnest':
      return unnest(item.array, item, env, id, left, ordinal);
    case 'join':
      return join(item, env, id, left);
  }
}

/** The scope in which arrays of the rows before are seen. */
const lateral = (env: Env, id: number, left: Source | null): Env => ({
  ...env,
  scope: left ? { id, parent: env.scope, source: left, aliases: null } : env.scope,
  windows: new Map(),
  noAggregate: 'FROM clause',
  noWindow: 'FROM clause',
});

interface Named {
  readonly sql: string;
  readonly name: string | null;
  readonly isValue: boolean;
  readonly id: number;
}

/** What a query in FROM offers. */
export function resultSource(columns: readonly OutputColumn[], named: Named): Omit<Source, 'rope'> {
  const leaf = (column: OutputColumn): Expr =>
    makeExpr(column.type, [`${named.sql}.${column.sql}`], {
      node: 'column',
      scope: named.id,
      label: column.name,
      origins: column.origins,
    });
  if (named.isValue && columns[0]) return valueSource(leaf(columns[0]), named.name);
  const own = columns.map((column) => ({ name: column.name, expr: leaf(column) }));
  const ranges = named.name === null ? [] : [{ alias: named.name, columns: own, hidden: [], value: null }];
  return { columns: own, hidden: [], ranges };
}

/** Rows that are values: of a STRUCT its fields are columns, another value is one column. */
function valueSource(value: Expr, alias: string | null): Omit<Source, 'rope'> {
  const fields = value.type.kind === 'STRUCT' ? value.type.fields : null;
  const columns: readonly Column[] = fields
    ? fields.flatMap((field) => {
        const expr = field.name === null ? null : fieldOf(value, field.name);
        return expr
          ? [
              {
                name: field.name,
                expr: {
                  ...expr,
                  node: 'column' as const,
                  scope: value.scope,
                  label: field.name,
                  hasColumn: true,
                },
              },
            ]
          : [];
      })
    : [{ name: alias, expr: value }];
  const ranges: readonly Range[] = alias === null ? [] : [{ alias, columns, hidden: [], value }];
  return { columns, hidden: [], ranges };
}

function commonTable(env: Env, name: string): CommonResult | null {
  for (let one: CommonScope | null = env.common; one; one = one.parent)
    if (one.name === name.toLowerCase()) return one.table;
  return null;
}

type PathItem = Extract<FromItem, { kind: 'table' }>;

function pathSource(item: PathItem, env: Env, id: number, left: Source | null, ordinal: boolean): Source {
  const [first = '', ...rest] = item.path;
  const common = rest.length === 0 ? commonTable(env, first) : null;
  const name = item.alias ?? item.path.at(-1)!;
  if (common) {
    common.uses += 1;
    const alias = env.session.alias();
    const source = {
      ...resultSource(common.columns, { sql: alias, name, isValue: common.isValue, id }),
      rope: [`${common.sql} ${alias}`],
    };
    return item.turn ? turned(source, item.turn, env, id) : source;
  }
  const array = rest.length > 0 ? arrayPath(item, lateral(env, id, left)) : null;
  if (array) return unnest(array, { ...item, alias: name }, env, id, left, ordinal);
  if (item.withOffset)
    throw env.session.failures.invalid('WITH OFFSET can only be used with array scans', item.at);
  const whole = tableSource(item.path, item.at, env, { alias: item.alias ?? name, id });
  const source = item.percent === null ? whole : sampled(whole, item.percent, item.at, env);
  return item.turn ? turned(source, item.turn, env, id) : source;
}

/** Rows at random, by the percent; which ones is nobody's promise. */
function sampled(source: Source, percent: number, at: number, env: Env): Source {
  if (percent < 0 || percent > 100)
    throw env.session.failures.invalid('TABLESAMPLE percent must be between 0 and 100', at);
  return { ...source, rope: [...source.rope, ` TABLESAMPLE BERNOULLI(${percent} PERCENT)`] };
}

/** `t.tags` after `FROM t,`: an array of the row, if `t` is a name that is seen here. */
function arrayPath(item: PathItem, env: Env): Expression | null {
  const [first = '', ...rest] = item.path;
  const found = findName(env.scope, first);
  if (!found || found.kind === 'ambiguous') return null;
  const start: Expression = { kind: 'name', name: first, quoted: true, at: item.at };
  return rest.reduce<Expression>((of, name) => ({ kind: 'dot', of, name, at: item.at }), start);
}

interface UnnestItem {
  readonly alias: string | null;
  readonly withOffset: { readonly alias: string } | null;
  readonly at: number;
}

function unnest(
  tree: Expression,
  item: UnnestItem,
  env: Env,
  id: number,
  left: Source | null,
  ordinal: boolean,
): Source {
  const array = analyze(tree, lateral(env, id, left));
  if (array.type.kind !== 'ARRAY') {
    const text = `Values referenced in UNNEST must be arrays. UNNEST contains expression of type ${argumentType(array)}`;
    throw env.session.failures.invalid(text, tree.at);
  }
  const alias = env.session.alias();
  const element: Type = array.type.element;
  const leaf = (type: Type, text: string, label: string | null): Expr =>
    makeExpr(type, [text], { node: 'column', scope: id, label });
  const value = leaf(element, `${alias}.v`, item.alias);
  const source = valueSource(value, item.alias);
  const numbered = item.withOffset !== null || ordinal;
  const rope: Rope = [
    'UNNEST(',
    array,
    `)${numbered ? ' WITH ORDINALITY' : ''} AS ${alias}(v${numbered ? ', o' : ''})`,
  ];
  const position = leaf(types.INT64, `(${alias}.o - 1)`, item.withOffset?.alias ?? null);
  const withOrdinal = ordinal ? { ordinal: position } : {};
  if (!item.withOffset) return { ...source, ...withOrdinal, rope };
  const offset: Column = { name: item.withOffset.alias, expr: position };
  const range: Range = { alias: item.withOffset.alias, columns: [], hidden: [], value: position };
  return {
    ...source,
    ...withOrdinal,
    rope,
    columns: [...source.columns, offset],
    ranges: [...source.ranges, range],
  };
}

type JoinItem = Extract<FromItem, { kind: 'join' }>;

const both = (left: Source, right: Source): Source => ({
  rope: [],
  columns: [...left.columns, ...right.columns],
  hidden: [...left.hidden, ...right.hidden],
  ranges: [...left.ranges, ...right.ranges],
});

function join(item: JoinItem, env: Env, id: number, outer: Source | null): Source {
  const { session } = env;
  const left = analyzeFrom(item.left, env, id, outer);
  const before = session.requirements.length;
  const right = analyzeFrom(item.right, env, id, outer ? both(outer, left) : left);
  refuseRepeated(left, right, item, env);
  const isArray =
    item.right.kind === 'unnest' || (item.right.kind === 'table' && right.rope[0] === 'UNNEST(');
  if (isArray && (item.type === 'RIGHT' || item.type === 'FULL'))
    throw session.failures.unsupported(`${item.type} JOIN with an array`, item.at);
  if (item.type !== 'CROSS' && !item.on && !item.using && !isArray) {
    throw session.failures.syntax(
      `Expected keyword ON or keyword USING after ${item.type} JOIN`,
      item.right.at,
    );
  }
  const joined = both(left, right);
  const word =
    item.type === 'CROSS' || (!item.on && !item.using && item.type === 'INNER')
      ? 'CROSS JOIN'
      : `${item.type} JOIN`;
  const rope = (on: Rope): Rope => ['(', ...left.rope, ` ${word} `, ...right.rope, ...on, ')'];
  if (item.using) return using(item, left, right, rope, env);
  if (!item.on) return { ...joined, rope: rope(word === 'CROSS JOIN' ? [] : [' ON TRUE']) };
  const clause = 'JOIN ON clause';
  const on = condition(
    item.on,
    { ...lateral(env, id, joined), noAggregate: clause, noWindow: clause },
    clause,
  );
  const inRight = new Set(session.requirements.slice(before).map((one) => one.source));
  const met = on.prunes.filter(
    (one) => item.type === 'INNER' || (item.type === 'LEFT') === inRight.has(one.source),
  );
  if (item.type !== 'FULL') session.meet(met);
  return { ...joined, rope: rope([' ON ', on]) };
}

function refuseRepeated(left: Source, right: Source, item: JoinItem, env: Env): void {
  const names = new Set(left.ranges.map((range) => range.alias.toLowerCase()));
  for (const range of right.ranges) {
    if (names.has(range.alias.toLowerCase())) {
      throw env.session.failures.invalid(
        `Duplicate table alias ${range.alias} in the same FROM clause`,
        item.right.at,
      );
    }
  }
}

/** USING: the columns named come once, first, and are of the side that has a row. */
function using(item: JoinItem, left: Source, right: Source, rope: (on: Rope) => Rope, env: Env): Source {
  const conditions: Rope[] = [];
  const merged = (item.using ?? []).map(({ name, at }): Column => {
    const a = only(left, name, 'left', at, env);
    const b = only(right, name, 'right', at, env);
    conditions.push([compare('=', a, b, { node: { at }, env })]);
    if (item.type === 'RIGHT') return { name, expr: b };
    return {
      name,
      expr: item.type === 'FULL' ? { ...fill(a.type, 'coalesce($1, $2)', [a, b]), label: name } : a,
    };
  });
  const names = new Set((item.using ?? []).map(({ name }) => name.toLowerCase()));
  const others = (source: Source) =>
    source.columns.filter((column) => !names.has(column.name?.toLowerCase() ?? ''));
  const on: Rope = [' ON ', ...conditions.flatMap((one, i): Rope => (i > 0 ? [' AND ', ...one] : one))];
  const { hidden, ranges } = both(left, right);
  return { rope: rope(on), columns: [...merged, ...others(left), ...others(right)], hidden, ranges };
}

function only(source: Source, name: string, side: string, at: number, env: Env): Expr {
  const found = source.columns.filter((column) => column.name?.toLowerCase() === name.toLowerCase());
  if (found.length === 1) return found[0]!.expr;
  const what =
    found.length === 0 ? `not found on ${side} side of join` : `is ambiguous on ${side} side of join`;
  throw env.session.failures.invalid(`Column ${name} in USING clause ${what}`, at);
}
