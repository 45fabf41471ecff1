/** A table as DuckDB has it: its columns, and before them the day of ingestion where the table is partitioned by it. */
import type { TableEntry } from '../catalogue/entry.ts';
import { PARTITION_TIME } from '../catalogue/schema.ts';
import type { ColumnSpec } from '../sql/statement.ts';
import { type Batch, Layout } from './batch.ts';
import type { NumberColumn } from './column.ts';

const DAY_MS = 86_400_000;

const layouts = new WeakMap<TableEntry, Layout>();

/** The layout of batches that fill the table. */
export function layoutOf(entry: TableEntry): Layout {
  let layout = layouts.get(entry);
  if (!layout) {
    layout = new Layout(storedColumns(entry));
    layouts.set(entry, layout);
  }
  return layout;
}

const hidesPartition = ({ partitioning }: TableEntry): boolean => partitioning?.field === null;

export function storedColumns(entry: TableEntry): readonly ColumnSpec[] {
  if (!hidesPartition(entry)) return entry.columns;
  return [{ name: PARTITION_TIME, type: 'TIMESTAMP', mode: 'NULLABLE' }, ...entry.columns];
}

/** Sets the day of ingestion of the row that is being filled, where the table has one. */
export function stampPartition(entry: TableEntry, batch: Batch, nowMs: number): void {
  if (!hidesPartition(entry)) return;
  const micros = BigInt(Math.floor(nowMs / DAY_MS) * DAY_MS) * 1000n;
  (batch.columns[0] as NumberColumn).setBigInt64(batch.row, micros);
}
