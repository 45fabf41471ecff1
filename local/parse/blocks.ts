/**
 * Bytes of a file or of standard input → blocks of lines, each with its number, so that memory is bounded by a block
 * and the longest line allowed. A line above the bound is not kept: its beginning is, with how long it was. A line that
 * is not valid UTF-8 is read as latin1, byte by byte. Lines of white space alone are none.
 */
import { isUtf8 } from 'node:buffer';

export interface Line {
  /** Counted from 1. */
  readonly number: number;
  readonly text: string;
  readonly latin1: boolean;
  /** Size of a line above the bound; 0: it is whole. */
  readonly tooLargeBytes: number;
}

export interface BlockLimits {
  readonly maxLineBytes: number;
  readonly linesPerBlock: number;
  readonly bytesPerBlock: number;
}

/** How much of a line above the bound is shown. */
const SHOWN_BYTES = 120;

/** Reads blocks of lines. */
export async function* blocksOfLines(
  chunks: AsyncIterable<Buffer>,
  limits: BlockLimits,
): AsyncGenerator<Line[]> {
  let block: Line[] = [];
  let blockBytes = 0;
  for await (const line of lines(chunks, limits.maxLineBytes)) {
    block.push(line);
    blockBytes += line.text.length;
    if (block.length < limits.linesPerBlock && blockBytes < limits.bytesPerBlock) continue;
    yield block;
    block = [];
    blockBytes = 0;
  }
  if (block.length > 0) yield block;
}

async function* lines(chunks: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Line> {
  let number = 0;
  const rest = new Rest(maxBytes);
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, start)) {
      number++;
      const line = rest.finish(chunk.subarray(start, end), number);
      if (line !== null) yield line;
      start = end + 1;
    }
    rest.add(chunk.subarray(start));
  }
  const last = rest.finish(Buffer.alloc(0), number + 1);
  if (last !== null) yield last;
}

/** The beginning of a line whose end has not come yet. */
class Rest {
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(part: Buffer): void {
    if (part.length === 0) return;
    // Of a line that is too large already, only the size is of interest.
    if (this.#bytes <= this.#maxBytes) this.#parts.push(Buffer.from(part));
    this.#bytes += part.length;
  }

  finish(part: Buffer, number: number): Line | null {
    const bytes = this.#bytes + part.length;
    const whole = this.#parts.length === 0 ? part : Buffer.concat([...this.#parts, part]);
    this.#parts = [];
    this.#bytes = 0;
    return toLine(whole, bytes, number, this.#maxBytes);
  }
}

function toLine(bytes: Buffer, size: number, number: number, maxBytes: number): Line | null {
  const tooLarge = size > maxBytes;
  const shown = tooLarge ? bytes.subarray(0, SHOWN_BYTES) : withoutReturn(bytes);
  const latin1 = !tooLarge && !isUtf8(shown);
  const text = shown.toString(latin1 || tooLarge ? 'latin1' : 'utf8');
  if (!tooLarge && text.trim() === '') return null;
  return { number, text, latin1, tooLargeBytes: tooLarge ? size : 0 };
}

function withoutReturn(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0x0d) end--;
  return bytes.subarray(0, end);
}
