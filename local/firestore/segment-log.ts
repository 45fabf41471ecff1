/**
 * Documents on disk: a log in segments, each frame of which is one commit.
 * Guarantee: when `append` returns, the commit is in the file as a whole (in the kernel's hands: SIGKILL does not
 * lose it, a power cut may); a frame that a death left torn was not acknowledged and is cut off at the next open,
 * so a commit is there with all its writes or not at all.
 * Under pressure: the oldest segment is given up once less than half of it is alive: what lives in it is appended
 * anew, and the file goes. Reads in progress keep their view.
 */
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/** Where a document's bytes are. */
export interface Location {
  readonly segment: Segment;
  readonly offset: number;
  readonly length: number;
}

/** A change to one document: its new bytes, or none when it is deleted. */
export interface Change {
  readonly name: string;
  readonly bytes?: Uint8Array;
}

/** A change with its place; a deletion has none. */
export interface PlacedChange extends Change {
  readonly location?: Location;
}

export interface Segment {
  readonly number: number;
  readonly path: string;
  readonly fd: number;
  bytes: number;
  /** Bytes of documents that are still the current version. */
  liveBytes: number;
}

export interface SegmentLogOptions {
  readonly dir: string;
  /** A new segment is begun above this size; 16 MB by default. */
  readonly segmentBytes?: number;
}

const SEGMENT_BYTES = 16 << 20;
const LENGTH_BYTES = 4;
const PUT = 1;
const DELETE = 2;

export class SegmentLog {
  readonly #dir: string;
  readonly #segmentBytes: number;
  readonly #segments: Segment[] = [];
  /** Segments given up, whose files stay open for reads in progress. */
  #retired: Segment[] = [];
  #holds = 0;

  /** Opens or makes the log and passes every change in it to `replay`, oldest first. */
  constructor(options: SegmentLogOptions, replay: (change: PlacedChange) => void) {
    this.#dir = options.dir;
    this.#segmentBytes = options.segmentBytes ?? SEGMENT_BYTES;
    mkdirSync(this.#dir, { recursive: true });
    const numbers = readdirSync(this.#dir)
      .filter((file) => /^\d+\.log$/.test(file))
      .map((file) => Number.parseInt(file, 10))
      .sort((a, b) => a - b);
    for (const number of numbers) {
      const segment = this.#open(number);
      const { changes, wholeBytes } = readFrames(readFileSync(segment.path), segment);
      if (wholeBytes < segment.bytes) ftruncateSync(segment.fd, wholeBytes);
      segment.bytes = wholeBytes;
      for (const change of changes) replay(change);
    }
    if (this.#segments.length === 0) this.#open(1);
  }

  /** Bytes on disk and bytes of them alive. */
  get size(): { readonly bytes: number; readonly liveBytes: number; readonly segments: number } {
    let bytes = 0;
    let liveBytes = 0;
    for (const segment of this.#segments) {
      bytes += segment.bytes;
      liveBytes += segment.liveBytes;
    }
    return { bytes, liveBytes, segments: this.#segments.length };
  }

  /** Writes one commit; the locations are in the order of the changes. */
  append(changes: readonly Change[]): (Location | undefined)[] {
    let segment = this.#segments.at(-1)!;
    if (segment.bytes >= this.#segmentBytes) segment = this.#open(segment.number + 1);
    const { frame, offsets } = encodeFrame(changes);
    for (let at = 0; at < frame.length; ) {
      at += writeSync(segment.fd, frame, at, frame.length - at, segment.bytes + at);
    }
    const start = segment.bytes;
    segment.bytes += frame.length;
    return changes.map(({ bytes }, index) =>
      bytes ? { segment, offset: start + offsets[index]!, length: bytes.length } : undefined,
    );
  }

  read({ segment, offset, length }: Location): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    for (let at = 0; at < length; ) {
      const read = readSync(segment.fd, bytes, at, length - at, offset + at);
      if (read === 0) throw new Error(`${segment.path} ends before ${offset + length}`);
      at += read;
    }
    return bytes;
  }

  /** Keeps files of segments given up readable until the returned function is called. */
  hold(): () => void {
    this.#holds++;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#holds--;
      this.#closeRetired();
    };
  }

  /** The segment to give up next, if that is worth the while. */
  stale(): Segment | undefined {
    const oldest = this.#segments[0]!;
    if (this.#segments.length < 2) return undefined;
    const { bytes, liveBytes } = this.size;
    const mostlyDead = oldest.liveBytes < oldest.bytes / 2;
    // A long-lived oldest segment must not shelter dead ones behind it for ever.
    const logMostlyDead = bytes > 2 * liveBytes + 4 * this.#segmentBytes;
    return mostlyDead || logMostlyDead ? oldest : undefined;
  }

  /** All changes in a segment, deletions too. */
  changes(segment: Segment): PlacedChange[] {
    return readFrames(readFileSync(segment.path), segment).changes;
  }

  /** Removes the oldest segment, from which everything alive has been appended anew. */
  drop(segment: Segment): void {
    if (this.#segments[0] !== segment) throw new Error('only the oldest segment can be dropped');
    this.#segments.shift();
    unlinkSync(segment.path);
    this.#retired.push(segment);
    this.#closeRetired();
  }

  close(): void {
    for (const segment of [...this.#segments, ...this.#retired]) closeSync(segment.fd);
    this.#segments.length = 0;
    this.#retired = [];
  }

  #open(number: number): Segment {
    const path = join(this.#dir, `${String(number).padStart(10, '0')}.log`);
    // Not for appending: writes name their place, so that a torn frame is overwritten and not followed.
    const fd = openSync(path, constants.O_RDWR | constants.O_CREAT);
    const segment = { number, path, fd, bytes: fstatSync(fd).size, liveBytes: 0 };
    this.#segments.push(segment);
    return segment;
  }

  #closeRetired(): void {
    if (this.#holds > 0) return;
    for (const segment of this.#retired) closeSync(segment.fd);
    this.#retired = [];
  }
}

/** Length of what follows, then each change: kind, length of name, name and, with a put, length and bytes. */
function encodeFrame(changes: readonly Change[]): { frame: Buffer; offsets: number[] } {
  const parts: Uint8Array[] = [];
  const offsets: number[] = [];
  let at = LENGTH_BYTES;
  for (const { name, bytes } of changes) {
    const nameBytes = Buffer.from(name);
    const head = Buffer.alloc(bytes ? 3 + nameBytes.length + 4 : 3 + nameBytes.length);
    head.writeUInt8(bytes ? PUT : DELETE, 0);
    head.writeUInt16LE(nameBytes.length, 1);
    nameBytes.copy(head, 3);
    if (bytes) head.writeUInt32LE(bytes.length, 3 + nameBytes.length);
    at += head.length;
    offsets.push(at);
    parts.push(head);
    if (bytes) {
      parts.push(bytes);
      at += bytes.length;
    }
  }
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(at - LENGTH_BYTES);
  return { frame: Buffer.concat([length, ...parts], at), offsets };
}

/** Reads whole frames; what comes after the last whole one is left out. */
function readFrames(content: Buffer, segment: Segment): { changes: PlacedChange[]; wholeBytes: number } {
  const changes: PlacedChange[] = [];
  let at = 0;
  while (at + LENGTH_BYTES <= content.length) {
    const end = at + LENGTH_BYTES + content.readUInt32LE(at);
    if (end > content.length) break;
    at += LENGTH_BYTES;
    while (at < end) {
      const isPut = content.readUInt8(at) === PUT;
      const nameEnd = at + 3 + content.readUInt16LE(at + 1);
      const name = content.toString('utf8', at + 3, nameEnd);
      at = nameEnd;
      if (!isPut) {
        changes.push({ name });
        continue;
      }
      const length = content.readUInt32LE(at);
      const offset = at + 4;
      at = offset + length;
      changes.push({ name, bytes: content.subarray(offset, at), location: { segment, offset, length } });
    }
  }
  return { changes, wholeBytes: at };
}
