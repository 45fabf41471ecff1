/**
 * A file's bytes → batches of whole lines, each a slice of the file as it is: no byte is changed, so that the same
 * file gives the same batches whatever the size of the chunks it is read in.
 *
 * A batch ends before it has more lines or bytes than allowed; a line longer than a batch may be is a batch of its
 * own, and one longer than `maxLineBytes` is passed over and reported. What counts as a line is what the ingest
 * takes for a record: lines of white space alone are none.
 * Under pressure: holds at most `maxBytes` + `maxLineBytes` + one chunk.
 */
import { ByteQueue } from './byte-queue.ts';

export interface CutLimits {
  /** Lines of a batch, at most. */
  readonly maxLines: number;
  /** Bytes of a batch of several lines, at most. */
  readonly maxBytes: number;
  /** Bytes of a line that is shipped at all. */
  readonly maxLineBytes: number;
}

/** A slice of the file: [offset, offset + size). */
export interface Cut {
  readonly offset: number;
  readonly size: number;
  /** The slice; null: one line, too long to be shipped. */
  readonly bytes: Buffer | null;
  /** Lines with text in it. */
  readonly lines: number;
  /** Lines without. */
  readonly blank: number;
}

export class Cutter {
  readonly #limits: CutLimits;
  readonly #queue = new ByteQueue();
  /** Where the queue's first byte stands in the file. */
  #offset: number;
  #lines = 0;
  #blank = 0;
  /** Bytes of the queue that are whole lines. */
  #whole = 0;
  /** Whether the line that is not whole yet has text. */
  #text = false;
  /** Bytes of a too long line that were passed over so far; 0: there is none. */
  #passed = 0;
  #cuts: Cut[] = [];

  constructor(limits: CutLimits, offset = 0) {
    this.#limits = limits;
    this.#offset = offset;
  }

  /** Where the first byte stands that is in no cut yet. */
  get offset(): number {
    return this.#offset;
  }

  /** Takes the next bytes of the file; gives the batches that they complete. */
  push(chunk: Buffer): Cut[] {
    for (let at = 0; at < chunk.length; ) {
      const newline = chunk.indexOf(0x0a, at);
      const end = newline < 0 ? chunk.length : newline + 1;
      this.#add(chunk.subarray(at, end), newline >= 0);
      at = end;
    }
    return this.#given();
  }

  /** The whole lines that are left, as a batch. */
  flush(): Cut[] {
    if (this.#whole > 0) this.#cut();
    return this.#given();
  }

  /** Everything that is left, as a batch: the last line needs no newline. */
  end(): Cut[] {
    if (this.#passed > 0) this.#endPassed();
    else if (this.#queue.bytes > this.#whole) this.#endLine();
    return this.flush();
  }

  #add(part: Buffer, ends: boolean): void {
    if (this.#passed > 0) {
      this.#passed += part.length;
      if (ends) this.#endPassed();
      return;
    }
    this.#queue.push(part);
    this.#text ||= hasText(part);
    if (this.#queue.bytes - this.#whole > this.#limits.maxLineBytes) this.#pass(ends);
    else if (ends) this.#endLine();
    else if (this.#whole > 0 && this.#queue.bytes > this.#limits.maxBytes) this.#cut();
  }

  #endLine(): void {
    const { maxBytes, maxLines } = this.#limits;
    if (this.#whole > 0 && this.#queue.bytes > maxBytes) this.#cut();
    this.#whole = this.#queue.bytes;
    if (this.#text) this.#lines++;
    else this.#blank++;
    this.#text = false;
    if (this.#whole >= maxBytes || this.#lines + this.#blank >= maxLines) this.#cut();
  }

  #cut(): void {
    const bytes = this.#queue.take(this.#whole);
    this.#cuts.push({
      offset: this.#offset,
      size: bytes.length,
      bytes,
      lines: this.#lines,
      blank: this.#blank,
    });
    this.#offset += bytes.length;
    this.#whole = 0;
    this.#lines = 0;
    this.#blank = 0;
  }

  /** Lets go of a line that has grown too long. */
  #pass(ends: boolean): void {
    if (this.#whole > 0) this.#cut();
    this.#passed = this.#queue.bytes;
    this.#queue.clear();
    if (ends) this.#endPassed();
  }

  #endPassed(): void {
    this.#cuts.push({ offset: this.#offset, size: this.#passed, bytes: null, lines: 1, blank: 0 });
    this.#offset += this.#passed;
    this.#passed = 0;
    this.#text = false;
  }

  #given(): Cut[] {
    const cuts = this.#cuts;
    this.#cuts = [];
    return cuts;
  }
}

/** Whether the ingest takes it for more than white space (functions/ingest/split.ts). */
function hasText(part: Buffer): boolean {
  for (const byte of part) if (byte !== 0x20 && (byte < 0x09 || byte > 0x0d)) return true;
  return false;
}
