/**
 * The archive of raw messages in Cloud Storage, as the Cloud Storage subscription writes it: which files hold what
 * was published in a span of time, and their bytes.
 *
 * A file's name says when it was begun, its creation time when it was stored; a message in it was published before
 * it was stored and, unless the subscription lagged behind, after it was begun.
 */
import type { Bucket, File } from '@google-cloud/storage';
import type { ArchiveFile, Download } from './message-file.ts';

/** A span of time in ms since the epoch, [fromMs, toMs). */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Where raw messages are kept. */
export interface Archive {
  /** Files that may hold messages published in the span, by name. */
  files(published: Span): Promise<readonly ArchiveFile[]>;
  download(file: ArchiveFile): Download;
}

const DAY_MS = 86_400_000;
/** A file that was begun so long before may still have been open. */
const OPEN_MS = 3_600_000;
/** Year, month, day, hour, minute, second, with anything that is no digit between. */
const TIME = /(\d{4})\D?(\d\d)\D?(\d\d)\D(\d\d)\D(\d\d)\D(\d\d)/;

/** The archive in a bucket; names are `prefix`, a UTC time that begins with year-month-day, and what else. */
export function archiveInBucket(bucket: Pick<Bucket, 'getFiles' | 'file'>, prefix: string): Archive {
  const generations = new WeakMap<ArchiveFile, string>();
  const known = (file: File): ArchiveFile => {
    const found = describe(file, prefix);
    generations.set(found, String(file.metadata.generation));
    return found;
  };
  return {
    async files(span) {
      const [files] = await bucket.getFiles({
        prefix,
        startOffset: `${prefix}${dayOf(span.fromMs - OPEN_MS)}`,
        endOffset: `${prefix}${dayOf(span.toMs + DAY_MS)}`,
      });
      return files.map(known).filter((file) => mayHold(file, span));
    },
    download: (file) => () => {
      const generation = generations.get(file);
      const options = generation === undefined ? {} : { generation };
      return bucket.file(file.name, options).createReadStream({ validation: false, decompress: false });
    },
  };
}

/** Whether a file may hold messages published in the span. */
export const mayHold = ({ beganMs, closedMs }: ArchiveFile, { fromMs, toMs }: Span): boolean =>
  beganMs < toMs && closedMs >= fromMs;

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

function describe({ name, metadata }: File, prefix: string): ArchiveFile {
  const createdMs = Date.parse(String(metadata.timeCreated));
  const beganMs = timeInName(name.slice(prefix.length)) ?? createdMs;
  return {
    name,
    bytes: Number(metadata.size),
    beganMs,
    // A copied bucket was created later, never earlier, than its messages came.
    closedMs: Math.max(createdMs, beganMs),
    crc32c: metadata.crc32c ?? null,
  };
}

/** The time in a name, in ms since the epoch. */
export function timeInName(name: string): number | null {
  const match = TIME.exec(name);
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
