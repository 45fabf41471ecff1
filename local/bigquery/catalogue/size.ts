/**
 * Rows and logical bytes of a table. Rows are counted (DuckDB knows them); bytes are BigQuery's sizes of the types,
 * averaged over the first rows and multiplied: an estimate, good for "how much would this read".
 * Source of the sizes: https://cloud.google.com/bigquery/pricing#data
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { type Database, rowsOf } from '../engine/database.ts';
import type { BigQueryType, ColumnSpec } from '../sql/statement.ts';
import { quoteName } from '../sql/type.ts';
import { duckdbName } from './catalogue.ts';
import type { TableEntry } from './entry.ts';

export interface TableSize {
  readonly rows: number;
  readonly bytes: number;
}

const SAMPLE_ROWS = 2_000;

const FIXED: Readonly<Partial<Record<BigQueryType, number>>> = {
  INTEGER: 8,
  FLOAT: 8,
  BOOLEAN: 1,
  TIMESTAMP: 8,
  DATE: 8,
  TIME: 8,
  DATETIME: 8,
  NUMERIC: 16,
};

/** Size of one table, as of now; a view and an external table have none. */
export async function tableSize(database: Database, entry: TableEntry): Promise<TableSize> {
  if (entry.kind === 'VIEW' || entry.external) return { rows: 0, bytes: 0 };
  const size = await database.read((connection) => sizeOn(connection, entry));
  known.set(entry, { size, atMs: Date.now() });
  return size;
}

/** Size of one table, up to ten seconds old: for estimates. */
export async function roughSize(database: Database, entry: TableEntry): Promise<TableSize> {
  const seen = known.get(entry);
  return seen && Date.now() - seen.atMs < ROUGH_MS ? seen.size : tableSize(database, entry);
}

const ROUGH_MS = 10_000;
const known = new WeakMap<TableEntry, { readonly size: TableSize; readonly atMs: number }>();

async function sizeOn(connection: DuckDBConnection, entry: TableEntry): Promise<TableSize> {
  const name = duckdbName(entry.ref);
  const bytes = entry.columns.map((column) => columnBytes(column, quoteName(column.name))).join(' + ');
  const [counted] = await rowsOf(connection, `SELECT count(*) AS n FROM ${name}`);
  const [sampled] = await rowsOf(
    connection,
    `SELECT avg(${bytes}) AS mean FROM (SELECT * FROM ${name} LIMIT ${SAMPLE_ROWS})`,
  );
  const rows = Number(counted?.n ?? 0);
  return { rows, bytes: Math.round(rows * Number(sampled?.mean ?? 0)) };
}

function columnBytes(column: ColumnSpec, value: string): string {
  if (column.mode !== 'REPEATED') return `coalesce(${valueBytes(column, value, 0)}, 0)`;
  return `coalesce(list_sum(list_transform(${value}, lambda v: ${valueBytes(column, 'v', 1)})), 0)`;
}

function valueBytes(column: ColumnSpec, value: string, depth: number): string {
  if (column.type === 'RECORD') {
    const fields = (column.fields ?? []).map((field) => {
      const inner = `${value}.${quoteName(field.name)}`;
      if (field.mode !== 'REPEATED') return `coalesce(${valueBytes(field, inner, depth)}, 0)`;
      const item = `v${depth}`;
      const each = valueBytes(field, item, depth + 1);
      return `coalesce(list_sum(list_transform(${inner}, lambda ${item}: ${each})), 0)`;
    });
    return `(${fields.join(' + ')})`;
  }
  const fixed = FIXED[column.type];
  if (fixed !== undefined) return `(CASE WHEN ${value} IS NULL THEN 0 ELSE ${fixed} END)`;
  return column.type === 'BYTES' ? `(octet_length(${value}) + 2)` : `(strlen(${value}::VARCHAR) + 2)`;
}
