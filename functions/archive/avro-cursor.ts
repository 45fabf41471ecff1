/**
 * Avro's binary encoding, read with every bound checked: damaged bytes end in DamagedFile, at once. (avsc believes the
 * counts it reads: one flipped bit in a map's length and it loops for hours.)
 * Source: https://avro.apache.org/docs/1.11.1/specification/#binary-encoding
 */

/** Thrown for what is no Avro container of messages, or no longer whole. */
export class DamagedFile extends Error {
  override readonly name = 'DamagedFile';
}

/** 2^53 has eight bytes of seven bits. */
const MAX_VARINT_BYTES = 8;

export class AvroCursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get at(): number {
    return this.#at;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** A whole number, exact up to 2^53. */
  long(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw new DamagedFile('cut off in a number');
      this.#at++;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      scale *= 128;
    }
    throw new DamagedFile('a number is too large');
  }

  /** Bytes of a given length; a view. */
  fixed(length: number): Buffer {
    const end = this.#at + length;
    if (length < 0 || end > this.#bytes.length) throw new DamagedFile(`cut off in ${length} bytes`);
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  bytes(): Buffer {
    return this.fixed(this.long());
  }

  string(): string {
    return this.bytes().toString('utf8');
  }

  map<T>(value: () => T): Record<string, T> {
    const entries: [string, T][] = [];
    for (let count = this.long(); count !== 0; count = this.long()) {
      // A negative count is followed by the size of the block in bytes.
      if (count < 0) this.long();
      for (let i = Math.abs(count); i > 0; i--) entries.push([this.string(), value()]);
    }
    return Object.fromEntries(entries);
  }
}
