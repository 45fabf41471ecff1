/**
 * Runs one translated statement: a query streams its rows, DDL goes through the catalogue, DML is one write.
 * Queries read on a connection of their own; everything else waits for its turn as the writer.
 */

import type { Warehouse } from '../engine/warehouse.ts';
import { chunkRows } from '../rows/cell.ts';
import type { Query, Statement } from '../sql/statement.ts';
import {
  runAlter,
  runCreateExternal,
  runCreateFunction,
  runCreateSchema,
  runCreateTable,
  runCreateView,
  runDrop,
  runDropFunction,
  runDropSchema,
} from './definition-statement.ts';
import { bound, type Done, type Of, type StatementContext, tablesOf } from './execution.ts';
import { refreshExternal } from './external.ts';
import { exportQuery } from './extract/export-data.ts';
import { Result } from './result.ts';

/** Runs it. */
export async function runStatement(context: StatementContext, statement: Statement): Promise<Done> {
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
    case 'insert':
    case 'update':
    case 'delete':
    case 'merge':
    case 'truncate':
      return runDml(context, statement);
    case 'create_function':
      return runCreateFunction(context, statement);
    case 'drop_function':
      return runDropFunction(context, statement);
    case 'create_search_index':
    case 'drop_search_index':
      // Nothing is kept: SEARCH finds the same without an index.
      return Promise.resolve({ statementType: statement.kind.toUpperCase() });
    case 'export_data':
      return runExport(context, statement);
    case 'create_external_table':
      return runCreateExternal(context, statement);
  }
}

/** Makes external tables that the statement reads show the files as they now are. */
export async function refreshTables(
  warehouse: Warehouse,
  statement: Statement,
  signal: AbortSignal,
): Promise<void> {
  for (const table of tablesOf(statement)) {
    const entry = warehouse.catalogue.findTable(table);
    if (entry?.external) await refreshExternal(warehouse, entry, signal);
  }
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

async function runExport(context: StatementContext, { files, query }: Of<'export_data'>): Promise<Done> {
  const { warehouse, signal, parameters, resultPath } = context;
  await exportQuery(warehouse, {
    files,
    query,
    values: bound(query.parameters, parameters),
    resultPath,
    signal,
  });
  return { statementType: 'EXPORT_DATA' };
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
