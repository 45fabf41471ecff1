/** The list of a SELECT: stars expanded, names given, and which aliases later clauses see. */

import type { Select, SelectItem } from '../parse/tree.ts';
import { typeText } from '../type.ts';
import { impliedName } from './constructor.ts';
import type { Expr } from './expr.ts';
import { exprText } from './expr.ts';
import { analyze } from './expression.ts';
import type { Column, Env } from './scope.ts';
import { fieldOf, findName } from './scope.ts';

export interface Item {
  /** Null: none; results call it `f0_`, `f1_`, … */
  readonly name: string | null;
  readonly expr: Expr;
  readonly at: number;
}

export function expandItems(select: Select, env: Env): readonly Item[] {
  const items = select.items.flatMap((item): readonly Item[] => {
    if (item.kind === 'star') return expandStar(item, env);
    const expr = analyze(item.value, env);
    if (expr.type.kind === 'INTERVAL') throw env.session.failures.unsupported('INTERVAL values', item.at);
    return [{ name: item.alias ?? impliedName(item.value), expr, at: item.at }];
  });
  if (items.length === 0) throw env.session.failures.invalid('SELECT * expands to zero columns', select.at);
  return items;
}

type Star = Extract<SelectItem, { kind: 'star' }>;

function expandStar(item: Star, env: Env): readonly Item[] {
  const columns = starColumns(item, env);
  const named = (name: string) => columns.some((column) => column.name?.toLowerCase() === name.toLowerCase());
  for (const { name, at } of item.except) {
    if (!named(name))
      throw env.session.failures.invalid(`Column ${name} in SELECT * EXCEPT list does not exist`, at);
  }
  for (const { name, at } of item.replace) {
    if (!named(name))
      throw env.session.failures.invalid(`Column ${name} in SELECT * REPLACE list does not exist`, at);
  }
  for (const { name, at } of item.rename) {
    if (!named(name)) throw env.session.failures.invalid(`Column ${name} in RENAME list does not exist`, at);
  }
  const names = new Map(item.rename.map((one) => [one.name.toLowerCase(), one.to]));
  const except = new Set(item.except.map((one) => one.name.toLowerCase()));
  const replace = new Map(item.replace.map((one) => [one.name.toLowerCase(), one.value]));
  return columns
    .filter((column) => !except.has(column.name?.toLowerCase() ?? ''))
    .map((column) => {
      const instead = replace.get(column.name?.toLowerCase() ?? '');
      const name = names.get(column.name?.toLowerCase() ?? '') ?? column.name;
      return { name, expr: instead ? analyze(instead, env) : column.expr, at: item.at };
    });
}

function starColumns(item: Star, env: Env): readonly Column[] {
  if (!item.of) {
    if (!env.scope || env.scope.source.rope.length === 0)
      throw env.session.failures.invalid('SELECT * must have a FROM clause', item.at);
    return env.scope.source.columns;
  }
  const range = item.of.kind === 'name' ? findName(env.scope, item.of.name) : null;
  if (range?.kind === 'range') return range.range.columns;
  const value = analyze(item.of, env);
  if (value.type.kind !== 'STRUCT') {
    throw env.session.failures.invalid(`Dot-star is not supported for type ${typeText(value.type)}`, item.at);
  }
  return value.type.fields.map((field) => ({
    name: field.name,
    expr: fieldOf(value, field.name ?? '') ?? missing(item, env),
  }));
}

function missing(item: Star, env: Env): never {
  throw env.session.failures.unsupported('dot-star on a STRUCT with unnamed or repeated fields', item.at);
}

/** Names that GROUP BY, HAVING, QUALIFY and ORDER BY see before those of FROM. */
export function aliasesOf(items: readonly Item[]): ReadonlyMap<string, Expr | 'ambiguous'> {
  const aliases = new Map<string, Expr | 'ambiguous'>();
  for (const { name, expr } of items) {
    if (name === null) continue;
    const key = name.toLowerCase();
    const known = aliases.get(key);
    if (known === undefined) aliases.set(key, expr);
    else if (known === 'ambiguous' || exprText(known) !== exprText(expr)) aliases.set(key, 'ambiguous');
  }
  return aliases;
}
