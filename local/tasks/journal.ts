/**
 * An append-only file of JSON lines that a small state is rebuilt from.
 * Guarantee: an entry is in the file (the kernel's copy: SIGKILL does not lose it, a power cut may) when `append`
 * returns. A torn last line, left by a death in mid-write, was never acknowledged and is cut off at the next open.
 * Under pressure: when the file has grown to several times the state, it is replaced by a snapshot of the state
 * (temporary file, then rename), so that its size follows what is alive and not what ever happened.
 */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** Not worth compacting below this size. */
const SMALL_BYTES = 1 << 20;
/** Compacted when the file is so many times its last snapshot. */
const GROWTH = 4;
const WRITE_BYTES = 1 << 20;

export class Journal<Entry> {
  readonly #path: string;
  readonly #snapshot: () => Iterable<Entry>;
  #fd: number;
  #bytes = 0;
  #snapshotBytes = 0;

  /** Opens or makes the file and passes each entry in it to `replay`. `snapshot` gives the state as entries. */
  constructor(path: string, replay: (entry: Entry) => void, snapshot: () => Iterable<Entry>) {
    this.#path = path;
    this.#snapshot = snapshot;
    mkdirSync(dirname(path), { recursive: true });
    if (existsSync(path)) this.#bytes = replayLines(path, replay);
    this.#snapshotBytes = this.#bytes;
    this.#fd = openSync(path, 'a');
  }

  /** Size of the file. */
  get bytes(): number {
    return this.#bytes;
  }

  append(entry: Entry): void {
    const line = Buffer.from(`${JSON.stringify(entry)}\n`);
    writeWhole(this.#fd, line);
    this.#bytes += line.length;
    if (this.#bytes > SMALL_BYTES && this.#bytes > GROWTH * this.#snapshotBytes) this.compact();
  }

  /** Replaces the file by a snapshot of the state. */
  compact(): void {
    const temporary = `${this.#path}.new`;
    const fd = openSync(temporary, 'w');
    let bytes = 0;
    let pending: string[] = [];
    let pendingBytes = 0;
    const flush = (): void => {
      const block = Buffer.from(pending.join(''));
      writeWhole(fd, block);
      bytes += block.length;
      pending = [];
      pendingBytes = 0;
    };
    for (const entry of this.#snapshot()) {
      const line = `${JSON.stringify(entry)}\n`;
      pending.push(line);
      pendingBytes += line.length;
      if (pendingBytes > WRITE_BYTES) flush();
    }
    flush();
    renameSync(temporary, this.#path);
    closeSync(this.#fd);
    // The descriptor goes on at the end of the new file.
    this.#fd = fd;
    this.#bytes = bytes;
    this.#snapshotBytes = bytes;
  }

  close(): void {
    if (this.#fd < 0) return;
    closeSync(this.#fd);
    this.#fd = -1;
  }
}

/** Replays whole lines, cuts off a torn last one, returns the bytes kept. */
function replayLines<Entry>(path: string, replay: (entry: Entry) => void): number {
  const content = readFileSync(path);
  let at = 0;
  for (;;) {
    const end = content.indexOf(0x0a, at);
    if (end < 0) break;
    replay(JSON.parse(content.toString('utf8', at, end)) as Entry);
    at = end + 1;
  }
  if (at < content.length) truncateSync(path, at);
  return at;
}

function writeWhole(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}
