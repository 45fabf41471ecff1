/** Runs translated GoogleSQL on a DuckDB in memory, with a catalogue that is a map: what the engine does, in short. */

import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { registerNativeFunctions } from '../../../../local/bigquery/engine/native-functions.ts';
import { cellText } from '../../../../local/bigquery/rows/text.ts';
import {
  type ColumnSpec,
  failureMessage,
  type JobInfo,
  type ParameterSpec,
  type Query,
  type RoutineInfo,
  type SqlContext,
  type Statement,
  script,
  type TableInfo,
  type TableRef,
} from '../../../../local/bigquery/sql/index.ts';
import { parameterText } from '../../../../local/bigquery/sql/parameter.ts';
import { columnType, duckdbType, quoteName } from '../../../../local/bigquery/sql/type.ts';

const projectId = 'local-proj';

export type Cell = string | null | readonly Cell[] | { readonly [name: string]: Cell };
export type Row = Readonly<Record<string, Cell>>;

export interface Answer {
  readonly columns: readonly ColumnSpec[];
  readonly rows: readonly Row[];
  /** Rows that DML changed. */
  readonly changed: number;
}

export interface Given {
  readonly parameters?: readonly ParameterSpec[];
  readonly defaultDataset?: string | null;
  readonly currentTimestampMs?: number;
}

export class TestWarehouse {
  readonly connection: DuckDBConnection;
  readonly tables = new Map<string, TableInfo>();
  readonly datasets = new Set<string>(['logs']);
  readonly routines = new Map<string, RoutineInfo>();

  private constructor(connection: DuckDBConnection) {
    this.connection = connection;
  }

  static async open(): Promise<TestWarehouse> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await instance.connect();
    const warehouse = new TestWarehouse(connection);
    registerNativeFunctions(connection);
    for (const sql of [`SET TimeZone = 'UTC'`, 'CREATE SCHEMA logs']) await connection.run(sql);
    return warehouse;
  }

  close(): void {
    this.connection.closeSync();
  }

  context(given: Given = {}): SqlContext {
    return {
      projectId,
      defaultDataset: given.defaultDataset === undefined ? 'logs' : given.defaultDataset,
      lookup: (table) => this.tables.get(keyOf(table)) ?? null,
      lookupRoutine: (routine) => this.routines.get(`${routine.datasetId}.${routine.routineId}`) ?? null,
      hasDataset: (datasetId) => this.datasets.has(datasetId),
      listTables: (datasetId) =>
        [...this.tables.keys()]
          .filter((key) => key.startsWith(`${datasetId}.`))
          .map((key) => key.slice(datasetId.length + 1)),
      listDatasets: () => [...this.datasets],
      listJobs: () => [job],
      currentTimestampMs: given.currentTimestampMs ?? Date.UTC(2026, 10, 20, 12),
      sessionUser: 'analyst@example.com',
      ...(given.parameters ? { parameters: given.parameters } : {}),
    };
  }

  /** The answer of the last statement. Errors that rows make come with BigQuery's words. */
  async run(googleSql: string, given: Given = {}): Promise<Answer> {
    let answer: Answer = { columns: [], rows: [], changed: 0 };
    for (const statement of script(googleSql, this.context(given))) answer = await this.one(statement, given);
    return answer;
  }

  /** The rows of a query, as lists of cells. */
  async cells(googleSql: string, given: Given = {}): Promise<readonly (readonly Cell[])[]> {
    return (await this.run(googleSql, given)).rows.map((row) => Object.values(row));
  }

  private async one(statement: Statement, given: Given): Promise<Answer> {
    switch (statement.kind) {
      case 'query':
        return this.query(statement, given);
      case 'create_table':
        return this.createTable(statement, given);
      case 'create_view':
        this.tables.set(keyOf(statement.view), {
          kind: 'VIEW',
          columns: statement.columns,
          partitioning: null,
          requirePartitionFilter: false,
          viewQuery: statement.googleSql,
          viewDefaultDataset: given.defaultDataset === undefined ? 'logs' : given.defaultDataset,
        });
        return none;
      case 'create_function':
        this.routines.set(`${statement.routine.datasetId}.${statement.routine.routineId}`, statement.info);
        return none;
      case 'insert':
      case 'update':
      case 'delete':
      case 'merge':
      case 'truncate': {
        const uses = statement.kind === 'truncate' ? [] : statement.parameters;
        const result = await this.execute(statement.sql, { uses, given });
        return { ...none, changed: result.rowsChanged };
      }
      default:
        return none;
    }
  }

  private async query(query: Query, given: Given): Promise<Answer> {
    const result = await this.execute(query.sql, { uses: query.parameters, given });
    const rows = await rowsOf(result, query.columns);
    return { columns: query.columns, rows, changed: 0 };
  }

  private async createTable(
    statement: Extract<Statement, { kind: 'create_table' }>,
    given: Given,
  ): Promise<Answer> {
    const { table, columns, partitioning, options, asQuery } = statement;
    const name = `${quoteName(table.datasetId)}.${quoteName(table.tableId)}`;
    const list = columns.map((column) => `${quoteName(column.name)} ${duckdbType(columnType(column))}`);
    if (partitioning?.field === null)
      list.push(`"_PARTITIONTIME" TIMESTAMPTZ DEFAULT date_trunc('day', now())`);
    await this.connection.run(`CREATE TABLE ${name} (${list.join(', ')})`);
    if (asQuery)
      await this.execute(`INSERT INTO ${name} ${asQuery.sql}`, { uses: asQuery.parameters, given });
    const requirePartitionFilter = options.requirePartitionFilter ?? false;
    this.tables.set(keyOf(table), { kind: 'TABLE', columns, partitioning, requirePartitionFilter });
    return none;
  }

  private async execute(sql: string, bound: { readonly uses: Query['parameters']; readonly given: Given }) {
    const values = bound.uses.map((use) => {
      const value = bound.given.parameters?.[use.index]?.value ?? {};
      return parameterText(use.type, value);
    });
    try {
      return await this.connection.run(sql, values);
    } catch (error) {
      const message = error instanceof Error ? failureMessage(error.message) : null;
      throw message === null ? error : new Error(message);
    }
  }
}

const job: JobInfo = {
  jobId: 'job_1',
  userEmail: 'analyst@example.com',
  jobType: 'QUERY',
  statementType: 'SELECT',
  state: 'DONE',
  query: 'SELECT 1',
  creationTimeMs: Date.UTC(2026, 10, 20, 11),
  startTimeMs: Date.UTC(2026, 10, 20, 11),
  endTimeMs: Date.UTC(2026, 10, 20, 11, 1),
  totalBytesProcessed: 1024,
  totalBytesBilled: 0,
  totalSlotMs: 60_000,
  error: { reason: 'invalidQuery', message: 'no' },
};

const none: Answer = { columns: [], rows: [], changed: 0 };

const keyOf = (table: TableRef): string => `${table.datasetId}.${table.tableId}`;

async function rowsOf(
  result: Awaited<ReturnType<DuckDBConnection['run']>>,
  columns: readonly ColumnSpec[],
): Promise<readonly Row[]> {
  const rows = await result.getRows();
  return rows.map((row) =>
    Object.fromEntries(columns.map((column, i) => [column.name, cellOf(row[i], column)])),
  );
}

/** A value as BigQuery's REST API writes it, TIMESTAMPs as text. */
function cellOf(value: unknown, column: ColumnSpec): Cell {
  if (value === null || value === undefined) return column.mode === 'REPEATED' ? [] : null;
  if (column.mode === 'REPEATED') {
    const { items } = value as { readonly items: readonly unknown[] };
    return items.map((item) => cellOf(item, { ...column, mode: 'NULLABLE' }));
  }
  if (column.type === 'RECORD') {
    const entries = Object.values((value as { readonly entries: Readonly<Record<string, unknown>> }).entries);
    return Object.fromEntries(
      (column.fields ?? []).map((field, i) => [field.name, cellOf(entries[i], field)]),
    );
  }
  if (column.type === 'TIMESTAMP') return instantText((value as { readonly micros: bigint }).micros);
  return cellText(value as Parameters<typeof cellText>[0]);
}

function instantText(micros: bigint): string {
  const ms = Number(micros / 1000n) - (micros % 1000n < 0n ? 1 : 0);
  const rest = Number(micros - BigInt(ms) * 1000n);
  return `${new Date(ms).toISOString().slice(0, -1)}${String(rest).padStart(3, '0')}Z`;
}
