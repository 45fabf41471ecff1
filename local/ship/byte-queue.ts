/** Bytes in the order they came, taken off the front in lengths of one's choosing, copied only across chunks. */
export class ByteQueue {
  #chunks: Buffer[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  /** Takes the first `count` bytes off; `count` is at most `bytes`. */
  take(count: number): Buffer {
    const taken: Buffer[] = [];
    for (let left = count; left > 0; ) {
      const first = this.#chunks[0]!;
      if (first.length <= left) {
        taken.push(first);
        this.#chunks.shift();
        left -= first.length;
      } else {
        taken.push(first.subarray(0, left));
        this.#chunks[0] = first.subarray(left);
        left = 0;
      }
    }
    this.#bytes -= count;
    return taken.length === 1 ? taken[0]! : Buffer.concat(taken, count);
  }

  clear(): void {
    this.#chunks = [];
    this.#bytes = 0;
  }
}
