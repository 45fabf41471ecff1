/**
 * Statements that define: tables, views, external tables, functions, datasets. DuckDB's object and the catalogue's
 * entry change in one transaction.
 */
import { alterTable } from '../catalogue/alteration.ts';
import {
  createDataset,
  createTable,
  dropDataset,
  dropTable,
  type Existing,
} from '../catalogue/definition.ts';
import type { TableEntry } from '../catalogue/entry.ts';
import { withDatasetOptions, withTableOptions } from '../catalogue/options.ts';
import { createRoutine, dropRoutine } from '../catalogue/routine.ts';
import { duplicate, failure, notFound, tableName } from '../failure.ts';
import { type Done, insertQuery, type Of, type StatementContext } from './execution.ts';
import { checkFormat, externalColumns } from './external.ts';

export async function runCreateTable(
  context: StatementContext,
  statement: Of<'create_table'>,
): Promise<Done> {
  const { warehouse, signal, parameters } = context;
  const { table, asQuery } = statement;
  const nowMs = warehouse.timers.now();
  const entry: TableEntry = {
    ref: table,
    kind: 'TABLE',
    columns: statement.columns,
    primaryKey: statement.primaryKey,
    partitioning: statement.partitioning,
    clustering: statement.clustering,
    requirePartitionFilter: false,
    createdMs: nowMs,
    modifiedMs: nowMs,
  };
  const operation = await createTable(warehouse.catalogue, {
    entry: withTableOptions(entry, statement.options),
    existing: existing(statement),
    ...(asQuery === null
      ? {}
      : {
          fill: async (change, name) => {
            const query = { ...asQuery, columns: statement.columns };
            await insertQuery(change.connection, name, query, parameters);
          },
        }),
    signal,
  });
  const statementType = asQuery === null ? 'CREATE_TABLE' : 'CREATE_TABLE_AS_SELECT';
  return { statementType, ddl: { operation, table } };
}

export async function runCreateView(context: StatementContext, statement: Of<'create_view'>): Promise<Done> {
  const { warehouse, defaultDataset } = context;
  const nowMs = warehouse.timers.now();
  const entry: TableEntry = {
    ref: statement.view,
    kind: 'VIEW',
    columns: statement.columns,
    primaryKey: [],
    partitioning: null,
    clustering: [],
    requirePartitionFilter: false,
    viewQuery: statement.googleSql,
    viewDefaultDataset: defaultDataset,
    ...(statement.materialized ? { materialized: true } : {}),
    createdMs: nowMs,
    modifiedMs: nowMs,
  };
  const operation = await createTable(warehouse.catalogue, {
    entry: withTableOptions(entry, statement.options),
    existing: existing(statement),
  });
  const statementType = statement.materialized ? 'CREATE_MATERIALIZED_VIEW' : 'CREATE_VIEW';
  return { statementType, ddl: { operation, table: statement.view } };
}

const existing = (statement: { readonly ifNotExists: boolean; readonly orReplace: boolean }): Existing =>
  statement.orReplace ? 'replace' : statement.ifNotExists ? 'keep' : 'refuse';

export async function runAlter(context: StatementContext, statement: Of<'alter_table'>): Promise<Done> {
  const { catalogue, timers } = context.warehouse;
  const { table, isView } = statement;
  const statementType = isView ? 'ALTER_VIEW' : 'ALTER_TABLE';
  const before = catalogue.findTable(table);
  if (!before && statement.ifExists) return { statementType, ddl: { operation: 'SKIP', table } };
  if (before) checkKind(before, isView ? 'VIEW' : 'TABLE');
  await alterTable(catalogue, table, (entry) => {
    const has = (name: string): boolean =>
      entry.columns.some((column) => column.name.toLowerCase() === name.toLowerCase());
    const added = statement.addColumns.filter(({ column, ifNotExists }) => {
      if (!has(column.name)) return true;
      if (ifNotExists) return false;
      throw duplicate(`Column ${column.name} in ${tableName(table)}`);
    });
    const columns = [...entry.columns, ...added.map(({ column }) => column)];
    const next = { ...entry, columns, modifiedMs: timers.now() };
    return statement.setOptions === null ? next : withTableOptions(next, statement.setOptions);
  });
  return { statementType, ddl: { operation: 'ALTER', table } };
}

export async function runCreateSchema(
  context: StatementContext,
  statement: Of<'create_schema'>,
): Promise<Done> {
  const { catalogue, timers, location } = context.warehouse;
  const { datasetId, options } = statement;
  const nowMs = timers.now();
  const entry = withDatasetOptions({ datasetId, location, createdMs: nowMs, modifiedMs: nowMs }, options);
  const operation = await createDataset(catalogue, entry, statement.ifNotExists ? 'keep' : 'refuse');
  return { statementType: 'CREATE_SCHEMA', ddl: { operation } };
}

export async function runDropSchema(context: StatementContext, statement: Of<'drop_schema'>): Promise<Done> {
  const { catalogue } = context.warehouse;
  const there = catalogue.findDataset(statement.datasetId) !== undefined;
  if (!there && statement.ifExists) return { statementType: 'DROP_SCHEMA', ddl: { operation: 'SKIP' } };
  await dropDataset(catalogue, statement.datasetId, statement.cascade);
  return { statementType: 'DROP_SCHEMA', ddl: { operation: 'DROP' } };
}

export async function runDrop(context: StatementContext, statement: Of<'drop'>): Promise<Done> {
  const { catalogue } = context.warehouse;
  const { table, target } = statement;
  const entry = catalogue.findTable(table);
  if (entry) checkKind(entry, target);
  const dropped = await dropTable(catalogue, table);
  if (!dropped && !statement.ifExists) throw notFound(tableName(table));
  return { statementType: `DROP_${target}`, ddl: { operation: dropped ? 'DROP' : 'SKIP', table } };
}

export async function runCreateFunction(
  context: StatementContext,
  statement: Of<'create_function'>,
): Promise<Done> {
  const { catalogue, timers } = context.warehouse;
  const { routine, info } = statement;
  const nowMs = timers.now();
  const entry = { ref: routine, info, createdMs: nowMs, modifiedMs: nowMs };
  const operation = await createRoutine(catalogue, entry, existing(statement));
  const statementType = info.kind === 'TABLE_FUNCTION' ? 'CREATE_TABLE_FUNCTION' : 'CREATE_FUNCTION';
  return { statementType, ddl: { operation, routine } };
}

export async function runDropFunction(
  context: StatementContext,
  statement: Of<'drop_function'>,
): Promise<Done> {
  const { routine, ifExists, isTable } = statement;
  const dropped = await dropRoutine(context.warehouse.catalogue, routine, ifExists);
  const statementType = isTable ? 'DROP_TABLE_FUNCTION' : 'DROP_FUNCTION';
  return { statementType, ddl: { operation: dropped ? 'DROP' : 'SKIP', routine } };
}

export async function runCreateExternal(
  context: StatementContext,
  statement: Of<'create_external_table'>,
): Promise<Done> {
  const { warehouse, signal } = context;
  const { table, files, connection, columns: declared } = statement;
  checkFormat(files);
  const nowMs = warehouse.timers.now();
  const found =
    declared === null || statement.partitionColumns?.length === 0
      ? await externalColumns(warehouse, statement, signal)
      : { columns: [], partitionColumns: statement.partitionColumns ?? [] };
  const { partitionColumns } = found;
  const entry: TableEntry = {
    ref: table,
    kind: 'TABLE',
    columns: [...(declared ?? found.columns), ...partitionColumns],
    primaryKey: [],
    partitioning: null,
    clustering: [],
    requirePartitionFilter: false,
    external: { files, partitionColumns, ...(connection === null ? {} : { connection }) },
    createdMs: nowMs,
    modifiedMs: nowMs,
  };
  const operation = await createTable(warehouse.catalogue, {
    entry: withTableOptions(entry, statement.options),
    existing: existing(statement),
  });
  return { statementType: 'CREATE_EXTERNAL_TABLE', ddl: { operation, table } };
}

function checkKind(entry: TableEntry, kind: TableEntry['kind']): void {
  if (entry.kind === kind) return;
  const { projectId, datasetId, tableId } = entry.ref;
  throw failure(
    'invalidQuery',
    `${projectId}:${datasetId}.${tableId} is not allowed for this operation because it is currently a ${entry.kind}.`,
    'query',
  );
}
