/**
 * Where the rows of a query, load or copy job go: a table that is there, or a new one, by the job's dispositions.
 * Guarantee: all rows or none, in one transaction. Rows inserted into an ingestion-time table get today's partition.
 * Source: https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#JobConfigurationQuery
 */

import type { DuckDBConnection } from '@duckdb/node-api';
import { duckdbName } from '../catalogue/catalogue.ts';
import { createTable } from '../catalogue/definition.ts';
import type { TableEntry } from '../catalogue/entry.ts';
import { rowsOf } from '../engine/database.ts';
import type { Warehouse } from '../engine/warehouse.ts';
import { duplicate, invalid, notFound, tableName } from '../failure.ts';
import type { ColumnSpec } from '../sql/statement.ts';
import { quoteName } from '../sql/type.ts';

export interface Destination {
  /** The table as it would be made new; its columns are those of the rows, in their order. */
  readonly entry: TableEntry;
  readonly writeDisposition: 'WRITE_TRUNCATE' | 'WRITE_APPEND' | 'WRITE_EMPTY';
  readonly createDisposition: 'CREATE_IF_NEEDED' | 'CREATE_NEVER';
  /** Puts the rows into the table of this DuckDB name, by the columns of `entry`. */
  readonly fill: (connection: DuckDBConnection, name: string) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Writes the rows. */
export async function writeTo(warehouse: Warehouse, destination: Destination): Promise<void> {
  const { entry, fill, signal } = destination;
  const { catalogue } = warehouse;
  catalogue.dataset(entry.ref.datasetId, entry.ref.projectId);
  const before = catalogue.findTable(entry.ref);
  if (!before && destination.createDisposition === 'CREATE_NEVER') throw notFound(tableName(entry.ref));
  if (before?.kind === 'VIEW' || before?.external) {
    const kind = before.external ? 'EXTERNAL table' : 'VIEW';
    throw invalid(`${tableName(entry.ref)} is a ${kind}; rows cannot be written to it.`);
  }
  if (!before || destination.writeDisposition === 'WRITE_TRUNCATE') {
    await createTable(catalogue, {
      entry: before ? keeping(before, entry) : entry,
      existing: 'replace',
      fill: (change, name) => fill(change.connection, name),
      signal,
    });
    return;
  }
  checkFit(before, entry.columns);
  await catalogue.change(async (change) => {
    const name = duckdbName(entry.ref);
    if (destination.writeDisposition === 'WRITE_EMPTY') {
      const [row] = await rowsOf(change.connection, `SELECT count(*) AS n FROM ${name}`);
      if (Number(row?.n) > 0) throw duplicate(tableName(entry.ref));
    }
    await fill(change.connection, name);
  }, signal);
}

/** A column list for INSERT. */
export const columnList = (columns: readonly ColumnSpec[]): string =>
  columns.map((column) => quoteName(column.name)).join(', ');

/** INSERT of a query's rows, by position; BigQuery stores no NULL array, an empty one takes its place. */
export function insertSql(name: string, columns: readonly ColumnSpec[], query: string): string {
  const names = columns.map((_, i) => `c${i}`);
  const values = columns.map((column, i) => (column.mode === 'REPEATED' ? `coalesce(c${i}, [])` : `c${i}`));
  return `INSERT INTO ${name} (${columnList(columns)}) SELECT ${values.join(', ')} FROM (${query}) AS q(${names.join(', ')})`;
}

/** The old table's settings stay where the job names none. */
function keeping(before: TableEntry, entry: TableEntry): TableEntry {
  return {
    ...before,
    ...entry,
    partitioning: entry.partitioning ?? before.partitioning,
    clustering: entry.clustering.length > 0 ? entry.clustering : before.clustering,
    primaryKey: entry.primaryKey.length > 0 ? entry.primaryKey : before.primaryKey,
    requirePartitionFilter: entry.requirePartitionFilter || before.requirePartitionFilter,
    createdMs: before.createdMs,
  };
}

function checkFit(before: TableEntry, columns: readonly ColumnSpec[]): void {
  const refusal = (text: string): Error =>
    invalid(`Provided Schema does not match ${tableName(before.ref)}. ${text}`);
  for (const column of columns) {
    const old = before.columns.find((one) => one.name.toLowerCase() === column.name.toLowerCase());
    if (!old) throw refusal(`Cannot add fields (field: ${column.name})`);
    if (old.type !== column.type) {
      throw refusal(`Field ${column.name} has changed type from ${old.type} to ${column.type}`);
    }
    if ((old.mode === 'REPEATED') !== (column.mode === 'REPEATED')) {
      throw refusal(`Field ${column.name} has changed mode from ${old.mode} to ${column.mode}`);
    }
  }
  for (const old of before.columns) {
    const given = columns.some((one) => one.name.toLowerCase() === old.name.toLowerCase());
    if (!given && old.mode === 'REQUIRED') throw refusal(`Field ${old.name} is missing in new schema`);
  }
}
