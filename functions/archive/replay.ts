/**
 * Replay: the archive runs through the job again, and the windows of a span get rows made of all that it holds.
 *
 *   files of the span and a margin ─▶ batches ─▶ entries ─▶ operator ─▶ next revision of each window, sealed again
 *                                                   └▶ rows of log_entries that are missing
 *
 * Guarantee: a row has the value that the live path gave it, byte for byte, if the live path counted everything that
 * came; what it had refused as late is counted now, as the whole window is rebuilt. A window of which the archive holds
 * less than was counted is left alone and reported. Whole windows only: the span is rounded outward. May be broken off
 * and run again, or run twice at the same time. Dead letters and late_entries are not written again.
 * Not guaranteed: entries that came after the margin and whose rows of log_entries are lost too; give a larger margin.
 * An entry keeps the pattern it was recorded with, also when the catalogue has learned further; one whose row is lost
 * gets today's.
 * Under pressure: memory is bounded (rebuild.ts); what does not fit is done in further passes over the files, of which
 * those are left out that are known to hold nothing of it.
 */
import type { LogPipeline } from '../job.ts';
import type { LogEntry } from '../parse/log-entry.ts';
import type { Parser } from '../parse/record-context.ts';
import type { TimeWindow } from '../stream/window.ts';
import type { Archive, Span } from './archive.ts';
import { BatchReader, type Damage, type ReadCounts, type ReadSettings } from './batch-reader.ts';
import type { History, WrittenWindow } from './history.ts';
import type { ArchiveFile } from './message-file.ts';
import { checkReplayable, Rebuild, type Rebuilt } from './rebuild.ts';
import { filesFor } from './replay-files.ts';
import { restoreRows, type WindowCount } from './restore-rows.ts';
import { type WriteEffects, type WriteSettings, type Written, writeWindows } from './write-windows.ts';

export interface ReplayEffects extends WriteEffects {
  readonly archive: Archive;
  readonly history: History;
  /** Days (YYYY-MM-DD) whose rows have left log_entries for the cold tier. */
  readonly coldDays: () => Promise<ReadonlySet<string>>;
  /** Tells entries that were deleted on purpose: their rows are not restored. */
  readonly deleted: () => Promise<(entry: LogEntry) => boolean>;
  readonly onProgress?: (progress: Progress) => void;
}

export interface ReplaySettings extends ReadSettings, WriteSettings {
  readonly pipelines: readonly LogPipeline[];
  readonly parse: Parser;
  /** How far around the span files are read, in ms. */
  readonly marginMs: number;
  /** Accumulators and ids held at once; default: rebuild.ts. */
  readonly budget?: number;
}

export interface Progress {
  readonly filesDone: number;
  readonly files: number;
  readonly bytesDone: number;
  readonly bytes: number;
  readonly entries: number;
}

export interface ReplayReport {
  readonly span: Span;
  readonly read: ReadCounts;
  /** Times that a batch came again to a window that had it. */
  readonly duplicates: number;
  readonly written: Written;
  /** Rows appended to log_entries. */
  readonly restored: number;
  readonly damaged: readonly Damage[];
}

/** Entries whose patterns are held at once. */
const MAX_RECORDED = 10_000_000;
/** Windows that are written at once. */
const GROUP = 100;

/** Replays the windows of a span. Rejects when a client fails, and may be run again. */
export async function replay(
  events: Span,
  effects: ReplayEffects,
  settings: ReplaySettings,
): Promise<ReplayReport> {
  const span = wholeWindows(events, settings.pipelines);
  const run = new Run(effects, settings);
  for (let fromMs = span.fromMs; fromMs < span.toMs; ) fromMs = await run.slice({ ...span, fromMs });
  return { span, ...run.report() };
}

/** The span, rounded outward to the bounds of windows. Throws a RangeError for jobs that cannot be replayed. */
export function wholeWindows({ fromMs, toMs }: Span, pipelines: readonly LogPipeline[]): Span {
  checkReplayable(pipelines.map(({ job }) => job));
  const at = (ms: number): TimeWindow => pipelines[0]!.job.assigner.assign(ms)[0]!;
  if (!(fromMs < toMs)) throw new RangeError(`a span must begin before it ends, not ${fromMs} to ${toMs}`);
  return { fromMs: at(fromMs).start, toMs: at(toMs - 1).end };
}

class Run {
  readonly #effects: ReplayEffects;
  readonly #settings: ReplaySettings;
  readonly #reader: BatchReader;
  readonly #written: Written = { windows: 0, rows: 0, open: 0, short: 0 };
  readonly #progress = { filesDone: 0, files: 0, bytesDone: 0, bytes: 0 };
  #duplicates = 0;
  #restored = 0;

  constructor(effects: ReplayEffects, settings: ReplaySettings) {
    this.#effects = effects;
    this.#settings = settings;
    this.#reader = new BatchReader({
      archive: effects.archive,
      parse: settings.parse,
      settings,
      onFile: (file) => this.#done(file),
    });
  }

  report(): Omit<ReplayReport, 'span'> {
    const { counts: read, damaged } = this.#reader;
    return { read, damaged, duplicates: this.#duplicates, written: this.#written, restored: this.#restored };
  }

  /** Replays from the span's start as far as memory allows; resolves to where it came. */
  async slice(span: Span): Promise<number> {
    const { settings, history } = { settings: this.#settings, history: this.#effects.history };
    const jobs = settings.pipelines.map(({ job }) => job);
    const counts = (entry: LogEntry): boolean =>
      settings.service === null || entry.service === settings.service;
    const budget = settings.budget === undefined ? {} : { budget: settings.budget };
    const toMs = await this.#bounded(span);
    const rebuild = new Rebuild({ jobs, span: { ...span, toMs }, counts, ...budget });
    const files = await filesFor({ ...span, toMs }, settings.marginMs, this.#effects);
    const patterns = await history.patterns({ ...span, toMs }, settings.service);
    const refused = await history.refused(publishedSpan(files));
    const reached = (): Span => ({ fromMs: span.fromMs, toMs: rebuild.endMs });
    this.#expect(files);
    for await (const { id, entries } of this.#reader.batches(files, reached, refused)) {
      patterns(id, entries);
      rebuild.add(id, entries);
    }
    this.#duplicates += rebuild.duplicates;
    const windows = await this.#write(reached(), rebuild);
    this.#restored += await this.#restore(reached(), windows, files, refused);
    return rebuild.endMs;
  }

  /** How far the patterns of entries are held at once: to the end of a window. */
  async #bounded(span: Span): Promise<number> {
    const { pipelines, service } = this.#settings;
    const { start, end } = pipelines[0]!.job.assigner.assign(span.fromMs)[0]!;
    const sizeMs = end - start;
    const counts = await this.#effects.history.counts(span, sizeMs, service);
    let held = 0;
    for (const [interval, entries] of [...counts].sort(([a], [b]) => a - b)) {
      held += entries;
      if (held > MAX_RECORDED && held > entries) return span.fromMs + interval * sizeMs;
    }
    return span.toMs;
  }

  async #write(span: Span, rebuild: Rebuild): Promise<WindowCount[]> {
    const { pipelines } = this.#settings;
    const standing = await Promise.all(
      pipelines.map(({ job, table }) => this.#effects.history.windows(table.name, job.name, span)),
    );
    for (const [i, windows] of standing.entries()) checkBounds(windows, pipelines[i]!);
    const counts: WindowCount[] = [];
    const unseen = standing.map((windows) => new Set(windows.keys()));
    for (const group of groupsOf(rebuild.windows())) {
      for (const [index, pipeline] of pipelines.entries()) {
        const job = { pipeline, index, standing: standing[index]! };
        addTo(this.#written, await writeWindows(group, job, this.#effects, this.#settings));
        for (const { window, jobs } of group)
          if (jobs[index]!.batches.length > 0) unseen[index]!.delete(window.start);
      }
      counts.push(...group.map(({ window, entries }) => ({ startMs: window.start, entries })));
    }
    // Rows of windows of which the archive has nothing at all.
    this.#written.short += unseen.reduce((sum, { size }) => sum + size, 0);
    return counts;
  }

  async #restore(
    span: Span,
    windows: readonly WindowCount[],
    files: readonly ArchiveFile[],
    refused: ReadonlySet<string>,
  ): Promise<number> {
    const { history, warehouse, coldDays, deleted } = this.#effects;
    const { service, pipelines } = this.#settings;
    const { start, end } = pipelines[0]!.job.assigner.assign(span.fromMs)[0]!;
    return restoreRows(
      span,
      windows,
      { history, warehouse, reader: this.#reader },
      {
        ...{ files, refused, service, sizeMs: end - start },
        ...{ coldDays: await coldDays(), isDeleted: await deleted() },
      },
    );
  }

  #expect(files: readonly ArchiveFile[]): void {
    this.#progress.files += files.length;
    this.#progress.bytes += files.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#tell();
  }

  #done({ bytes }: ArchiveFile): void {
    this.#progress.filesDone++;
    this.#progress.bytesDone += bytes;
    this.#tell();
  }

  #tell(): void {
    this.#effects.onProgress?.({ ...this.#progress, entries: this.#reader.counts.entries });
  }
}

/** When what is in files may have been published. */
function publishedSpan(files: readonly ArchiveFile[]): Span {
  const HOUR_MS = 3_600_000;
  const fromMs = files.reduce((first, { beganMs }) => Math.min(first, beganMs), Date.UTC(9999, 0));
  const toMs = files.reduce((last, { closedMs }) => Math.max(last, closedMs), 0);
  return { fromMs: Math.min(fromMs, toMs) - HOUR_MS, toMs: toMs + 1 };
}

/** Rows of windows of another size would stand beside those that are written. */
function checkBounds(windows: ReadonlyMap<number, WrittenWindow>, { job, table }: LogPipeline): void {
  for (const [start, { endMs }] of windows) {
    const window = job.assigner.assign(start)[0]!;
    if (window.start === start && window.end === endMs) continue;
    throw new Error(
      `${table.name} has windows of ${endMs - start} ms, the job has ${job.assigner.name}: run replay with the settings of the functions (LOGWEIR_WINDOW_SIZE)`,
    );
  }
}

function* groupsOf(windows: Iterable<Rebuilt>): Generator<Rebuilt[]> {
  let group: Rebuilt[] = [];
  for (const window of windows) {
    group.push(window);
    if (group.length < GROUP) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

function addTo(sum: Written, more: Written): void {
  for (const name of Object.keys(sum) as (keyof Written)[]) sum[name] += more[name];
}
