/**
 * How rows of a writer become rows of a table: plain rows, or changes where the table has a key and the writer's
 * schema says `_CHANGE_TYPE`.
 */
import type { TableEntry } from '../catalogue/entry.ts';
import { PARTITION_TIME } from '../catalogue/schema.ts';
import { type Batch, Layout, type Rows } from '../rows/batch.ts';
import type { NumberColumn, TextColumn } from '../rows/column.ts';
import type { ColumnSpec } from '../sql/statement.ts';
import { Decoder } from './decoder.ts';
import type { MessageDescriptor } from './descriptor.ts';
import { invalidArgument } from './failure.ts';
import type { AppendRequest } from './request.ts';
import { CHANGE_SEQUENCE, CHANGE_TYPE, changeColumns, isSequence } from './upsert.ts';

const DAY_MS = 86_400_000;

const layouts = new WeakMap<TableEntry, { readonly plain: Layout; readonly changes: Layout | null }>();

function layoutsOf(entry: TableEntry) {
  let known = layouts.get(entry);
  if (!known) {
    const changes = entry.primaryKey.length > 0 ? new Layout(changeColumns(entry)) : null;
    known = { plain: new Layout(storedColumns(entry)), changes };
    layouts.set(entry, known);
  }
  return known;
}

/** Layout of the table as DuckDB has it. */
export const layoutOf = (entry: TableEntry): Layout => layoutsOf(entry).plain;

/** Columns of DuckDB's table: with the day of ingestion first, where the table is partitioned by it. */
function storedColumns(entry: TableEntry): ColumnSpec[] {
  const hidden = entry.partitioning?.field === null;
  const time: ColumnSpec = { name: PARTITION_TIME, type: 'TIMESTAMP', mode: 'NULLABLE' };
  return hidden ? [time, ...entry.columns] : [...entry.columns];
}

/** Sets the day of ingestion, where the batch has that column. */
export function stampPartition(entry: TableEntry, batch: Batch, nowMs: number): void {
  if (entry.partitioning?.field !== null || entry.partitioning === null) return;
  const micros = BigInt(Math.floor(nowMs / DAY_MS) * DAY_MS) * 1000n;
  (batch.columns[0] as NumberColumn).setBigInt64(batch.row, micros);
}

/** Order of arrival of changes, in this process; what is stored is compared by sequence alone. */
let arrivals = 0n;

export class RowWriter {
  readonly entry: TableEntry;
  readonly descriptor: Buffer;
  readonly changes: boolean;
  readonly #decoder: Decoder;
  readonly #complete: (batch: Batch) => string | null;

  constructor(entry: TableEntry, bytes: Buffer, descriptor: MessageDescriptor, now: () => number) {
    this.entry = entry;
    this.descriptor = bytes;
    const names = descriptor.field.map((field) => field.name.toUpperCase());
    this.changes = names.includes(CHANGE_TYPE);
    const { plain, changes } = layoutsOf(entry);
    if (this.changes && changes === null) {
      throw invalidArgument(`${CHANGE_TYPE} needs a table with a primary key.`);
    }
    if (!this.changes && names.includes(CHANGE_SEQUENCE)) {
      throw invalidArgument(`${CHANGE_SEQUENCE} needs ${CHANGE_TYPE}.`);
    }
    this.#decoder = new Decoder(this.changes && changes ? changes : plain, descriptor);
    this.#complete = this.changes
      ? completeChange(entry)
      : (batch) => {
          stampPartition(entry, batch, now());
          return null;
        };
  }

  /** The rows of a request; throws a RowFailure where some are wrong. */
  encode(request: AppendRequest): Rows {
    return this.#decoder.decode(request, this.#complete);
  }
}

function completeChange(entry: TableEntry): (batch: Batch) => string | null {
  const type = entry.columns.length;
  const required = entry.columns.flatMap((column, i) => (column.mode === 'REQUIRED' ? [i] : []));
  return (batch) => {
    const { columns, row } = batch;
    const text = (at: number): string | null => (columns[at] as TextColumn).getText(row, batch.heap.bytes);
    const change = text(type);
    const sequence = text(type + 1);
    if (change !== 'UPSERT' && change !== 'DELETE') {
      return `Field ${CHANGE_TYPE}: "${change ?? ''}" is neither UPSERT nor DELETE.`;
    }
    if (sequence !== null && !isSequence(sequence)) {
      return `Field ${CHANGE_SEQUENCE}: "${sequence}" is not up to four hexadecimal numbers separated by "/".`;
    }
    const missing = change === 'UPSERT' ? required.find((at) => columns[at]!.at !== row) : undefined;
    if (missing !== undefined) return `Field ${columns[missing]!.path}: Required field is missing.`;
    (columns[type + 2] as NumberColumn).setBigInt64(row, arrivals++);
    return null;
  };
}
