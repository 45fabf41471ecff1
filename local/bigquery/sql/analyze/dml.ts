/**
 * INSERT, UPDATE, DELETE. UPDATE … FROM goes by DuckDB's row ids, so that a row which several source rows match is
 * an error, as in BigQuery, and not updated with any of them. Source: GoogleSQL "Data manipulation language".
 */

import type { Assignment, StatementTree } from '../parse/statement-tree.ts';
import type { Expression, Path } from '../parse/tree.ts';
import type { ColumnSpec, Statement, TableInfo, TableRef } from '../statement.ts';
import * as types from '../type.ts';
import { exactType } from './coerce.ts';
import type { Expr, Rope } from './expr.ts';
import { joinRopes, makeExpr, ropeText } from './expr.ts';
import { analyze, condition, required } from './expression.ts';
import { argumentType, failing } from './failure.ts';
import { analyzeFrom } from './from.ts';
import { analyzeQuery } from './query.ts';
import { projected, requireFilters, rootEnv, used } from './root.ts';
import type { Env, Scope, Source } from './scope.ts';
import type { Session } from './session.ts';
import { baseSource, duckdbTable, lookUp, refText, tableRef } from './table.ts';

type Tree<K extends StatementTree['kind']> = Extract<StatementTree, { kind: K }>;

/** The table that a statement changes. */
export interface Changed {
  readonly table: TableRef;
  readonly info: TableInfo;
  /** Columns that can be written, `_PARTITIONTIME` among them where the table has it. */
  readonly columns: readonly ColumnSpec[];
}

export function changedTable(path: Path, session: Session, what: string): Changed {
  if (path.parts.length === 1 && session.temporary.has(path.parts[0]!.toLowerCase()))
    throw session.failures.unsupported('changes of temporary tables', path.at);
  const table = tableRef(path.parts, path.at, session);
  const info = lookUp(table, session, path.at);
  if (info.kind === 'VIEW') {
    throw session.failures.invalid(
      `${what} cannot be used with ${refText(table)}, because it is a VIEW`,
      path.at,
    );
  }
  const time: ColumnSpec[] =
    info.partitioning?.field === null
      ? [{ name: '_PARTITIONTIME', type: 'TIMESTAMP', mode: 'NULLABLE' }]
      : [];
  return { table, info, columns: [...info.columns, ...time] };
}

function findColumn(changed: Changed, name: string, at: number, session: Session): ColumnSpec {
  const column = changed.columns.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (!column) {
    throw session.failures.invalid(`Column ${name} is not present in table ${refText(changed.table)}`, at);
  }
  return column;
}

/** The columns that a list names, each once; without a list all of the table. */
export function insertColumns(
  paths: readonly Path[] | null,
  changed: Changed,
  session: Session,
): readonly ColumnSpec[] {
  if (!paths) return changed.info.columns;
  const seen = new Set<string>();
  return paths.map((path) => {
    const column = findColumn(changed, path.parts[0] ?? '', path.at, session);
    if (seen.has(column.name))
      throw session.failures.invalid(`Duplicate column name in INSERT column list: ${column.name}`, path.at);
    seen.add(column.name);
    return column;
  });
}

/** A value for a column, with its type; DEFAULT is NULL, since columns have no defaults. */
export function columnValue(node: Expression | null, column: ColumnSpec, env: Env): Expr {
  const type = types.columnType(column);
  if (node === null) return makeExpr(type, [`NULL::${types.duckdbType(type)}`]);
  const value = analyze(node, env);
  const message = `Value has type ${argumentType(value)} which cannot be inserted into column ${column.name}, which has type ${types.typeText(type)}`;
  return exactType(required(value, type, node.at, env, message), type);
}

const columnList = (columns: readonly ColumnSpec[]): string =>
  columns.map((column) => types.quoteName(column.name)).join(', ');

export function insertRows(tree: Tree<'insert'>, session: Session): Statement {
  const changed = changedTable(tree.table, session, 'INSERT');
  const columns = insertColumns(tree.columns, changed, session);
  const source = tree.rows
    ? valuesRope(tree.rows, columns, tree, session)
    : queryRope(tree, columns, session);
  const sql = ropeText([`INSERT INTO ${duckdbTable(changed.table)} (${columnList(columns)}) `, ...source]);
  return { kind: 'insert', table: changed.table, sql, ...used(session) };
}

function wrongCount(has: number, expected: number, at: number, session: Session): Error {
  return session.failures.invalid(
    `Inserted row has wrong column count; Has ${has}, expected ${expected}`,
    at,
  );
}

function valuesRope(
  rows: readonly (readonly (Expression | null)[])[],
  columns: readonly ColumnSpec[],
  tree: Tree<'insert'>,
  session: Session,
): Rope {
  const env = { ...rootEnv(session), noAggregate: 'VALUES clause', noWindow: 'VALUES clause' };
  const ropes = rows.map((row): Rope => {
    const at = row.find((one) => one !== null)?.at ?? tree.at;
    if (row.length !== columns.length) throw wrongCount(row.length, columns.length, at, session);
    const values = row.map((one, i): Rope => [columnValue(one, columns[i]!, env)]);
    return ['(', ...joinRopes(values, ', '), ')'];
  });
  requireFilters(session);
  return ['VALUES ', ...joinRopes(ropes, ', ')];
}

function queryRope(tree: Tree<'insert'>, columns: readonly ColumnSpec[], session: Session): Rope {
  const query = tree.query!;
  const result = analyzeQuery(query, rootEnv(session));
  requireFilters(session);
  if (result.columns.length !== columns.length)
    throw wrongCount(result.columns.length, columns.length, query.at, session);
  const targets = columns.map((column) => ({ name: column.name, type: types.columnType(column) }));
  return projected(result, targets, session, (from, to) =>
    session.failures.invalid(
      `Query column ${targets.indexOf(to) + 1} has type ${types.typeText(from)} which cannot be inserted into column ${to.name}, which has type ${types.typeText(to.type)}`,
      query.at,
    ),
  );
}

/** The table's rows and those of FROM, as the statement's expressions see them. */
export function scopeOf(source: Source, id: number): Scope {
  return { id, parent: null, source, aliases: null };
}

export const bothSources = (left: Source, right: Source): Source => ({
  rope: [],
  columns: [...left.columns, ...right.columns],
  hidden: [...left.hidden, ...right.hidden],
  ranges: [...left.ranges, ...right.ranges],
});

/** DuckDB's alias of a table's source. */
export const aliasOf = (source: Source): string => /AS (t\d+)$/.exec(String(source.rope[0]))?.[1] ?? '';

export const tooMany = 'UPDATE/MERGE must match at most one source row for each target row';

export function updateRows(tree: Tree<'update'>, session: Session): Statement {
  const changed = changedTable(tree.table, session, 'UPDATE');
  if (!tree.where) throw session.failures.invalid('UPDATE must have a WHERE clause', tree.at);
  const id = session.id();
  const place = { alias: tree.alias ?? changed.table.tableId, id };
  const target = baseSource(changed.table, changed.info, rootEnv(session), place);
  const from = tree.from ? analyzeFrom(tree.from, rootEnv(session), id, null) : null;
  const source = from ? bothSources(target, from) : target;
  const env: Env = {
    ...rootEnv(session),
    scope: scopeOf(source, id),
    noAggregate: 'UPDATE',
    noWindow: 'UPDATE',
  };
  const where = condition(tree.where, env, 'WHERE clause');
  session.meet(where.prunes);
  const set = assignments(tree.set, changed, target, env);
  requireFilters(session);
  const alias = aliasOf(target);
  const rope = from
    ? updateFrom({ set, target, from, where, table: changed.table }, session)
    : [`UPDATE ${duckdbTable(changed.table)} AS ${alias} SET `, ...setRope(set), ' WHERE ', where];
  session.use(changed.table);
  return { kind: 'update', table: changed.table, sql: ropeText(rope), ...used(session) };
}

export interface Assigned {
  readonly column: ColumnSpec;
  readonly value: Expr;
}

export const setRope = (set: readonly Assigned[]): Rope =>
  joinRopes(
    set.map(({ column, value }) => [`${types.quoteName(column.name)} = `, value]),
    ', ',
  );

interface UpdateFrom {
  readonly set: readonly Assigned[];
  readonly target: Source;
  readonly from: Source;
  readonly where: Expr;
  readonly table: TableRef;
}

function updateFrom({ set, target, from, where, table }: UpdateFrom, session: Session): Rope {
  const [rows, alias, changed] = [session.alias(), aliasOf(target), session.alias()];
  const values = set.map(({ value }, i): Rope => [value, ` AS c${i}`]);
  const checked = set.map(({ column, value }, i): Assigned => {
    const failure = failing(value.type, tooMany);
    return {
      column,
      value: makeExpr(value.type, [`CASE WHEN ${rows}.n > 1 THEN ${failure} ELSE ${rows}.c${i} END`]),
    };
  });
  return [
    `UPDATE ${duckdbTable(table)} AS ${changed} SET `,
    ...setRope(checked),
    ` FROM (SELECT ${alias}.rowid AS r, count(*) OVER (PARTITION BY ${alias}.rowid) AS n, `,
    ...joinRopes(values, ', '),
    ' FROM ',
    ...target.rope,
    ' CROSS JOIN ',
    ...from.rope,
    ' WHERE ',
    where,
    `) ${rows} WHERE ${changed}.rowid = ${rows}.r`,
  ];
}

/** SET: whole columns, and fields of STRUCT columns, of which several may be set at once. */
export function assignments(
  list: readonly Assignment[],
  changed: Changed,
  target: Source,
  env: Env,
): readonly Assigned[] {
  const { session } = env;
  const byColumn = new Map<string, { column: ColumnSpec; value: Expr; whole: boolean }>();
  for (const { target: path, value, at } of list) {
    const name = path[0] ?? '';
    const column = findColumn(changed, name, at, session);
    const known = byColumn.get(column.name);
    if (known && (path.length === 1 || known.whole))
      throw session.failures.invalid(`Update item ${path.join('.')} assigned more than once`, at);
    if (path.length === 1) {
      byColumn.set(column.name, { column, value: columnValue(value, column, env), whole: true });
      continue;
    }
    const before =
      known?.value ??
      [...target.columns, ...target.hidden].find(
        (one) => one.name?.toLowerCase() === column.name.toLowerCase(),
      )?.expr;
    if (!before) throw session.failures.invalid(`Unrecognized name: ${name}`, at);
    const spec = { column, at, env };
    byColumn.set(column.name, {
      column,
      value: withField(before, path.slice(1), column, value, spec),
      whole: false,
    });
  }
  return [...byColumn.values()];
}

interface FieldSet {
  readonly at: number;
  readonly env: Env;
}

/** The STRUCT with one field replaced. */
function withField(
  of: Expr,
  path: readonly string[],
  column: ColumnSpec,
  value: Expression | null,
  set: FieldSet,
): Expr {
  const { at, env } = set;
  if (column.type !== 'RECORD' || column.mode === 'REPEATED') {
    throw env.session.failures.invalid(
      `Cannot access field ${path[0]} on a value with type ${column.type}`,
      at,
    );
  }
  const fields = column.fields ?? [];
  const index = fields.findIndex((field) => field.name.toLowerCase() === path[0]?.toLowerCase());
  const chosen = fields[index];
  if (!chosen)
    throw env.session.failures.invalid(`Field name ${path[0]} does not exist in ${column.name}`, at);
  const packed = fields.map((field, i): Rope => {
    const old = makeExpr(types.columnType(field), ['struct_extract(', of, `, ${quoted(field.name)})`]);
    const next =
      i !== index
        ? old
        : path.length === 1
          ? columnValue(value, field, env)
          : withField(old, path.slice(1), field, value, set);
    return [`${types.quoteName(field.name)} := `, next];
  });
  return makeExpr(of.type, ['struct_pack(', ...joinRopes(packed, ', '), ')']);
}

const quoted = (name: string): string => `'${name.replaceAll("'", "''")}'`;

export function deleteRows(tree: Tree<'delete'>, session: Session): Statement {
  const changed = changedTable(tree.table, session, 'DELETE');
  if (!tree.where) throw session.failures.invalid('DELETE must have a WHERE clause', tree.at);
  const id = session.id();
  const place = { alias: tree.alias ?? changed.table.tableId, id };
  const target = baseSource(changed.table, changed.info, rootEnv(session), place);
  const env: Env = {
    ...rootEnv(session),
    scope: scopeOf(target, id),
    noAggregate: 'WHERE clause',
    noWindow: 'WHERE clause',
  };
  const where = condition(tree.where, env, 'WHERE clause');
  session.meet(where.prunes);
  requireFilters(session);
  session.use(changed.table);
  const sql = ropeText(['DELETE FROM ', ...target.rope, ' WHERE ', where]);
  return { kind: 'delete', table: changed.table, sql, ...used(session) };
}
