/**
 * How rows of a writer become rows of a table: plain rows, or changes where the table has a key and the writer's
 * schema says `_CHANGE_TYPE`.
 */
import type { TableEntry } from '../catalogue/entry.ts';
import { type Batch, Layout, type Rows } from '../rows/batch.ts';
import type { NumberColumn, TextColumn } from '../rows/column.ts';
import { layoutOf, stampPartition } from '../rows/stored.ts';
import { Decoder } from './decoder.ts';
import type { MessageDescriptor } from './descriptor.ts';
import { invalidArgument } from './failure.ts';
import type { AppendRequest } from './request.ts';
import { CHANGE_SEQUENCE, CHANGE_TYPE, changeColumns, isSequence } from './upsert.ts';

const changeLayouts = new WeakMap<TableEntry, Layout>();

/** The layout of changes of a table, which has a key. */
function changeLayoutOf(entry: TableEntry): Layout {
  let layout = changeLayouts.get(entry);
  if (!layout) {
    layout = new Layout(changeColumns(entry));
    changeLayouts.set(entry, layout);
  }
  return layout;
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
    if (this.changes && entry.primaryKey.length === 0) {
      throw invalidArgument(`${CHANGE_TYPE} needs a table with a primary key.`);
    }
    if (!this.changes && names.includes(CHANGE_SEQUENCE)) {
      throw invalidArgument(`${CHANGE_SEQUENCE} needs ${CHANGE_TYPE}.`);
    }
    this.#decoder = new Decoder(this.changes ? changeLayoutOf(entry) : layoutOf(entry), descriptor);
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
