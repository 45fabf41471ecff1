/**
 * Bytes in chunks, read in the sizes one asks for: what lies between a download and a format. Holds one chunk and
 * what of those before is not read yet.
 */
export class ByteSource {
  readonly #chunks: AsyncIterator<Buffer>;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Takes `size` bytes; null: there are fewer, and none is taken. */
  async take(size: number): Promise<Buffer | null> {
    const taken = await this.peek(size);
    if (taken.length < size) return null;
    this.#at += size;
    return taken;
  }

  /** The next `size` bytes, to be taken later; fewer at the end. */
  async peek(size: number): Promise<Buffer> {
    if (this.#bytes.length - this.#at < size) await this.#fill(size);
    return this.#bytes.subarray(this.#at, this.#at + size);
  }

  async #fill(size: number): Promise<void> {
    const parts = [this.#bytes.subarray(this.#at)];
    let have = parts[0]!.length;
    while (have < size) {
      const next = await this.#chunks.next();
      if (next.done === true) break;
      parts.push(next.value);
      have += next.value.length;
    }
    this.#bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    this.#at = 0;
  }
}
