/**
 * Columns being filled, value by value, and copied into DuckDB's vectors in one piece each: numbers, texts, lists,
 * structs. A column keeps its buffers from batch to batch.
 */
import duckdb, { type Vector } from '@duckdb/node-bindings';
import { type Heap, INLINE_BYTES, type PinnedHeap } from './heap.ts';

export abstract class Column {
  /** Path of the column, for messages. */
  readonly path: string;
  readonly required: boolean;
  /** The row that was set last; -1: none. */
  at = -1;
  /** One bit a row, 1: there is a value. */
  #valid = new Uint8Array(8).fill(0xff);
  #nulls = false;

  constructor(path: string, required: boolean) {
    this.path = path;
    this.required = required;
  }

  /** Makes room for rows up to `count`; a multiple of 64. */
  reserve(count: number): void {
    const bytes = count / 8;
    if (bytes <= this.#valid.length) return;
    const grown = new Uint8Array(Math.max(bytes, this.#valid.length * 2)).fill(0xff);
    grown.set(this.#valid);
    this.#valid = grown;
  }

  setNull(row: number): void {
    this.at = row;
    this.#nulls = true;
    this.#valid[row >> 3]! &= ~(1 << (row & 7));
  }

  /** Forgets the rows from `row` on. */
  cut(row: number): void {
    this.at = row - 1;
    if (!this.#nulls) return;
    this.#valid[row >> 3]! |= 0xff << (row & 7);
    this.#valid.fill(0xff, (row >> 3) + 1);
  }

  /** Forgets all rows. */
  clear(): void {
    this.at = -1;
    if (this.#nulls) this.#valid.fill(0xff);
    this.#nulls = false;
  }

  /** Copies the first `count` rows. */
  copyTo(vector: Vector, count: number, _heap: PinnedHeap): void {
    if (!this.#nulls) return;
    duckdb.vector_ensure_validity_writable(vector);
    const bytes = Math.ceil(count / 64) * 8;
    duckdb.copy_data_to_vector_validity(vector, 0, this.#valid.buffer, 0, bytes);
  }
}

/** Values of 1, 4, 8 or 16 bytes: BOOL, DATE, whole numbers and instants, DOUBLE, DECIMAL. */
export class NumberColumn extends Column {
  readonly #width: number;
  #words: Int32Array<ArrayBuffer>;
  #doubles: Float64Array<ArrayBuffer>;
  #bytes: Uint8Array<ArrayBuffer>;

  constructor(path: string, required: boolean, width: 1 | 4 | 8 | 16) {
    super(path, required);
    this.#width = width;
    const buffer = new ArrayBuffer(64 * width);
    [this.#words, this.#doubles, this.#bytes] = views(buffer);
  }

  override reserve(count: number): void {
    super.reserve(count);
    if (count * this.#width <= this.#bytes.length) return;
    const grown = new ArrayBuffer(Math.max(count * this.#width, this.#bytes.length * 2));
    new Uint8Array(grown).set(this.#bytes);
    [this.#words, this.#doubles, this.#bytes] = views(grown);
  }

  setBool(row: number, value: boolean): void {
    this.at = row;
    this.#bytes[row] = value ? 1 : 0;
  }

  setInt32(row: number, value: number): void {
    this.at = row;
    this.#words[row] = value;
  }

  setInt64(row: number, low: number, high: number): void {
    this.at = row;
    this.#words[row * 2] = low;
    this.#words[row * 2 + 1] = high;
  }

  setDouble(row: number, value: number): void {
    this.at = row;
    this.#doubles[row] = value;
  }

  /** A whole number of 64 bits. */
  setBigInt64(row: number, value: bigint): void {
    this.setInt64(row, Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)));
  }

  /** A whole number of 128 bits: a decimal without its point. */
  setBigInt128(row: number, value: bigint): void {
    this.setBigInt64(row * 2, value);
    this.setBigInt64(row * 2 + 1, value >> 64n);
    this.at = row;
  }

  override copyTo(vector: Vector, count: number, heap: PinnedHeap): void {
    duckdb.copy_data_to_vector(vector, 0, this.#bytes.buffer, 0, count * this.#width);
    super.copyTo(vector, count, heap);
  }
}

const views = (buffer: ArrayBuffer) =>
  [new Int32Array(buffer), new Float64Array(buffer), new Uint8Array(buffer)] as const;

/** STRING, BYTES and JSON: sixteen bytes a row, the longer ones in the batch's heap. */
export class TextColumn extends Column {
  #words = new Uint32Array(64 * 4);
  #bytes = new Uint8Array(this.#words.buffer);

  override reserve(count: number): void {
    super.reserve(count);
    if (count * 4 <= this.#words.length) return;
    const grown = new Uint32Array(Math.max(count * 4, this.#words.length * 2));
    grown.set(this.#words);
    this.#words = grown;
    this.#bytes = new Uint8Array(grown.buffer);
  }

  /** The text from `start` to `end` of the heap's bytes. */
  setSpan(row: number, heap: Uint8Array, start: number, end: number): void {
    this.at = row;
    const words = this.#words;
    const at = row * 4;
    const size = end - start;
    words[at] = size;
    if (size <= INLINE_BYTES) {
      words[at + 1] = 0;
      words[at + 2] = 0;
      words[at + 3] = 0;
      for (let i = 0; i < size; i++) this.#bytes[row * 16 + 4 + i] = heap[start + i]!;
      return;
    }
    words[at + 1] =
      heap[start]! | (heap[start + 1]! << 8) | (heap[start + 2]! << 16) | (heap[start + 3]! << 24);
    words[at + 2] = start;
    words[at + 3] = 0;
  }

  /** The row's text; null where it has none. `heap` as it was given. */
  getText(row: number, heap: Uint8Array): string | null {
    if (this.at !== row) return null;
    const size = this.#words[row * 4]!;
    const start = size <= INLINE_BYTES ? row * 16 + 4 : this.#words[row * 4 + 2]!;
    const from = size <= INLINE_BYTES ? this.#bytes : heap;
    return Buffer.from(from.buffer, from.byteOffset + start, size).toString('utf8');
  }

  setText(row: number, heap: Heap, text: string): void {
    const start = heap.addText(text);
    this.setSpan(row, heap.bytes, start, heap.length);
  }

  setBytes(row: number, heap: Heap, bytes: Uint8Array): void {
    const start = heap.addBytes(bytes);
    this.setSpan(row, heap.bytes, start, heap.length);
  }

  override setNull(row: number): void {
    super.setNull(row);
    this.#words.fill(0, row * 4, row * 4 + 4);
  }

  override copyTo(vector: Vector, count: number, heap: PinnedHeap): void {
    heap.relocate(this.#words, count);
    duckdb.copy_data_to_vector(vector, 0, this.#words.buffer, 0, count * 16);
    super.copyTo(vector, count, heap);
  }
}

/** An ARRAY: per row where its items start, and how many. No NULL, as in BigQuery: an empty one in its place. */
export class ListColumn extends Column {
  readonly item: Column;
  #entries = new Uint32Array(64 * 4);
  #items = 0;

  constructor(path: string, item: Column) {
    super(path, false);
    this.item = item;
  }

  override reserve(count: number): void {
    if (count * 4 <= this.#entries.length) return;
    const grown = new Uint32Array(Math.max(count * 4, this.#entries.length * 2));
    grown.set(this.#entries);
    this.#entries = grown;
  }

  /** Begins the row's list, empty. */
  begin(row: number): void {
    this.at = row;
    this.#entries[row * 4] = this.#items;
    this.#entries[row * 4 + 2] = 0;
  }

  /** Adds an item to the row's list; returns its row in the column of items. */
  push(row: number): number {
    if (this.at !== row) this.begin(row);
    this.#entries[row * 4 + 2]! += 1;
    const slot = this.#items++;
    if (slot % 64 === 0) this.item.reserve(slot + 64);
    return slot;
  }

  override setNull(row: number): void {
    this.begin(row);
  }

  override cut(row: number): void {
    if (this.at >= row) {
      this.#items = this.#entries[row * 4]!;
      this.item.cut(this.#items);
    }
    this.at = row - 1;
  }

  override clear(): void {
    this.at = -1;
    this.#items = 0;
    this.item.clear();
  }

  override copyTo(vector: Vector, count: number, heap: PinnedHeap): void {
    duckdb.list_vector_reserve(vector, this.#items);
    duckdb.list_vector_set_size(vector, this.#items);
    if (this.#items > 0) this.item.copyTo(duckdb.list_vector_get_child(vector), this.#items, heap);
    duckdb.copy_data_to_vector(vector, 0, this.#entries.buffer, 0, count * 16);
  }
}

/** A STRUCT: a column for each field. */
export class StructColumn extends Column {
  readonly fields: readonly Column[];

  constructor(path: string, required: boolean, fields: readonly Column[]) {
    super(path, required);
    this.fields = fields;
  }

  override reserve(count: number): void {
    super.reserve(count);
    for (const field of this.fields) field.reserve(count);
  }

  override setNull(row: number): void {
    super.setNull(row);
    for (const field of this.fields) field.setNull(row);
  }

  override cut(row: number): void {
    super.cut(row);
    for (const field of this.fields) field.cut(row);
  }

  override clear(): void {
    super.clear();
    for (const field of this.fields) field.clear();
  }

  override copyTo(vector: Vector, count: number, heap: PinnedHeap): void {
    this.fields.forEach((field, i) => {
      field.copyTo(duckdb.struct_vector_get_child(vector, i), count, heap);
    });
    super.copyTo(vector, count, heap);
  }
}

/** NULL where nothing was set; the first required column that has nothing, or null. */
export function finishRow(columns: readonly Column[], row: number): Column | null {
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i]!;
    if (column.at === row) continue;
    if (column.required) return column;
    column.setNull(row);
  }
  return null;
}
