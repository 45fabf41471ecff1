/**
 * The file behind the queues: an append-only log of records in segments.
 * Guarantee: when `append` returns, the records are with the kernel: SIGKILL does not lose them, a power cut may.
 * A record that a death left torn at the end was never acknowledged and is cut off at the next open; a broken
 * record before the end is damage, and opening fails with the name of the file.
 * Under pressure: a record is kept while something in it is alive. Segments go from the oldest on, so that what
 * a record undoes (an acknowledgement its message) never outlives it; each segment begins with the state that is
 * not messages. When the log is mostly dead but its oldest segment is not, what is alive there is moved to the end.
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
  writevSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

export interface JournalRecord {
  readonly kind: number;
  /** Joined, the record's body. */
  readonly parts: readonly Uint8Array[];
}

export interface Segment<Item> {
  readonly number: number;
  readonly path: string;
  readonly fd: number;
  bytes: number;
  /** What in here is alive, and its bytes. */
  readonly live: Map<Item, number>;
  liveBytes: number;
}

/** Where a record's body is. */
export interface Location<Item> {
  readonly segment: Segment<Item>;
  readonly offset: number;
  readonly bytes: number;
}

export interface JournalOptions<Item> {
  readonly dir: string;
  /** A new segment is begun above this size; 64 MiB by default. */
  readonly segmentBytes?: number;
  /** Each record found at the start, oldest first. */
  readonly replay: (kind: number, body: Buffer, location: Location<Item>) => void;
  /** What each segment begins with. */
  readonly preamble: () => readonly JournalRecord[];
  /** Appends this item anew and keeps its new location. */
  readonly move: (item: Item) => void;
}

const SEGMENT_BYTES = 64 << 20;
/** With nothing alive, a segment of this size is given up before it is full. */
const SPENT_BYTES = 8 << 20;
/** Dead bytes that are not worth compacting at the start. */
const START_SLACK_BYTES = 1 << 20;
/** Length and checksum of what follows, and the record's kind, which both cover. */
const HEAD_BYTES = 9;
/** Linux takes 1,024 buffers in one write. */
const MAX_BUFFERS = 1_000;

export class Journal<Item> {
  readonly #options: JournalOptions<Item>;
  readonly #segmentBytes: number;
  readonly #segments: Segment<Item>[] = [];
  #moving = false;

  constructor(options: JournalOptions<Item>) {
    this.#options = options;
    this.#segmentBytes = options.segmentBytes ?? SEGMENT_BYTES;
  }

  /** Replays what is there. To be called once, before anything else; then `start`. */
  open(): void {
    const { dir } = this.#options;
    mkdirSync(dir, { recursive: true });
    const numbers = readdirSync(dir)
      .filter((file) => /^\d+\.log$/.test(file))
      .map((file) => Number.parseInt(file, 10))
      .sort((a, b) => a - b);
    for (const number of numbers) this.#replay(this.#openSegment(number), number === numbers.at(-1));
  }

  /** Begins to write: compacts what was found, as far as that is worth the while. */
  start(): void {
    const last = this.#segments.at(-1)?.number ?? 0;
    if (last === 0 || this.#isMostlyDead(START_SLACK_BYTES)) this.#begin(last + 1);
    this.reclaim(START_SLACK_BYTES);
  }

  /** On disk, and of that alive. */
  get size(): { readonly bytes: number; readonly liveBytes: number } {
    let bytes = 0;
    let liveBytes = 0;
    for (const segment of this.#segments) {
      bytes += segment.bytes;
      liveBytes += segment.liveBytes;
    }
    return { bytes, liveBytes };
  }

  /** Writes records in order; returns where their bodies are. */
  append(records: readonly JournalRecord[]): Location<Item>[] {
    if (this.#active.bytes >= this.#segmentBytes) this.#begin(this.#active.number + 1);
    return this.#write(this.#active, records);
  }

  read({ segment, offset, bytes }: Location<Item>): Buffer {
    const body = Buffer.allocUnsafe(bytes);
    for (let at = 0; at < bytes; ) {
      const read = readSync(segment.fd, body, at, bytes - at, offset + at);
      if (read === 0) throw new Error(`${segment.path} ends before ${offset + bytes}`);
      at += read;
    }
    return body;
  }

  /** The record at this place is needed as long as the item is. */
  keep(item: Item, { segment, bytes }: Location<Item>): void {
    segment.live.set(item, bytes);
    segment.liveBytes += bytes;
  }

  release(item: Item, { segment, bytes }: Location<Item>): void {
    if (segment.live.delete(item)) segment.liveBytes -= bytes;
  }

  /** Gives up segments that are not needed; cheap when there are none. So many dead bytes are let be. */
  reclaim(slackBytes = 4 * this.#segmentBytes): void {
    if (this.#moving) return;
    const active = this.#active;
    if (active.bytes > SPENT_BYTES && this.size.liveBytes === 0) this.#begin(active.number + 1);
    while (this.#segments.length > 1) {
      const oldest = this.#segments[0]!;
      if (oldest.live.size > 0 && !this.#isMostlyDead(slackBytes)) return;
      this.#moveOut(oldest);
      this.#segments.shift();
      closeSync(oldest.fd);
      unlinkSync(oldest.path);
    }
  }

  close(): void {
    for (const { fd } of this.#segments) closeSync(fd);
    this.#segments.length = 0;
  }

  get #active(): Segment<Item> {
    return this.#segments.at(-1)!;
  }

  #isMostlyDead(slackBytes: number): boolean {
    const { bytes, liveBytes } = this.size;
    return bytes > 2 * liveBytes + slackBytes;
  }

  #moveOut({ live }: Segment<Item>): void {
    this.#moving = true;
    for (const item of [...live.keys()]) this.#options.move(item);
    this.#moving = false;
  }

  #begin(number: number): void {
    this.#write(this.#openSegment(number), this.#options.preamble());
  }

  #openSegment(number: number): Segment<Item> {
    const path = join(this.#options.dir, `${String(number).padStart(10, '0')}.log`);
    // Not for appending: writes name their place, so that a torn record is overwritten and not followed.
    const fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    const segment = { number, path, fd, bytes: fstatSync(fd).size, live: new Map(), liveBytes: 0 };
    this.#segments.push(segment);
    return segment;
  }

  #write(segment: Segment<Item>, records: readonly JournalRecord[]): Location<Item>[] {
    const buffers: Uint8Array[] = [];
    const locations: Location<Item>[] = [];
    let end = segment.bytes;
    for (const { kind, parts } of records) {
      const bytes = parts.reduce((sum, part) => sum + part.length, 0);
      buffers.push(headOf(kind, parts, bytes), ...parts);
      locations.push({ segment, offset: end + HEAD_BYTES, bytes });
      end += HEAD_BYTES + bytes;
    }
    writeWhole(segment.fd, buffers, segment.bytes);
    segment.bytes = end;
    return locations;
  }

  #replay(segment: Segment<Item>, isLast: boolean): void {
    const content = readFileSync(segment.path);
    let at = 0;
    while (at + HEAD_BYTES <= content.length) {
      const end = at + 8 + content.readUInt32LE(at);
      if (end > content.length || end < at + HEAD_BYTES) break;
      if (crc32(content.subarray(at + 8, end)) !== content.readUInt32LE(at + 4)) break;
      const offset = at + HEAD_BYTES;
      const location = { segment, offset, bytes: end - offset };
      this.#options.replay(content.readUInt8(at + 8), content.subarray(offset, end), location);
      at = end;
    }
    if (at === content.length) return;
    if (!isLast) throw new Error(`${segment.path} is damaged at byte ${at}: a record is broken or cut short`);
    ftruncateSync(segment.fd, at);
    segment.bytes = at;
  }
}

function headOf(kind: number, parts: readonly Uint8Array[], bytes: number): Buffer {
  const head = Buffer.allocUnsafe(HEAD_BYTES);
  head.writeUInt32LE(bytes + 1, 0);
  head.writeUInt8(kind, 8);
  let sum = crc32(head.subarray(8));
  for (const part of parts) sum = crc32(part, sum);
  head.writeUInt32LE(sum, 4);
  return head;
}

function writeWhole(fd: number, buffers: readonly Uint8Array[], position: number): void {
  let at = position;
  for (let first = 0; first < buffers.length; first += MAX_BUFFERS) {
    const some = buffers.slice(first, first + MAX_BUFFERS);
    const bytes = some.reduce((sum, buffer) => sum + buffer.length, 0);
    const written = writevSync(fd, some, at);
    if (written < bytes) {
      const rest = Buffer.concat(some).subarray(written);
      for (let done = 0; done < rest.length; ) {
        done += writeSync(fd, rest, done, rest.length - done, at + written + done);
      }
    }
    at += bytes;
  }
}
