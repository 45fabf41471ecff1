/**
 * Rows of log_entries that are missing → appended again. Missing is what the archive tells and the table does not
 * have: counted per window, and only where the counts differ are ids compared. A row that is there is not appended, and
 * one that is appended twice is one entry, by insert_id.
 * Under pressure: ids of so many entries at a time; the archive is read once more for each such group.
 */
import type { LogEntry } from '../parse/log-entry.ts';
import { floorModulo } from '../stream/window.ts';
import { logEntries } from '../warehouse/tables.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import type { Span } from './archive.ts';
import type { BatchReader } from './batch-reader.ts';
import type { History } from './history.ts';
import type { ArchiveFile } from './message-file.ts';

export interface RestoreEffects {
  readonly history: History;
  readonly warehouse: Warehouse;
  readonly reader: BatchReader;
}

export interface RestoreOptions {
  readonly files: readonly ArchiveFile[];
  readonly refused: ReadonlySet<string>;
  readonly sizeMs: number;
  readonly service: string | null;
  /** Days (YYYY-MM-DD) whose rows have left the table for the cold tier. */
  readonly coldDays: ReadonlySet<string>;
  /** Entries that were deleted on purpose. */
  readonly isDeleted: (entry: LogEntry) => boolean;
}

/** A window and how many entries the archive has of it. */
export interface WindowCount {
  readonly startMs: number;
  readonly entries: number;
}

/** Ids that are held at once. */
const MAX_IDS = 500_000;
const ROWS_PER_APPEND = 2_000;

/** Appends what is missing of the windows; resolves to how many rows that were. */
export async function restoreRows(
  span: Span,
  windows: readonly WindowCount[],
  effects: RestoreEffects,
  options: RestoreOptions,
): Promise<number> {
  const { sizeMs, service, coldDays } = options;
  const present = await effects.history.counts(span, sizeMs, service);
  const missing = windows.filter(({ startMs, entries }) => {
    const day = new Date(startMs).toISOString().slice(0, 10);
    return entries > (present.get((startMs - span.fromMs) / sizeMs) ?? 0) && !coldDays.has(day);
  });
  let appended = 0;
  for (const group of groups(missing)) appended += await restoreGroup(group, effects, options);
  return appended;
}

/** Windows in groups of so many entries, in order. */
function* groups(windows: readonly WindowCount[]): Generator<WindowCount[]> {
  let group: WindowCount[] = [];
  let entries = 0;
  for (const window of windows) {
    if (group.length > 0 && entries + window.entries > MAX_IDS) {
      yield group;
      group = [];
      entries = 0;
    }
    group.push(window);
    entries += window.entries;
  }
  if (group.length > 0) yield group;
}

async function restoreGroup(
  group: readonly WindowCount[],
  { history, warehouse, reader }: RestoreEffects,
  { files, refused, sizeMs, service, isDeleted }: RestoreOptions,
): Promise<number> {
  const starts = new Set(group.map(({ startMs }) => startMs));
  const fromMs = group[0]!.startMs;
  const span = { fromMs, toMs: group.at(-1)!.startMs + sizeMs };
  const ids = await history.ids(span, service);
  const isMissing = ({ insert_id, timestamp, service: of }: LogEntry): boolean => {
    const atMs = Math.floor(timestamp / 1000);
    const startMs = atMs - floorModulo(atMs - fromMs, sizeMs);
    return starts.has(startMs) && (service === null || of === service) && !ids.has(insert_id);
  };
  let appended = 0;
  let rows: LogEntry[] = [];
  const flush = async (): Promise<void> => {
    const refusals = rows.length > 0 ? await warehouse.append(logEntries, rows) : [];
    appended += rows.length - refusals.length;
    rows = [];
  };
  for await (const { entries } of reader.batches(files, () => span, refused)) {
    for (const entry of entries) {
      if (!isMissing(entry) || isDeleted(entry)) continue;
      rows.push(entry);
      ids.add(entry.insert_id);
    }
    if (rows.length >= ROWS_PER_APPEND) await flush();
  }
  await flush();
  return appended;
}
