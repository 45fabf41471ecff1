/**
 * The bytes of long texts of a batch, in one piece: copied into DuckDB's memory once, then pointed into, because a
 * call for each string costs more than all else (0.4 µs against 0.02).
 * How DuckDB holds a string (16 bytes: length, then twelve bytes of text, or four and a pointer) is what its own
 * client reads results by; see `string_t`, https://github.com/duckdb/duckdb/blob/main/src/include/duckdb/common/types/string_type.hpp
 */
import { BLOB } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';

/** Longest text that stands in the sixteen bytes themselves. */
export const INLINE_BYTES = 12;

export class Heap {
  #bytes: Buffer;
  #length: number;

  /** Over bytes that are there, or empty. */
  constructor(bytes?: Buffer) {
    this.#bytes = bytes ?? Buffer.allocUnsafeSlow(64 * 1024);
    this.#length = bytes?.length ?? 0;
  }

  get bytes(): Buffer {
    return this.#bytes;
  }

  get length(): number {
    return this.#length;
  }

  /** Adds a text; returns where it starts. */
  addText(text: string): number {
    const start = this.#reserve(text.length * 3);
    this.#length += this.#bytes.write(text, start, 'utf8');
    return start;
  }

  /** Adds bytes; returns where they start. */
  addBytes(bytes: Uint8Array): number {
    const start = this.#reserve(bytes.length);
    this.#bytes.set(bytes, start);
    this.#length += bytes.length;
    return start;
  }

  /** Copies it into DuckDB's memory. */
  pin(): PinnedHeap {
    return new PinnedHeap(this.#bytes.subarray(0, this.#length));
  }

  /** Forgets what it holds, to be filled anew. */
  clear(): void {
    this.#length = 0;
  }

  #reserve(size: number): number {
    const start = this.#length;
    if (start + size > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, start + size));
      this.#bytes.copy(grown, 0, 0, start);
      this.#bytes = grown;
    }
    return start;
  }
}

const blob = [BLOB.toLogicalType().logical_type];

/** A heap in DuckDB's memory; the pointer is good as long as this object is held and not released. */
export class PinnedHeap {
  readonly #chunk;
  readonly #low: number;
  readonly #high: number;

  constructor(bytes: Buffer) {
    this.#chunk = duckdb.create_data_chunk(blob);
    duckdb.data_chunk_set_size(this.#chunk, 1);
    const vector = duckdb.data_chunk_get_vector(this.#chunk, 0);
    duckdb.vector_assign_string_element_len(vector, 0, bytes);
    const held = duckdb.vector_get_data(vector, 16);
    const view = new DataView(held.buffer, held.byteOffset, 16);
    this.#low = view.getUint32(8, true);
    this.#high = view.getUint32(12, true);
  }

  /** Makes pointers of the offsets in `count` strings of sixteen bytes each. */
  relocate(strings: Uint32Array, count: number): void {
    for (let at = 0; at < count * 4; at += 4) {
      if (strings[at]! <= INLINE_BYTES) continue;
      const low = this.#low + strings[at + 2]!;
      strings[at + 2] = low;
      strings[at + 3] = this.#high + (low >= 2 ** 32 ? 1 : 0);
    }
  }

  /** Gives the memory back at once; the garbage collector would not know its size. */
  release(): void {
    duckdb.data_chunk_reset(this.#chunk);
  }
}
