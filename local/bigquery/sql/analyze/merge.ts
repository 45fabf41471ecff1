/**
 * MERGE. Source rows are paired with target rows by DuckDB's row ids before they are merged, so that a target row
 * which several source rows would change is an error, as in BigQuery.
 */

import type { MergeWhen, StatementTree } from '../parse/statement-tree.ts';
import type { ColumnSpec, Statement } from '../statement.ts';
import * as types from '../type.ts';
import { exactType } from './coerce.ts';
import type { Changed } from './dml.ts';
import {
  aliasOf,
  assignments,
  bothSources,
  changedTable,
  columnValue,
  insertColumns,
  scopeOf,
  setRope,
  tooMany,
} from './dml.ts';
import type { Expr, Part, Rope } from './expr.ts';
import { joinRopes, makeExpr, ropeText } from './expr.ts';
import { condition } from './expression.ts';
import { failing } from './failure.ts';
import { analyzeFrom } from './from.ts';
import { requireFilters, rootEnv, used } from './root.ts';
import type { Column, Env, Range, Source } from './scope.ts';
import type { Session } from './session.ts';
import { baseSource } from './table.ts';

type MergeTree = Extract<StatementTree, { kind: 'merge' }>;

interface Merge {
  readonly changed: Changed;
  readonly target: Source;
  readonly source: Source;
  readonly env: Env;
  /** Alias of the pairs: `n` counts the source rows of a target row. */
  readonly pairs: string;
}

export function mergeRows(tree: MergeTree, session: Session): Statement {
  const changed = changedTable(tree.table, session, 'MERGE');
  const root = rootEnv(session);
  const id = session.id();
  const place = { alias: tree.alias ?? changed.table.tableId, id };
  const target = baseSource(changed.table, changed.info, root, place);
  const given = analyzeFrom(tree.source, root, id, null);
  const clause = 'MERGE';
  const env: Env = { ...root, noAggregate: clause, noWindow: clause };
  const on = condition(tree.on, { ...env, scope: scopeOf(bothSources(target, given), id) }, 'ON clause');
  session.meet(on.prunes);
  const pairs = session.alias();
  const { source, rope } = paired(target, given, on, pairs);
  const merge: Merge = { changed, target, source, env, pairs };
  const whens = tree.whens.map((when) => whenRope(when, merge, id));
  requireFilters(session);
  session.use(changed.table);
  const sql = ropeText([
    'MERGE INTO ',
    ...target.rope,
    ' USING ',
    ...rope,
    ` ON (${aliasOf(target)}.rowid = ${pairs}.r)`,
    ...whens.flat(),
  ]);
  return { kind: 'merge', table: changed.table, sql, ...used(session) };
}

/** Each source row with the row id of a target row that ON pairs it with, or NULL. */
function paired(target: Source, given: Source, on: Expr, pairs: string): { source: Source; rope: Rope } {
  const texts = new Map<Expr, string>();
  const list: Rope[] = [];
  const leaf = (column: Column): Column => {
    let name = texts.get(column.expr);
    if (name === undefined) {
      name = `s${texts.size}`;
      texts.set(column.expr, name);
      list.push([column.expr, ` AS ${name}`]);
    }
    const { type, label, scope } = column.expr;
    return {
      name: column.name,
      expr: makeExpr(type, [`${pairs}.${name}`], { node: 'column', label, scope }),
    };
  };
  const columns = given.columns.map(leaf);
  const hidden = given.hidden.map(leaf);
  const ranges = given.ranges.map(
    (range): Range => ({
      ...range,
      columns: range.columns.map(leaf),
      hidden: range.hidden.map(leaf),
      value: range.value && leaf({ name: range.alias, expr: range.value }).expr,
    }),
  );
  const row = `${aliasOf(target)}.rowid`;
  const rope = [
    '(SELECT ',
    ...list.flatMap((one) => [...one, ', ']),
    `${row} AS r, count(*) OVER (PARTITION BY ${row}) AS n FROM `,
    ...given.rope,
    ' LEFT JOIN ',
    ...target.rope,
    ' ON ',
    on,
    `) ${pairs}`,
  ];
  return { source: { rope: [], columns, hidden, ranges }, rope };
}

function whenRope(when: MergeWhen, merge: Merge, id: number): Rope {
  const { target, source, env, pairs } = merge;
  const sees =
    when.matched === 'MATCHED'
      ? bothSources(target, source)
      : when.matched === 'NOT MATCHED BY TARGET'
        ? source
        : target;
  const inside: Env = { ...env, scope: scopeOf(sees, id) };
  const own = when.condition ? condition(when.condition, inside, 'WHEN clause') : null;
  if (own && when.matched !== 'NOT MATCHED BY TARGET') env.session.meet(own.prunes);
  const failure = failing('BOOLEAN', tooMany);
  const once = `CASE WHEN ${pairs}.n > 1 THEN ${failure} ELSE TRUE END`;
  const conditions: Rope[] = [];
  if (own) conditions.push([own]);
  if (when.matched === 'MATCHED') conditions.push([once]);
  const head: Part[] = [` WHEN ${when.matched}`];
  if (conditions.length > 0) head.push(' AND (', ...joinRopes(conditions, ' AND '), ')');
  return [...head, ' THEN ', ...actionRope(when, merge, inside)];
}

function actionRope(when: MergeWhen, merge: Merge, env: Env): Rope {
  const { action, at } = when;
  const { session } = env;
  const inserts = when.matched === 'NOT MATCHED BY TARGET';
  if (inserts !== (action.kind === 'insert')) {
    throw session.failures.syntax(`${action.kind.toUpperCase()} is not allowed in WHEN ${when.matched}`, at);
  }
  if (action.kind === 'delete') return ['DELETE'];
  if (action.kind === 'update')
    return ['UPDATE SET ', ...setRope(assignments(action.set, merge.changed, merge.target, env))];
  const columns = insertColumns(action.columns, merge.changed, session);
  const values = action.values
    ? action.values.map((value, i): Rope => [columnValue(value, columnAt(columns, i, at, session), env)])
    : sourceRow(columns, merge, at);
  if (values.length !== columns.length) {
    throw session.failures.invalid(
      `Inserted row has wrong column count; Has ${values.length}, expected ${columns.length}`,
      at,
    );
  }
  const names = columns.map((column) => types.quoteName(column.name)).join(', ');
  return [`INSERT (${names}) VALUES (`, ...joinRopes(values, ', '), ')'];
}

function columnAt(columns: readonly ColumnSpec[], i: number, at: number, session: Session): ColumnSpec {
  const column = columns[i];
  if (!column) {
    throw session.failures.invalid(`Inserted row has wrong column count; expected ${columns.length}`, at);
  }
  return column;
}

/** INSERT ROW: the source's columns in their order. */
function sourceRow(columns: readonly ColumnSpec[], merge: Merge, at: number): readonly Rope[] {
  return merge.source.columns.map((one, i): Rope => {
    const column = columnAt(columns, i, at, merge.env.session);
    const type = types.columnType(column);
    if (!types.sameType(one.expr.type, type)) {
      throw merge.env.session.failures.invalid(
        `Value has type ${types.typeText(one.expr.type)} which cannot be inserted into column ${column.name}, which has type ${types.typeText(type)}`,
        at,
      );
    }
    return [exactType(one.expr, type)];
  });
}
