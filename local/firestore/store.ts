/**
 * All documents: an index in memory over the log on disk.
 * Guarantee: `commit` applies all writes or none; when it returns, they are on disk (see segment-log.ts) and every
 * later read sees them. Update times rise from commit to commit, over restarts too.
 */
import { Collection, type Entry } from './collection.ts';
import { parseName } from './path.ts';
import {
  type Document,
  decodeDocument,
  encodeDocument,
  timestampOf,
  type Write,
  type WriteResult,
} from './protocol.ts';
import { type Change, type Location, SegmentLog, type SegmentLogOptions } from './segment-log.ts';
import { summarise } from './summary.ts';
import { applyWrite, type Current, writtenName } from './write.ts';

export interface StoreOptions extends SegmentLogOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Deletions of a sweep in one commit. */
const EXPIRE_BATCH = 500;

export class DocumentStore {
  readonly #log: SegmentLog;
  readonly #now: () => number;
  readonly #collections = new Map<string, Collection>();
  #lastUs = 0;
  #documents = 0;

  constructor(options: StoreOptions) {
    this.#now = options.now;
    this.#log = new SegmentLog(options, ({ name, bytes, location }) => this.#index(name, bytes, location));
    this.#collect();
  }

  get stats(): { readonly documents: number; readonly bytes: number; readonly liveBytes: number } {
    const { bytes, liveBytes } = this.#log.size;
    return { documents: this.#documents, bytes, liveBytes };
  }

  collections(): IterableIterator<Collection> {
    return this.#collections.values();
  }

  collection(name: string): Collection | undefined {
    return this.#collections.get(name);
  }

  entry(name: string): Entry | undefined {
    const path = parseName(name);
    return this.#collections.get(path.collection)?.entries.get(path.id);
  }

  /** The document as it was encoded. */
  read(entry: Entry): Buffer {
    return this.#log.read(entry.location);
  }

  load(entry: Entry): Document {
    return decodeDocument(this.read(entry));
  }

  /** Keeps entries already looked up readable, whatever is committed, until the returned function is called. */
  hold(): () => void {
    return this.#log.hold();
  }

  /** Microseconds since the epoch: now, and never before a commit that was made. */
  readUs(): number {
    return Math.max(this.#lastUs, this.#now() * 1000);
  }

  /** Applies all writes in order, or throws a Failure and applies none. */
  commit(writes: readonly Write[]): { readonly updateUs: number; readonly results: WriteResult[] } {
    const updateUs = Math.max(this.#lastUs + 1, this.#now() * 1000);
    const written = new Map<string, Current | undefined>();
    const changed = new Map<string, Current | undefined>();
    const results: WriteResult[] = [];
    for (const write of writes) {
      const name = writtenName(write);
      const current = written.has(name) ? written.get(name) : this.#current(name);
      const { next, result } = applyWrite(write, name, current, updateUs);
      written.set(name, next);
      if (next !== current) changed.set(name, next);
      results.push(result);
    }
    const changes = [...changed].map(([name, next]) => changeTo(name, next));
    this.#lastUs = updateUs;
    this.#append(changes);
    this.#collect();
    return { updateUs, results };
  }

  /** Removes the documents of a collection group whose timestamp field is not after `nowMs`; returns how many. */
  expire(group: string, field: string, nowMs: number): number {
    const gone: Change[] = [];
    for (const collection of this.#collections.values()) {
      if (collection.group !== group) continue;
      for (const { name, fields } of collection.entries.values()) {
        const time = fields.get(field)?.timestampValue;
        if (time && Number(time.seconds ?? 0) * 1000 + (time.nanos ?? 0) / 1e6 <= nowMs) gone.push({ name });
      }
    }
    for (let at = 0; at < gone.length; at += EXPIRE_BATCH) this.#append(gone.slice(at, at + EXPIRE_BATCH));
    if (gone.length > 0) this.#lastUs = this.readUs();
    this.#collect();
    return gone.length;
  }

  close(): void {
    this.#log.close();
  }

  #current(name: string): Current | undefined {
    const entry = this.entry(name);
    if (!entry) return undefined;
    const { createUs, updateUs } = entry;
    return { createUs, updateUs, fields: () => this.load(entry).fields ?? {} };
  }

  #append(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    const locations = this.#log.append(changes);
    changes.forEach(({ name, bytes }, index) => {
      this.#index(name, bytes, locations[index]);
    });
  }

  #index(name: string, bytes: Uint8Array | undefined, location: Location | undefined): void {
    const path = parseName(name);
    let collection = this.#collections.get(path.collection);
    const before = collection?.entries.get(path.id);
    if (before) {
      before.location.segment.liveBytes -= before.location.length;
      this.#documents--;
    }
    if (!bytes || !location) {
      collection?.remove(path.id);
      if (collection?.entries.size === 0) this.#collections.delete(path.collection);
      return;
    }
    if (!collection) {
      collection = new Collection(path.collection, path.group);
      this.#collections.set(path.collection, collection);
    }
    const summary = summarise(bytes);
    collection.put({ ...summary, name, id: path.id, collection: path.collection, location });
    location.segment.liveBytes += location.length;
    this.#documents++;
    this.#lastUs = Math.max(this.#lastUs, summary.updateUs);
  }

  /** Gives up the oldest segment when it is mostly dead: what lives in it moves to the end of the log. */
  #collect(): void {
    const segment = this.#log.stale();
    if (!segment) return;
    for (const { name, bytes, location } of this.#log.changes(segment)) {
      const entry = bytes && this.entry(name);
      if (!entry || entry.location.segment !== segment || entry.location.offset !== location?.offset)
        continue;
      const [moved] = this.#log.append([{ name, bytes }]);
      segment.liveBytes -= entry.location.length;
      entry.location = moved!;
      moved!.segment.liveBytes += moved!.length;
    }
    this.#log.drop(segment);
  }
}

function changeTo(name: string, next: Current | undefined): Change {
  if (!next) return { name };
  const { createUs, updateUs, fields } = next;
  const [createTime, updateTime] = [timestampOf(createUs), timestampOf(updateUs)];
  return { name, bytes: encodeDocument({ name, fields: fields(), createTime, updateTime }) };
}
