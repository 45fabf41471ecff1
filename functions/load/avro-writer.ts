/**
 * Avro's binary encoding, written value by value into one growing buffer: rows for load jobs without an object model
 * between, as ../warehouse/proto-writer.ts writes them for the Storage Write API.
 * Source: https://avro.apache.org/docs/1.11.1/specification/#binary-encoding
 */

/** Strings up to this many characters are copied by hand, which beats the call into C++; their length is one byte. */
const SHORT_STRING = 48;
const TWO_28 = 2 ** 28;
/** Doubled, as the encoding does, numbers up to here are still exact. */
const MAX_EXACT = 2 ** 52;

export class AvroWriter {
  #buffer: Buffer;
  #at = 0;

  constructor(initialBytes = 64 * 1024) {
    this.#buffer = Buffer.allocUnsafeSlow(initialBytes);
  }

  /** Bytes written since `take`. */
  get length(): number {
    return this.#at;
  }

  /** A copy of the bytes written so far; starts anew. */
  take(): Buffer {
    const taken = Buffer.from(this.#buffer.subarray(0, this.#at));
    this.clear();
    return taken;
  }

  clear(): void {
    this.#at = 0;
  }

  /** A whole number; exact up to 2^53, beyond as exact as a double is. */
  long(value: number): void {
    this.#reserve(16);
    if (value >= 0 && value < MAX_EXACT) this.#varint(value * 2);
    else if (value < 0 && value >= -MAX_EXACT) this.#varint(value * -2 - 1);
    else this.#wide(BigInt(value));
  }

  double(value: number): void {
    this.#reserve(8);
    this.#at = this.#buffer.writeDoubleLE(value, this.#at);
  }

  bool(value: boolean): void {
    this.#reserve(1);
    this.#buffer[this.#at++] = value ? 1 : 0;
  }

  bytes(value: Uint8Array): void {
    this.long(value.length);
    this.raw(value);
  }

  /** Bytes as they are. */
  raw(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#buffer.set(value, this.#at);
    this.#at += value.length;
  }

  string(value: string): void {
    this.#reserve(value.length * 3 + 16);
    if (value.length <= SHORT_STRING && this.#shortAscii(value)) return;
    this.#longString(value);
  }

  #varint(value: number): void {
    if (value < TWO_28) {
      this.#small(value);
      return;
    }
    // Numbers over 2^31 leave the range of bit operations, so the low 28 bits are taken off by division, once.
    const high = Math.floor(value / TWO_28);
    const low = value - high * TWO_28;
    const buffer = this.#buffer;
    const at = this.#at;
    buffer[at] = low | 0x80;
    buffer[at + 1] = (low >>> 7) | 0x80;
    buffer[at + 2] = (low >>> 14) | 0x80;
    buffer[at + 3] = (low >>> 21) | 0x80;
    this.#at = at + 4;
    this.#varint(high);
  }

  #small(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[this.#at++] = rest | 0x80;
      rest >>>= 7;
    }
    this.#buffer[this.#at++] = rest;
  }

  #wide(value: bigint): void {
    let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
    while (rest >= 0x80n) {
      this.#buffer[this.#at++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#buffer[this.#at++] = Number(rest);
  }

  /** Writes a short ASCII string; false, with nothing written, where it holds something else. */
  #shortAscii(value: string): boolean {
    const buffer = this.#buffer;
    const { length } = value;
    const start = this.#at;
    buffer[start] = length * 2;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code >= 0x80) return false;
      buffer[start + 1 + i] = code;
    }
    this.#at = start + 1 + length;
    return true;
  }

  /** Leaves room for the length an ASCII string would take, and moves the text where it turns out longer. */
  #longString(value: string): void {
    const room = lengthSize(value.length);
    const start = this.#at;
    const size = this.#buffer.write(value, start + room, 'utf8');
    const needed = lengthSize(size);
    if (needed !== room) this.#buffer.copyWithin(start + needed, start + room, start + room + size);
    this.#varint(size * 2);
    this.#at = start + needed + size;
  }

  #reserve(size: number): void {
    if (this.#at + size <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#at + size));
    this.#buffer.copy(grown, 0, 0, this.#at);
    this.#buffer = grown;
  }
}

/** Bytes of a length, which is doubled. */
const lengthSize = (length: number): number =>
  length < 0x40 ? 1 : length < 0x2000 ? 2 : length < 0x100000 ? 3 : length < 0x8000000 ? 4 : 5;
