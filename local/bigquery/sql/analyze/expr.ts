/**
 * A translated expression: DuckDB text with its parts still apart, so that a SELECT can be cut into layers
 * (grouping, windows, filter) after all its expressions are known. Immutable; text is made once.
 */

import type { Type } from '../type.ts';
import { INT64 } from '../type.ts';

/** Values known while translating: needed for coercion of literals, and for patterns, paths and formats. */
export type Literal =
  /** `failure`: ERROR('…'), which coerces like NULL and fails instead. */
  | { readonly kind: 'null'; readonly failure?: string }
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'emptyArray' }
  /** INTERVAL n unit: kept apart until the function that takes it. */
  | { readonly kind: 'interval'; readonly amount: Expr; readonly unit: string };

/** A column of a base table, seen through any number of layers: for partition filters. */
export interface Origin {
  readonly source: number;
  readonly column: string;
}

export type Part = string | Expr;
export type Rope = readonly Part[];

export interface Expr {
  readonly type: Type;
  readonly parts: Rope;
  /** Of a `subquery` the aggregates, windows and columns inside are its own, not those of the SELECT around it. */
  readonly node: 'plain' | 'column' | 'aggregate' | 'window' | 'subquery';
  /** Of a column: the SELECT that owns it. */
  readonly scope: number;
  /** Name for error messages, of a column. */
  readonly label: string | null;
  readonly literal: Literal | null;
  /** Of an ARRAY or STRUCT that is written out: its elements or fields, which coerce one by one. */
  readonly members: readonly Expr[] | null;
  /** A query parameter: coerces like a literal. */
  readonly isParameter: boolean;
  /** Value of a STRING parameter, where the caller gave it while translating. */
  readonly parameterText: string | null;
  /** Base columns of which this is a monotonic function. */
  readonly origins: readonly Origin[];
  /** Base columns that this condition, when it must be true, restricts to constants. */
  readonly prunes: readonly Origin[];
  /** Of DATE(x), x being a TIMESTAMP in UTC: x, so that conditions on the day can be ranges of x. */
  readonly dayOf: Expr | null;
  /** Of a window: base columns that it is partitioned by. */
  readonly partition: readonly Origin[];
  /** Of a window, as it was written: what it is partitioned by. */
  readonly partitionBy: readonly Expr[];
  readonly hasAggregate: boolean;
  readonly hasWindow: boolean;
  readonly hasColumn: boolean;
  readonly hasSubquery: boolean;
  /** A different value each time: RAND(), GENERATE_UUID(). */
  readonly volatile: boolean;
  /** Cheap to write twice: a column, a literal, a parameter. */
  readonly simple: boolean;
}

type Given = Partial<Omit<Expr, 'type' | 'parts'>>;

/** An expression made of text and other expressions. */
export function makeExpr(type: Type, parts: Rope, given: Given = {}): Expr {
  const inner = parts.filter((part): part is Expr => typeof part !== 'string');
  const own = given.node === 'subquery' ? [] : inner;
  return {
    type,
    parts,
    node: given.node ?? 'plain',
    scope: given.scope ?? -1,
    label: given.label ?? null,
    literal: given.literal ?? null,
    members: given.members ?? null,
    isParameter: given.isParameter ?? false,
    parameterText: given.parameterText ?? null,
    origins: given.origins ?? [],
    prunes: given.prunes ?? [],
    dayOf: given.dayOf ?? null,
    partition: given.partition ?? [],
    partitionBy: given.partitionBy ?? [],
    hasAggregate: given.hasAggregate ?? (given.node === 'aggregate' || own.some((e) => e.hasAggregate)),
    hasWindow: given.hasWindow ?? (given.node === 'window' || own.some((e) => e.hasWindow)),
    hasColumn: given.hasColumn ?? (given.node === 'column' || inner.some((e) => e.hasColumn)),
    hasSubquery: given.hasSubquery ?? (given.node === 'subquery' || inner.some((e) => e.hasSubquery)),
    volatile: given.volatile ?? inner.some((e) => e.volatile),
    simple: given.simple ?? given.node === 'column',
  };
}

const texts = new WeakMap<Expr, string>();

export function ropeText(rope: Rope): string {
  let out = '';
  for (const part of rope) out += typeof part === 'string' ? part : exprText(part);
  return out;
}

export function exprText(expr: Expr): string {
  const known = texts.get(expr);
  if (known !== undefined) return known;
  const text = ropeText(expr.parts);
  texts.set(expr, text);
  return text;
}

/** What to put in place of a sub-expression; null: look into it. `within`: it is inside a subquery. */
export type Replace = (expr: Expr, within: boolean) => Expr | null;

/** Replaces sub-expressions, outermost first. */
export function rewrite(expr: Expr, replace: Replace, within = false): Expr {
  const instead = replace(expr, within);
  if (instead) return instead;
  if (expr.parts.every((part) => typeof part === 'string')) return expr;
  const parts = rewriteRope(expr.parts, replace, within || expr.node === 'subquery');
  if (parts === expr.parts) return expr;
  const { node, scope, label, literal, isParameter, origins, prunes, partition, simple } = expr;
  const { hasSubquery, volatile } = expr;
  const same = {
    node,
    scope,
    label,
    literal,
    isParameter,
    origins,
    prunes,
    partition,
    hasSubquery,
    volatile,
    simple,
  };
  return makeExpr(expr.type, parts, same);
}

function rewriteRope(rope: Rope, replace: Replace, within: boolean): Rope {
  let changed = false;
  const parts = rope.map((part) => {
    if (typeof part === 'string') return part;
    const next = rewrite(part, replace, within);
    if (next !== part) changed = true;
    return next;
  });
  return changed ? parts : rope;
}

/** Calls `visit` for each sub-expression, the expression itself first; `visit` gives false to not go deeper. */
export function walk(expr: Expr, visit: (expr: Expr) => boolean): void {
  if (!visit(expr)) return;
  for (const part of expr.parts) if (typeof part !== 'string') walk(part, visit);
}

export const nullExpr: Expr = makeExpr(INT64, ['NULL'], { literal: { kind: 'null' }, simple: true });

export const isNull = (expr: Expr): boolean => expr.literal?.kind === 'null';

/** Joins ropes with a separator. */
export function joinRopes(ropes: readonly Rope[], separator: string): Part[] {
  const out: Part[] = [];
  ropes.forEach((rope, i) => {
    if (i > 0) out.push(separator);
    out.push(...rope);
  });
  return out;
}

const bindable = 160;

/**
 * A name for the parameter of a lambda that none inside the expressions has: what they name must not be hidden. The
 * same for the same expressions, so that equal expressions have equal text.
 */
export function lambdaName(exprs: readonly Expr[]): string {
  let most = 0;
  for (const expr of exprs) {
    for (const [, number] of exprText(expr).matchAll(/\bv(\d+)\."a/g)) most = Math.max(most, Number(number));
  }
  return `v${most + 1}`;
}

/**
 * Fills a template: `$1` is the first argument, in parentheses where needed. An argument that is used twice and is
 * long is computed once, in a lambda, so that nested calls do not grow exponentially.
 */
export function fill(type: Type, template: string, args: readonly Expr[], given: Given = {}): Expr {
  const heavy = args.map((arg, i) => {
    if (arg.simple || template.split(`$${i + 1}`).length <= 2) return false;
    return arg.volatile || arg.hasSubquery || exprText(arg).length > bindable;
  });
  if (!heavy.includes(true))
    return makeExpr(
      type,
      templateParts(template, args, (i) => [args[i]!]),
      given,
    );
  // inside a lambda DuckDB takes no subqueries, windows and aggregates: all but simple arguments stay outside
  const outside = args.map((arg) => !arg.simple);
  const name = lambdaName(args);
  const body = templateParts(template, args, (i) => (outside[i] ? [`${name}."a${i}"`] : [args[i]!]));
  const bound = args.flatMap((arg, i) => (outside[i] ? [[`"a${i}" := `, arg] as Rope] : []));
  const parts: Part[] = [
    'list_transform([struct_pack(',
    ...joinRopes(bound, ', '),
    `)], lambda ${name}: `,
    ...body,
    ')[1]',
  ];
  return makeExpr(type, parts, given);
}

function templateParts(template: string, args: readonly Expr[], part: (index: number) => Rope): Part[] {
  const out: Part[] = [];
  let last = 0;
  for (const found of template.matchAll(/\$(\d)/g)) {
    const index = Number(found[1]) - 1;
    if (!args[index]) throw new Error(`template has no argument ${index + 1}: ${template}`);
    out.push(template.slice(last, found.index), ...part(index));
    last = found.index + found[0].length;
  }
  out.push(template.slice(last));
  return out;
}
