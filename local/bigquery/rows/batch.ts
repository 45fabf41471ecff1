/**
 * Rows on their way into a table: columns are filled row by row, and become DuckDB's chunks of 2,048 rows.
 * The batch keeps nothing of what it gave away; chunks are used again when their rows are in the table.
 */
import {
  BIGINT,
  BLOB,
  BOOLEAN,
  DATE,
  DECIMAL,
  DOUBLE,
  type DuckDBType,
  LIST,
  STRUCT,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
  VARCHAR,
} from '@duckdb/node-api';
import duckdb, { type DataChunk, type LogicalType } from '@duckdb/node-bindings';
import type { BigQueryType, ColumnSpec } from '../sql/statement.ts';
import { type Column, finishRow, ListColumn, NumberColumn, StructColumn, TextColumn } from './column.ts';
import { Heap, type PinnedHeap } from './heap.ts';

/** DuckDB's size of a chunk. */
const CHUNK_ROWS = duckdb.vector_size();

/** Rows that are ready to be appended. */
export interface Rows {
  readonly chunks: readonly DataChunk[];
  readonly count: number;
  /** Call when they are in the table, or not wanted any more. */
  readonly release: () => void;
}

/** What is the same for all batches of a table: types, and chunks to be used again. */
export class Layout {
  readonly columns: readonly ColumnSpec[];
  readonly #types: LogicalType[];
  readonly #free: DataChunk[] = [];

  constructor(columns: readonly ColumnSpec[]) {
    this.columns = columns;
    this.#types = columns.map((column) => chunkType(column).toLogicalType().logical_type);
  }

  take(): DataChunk {
    return this.#free.pop() ?? duckdb.create_data_chunk(this.#types);
  }

  giveBack(chunk: DataChunk): void {
    duckdb.data_chunk_reset(chunk);
    if (this.#free.length < KEPT_CHUNKS) this.#free.push(chunk);
  }
}

const KEPT_CHUNKS = 16;

export class Batch {
  readonly columns: readonly Column[];
  /** Index of the row that is being filled. */
  row = 0;
  readonly #layout: Layout;
  #chunks: DataChunk[] = [];
  #pins: PinnedHeap[] = [];
  #count = 0;
  #heap = new Heap();
  /** The heap's bytes are there from the start, and the same for all chunks. */
  #fixed = false;

  constructor(layout: Layout) {
    this.#layout = layout;
    this.columns = layout.columns.map((column) => columnOf(column, column.name));
    for (const column of this.columns) column.reserve(CHUNK_ROWS);
  }

  /** Rows that it holds. */
  get size(): number {
    return this.#count + this.row;
  }

  get heap(): Heap {
    return this.#heap;
  }

  /** Takes texts by their place in `bytes`, from now on. */
  readFrom(bytes: Buffer): void {
    this.#heap = new Heap(bytes);
    this.#fixed = true;
  }

  /** Ends the row; returns the required column that has no value, in which case the row does not count. */
  endRow(): Column | null {
    const missing = finishRow(this.columns, this.row);
    if (missing) return missing;
    this.row++;
    if (this.row === CHUNK_ROWS) this.#flush();
    return null;
  }

  /** Forgets what was put into the row that is being filled. */
  dropRow(): void {
    for (const column of this.columns) column.cut(this.row);
  }

  /** The rows so far. The batch is empty then. */
  take(): Rows {
    this.#flush();
    const rows = { chunks: this.#chunks, count: this.#count };
    const pins = this.#pins;
    const layout = this.#layout;
    this.#start();
    const release = (): void => {
      for (const chunk of rows.chunks.splice(0)) layout.giveBack(chunk);
      for (const pin of pins.splice(0)) pin.release();
    };
    return { ...rows, release };
  }

  /** Forgets everything. */
  clear(): void {
    for (const column of this.columns) column.clear();
    this.row = 0;
    for (const chunk of this.#chunks) this.#layout.giveBack(chunk);
    for (const pin of this.#pins) pin.release();
    this.#start();
  }

  #start(): void {
    this.#chunks = [];
    this.#pins = [];
    this.#count = 0;
    if (this.#fixed) this.#heap = new Heap();
    else this.#heap.clear();
    this.#fixed = false;
  }

  #flush(): void {
    const count = this.row;
    if (count === 0) return;
    let pin = this.#fixed ? this.#pins[0] : undefined;
    if (!pin) {
      pin = this.#heap.pin();
      this.#pins.push(pin);
      if (!this.#fixed) this.#heap.clear();
    }
    const chunk = this.#layout.take();
    duckdb.data_chunk_set_size(chunk, count);
    for (let i = 0; i < this.columns.length; i++) {
      const column = this.columns[i]!;
      column.copyTo(duckdb.data_chunk_get_vector(chunk, i), count, pin);
      column.clear();
    }
    this.#chunks.push(chunk);
    this.#count += count;
    this.row = 0;
  }
}

const TYPES: Readonly<Record<Exclude<BigQueryType, 'RECORD'>, DuckDBType>> = {
  STRING: VARCHAR,
  JSON: VARCHAR,
  BYTES: BLOB,
  INTEGER: BIGINT,
  FLOAT: DOUBLE,
  BOOLEAN: BOOLEAN,
  TIMESTAMP: TIMESTAMPTZ,
  DATETIME: TIMESTAMP,
  DATE: DATE,
  TIME: TIME,
  NUMERIC: DECIMAL(38, 9),
  BIGNUMERIC: DECIMAL(38, 9),
};

function chunkType(column: ColumnSpec): DuckDBType {
  const one =
    column.type === 'RECORD'
      ? STRUCT(Object.fromEntries((column.fields ?? []).map((field) => [field.name, chunkType(field)])))
      : TYPES[column.type];
  return column.mode === 'REPEATED' ? LIST(one) : one;
}

function columnOf(spec: ColumnSpec, path: string): Column {
  if (spec.mode === 'REPEATED') {
    return new ListColumn(path, columnOf({ ...spec, mode: 'REQUIRED' }, path));
  }
  const required = spec.mode === 'REQUIRED';
  switch (spec.type) {
    case 'RECORD': {
      const fields = (spec.fields ?? []).map((field) => columnOf(field, `${path}.${field.name}`));
      return new StructColumn(path, required, fields);
    }
    case 'STRING':
    case 'JSON':
    case 'BYTES':
      return new TextColumn(path, required);
    case 'BOOLEAN':
      return new NumberColumn(path, required, 1);
    case 'DATE':
      return new NumberColumn(path, required, 4);
    case 'NUMERIC':
    case 'BIGNUMERIC':
      return new NumberColumn(path, required, 16);
    default:
      return new NumberColumn(path, required, 8);
  }
}
