/** What running a statement needs, and what it leaves. */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Outcome } from '../catalogue/definition.ts';
import type { Warehouse } from '../engine/warehouse.ts';
import { type ParameterValue, parameterText } from '../sql/parameter.ts';
import type { ParameterUse, Query, RoutineRef, Statement, TableRef } from '../sql/statement.ts';
import { insertSql } from './destination.ts';
import type { Result } from './result.ts';

/** What a statement did. */
export interface Done {
  /** BigQuery's name for the kind of statement. */
  readonly statementType: string;
  readonly result?: Result;
  /** Rows that DML changed. */
  readonly dmlRows?: number;
  readonly ddl?: {
    readonly operation: Outcome | 'DROP' | 'ALTER';
    readonly table?: TableRef;
    readonly routine?: RoutineRef;
  };
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

export type Of<K extends Statement['kind']> = Extract<Statement, { kind: K }>;

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

/** Tables and views that a statement reads. */
export function tablesOf(statement: Statement): readonly TableRef[] {
  const inner =
    statement.kind === 'export_data'
      ? statement.query
      : statement.kind === 'create_table'
        ? statement.asQuery
        : statement;
  return inner && 'tables' in inner ? inner.tables : [];
}
