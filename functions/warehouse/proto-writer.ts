/**
 * Protocol Buffers, wire format, written field by field into one growing buffer: the rows of the Storage Write
 * API without an object model between (https://protobuf.dev/programming-guides/encoding/). A field's tag is
 * (number << 3) | wire type, below 128 × 128.
 */
const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;

/** Strings up to this many characters are copied by hand, which beats the call into C++. */
const SHORT_STRING = 48;

const TWO_28 = 2 ** 28;

export class ProtoWriter {
  #buffer: Buffer;
  #at = 0;

  constructor(initialBytes = 64 * 1024) {
    this.#buffer = Buffer.allocUnsafeSlow(initialBytes);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#at;
  }

  /** The bytes from `start` on; valid until `reset`. */
  slice(start: number): Buffer {
    return this.#buffer.subarray(start, this.#at);
  }

  /** Starts again in a new buffer, leaving slices already taken alone. */
  reset(): void {
    this.#buffer = Buffer.allocUnsafeSlow(this.#buffer.length);
    this.#at = 0;
  }

  string(field: number, value: string): void {
    this.#reserve(value.length * 3 + 16);
    this.#tag(field, LENGTH);
    if (value.length <= SHORT_STRING && this.#shortAscii(value)) return;
    this.#longString(value);
  }

  bytes(field: number, value: Uint8Array): void {
    this.#reserve(value.length + 16);
    this.#tag(field, LENGTH);
    this.#varint(value.length);
    this.#buffer.set(value, this.#at);
    this.#at += value.length;
  }

  /** An int64; exact for whole numbers up to 2^53, beyond as exact as a double is. */
  int64(field: number, value: number): void {
    this.#reserve(16);
    this.#tag(field, VARINT);
    if (value >= 0) this.#varint(value);
    else this.#negative(value);
  }

  double(field: number, value: number): void {
    this.#reserve(16);
    this.#tag(field, FIXED64);
    this.#at = this.#buffer.writeDoubleLE(value, this.#at);
  }

  bool(field: number, value: boolean): void {
    this.#reserve(8);
    this.#tag(field, VARINT);
    this.#buffer[this.#at++] = value ? 1 : 0;
  }

  #tag(field: number, wireType: number): void {
    const tag = (field << 3) | wireType;
    if (tag < 0x80) this.#buffer[this.#at++] = tag;
    else this.#small(tag);
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
    if (high < TWO_28) this.#small(high);
    else this.#varint(high);
  }

  /** A varint below 2^31. */
  #small(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[this.#at++] = rest | 0x80;
      rest >>>= 7;
    }
    this.#buffer[this.#at++] = rest;
  }

  /** Negative numbers take ten bytes: two's complement of 64 bits. */
  #negative(value: number): void {
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest >= 0x80n) {
      this.#buffer[this.#at++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#buffer[this.#at++] = Number(rest);
  }

  /** Writes a short ASCII string; false, with nothing written, where it holds something else. */
  #shortAscii(value: string): boolean {
    const buffer = this.#buffer;
    const start = this.#at;
    const { length } = value;
    buffer[start] = length;
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
    const room = varintSize(value.length);
    const start = this.#at;
    const size = this.#buffer.write(value, start + room, 'utf8');
    const needed = varintSize(size);
    if (needed !== room) this.#buffer.copyWithin(start + needed, start + room, start + room + size);
    this.#varint(size);
    this.#at = start + needed + size;
  }

  #reserve(size: number): void {
    if (this.#at + size <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#at + size));
    this.#buffer.copy(grown, 0, 0, this.#at);
    this.#buffer = grown;
  }
}

const varintSize = (value: number): number =>
  value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5;
