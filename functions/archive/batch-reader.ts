/**
 * Files of the archive → batches of entries, as `parse` made them of the same messages: the same batch ids, the same
 * entries, joined and redacted the same way. What became a dead letter is none here either.
 *
 * Guarantee: a file is read whole or reported and left out. Files whose entries are known to lie elsewhere in time
 * are not read again.
 * Under pressure: the next file is downloaded while one is read; memory is two files.
 */
import { readBatch } from '../ingest/batch.ts';
import { isFailure } from '../ingest/failure.ts';
import type { LogEntry } from '../parse/log-entry.ts';
import { parseRecordsOf } from '../parse/parse-records.ts';
import type { Parser } from '../parse/record-context.ts';
import type { Archive, Span } from './archive.ts';
import { DamagedFile } from './avro-cursor.ts';
import { type ArchiveFile, type Messages, openFile } from './message-file.ts';

export interface EntryBatch {
  readonly id: string;
  readonly entries: readonly LogEntry[];
}

export interface ReadSettings {
  readonly maxUnpackedBytes: number;
  readonly maxRecordBytes: number;
}

/** What was read, each file once however often it was read. */
export interface ReadCounts {
  files: number;
  bytes: number;
  messages: number;
  records: number;
  entries: number;
  /** Records and messages that are dead letters. */
  dead: number;
  /** Entries that BigQuery had refused; no window counts them. */
  refused: number;
}

export interface Damage {
  readonly file: string;
  readonly why: string;
}

export interface ReaderOptions {
  readonly archive: Archive;
  readonly parse: Parser;
  readonly settings: ReadSettings;
  /** Told of each file when it is done with. */
  readonly onFile: (file: ArchiveFile) => void;
}

const NOT_FOUND = 404;

export class BatchReader {
  readonly counts: ReadCounts = {
    ...{ files: 0, bytes: 0, messages: 0, records: 0, entries: 0, dead: 0, refused: 0 },
  };
  readonly damaged: Damage[] = [];
  readonly #options: ReaderOptions;
  /** Event times of the files read so far; null: nothing of it can be used. */
  readonly #times = new Map<string, Span | null>();

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** Batches of the files that may hold entries of the span, which may shrink meanwhile. */
  async *batches(
    files: readonly ArchiveFile[],
    events: () => Span,
    refused: ReadonlySet<string>,
  ): AsyncGenerator<EntryBatch> {
    const mayMatter = (file: ArchiveFile): boolean => {
      const times = this.#times.get(file.name);
      if (times === undefined) return true;
      const { fromMs, toMs } = events();
      return times !== null && times.fromMs < toMs && times.toMs > fromMs;
    };
    let next = this.#open(files[0], mayMatter);
    for (const [i, file] of files.entries()) {
      const messages = await next;
      next = this.#open(files[i + 1], mayMatter);
      if (messages !== null) yield* this.#read(file, messages, refused);
      this.#options.onFile(file);
    }
  }

  #open(file: ArchiveFile | undefined, mayMatter: (file: ArchiveFile) => boolean): Promise<Messages | null> {
    if (file === undefined || !mayMatter(file)) return Promise.resolve(null);
    const opened = openFile(file, this.#options.archive.download(file)).catch((error: unknown) => {
      const gone = (error as { code?: unknown }).code === NOT_FOUND;
      if (!gone && !(error instanceof DamagedFile)) throw error;
      this.damaged.push({ file: file.name, why: gone ? 'it is gone' : (error as Error).message });
      this.#times.set(file.name, null);
      return null;
    });
    // Awaited when its turn comes; until then a failure is nobody's.
    opened.catch(() => {});
    return opened;
  }

  async *#read(
    file: ArchiveFile,
    messages: Messages,
    refused: ReadonlySet<string>,
  ): AsyncGenerator<EntryBatch> {
    const isNew = !this.#times.has(file.name);
    const counts: ReadCounts = { ...NOTHING, files: 1, bytes: file.bytes };
    let [fromMs, toMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for await (const message of messages()) {
      counts.messages++;
      const batch = this.#parse(message, refused, counts);
      if (batch === null) continue;
      for (const { timestamp } of batch.entries) {
        if (timestamp < fromMs) fromMs = timestamp;
        if (timestamp > toMs) toMs = timestamp;
      }
      yield batch;
    }
    this.#times.set(file.name, { fromMs: Math.floor(fromMs / 1000), toMs: Math.floor(toMs / 1000) + 1 });
    if (isNew) addTo(this.counts, counts);
  }

  #parse(
    message: Parameters<typeof readBatch>[0],
    refused: ReadonlySet<string>,
    counts: ReadCounts,
  ): EntryBatch | null {
    const { parse, settings } = this.#options;
    const batch = readBatch(message, settings);
    if (isFailure(batch)) {
      counts.dead++;
      return null;
    }
    counts.records += batch.records.texts.length;
    const entries: LogEntry[] = [];
    for (const { result, indices } of parseRecordsOf(batch, parse, settings.maxRecordBytes)) {
      if (isFailure(result)) counts.dead += indices.length;
      else if (refused.size > 0 && refused.has(result.insert_id)) counts.refused++;
      else entries.push(result);
    }
    counts.entries += entries.length;
    return { id: batch.id, entries };
  }
}

const NOTHING: ReadCounts = {
  ...{ files: 0, bytes: 0, messages: 0, records: 0, entries: 0, dead: 0, refused: 0 },
};

function addTo(sum: ReadCounts, more: ReadCounts): void {
  for (const name of Object.keys(sum) as (keyof ReadCounts)[]) sum[name] += more[name];
}
