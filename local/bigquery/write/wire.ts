/**
 * Protocol Buffers, wire format, read field by field out of one buffer: no object stands between a row's bytes and
 * its columns. A 64-bit number is two halves of 32 bits, which needs no BigInt.
 * Source: https://protobuf.dev/programming-guides/encoding/
 */

export const VARINT = 0;
export const FIXED64 = 1;
export const LENGTH = 2;
export const FIXED32 = 5;

/** The bytes are no message of the kind they are said to be. */
export class WireError extends Error {}

export class WireReader {
  readonly bytes: Buffer;
  /** Where the next byte is read. */
  at = 0;
  /** Where the message ends. */
  end: number;
  /** Halves of the last 64-bit number. */
  low = 0;
  high = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.end = bytes.length;
  }

  /** A number below 2^32: a tag or a length. */
  uint32(): number {
    const { bytes } = this;
    const first = bytes[this.at]!;
    if (first < 0x80 && this.at < this.end) {
      this.at++;
      return first;
    }
    this.varint();
    return this.low >>> 0;
  }

  /** A varint into `low` and `high`. */
  varint(): void {
    const { bytes } = this;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.at >= this.end) throw new WireError('a number is cut short');
      const byte = bytes[this.at++]!;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.low = low;
        this.high = high;
        return;
      }
    }
    throw new WireError('a number has more than ten bytes');
  }

  /** Eight bytes, little-endian, into `low` and `high`. */
  fixed64(): void {
    const at = this.#take(8);
    this.low = this.bytes.readInt32LE(at);
    this.high = this.bytes.readInt32LE(at + 4);
  }

  /** Four bytes, little-endian. */
  fixed32(): number {
    return this.bytes.readInt32LE(this.#take(4));
  }

  double(): number {
    return this.bytes.readDoubleLE(this.#take(8));
  }

  float(): number {
    return this.bytes.readFloatLE(this.#take(4));
  }

  /** Reads a length and returns where what follows ends; `at` is where it starts. */
  span(): number {
    const size = this.uint32();
    const end = this.at + size;
    if (end > this.end) throw new WireError('a field is longer than what holds it');
    return end;
  }

  /** Passes over a field that nobody wants. */
  skip(wireType: number): void {
    if (wireType === VARINT) this.varint();
    else if (wireType === FIXED64) this.#take(8);
    else if (wireType === LENGTH) this.at = this.span();
    else if (wireType === FIXED32) this.#take(4);
    else throw new WireError(`wire type ${wireType} is not known`);
  }

  #take(size: number): number {
    const at = this.at;
    if (at + size > this.end) throw new WireError('a number is cut short');
    this.at = at + size;
    return at;
  }
}
