/**
 * Avro's binary encoding and object container, written by hand: every 64-bit number exactly.
 * Source: https://avro.apache.org/docs/1.11.1/specification/
 */
import { randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';

/** Values, one after the other, in one growing buffer. */
export class AvroWriter {
  #bytes: Buffer = Buffer.allocUnsafe(64 * 1024);
  #at = 0;

  get length(): number {
    return this.#at;
  }

  /** What was written, and starts anew. */
  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.#at));
    this.#at = 0;
    return taken;
  }

  long(value: bigint): void {
    this.#reserve(10);
    let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
    while (rest >= 0x80n) {
      this.#bytes[this.#at++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#bytes[this.#at++] = Number(rest);
  }

  double(value: number): void {
    this.#reserve(8);
    this.#at = this.#bytes.writeDoubleLE(value, this.#at);
  }

  boolean(value: boolean): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = value ? 1 : 0;
  }

  bytes(value: Uint8Array): void {
    this.long(BigInt(value.length));
    this.raw(value);
  }

  string(value: string): void {
    this.bytes(Buffer.from(value));
  }

  /** Bytes as they are. */
  raw(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  #reserve(size: number): void {
    if (this.#at + size <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + size));
    this.#bytes.copy(grown, 0, 0, this.#at);
    this.#bytes = grown;
  }
}

/** The parts of a file: a header, then blocks of records. */
export class AvroContainer {
  readonly #sync = randomBytes(16);
  readonly #deflate: boolean;

  constructor(deflate: boolean) {
    this.#deflate = deflate;
  }

  header(schema: object): Buffer {
    const writer = new AvroWriter();
    writer.raw(Buffer.from('Obj\u0001'));
    writer.long(2n);
    writer.string('avro.schema');
    writer.string(JSON.stringify(schema));
    writer.string('avro.codec');
    writer.string(this.#deflate ? 'deflate' : 'null');
    writer.long(0n);
    writer.raw(this.#sync);
    return writer.take();
  }

  block(count: number, records: Buffer): Buffer {
    const data = this.#deflate ? deflateRawSync(records) : records;
    const writer = new AvroWriter();
    writer.long(BigInt(count));
    writer.bytes(data);
    writer.raw(this.#sync);
    return writer.take();
  }
}
