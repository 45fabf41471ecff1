/**
 * A filter on a query that numbers rows within groups, as the view of log entries does to show each once: first the
 * groups are found in which some row meets the filter, then only their rows are numbered. The rows of a group stay
 * together, so the numbers are the same; and a search for a rare word does not number the entries of a whole day.
 * Only for filters that likely leave few rows, and that cannot fail on a row that the numbering would have taken away.
 */

import type { Expression, Select } from '../parse/tree.ts';
import type { Expr, Rope } from './expr.ts';
import { exprText, joinRopes, rewrite, walk } from './expr.ts';
import { failureMark } from './failure.ts';
import type { Layer, Travelling } from './layer.ts';
import type { OutputColumn, Source } from './scope.ts';
import type { Session } from './session.ts';

/** Of a query, or of a source: how to ask for part of its groups. */
export interface Narrow {
  /** What the columns are before rows are numbered, by their DuckDB names; those that are computed later are absent. */
  readonly beneath: ReadonlyMap<string, Expr>;
  /** Texts of what the groups are made by. */
  readonly keys: ReadonlySet<string>;
  /** The rope, with the rows of groups in which some row meets the condition. */
  readonly rope: (condition: Rope) => Rope;
}

/** Keys by which all windows are partitioned alike; null: there are none. */
function commonKeys(exprs: readonly Expr[]): readonly Expr[] | null {
  const found: (readonly Expr[])[] = [];
  for (const expr of exprs) {
    walk(expr, (one) => {
      if (one.node === 'window') found.push(one.partitionBy);
      return one.hasWindow;
    });
  }
  const [first, ...others] = found;
  const text = (keys: readonly Expr[]): string => keys.map(exprText).join();
  const alike = first && first.length > 0 && others.every((keys) => text(keys) === text(first));
  return alike && first.every((key) => !key.volatile && !key.hasSubquery) ? first : null;
}

/** FROM of a layer whose windows QUALIFY filters by, with a condition on its groups; null: there is no such way. */
export function groupsOf(
  layer: Layer,
  travelling: readonly Travelling[],
  session: Session,
): Pick<Narrow, 'keys' | 'rope'> | null {
  const keys = commonKeys(travelling.map((one) => one.expr));
  if (keys === null || layer.where?.hasSubquery) return null;
  return {
    keys: new Set(keys.map(exprText)),
    rope: (condition) => {
      const alias = session.alias();
      const list = keys.map((key, i): Rope => [key, ` AS k${i}`]);
      const same = keys.map((key, i): Rope => [key, ` IS NOT DISTINCT FROM ${alias}.k${i}`]);
      const where: Rope = [...(layer.where ? [layer.where, ' AND '] : []), ...condition];
      return [
        ...layer.from,
        ' SEMI JOIN (SELECT ',
        ...joinRopes(list, ', '),
        ...layer.from,
        ' WHERE ',
        ...where,
        `) ${alias} ON (`,
        ...joinRopes(same, ' AND '),
        ')',
      ];
    },
  };
}

/** The columns of a SELECT as they are beneath. `below`: what stands for the columns of its source; null: themselves. */
export function columnsBeneath(exprs: readonly Expr[], below: Narrow | null): ReadonlyMap<string, Expr> {
  const out = new Map<string, Expr>();
  for (const [i, expr] of exprs.entries()) {
    if (expr.hasWindow || expr.hasAggregate || expr.hasSubquery || expr.volatile) continue;
    const one = below ? lowered(expr, below) : expr;
    if (one && !exprText(one).includes(failureMark)) out.set(`c${i}`, one);
  }
  return out;
}

/** The expression over what is beneath; null where a column is not there. */
function lowered(expr: Expr, { beneath }: Narrow): Expr | null {
  let whole = true;
  const out = rewrite(expr, (one) => {
    if (one.node !== 'column') return null;
    const below = beneath.get(exprText(one));
    if (!below) whole = false;
    return below ?? one;
  });
  return whole ? out : null;
}

/** A query in FROM: its way, under the alias. */
export function aliased(
  narrow: Narrow | undefined,
  columns: readonly OutputColumn[],
  alias: string,
): { readonly narrow?: Narrow } {
  if (!narrow) return {};
  const beneath = new Map(
    columns.flatMap(({ sql }) => {
      const expr = narrow.beneath.get(sql);
      return expr ? [[`${alias}.${sql}`, expr] as const] : [];
    }),
  );
  return {
    narrow: { ...narrow, beneath, rope: (condition) => ['(', ...narrow.rope(condition), `) ${alias}`] },
  };
}

/** The conditions of WHERE that hold beneath too, joined by AND; null where none of them leaves few rows. */
export function conditionBeneath(select: Select, where: Expr | null, narrow: Narrow): Rope | null {
  if (!select.where || !where) return null;
  let few = false;
  const held: Rope[] = [];
  for (const [tree, expr] of conjuncts(select.where, where)) {
    if (expr.hasSubquery || expr.volatile || expr.hasWindow || expr.hasAggregate || !expr.hasColumn) continue;
    const below = lowered(expr, narrow);
    if (!below || exprText(below).includes(failureMark)) continue;
    held.push([below]);
    few ||= leavesFew(tree, columnTypes(below, narrow.keys));
  }
  return few ? ['(', ...joinRopes(held, ' AND '), ')'] : null;
}

function conjuncts(tree: Expression, expr: Expr): readonly (readonly [Expression, Expr])[] {
  if (tree.kind !== 'logical' || tree.operator !== 'AND') return [[tree, expr]];
  const parts = expr.parts.filter((part): part is Expr => typeof part !== 'string');
  return parts.length === tree.items.length
    ? tree.items.flatMap((item, i) => conjuncts(item, parts[i]!))
    : [];
}

/** Types of the columns but for the keys: DuckDB itself takes filters on keys down. */
function columnTypes(expr: Expr, keys: ReadonlySet<string>): readonly string[] {
  const out: string[] = [];
  walk(expr, (one) => {
    if (one.node === 'column' && !keys.has(exprText(one))) out.push(one.type.kind);
    return true;
  });
  return out;
}

const finding = /^(?:SEARCH|CONTAINS_SUBSTR|REGEXP_CONTAINS|STARTS_WITH|ENDS_WITH)$/;
const instant = /^(?:TIMESTAMP|DATETIME|DATE|TIME)$/;

/** Does such a condition, as people write it about logs, leave a small part of the rows? */
function leavesFew(tree: Expression, types: readonly string[]): boolean {
  if (types.length === 0) return false;
  switch (tree.kind) {
    case 'logical':
      return tree.operator === 'AND'
        ? tree.items.some((item) => leavesFew(item, types))
        : tree.items.every((item) => leavesFew(item, types));
    case 'binary':
      if (tree.operator === '=') return true;
      return (tree.operator === '>' || tree.operator === '>=') && !types.some((type) => instant.test(type));
    case 'in':
    case 'like':
      return !tree.not;
    case 'call':
      return finding.test(tree.name.join('.'));
    default:
      return false;
  }
}

/** What a SELECT offers that only picks columns and rows of a source that offers it. */
export function passedOn(given: {
  readonly source: Source;
  readonly exprs: readonly Expr[];
  readonly own: Rope | null;
  readonly rope: (from: Rope) => Rope;
}): { readonly narrow?: Narrow } {
  const { source, exprs, own, rope } = given;
  const { narrow } = source;
  if (!narrow) return {};
  const both = (condition: Rope): Rope => (own ? [...own, ' AND ', ...condition] : condition);
  return {
    narrow: {
      beneath: columnsBeneath(exprs, narrow),
      keys: narrow.keys,
      rope: (condition) => rope([' FROM ', ...narrow.rope(both(condition))]),
    },
  };
}
