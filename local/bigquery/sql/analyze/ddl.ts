/** CREATE, ALTER, DROP and TRUNCATE. Source: GoogleSQL "Data definition language". */

import type { ColumnTree, ColumnTypeTree, StatementTree } from '../parse/statement-tree.ts';
import type { Expression } from '../parse/tree.ts';
import type { ColumnSpec, Mode, Partitioning, Query, Statement, TableRef } from '../statement.ts';
import * as types from '../type.ts';
import { ropeText } from './expr.ts';
import { columnOptions, tableOptions } from './options.ts';
import { analyzeQuery } from './query.ts';
import { projected, requireFilters, rootEnv, rootQuery, used } from './root.ts';
import type { Session } from './session.ts';
import { duckdbTable, lookUp, tableRef } from './table.ts';

type Tree<K extends StatementTree['kind']> = Extract<StatementTree, { kind: K }>;

/** A column as it is declared. */
export function declaredColumn(tree: ColumnTree, session: Session): ColumnSpec {
  const { name, type, notNull, options } = tree;
  if (type.name === 'ARRAY' && notNull)
    throw session.failures.invalid('NOT NULL constraint cannot be applied to ARRAY fields', tree.at);
  const mode: Mode = type.name === 'ARRAY' ? 'REPEATED' : notNull ? 'REQUIRED' : 'NULLABLE';
  const element = type.name === 'ARRAY' ? type.element! : type;
  const kind = declaredType(element, session);
  const fields = element.fields?.map((field) => declaredColumn(field, session));
  return { name, type: kind, mode, ...(fields ? { fields } : {}), ...columnOptions(options, session) };
}

function declaredType(tree: ColumnTypeTree, session: Session): ColumnSpec['type'] {
  if (tree.name === 'STRUCT') return 'RECORD';
  if (tree.name === 'ARRAY') {
    throw session.failures.invalid('Array of array types are not supported', tree.at);
  }
  const kind = types.scalarKind(tree.name);
  if (!kind) throw session.failures.invalid(`Type not found: ${tree.name}`, tree.at);
  const spec = types.columnSpec('', { kind });
  if (!spec) throw session.failures.unsupported(`columns of type ${tree.name}`, tree.at);
  return spec.type;
}

const truncated = new Set(['TIMESTAMP_TRUNC', 'DATETIME_TRUNC', 'DATE_TRUNC']);
const partitionUnits = ['DAY', 'HOUR', 'MONTH', 'YEAR'] as const;

/** What PARTITION BY means: a column, the day of a column, or the time of arrival. */
function partitioning(node: Expression, session: Session): Partitioning {
  if (node.kind === 'name') return { type: 'DAY', field: partitionField(node.name) };
  if (node.kind === 'call') {
    const [value, part] = node.args.map((arg) => arg.value);
    const name = node.name.join('.');
    if (name === 'DATE' && node.args.length === 1 && value?.kind === 'name')
      return { type: 'DAY', field: partitionField(value.name) };
    if (truncated.has(name) && value?.kind === 'name' && part?.kind === 'name') {
      const type = partitionUnits.find((unit) => unit === part.name.toUpperCase());
      if (type) return { type, field: partitionField(value.name) };
    }
    if (name === 'RANGE_BUCKET') throw session.failures.unsupported('partitions by integer range', node.at);
  }
  throw session.failures.invalid(
    'PARTITION BY expression must be DATE(<timestamp_column>), DATE(<datetime_column>), DATETIME_TRUNC(<datetime_column>, DAY/HOUR/MONTH/YEAR), a DATE column, TIMESTAMP_TRUNC(<timestamp_column>, DAY/HOUR/MONTH/YEAR), DATE_TRUNC(<date_column>, MONTH/YEAR), or RANGE_BUCKET(<int64_column>, GENERATE_ARRAY(<int64_value>, <int64_value>[, <int64_value>]))',
    node.at,
  );
}

function partitionField(name: string): string | null {
  return /^_PARTITION(?:DATE|TIME)$/i.test(name) ? null : name;
}

export function createTable(tree: Tree<'create_table'>, session: Session): Statement {
  const table = tableRef(tree.table.parts, tree.table.at, session);
  if (tree.model) return tableLike(tree, table, tree.model, session);
  const declared = tree.columns?.map((column) => declaredColumn(column, session)) ?? null;
  const asQuery = tree.query ? queryInto(tree, declared, session) : null;
  const columns = declared ?? asQuery?.columns ?? [];
  return {
    kind: 'create_table',
    table,
    ifNotExists: tree.ifNotExists,
    orReplace: tree.orReplace,
    columns,
    primaryKey: tree.primaryKey.map((one) => columnNamed(one.name, columns, one.at, session)),
    partitioning: partitionOf(tree, columns, session),
    clustering: tree.clusterBy.map((path) => columnNamed(path.parts.join('.'), columns, path.at, session)),
    options: tableOptions(tree.options, session),
    asQuery,
  };
}

/** CREATE TABLE … LIKE, COPY, CLONE: the columns and partitions of another; with COPY and CLONE its rows too. */
function tableLike(
  tree: Tree<'create_table'>,
  table: TableRef,
  model: NonNullable<Tree<'create_table'>['model']>,
  session: Session,
): Statement {
  const from = tableRef(model.table.parts, model.table.at, session);
  const info = lookUp(from, session, model.table.at);
  if (info.kind === 'VIEW') throw session.failures.invalid('A view cannot be copied', model.table.at);
  const { columns } = info;
  const list = columns.map((column) => types.quoteName(column.name)).join(', ');
  const sql = `SELECT ${list} FROM ${duckdbTable(from)}`;
  const requirePartitionFilter = info.requirePartitionFilter ? { requirePartitionFilter: true } : {};
  return {
    kind: 'create_table',
    table,
    ifNotExists: tree.ifNotExists,
    orReplace: tree.orReplace,
    columns,
    primaryKey: [],
    partitioning: tree.partitionBy ? partitionOf(tree, columns, session) : info.partitioning,
    clustering: tree.clusterBy.map((path) => columnNamed(path.parts.join('.'), columns, path.at, session)),
    options: { ...requirePartitionFilter, ...tableOptions(tree.options, session) },
    asQuery: model.copies ? { sql, columns, parameters: [], tables: [from] } : null,
  };
}

function partitionOf(
  tree: Tree<'create_table'>,
  columns: readonly ColumnSpec[],
  session: Session,
): Partitioning | null {
  if (!tree.partitionBy) return null;
  const { type, field } = partitioning(tree.partitionBy, session);
  return { type, field: field === null ? null : columnNamed(field, columns, tree.partitionBy.at, session) };
}

/** The column's own spelling. */
function columnNamed(name: string, columns: readonly ColumnSpec[], at: number, session: Session): string {
  const column = columns.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (!column) throw session.failures.invalid(`Unrecognized name: ${name}`, at);
  return column.name;
}

function queryInto(
  tree: Tree<'create_table'>,
  declared: readonly ColumnSpec[] | null,
  session: Session,
): Query | null {
  const query = tree.query!;
  if (!declared) return rootQuery(query, session);
  const result = analyzeQuery(query, rootEnv(session));
  requireFilters(session);
  if (result.columns.length !== declared.length) {
    throw session.failures.invalid(
      `The number of columns in the column definition list does not match the number of columns produced by the query: ${declared.length} against ${result.columns.length}`,
      tree.at,
    );
  }
  const targets = declared.map((column) => ({ name: column.name, type: types.columnType(column) }));
  const rope = projected(result, targets, session, (from, to) =>
    session.failures.invalid(
      `Column ${to.name} has type ${types.typeText(to.type)}, but the query gives ${types.typeText(from)}`,
      query.at,
    ),
  );
  return { sql: ropeText(rope), columns: declared, ...used(session) };
}

export function createView(tree: Tree<'create_view'>, session: Session): Statement {
  const view = tableRef(tree.view.parts, tree.view.at, session);
  const query = rootQuery(tree.query, session, false);
  if (query.parameters.length > 0)
    throw session.failures.invalid('Query parameters cannot be used in CREATE VIEW', tree.at);
  const named = tree.columns;
  if (named && named.length !== query.columns.length) {
    throw session.failures.invalid(
      `The number of view column names (${named.length}) does not match the number of columns of the query (${query.columns.length})`,
      tree.at,
    );
  }
  const columns = query.columns.map((column, i): ColumnSpec => {
    const own = named?.[i];
    return own ? { ...column, name: own.name, ...columnOptions(own.options, session) } : column;
  });
  return {
    kind: 'create_view',
    view,
    ifNotExists: tree.ifNotExists,
    orReplace: tree.orReplace,
    columns,
    googleSql: session.failures.source.slice(tree.query.at, tree.query.end),
    sql: query.sql,
    tables: query.tables,
    options: tableOptions(tree.options, session),
    materialized: tree.materialized,
  };
}

/** `dataset` or `project.dataset`. */
function schemaRef(
  path: readonly string[],
  at: number,
  session: Session,
): Pick<TableRef, 'projectId' | 'datasetId'> {
  const { projectId } = session.context;
  const [datasetId = '', project = projectId, ...more] = [...path].reverse();
  if (more.length > 0) throw session.failures.invalid(`Invalid dataset name: ${path.join('.')}`, at);
  if (project !== projectId)
    throw session.failures.error(
      'accessDenied',
      `Access Denied: Project ${project}: User does not have permission`,
      at,
    );
  return { projectId, datasetId };
}

export function createSchema(tree: Tree<'create_schema'>, session: Session): Statement {
  const { ifNotExists, options } = tree;
  const schema = schemaRef(tree.schema.parts, tree.schema.at, session);
  return { kind: 'create_schema', ...schema, ifNotExists, options: tableOptions(options, session) };
}

export function dropSchema(tree: Tree<'drop_schema'>, session: Session): Statement {
  const { ifExists, cascade } = tree;
  const schema = schemaRef(tree.schema.parts, tree.schema.at, session);
  return { kind: 'drop_schema', ...schema, ifExists, cascade };
}

export function dropObject(tree: Tree<'drop'>, session: Session): Statement {
  const { target, ifExists } = tree;
  return { kind: 'drop', target, table: tableRef(tree.table.parts, tree.table.at, session), ifExists };
}

export function alterObject(tree: Tree<'alter'>, session: Session): Statement {
  const addColumns = tree.addColumns.map(({ column, ifNotExists }) => {
    if (column.notNull) {
      throw session.failures.invalid(
        `Cannot add a REQUIRED column to an existing table schema: ${column.name}`,
        column.at,
      );
    }
    return { column: declaredColumn(column, session), ifNotExists };
  });
  return {
    kind: 'alter_table',
    table: tableRef(tree.table.parts, tree.table.at, session),
    ifExists: tree.ifExists,
    isView: tree.target === 'VIEW',
    addColumns,
    setOptions: tree.setOptions ? tableOptions(tree.setOptions, session) : null,
  };
}

export function truncateTable(tree: Tree<'truncate'>, session: Session): Statement {
  const table = tableRef(tree.table.parts, tree.table.at, session);
  const info = lookUp(table, session, tree.table.at);
  if (info.kind === 'VIEW') throw session.failures.invalid('Cannot truncate a view', tree.at);
  return { kind: 'truncate', table, sql: `DELETE FROM ${duckdbTable(table)}` };
}
