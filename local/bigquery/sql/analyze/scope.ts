/**
 * Which names an expression sees: columns and range variables of FROM, aliases of SELECT, the queries around.
 * Column names do not mind case. Source: GoogleSQL "Query syntax", scope rules.
 */

import type { Query as QueryTree, WindowSpec } from '../parse/tree.ts';
import type { Type } from '../type.ts';
import { fieldNames, typeText } from '../type.ts';
import type { Expr, Origin, Rope } from './expr.ts';
import { fill, makeExpr } from './expr.ts';
import { stringLiteral } from './literal.ts';
import type { Narrow } from './narrow.ts';
import type { Session } from './session.ts';

export interface Column {
  /** Null: no name (an anonymous expression of a subquery). */
  readonly name: string | null;
  readonly expr: Expr;
}

/** What an alias of FROM stands for. */
export interface Range {
  readonly alias: string;
  readonly columns: readonly Column[];
  /** Columns that only their name finds: `_PARTITIONTIME`. */
  readonly hidden: readonly Column[];
  /** The row itself, of UNNEST and SELECT AS VALUE. Null: a STRUCT of the columns. */
  readonly value: Expr | null;
}

/** A FROM clause, or a part of it. */
export interface Source {
  readonly rope: Rope;
  /** What `*` gives and unqualified names find. */
  readonly columns: readonly Column[];
  readonly hidden: readonly Column[];
  readonly ranges: readonly Range[];
  /** Position in the array, where the whole FROM is one UNNEST: what ARRAY(SELECT …) keeps the order of. */
  readonly ordinal?: Expr;
  /** Where the whole FROM is one query that numbers rows within groups. */
  readonly narrow?: Narrow;
}

export interface Scope {
  readonly id: number;
  readonly parent: Scope | null;
  readonly source: Source;
  /** Aliases of SELECT, where the clause sees them. */
  readonly aliases: ReadonlyMap<string, Expr | 'ambiguous'> | null;
}

/** A column of a query's result. */
export interface OutputColumn {
  readonly name: string | null;
  readonly type: Type;
  readonly origins: readonly Origin[];
  /** Its name in the query's rope. */
  readonly sql: string;
  /** The literal it is: UNION coerces literals. */
  readonly literal: Expr | null;
}

/** A WITH table in reach. */
export interface CommonScope {
  readonly name: string;
  readonly parent: CommonScope | null;
  readonly table: CommonResult;
}

export interface CommonResult {
  readonly tree: QueryTree;
  /** DuckDB's name of it. */
  readonly sql: string;
  readonly columns: readonly OutputColumn[];
  readonly isValue: boolean;
  /** How often it is named: one that is named once is written in place. */
  uses: number;
}

/** Everything that the meaning of an expression depends on. */
export interface Env {
  readonly session: Session;
  readonly scope: Scope | null;
  readonly common: CommonScope | null;
  readonly windows: ReadonlyMap<string, WindowSpec>;
  /** Clause in whose words aggregates or windows are refused; null: allowed. */
  readonly noAggregate: string | null;
  readonly noWindow: string | null;
  /** Condition on the rows of every aggregate: the column of a PIVOT. */
  readonly rowFilter: Rope | null;
}

export const emptySource: Source = { rope: [], columns: [], hidden: [], ranges: [] };

const same = (a: string | null, b: string): boolean => a !== null && a.toLowerCase() === b.toLowerCase();

export type Found =
  | { readonly kind: 'column'; readonly expr: Expr }
  | { readonly kind: 'range'; readonly range: Range }
  | { readonly kind: 'ambiguous' };

/** What a name means, in the nearest scope that knows it. */
export function findName(scope: Scope | null, name: string): Found | null {
  for (let one = scope; one; one = one.parent) {
    const found = inScope(one, name);
    if (found) return found;
  }
  return null;
}

function inScope(scope: Scope, name: string): Found | null {
  const alias = scope.aliases?.get(name.toLowerCase());
  if (alias) return alias === 'ambiguous' ? { kind: 'ambiguous' } : { kind: 'column', expr: alias };
  const range = scope.source.ranges.find((one) => same(one.alias, name));
  if (range) return { kind: 'range', range };
  const columns = scope.source.columns.filter((column) => same(column.name, name));
  if (columns.length === 1) return { kind: 'column', expr: columns[0]!.expr };
  if (columns.length > 1) return { kind: 'ambiguous' };
  const hidden = scope.source.hidden.filter((column) => same(column.name, name));
  if (hidden.length > 1) return { kind: 'ambiguous' };
  return hidden[0] ? { kind: 'column', expr: hidden[0].expr } : null;
}

/** A column of a range variable. */
export function findInRange(range: Range, name: string): Expr | 'ambiguous' | null {
  const found = [...range.columns, ...range.hidden].filter((column) => same(column.name, name));
  if (found.length > 1) return 'ambiguous';
  return found[0]?.expr ?? null;
}

/** The row of a range variable as a value. */
export function rowOf(range: Range): Expr {
  if (range.value) return range.value;
  const fields = range.columns.map((column) => ({ name: column.name, type: column.expr.type }));
  return structOf(
    fields,
    range.columns.map((column) => column.expr),
  );
}

export function structOf(
  fields: readonly { readonly name: string | null; readonly type: Type }[],
  values: readonly Expr[],
): Expr {
  const names = fieldNames(fields);
  const parts = values.flatMap((value, i) => [
    `${i > 0 ? ', ' : ''}"${(names[i] ?? '').replaceAll('"', '""')}" := `,
    value,
  ]);
  return makeExpr({ kind: 'STRUCT', fields }, ['struct_pack(', ...parts, ')']);
}

/** A field of a STRUCT value; null where it has none such, or several. */
export function fieldOf(value: Expr, name: string): Expr | null {
  if (value.type.kind !== 'STRUCT') return null;
  const names = fieldNames(value.type.fields);
  const at = value.type.fields.findIndex((field) => same(field.name, name));
  const again = value.type.fields.findLastIndex((field) => same(field.name, name));
  const field = value.type.fields[at];
  if (!field || at !== again) return null;
  const key = stringLiteral(names[at] ?? '');
  return fill(field.type, 'struct_extract($1, $2)', [value, key], { simple: value.simple });
}

export const missingField = (name: string, type: Type): string =>
  type.kind === 'STRUCT'
    ? `Field name ${name} does not exist in ${typeText(type)}`
    : `Cannot access field ${name} on a value with type ${typeText(type)}`;

/** All names in reach, for "Did you mean". */
export function visibleNames(scope: Scope | null): readonly string[] {
  const names: string[] = [];
  for (let one = scope; one; one = one.parent) {
    for (const column of one.source.columns) if (column.name) names.push(column.name);
    for (const range of one.source.ranges) names.push(range.alias);
  }
  return names;
}

/** The name that was probably meant, if one is near. */
export function nearest(name: string, names: readonly string[]): string | null {
  let best: string | null = null;
  let least = Math.min(3, Math.floor(name.length / 3) + 1);
  for (const candidate of names) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 3) return 99;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 99;
}
