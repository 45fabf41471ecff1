/**
 * A SELECT in layers, each a subquery of the next: FROM and WHERE; grouping; windows, where QUALIFY needs them.
 * Expressions are cut where a layer computes a part of them. DuckDB flattens the layers again.
 */

import type { Expr, Origin, Part, Rope } from './expr.ts';
import { exprText, joinRopes, makeExpr, rewrite, walk } from './expr.ts';
import type { Env } from './scope.ts';

/** An expression on its way through the layers, with the words for its errors. */
export interface Travelling {
  readonly expr: Expr;
  readonly clause: string;
  readonly at: number;
}

export interface Layer {
  /** ` FROM …`, or nothing. */
  readonly from: Rope;
  readonly where: Expr | null;
  /** Scope of the columns that the layer offers. */
  readonly scope: number;
}

export const whereRope = (where: Expr | null): Rope => (where ? [' WHERE ', where] : []);

export interface Grouping {
  readonly keys: readonly Expr[];
  /** Indexes of keys; null: one set of all keys. */
  readonly sets: readonly (readonly number[])[] | null;
}

interface Result {
  readonly layer: Layer;
  readonly exprs: readonly Expr[];
}

interface Windows extends Result {
  /** The layer's FROM over another FROM beneath it. */
  readonly over: (from: Rope) => Rope;
}

/** Computes keys and aggregates in a layer of their own; the expressions then see only those. */
export function group(layer: Layer, grouping: Grouping, travelling: readonly Travelling[], env: Env): Result {
  const alias = env.session.alias();
  const scope = env.session.id();
  const leaf = (expr: Expr, name: string, origins: readonly Origin[]): Expr =>
    makeExpr(expr.type, [`${alias}.${name}`], {
      node: 'column',
      scope,
      label: expr.label,
      origins,
      literal: null,
    });
  const keys = new Map(grouping.keys.map((key, i) => [exprText(key), leaf(key, `k${i}`, key.origins)]));
  const list: Rope[] = grouping.keys.map((key, i) => [key, ` AS k${i}`]);
  const aggregates = new Map<string, Expr>();
  const exprs = travelling.map(({ expr, clause, at }) =>
    rewrite(expr, (one, within) => {
      const key = one.hasAggregate ? undefined : keys.get(exprText(one));
      if (key && !(one.literal && one.node === 'plain')) return key;
      if (one.node === 'aggregate' && !within) {
        const text = exprText(one);
        let found = aggregates.get(text);
        if (!found) {
          const name = `a${aggregates.size}`;
          found = leaf(one, name, []);
          aggregates.set(text, found);
          list.push([one, ` AS ${name}`]);
        }
        return found;
      }
      if (one.node === 'column' && one.scope === layer.scope) {
        const text = `${clause} expression references column ${one.label ?? ''} which is neither grouped nor aggregated`;
        throw env.session.failures.invalid(text, at);
      }
      return null;
    }),
  );
  if (list.length === 0) list.push(['1 AS k']);
  const rope: Part[] = [
    '(SELECT ',
    ...joinRopes(list, ', '),
    ...layer.from,
    ...whereRope(layer.where),
    groupText(grouping),
    `) ${alias}`,
  ];
  return { layer: { from: [' FROM ', ...rope], where: null, scope }, exprs };
}

function groupText({ keys, sets }: Grouping): string {
  if (!sets) return keys.length > 0 ? ` GROUP BY ${keys.map((_, i) => i + 1).join(', ')}` : '';
  return ` GROUP BY GROUPING SETS (${sets.map((set) => `(${set.map((i) => i + 1).join(', ')})`).join(', ')})`;
}

/** Computes windows in a layer of their own, so that QUALIFY can filter by them. */
export function computeWindows(layer: Layer, travelling: readonly Travelling[], env: Env): Windows {
  const alias = env.session.alias();
  const scope = env.session.id();
  const kept = new Map<string, Expr>();
  const list: Rope[] = [];
  const origins = partitionOrigins(travelling.map((one) => one.expr));
  const keep = (one: Expr, still: readonly Origin[]): Expr => {
    const text = exprText(one);
    const known = kept.get(text);
    if (known) return known;
    const name = `w${kept.size}`;
    const leaf = makeExpr(one.type, [`${alias}.${name}`], {
      node: 'column',
      scope,
      label: one.label,
      origins: still,
    });
    kept.set(text, leaf);
    list.push([one, ` AS ${name}`]);
    return leaf;
  };
  const exprs = travelling.map(({ expr }) =>
    rewrite(expr, (one, within) => {
      if (one.node === 'window' && !within) return keep(one, []);
      if (one.node === 'column' && one.scope === layer.scope)
        return keep(
          one,
          one.origins.filter((origin) => isIn(origins, origin)),
        );
      return null;
    }),
  );
  if (list.length === 0) list.push(['1 AS w']);
  const over = (from: Rope): Rope => [
    ' FROM (SELECT ',
    ...joinRopes(list, ', '),
    ...from,
    ...whereRope(layer.where),
    `) ${alias}`,
  ];
  return { layer: { from: over(layer.from), where: null, scope }, exprs, over };
}

export const isIn = (origins: readonly Origin[] | null, origin: Origin): boolean =>
  origins === null || origins.some((one) => one.source === origin.source && one.column === origin.column);

/** Base columns that every window is partitioned by; null where there is no window. */
export function partitionOrigins(exprs: readonly Expr[]): readonly Origin[] | null {
  let origins: readonly Origin[] | null = null;
  for (const expr of exprs) {
    walk(expr, (one) => {
      if (one.node === 'window') {
        const before: readonly Origin[] | null = origins;
        origins = before === null ? one.partition : before.filter((origin) => isIn(one.partition, origin));
      }
      return one.hasWindow;
    });
  }
  return origins;
}
