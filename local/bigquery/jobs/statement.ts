/**
 * Runs one translated statement: a query streams its rows, DDL goes through the catalogue, DML is one write.
 * Queries read on a connection of their own; everything else waits for its turn as the writer.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { alterTable } from '../catalogue/alteration.ts';
import {
  createDataset,
  createTable,
  dropDataset,
  dropTable,
  type Existing,
  type Outcome,
} from '../catalogue/definition.ts';
import type { TableEntry } from '../catalogue/entry.ts';
import { withDatasetOptions, withTableOptions } from '../catalogue/options.ts';
import type { Warehouse } from '../engine/warehouse.ts';
import { duplicate, failure, notFound, tableName, unsupported } from '../failure.ts';
import { chunkRows } from '../rows/cell.ts';
import { type ParameterValue, parameterText } from '../sql/parameter.ts';
import type { ParameterUse, Query, Statement, TableRef } from '../sql/statement.ts';
import { insertSql } from './destination.ts';
import { Result } from './result.ts';

/** What a statement did. */
export interface Done {
  /** BigQuery's name for the kind of statement. */
  readonly statementType: string;
  readonly result?: Result;
  /** Rows that DML changed. */
  readonly dmlRows?: number;
  readonly ddl?: { readonly operation: Outcome | 'DROP' | 'ALTER'; readonly table?: TableRef };
}

export interface StatementContext {
  readonly warehouse: Warehouse;
  readonly defaultDataset: string | null;
  /** Values of all parameters, by `ParameterUse.index`. */
  readonly parameters: readonly ParameterValue[];
  /** File for a result that memory does not hold. */
  readonly resultPath: string;
  readonly signal: AbortSignal;
}

type Of<K extends Statement['kind']> = Extract<Statement, { kind: K }>;

/** Runs it. */
export function runStatement(context: StatementContext, statement: Statement): Promise<Done> {
  switch (statement.kind) {
    case 'query':
      return runQuery(context, statement);
    case 'create_table':
      return runCreateTable(context, statement);
    case 'create_view':
      return runCreateView(context, statement);
    case 'alter_table':
      return runAlter(context, statement);
    case 'create_schema':
      return runCreateSchema(context, statement);
    case 'drop_schema':
      return runDropSchema(context, statement);
    case 'drop':
      return runDrop(context, statement);
    case 'create_search_index':
    case 'drop_search_index':
      return Promise.resolve({ statementType: statement.kind.toUpperCase() });
    case 'create_function':
    case 'drop_function':
    case 'create_external_table':
    case 'export_data':
      throw unsupported(statement.kind.toUpperCase().replaceAll('_', ' '));
    case 'insert':
    case 'update':
    case 'delete':
    case 'merge':
    case 'truncate':
      return runDml(context, statement);
    default:
      throw unsupported((statement as Statement).kind);
  }
}

/** Values to bind, as text: the translated SQL casts them. */
export const bound = (uses: readonly ParameterUse[], values: readonly ParameterValue[]): (string | null)[] =>
  uses.map((use) => parameterText(use.type, values[use.index] ?? {}));

/** Puts a query's rows into a table. */
export async function insertQuery(
  connection: DuckDBConnection,
  name: string,
  query: Query,
  parameters: readonly ParameterValue[],
): Promise<number> {
  const sql = insertSql(name, query.columns, query.sql);
  return (await connection.run(sql, bound(query.parameters, parameters))).rowsChanged;
}

async function runQuery(context: StatementContext, query: Query): Promise<Done> {
  const { warehouse, signal, parameters } = context;
  const result = new Result(query.columns, context.resultPath);
  try {
    await warehouse.database.read(async (connection) => {
      const rows = await connection.stream(query.sql, bound(query.parameters, parameters));
      for (
        let chunk = await rows.fetchChunk();
        chunk && chunk.rowCount > 0;
        chunk = await rows.fetchChunk()
      ) {
        signal.throwIfAborted();
        result.add(chunkRows(chunk, query.columns));
      }
    }, signal);
  } catch (error) {
    result.close();
    throw error;
  }
  return { statementType: 'SELECT', result };
}

async function runCreateTable(context: StatementContext, statement: Of<'create_table'>): Promise<Done> {
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

async function runCreateView(context: StatementContext, statement: Of<'create_view'>): Promise<Done> {
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
    createdMs: nowMs,
    modifiedMs: nowMs,
  };
  const operation = await createTable(warehouse.catalogue, {
    entry: withTableOptions(entry, statement.options),
    existing: existing(statement),
  });
  return { statementType: 'CREATE_VIEW', ddl: { operation, table: statement.view } };
}

const existing = (statement: { readonly ifNotExists: boolean; readonly orReplace: boolean }): Existing =>
  statement.orReplace ? 'replace' : statement.ifNotExists ? 'keep' : 'refuse';

async function runAlter(context: StatementContext, statement: Of<'alter_table'>): Promise<Done> {
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

async function runCreateSchema(context: StatementContext, statement: Of<'create_schema'>): Promise<Done> {
  const { catalogue, timers, location } = context.warehouse;
  const { datasetId, options } = statement;
  const nowMs = timers.now();
  const entry = withDatasetOptions({ datasetId, location, createdMs: nowMs, modifiedMs: nowMs }, options);
  const operation = await createDataset(catalogue, entry, statement.ifNotExists ? 'keep' : 'refuse');
  return { statementType: 'CREATE_SCHEMA', ddl: { operation } };
}

async function runDropSchema(context: StatementContext, statement: Of<'drop_schema'>): Promise<Done> {
  const { catalogue } = context.warehouse;
  const there = catalogue.findDataset(statement.datasetId) !== undefined;
  if (!there && statement.ifExists) return { statementType: 'DROP_SCHEMA', ddl: { operation: 'SKIP' } };
  await dropDataset(catalogue, statement.datasetId, statement.cascade);
  return { statementType: 'DROP_SCHEMA', ddl: { operation: 'DROP' } };
}

async function runDrop(context: StatementContext, statement: Of<'drop'>): Promise<Done> {
  const { catalogue } = context.warehouse;
  const { table, target } = statement;
  const entry = catalogue.findTable(table);
  if (entry) checkKind(entry, target);
  const dropped = await dropTable(catalogue, table);
  if (!dropped && !statement.ifExists) throw notFound(tableName(table));
  return { statementType: `DROP_${target}`, ddl: { operation: dropped ? 'DROP' : 'SKIP', table } };
}

type Dml = Of<'insert' | 'update' | 'delete' | 'merge' | 'truncate'>;

async function runDml(context: StatementContext, statement: Dml): Promise<Done> {
  const { warehouse, signal, parameters } = context;
  const uses = statement.kind === 'truncate' ? [] : statement.parameters;
  const values = bound(uses, parameters);
  const dmlRows = await warehouse.database.write(
    async (connection) => (await connection.run(statement.sql, values)).rowsChanged,
    signal,
  );
  if (statement.kind === 'truncate') return { statementType: 'TRUNCATE_TABLE' };
  return { statementType: statement.kind.toUpperCase(), dmlRows };
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
