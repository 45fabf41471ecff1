/**
 * The live path and the replay of it, in one process: messages are parsed, counted and closed as the functions do, and
 * kept as files of the archive; warehouse and state are in memory.
 */
import { gzipSync } from 'node:zlib';
import type { History } from '../../../functions/archive/history.ts';
import { recordedPatterns } from '../../../functions/archive/recorded-patterns.ts';
import { type ReplayReport, replay } from '../../../functions/archive/replay.ts';
import { loadConfig } from '../../../functions/config.ts';
import { BACKFILL_ATTRIBUTE } from '../../../functions/ingest/batch.ts';
import type { PubsubMessage } from '../../../functions/ingest/message.ts';
import { pipelines } from '../../../functions/job.ts';
import type { LogEntry } from '../../../functions/parse/log-entry.ts';
import { createParser } from '../../../functions/parse/parse-record.ts';
import { parseBatch } from '../../../functions/parse-batch.ts';
import { deadLetters, logEntries } from '../../../functions/warehouse/tables.ts';
import type { WindowRow } from '../../../functions/warehouse/window-tables.ts';
import type { WindowResult } from '../../../functions/window/close.ts';
import { fire } from '../../../functions/window/fire.ts';
import { type Timer, timerName } from '../../../functions/window/window-id.ts';
import { MemoryWarehouse } from '../memory-warehouse.ts';
import { MemoryStore } from '../window/memory-store.ts';
import { MemoryArchive } from './archive-files.ts';

export const START_MS = Date.UTC(2026, 10, 20, 10);

const config = loadConfig({
  LOGWEIR_PROJECT: 'p',
  LOGWEIR_CLOSE_URL: 'http://127.0.0.1/',
  LOGWEIR_JOBS: 'service_health,error_counts',
  LOGWEIR_ALLOWED_LATENESS: '1m',
});
const settings = { ...config, retentionMs: config.allowedLatenessMs + config.redeliveryMs };
const all = pipelines(config);
const tables = all.map(({ table }) => table);

/** A line of a log, `offsetMs` after START_MS. */
export const line = (offsetMs: number, service: string, i = 0): string =>
  JSON.stringify({
    time: new Date(START_MS + offsetMs).toISOString(),
    service,
    level: ['info', 'info', 'warn', 'error'][i % 4],
    message: `request ${i} took its time`,
    latency_ms: 3 + ((i * 37) % 400) / 7,
    user_id: `u${i % 11}`,
    http_status: i % 9 === 0 ? 503 : 200,
  });

type Row = WindowRow<unknown>;

export class ReplayWorld {
  nowMs = START_MS;
  readonly archive = new MemoryArchive();
  readonly store = new MemoryStore();
  readonly warehouse = new MemoryWarehouse();
  readonly #timers = new Map<string, Timer>();
  #messages = 0;

  /** A message of lines, as the archive and `parse` see it. */
  message(lines: readonly string[], attributes: Record<string, string> = {}): PubsubMessage {
    return {
      data: gzipSync(lines.map((one) => `${one}\n`).join('')),
      attributes,
      messageId: String(++this.#messages),
      publishTimeUs: this.nowMs * 1000,
    };
  }

  /** A message of old lines. */
  backfill(lines: readonly string[]): PubsubMessage {
    return this.message(lines, { [BACKFILL_ATTRIBUTE]: 'true' });
  }

  /** The live path takes a message; delivering it again is a redelivery. */
  async deliver(message: PubsubMessage): Promise<void> {
    const timers = {
      asked: () => false,
      ask: async (group: readonly Timer[]) => {
        for (const timer of group) this.#timers.set(timerName(timer), timer);
      },
    };
    const effects = { warehouse: this.warehouse, store: this.store, timers, clock: () => this.nowMs };
    const jobs = all.map(({ job }) => job);
    await parseBatch(message, createParser(config), jobs, effects, config);
  }

  /** Time passes, and the timers that are due fire. */
  async pass(ms: number): Promise<void> {
    this.nowMs += ms;
    const due = [...this.#timers].filter(([, { slotMs }]) => slotMs <= this.nowMs);
    for (const [name, timer] of due) {
      const { job, table } = all.find((one) => one.job.name === timer.of.job)!;
      const emit = async (results: readonly WindowResult<unknown>[]): Promise<void> => {
        const rows = results.map(({ window, ...result }) => ({
          ...{ job: job.name, ...window, emittedAtMs: this.nowMs },
          ...result,
        }));
        await this.warehouse.append(table, rows);
      };
      const corrupt = () => Promise.reject(new Error('no partial is corrupt here'));
      await fire(job, [timer], { store: this.store, emit, corrupt }, { ...settings, nowMs: this.nowMs });
      this.#timers.delete(name);
    }
  }

  /** Rows of windows, the highest revision of each, by job, service and start. */
  rows(): Map<string, Row> {
    const rows = new Map<string, Row>();
    for (const table of tables)
      for (const row of this.warehouse.rows(table)) {
        const key = `${row.job} ${row.key} ${row.start - START_MS}`;
        if ((rows.get(key)?.revision ?? 0) <= row.revision) rows.set(key, row);
      }
    return rows;
  }

  /** What is the same in all revisions of equal content. */
  values(): Record<string, unknown> {
    return Object.fromEntries(
      [...this.rows()]
        .sort()
        .map(([key, { value, parts, end, incomplete }]) => [key, { value, parts, end, incomplete }]),
    );
  }

  replay(
    fromMs: number,
    toMs: number,
    options: {
      service?: string;
      budget?: number;
      force?: boolean;
      coldDays?: string[];
      isDeleted?: (entry: LogEntry) => boolean;
      /** Of a catalogue that has learned since. */
      patternId?: (message: string) => string;
    } = {},
  ): Promise<ReplayReport> {
    const { archive, store, warehouse } = this;
    return replay(
      { fromMs: START_MS + fromMs, toMs: START_MS + toMs },
      {
        ...{ archive, store, warehouse, history: this.#history() },
        clock: () => this.nowMs,
        coldDays: async () => new Set(options.coldDays),
        deleted: async () => options.isDeleted ?? (() => false),
      },
      {
        ...settings,
        pipelines: all,
        parse: createParser({
          ...config,
          ...(options.patternId === undefined ? {} : { patternId: options.patternId }),
        }),
        marginMs: 120_000,
        service: options.service ?? null,
        force: options.force ?? false,
        ...(options.budget === undefined ? {} : { budget: options.budget }),
      },
    );
  }

  #history(): History {
    const hourMs = 3_600_000;
    const entries = (span: { fromMs: number; toMs: number }, service: string | null) =>
      this.warehouse
        .rows(logEntries)
        .filter(({ timestamp }) => timestamp / 1000 >= span.fromMs && timestamp / 1000 < span.toMs)
        .filter((row) => service === null || row.service === service);
    return {
      publishedHours: async (span) => {
        const hours = entries(span, null).map((row) => Math.floor(row.received_at / 1000 / hourMs) * hourMs);
        return [...new Set(hours)].sort();
      },
      refused: async () =>
        new Set(
          this.warehouse
            .rows(deadLetters)
            .flatMap((row) => (row.stage === 'warehouse' ? [row.insert_id] : [])),
        ),
      windows: async (table, job, { fromMs, toMs }) => {
        const rows = tables.flatMap((one) => (one.name === table ? this.warehouse.rows(one) : []));
        const mine = rows.filter((row) => row.job === job && row.start >= fromMs && row.start < toMs);
        const revision = (start: number) =>
          Math.max(...mine.flatMap((row) => (row.start === start ? [row.revision] : [])));
        return new Map(mine.map(({ start, end }) => [start, { endMs: end, revision: revision(start) }]));
      },
      verdicts: async () => new Map(),
      counts: async (span, sizeMs, service) => {
        const ids = new Map<number, Set<string>>();
        for (const { timestamp, insert_id } of entries(span, service)) {
          const interval = Math.floor((timestamp / 1000 - span.fromMs) / sizeMs);
          ids.set(interval, (ids.get(interval) ?? new Set()).add(insert_id));
        }
        return new Map([...ids].map(([interval, { size }]) => [interval, size]));
      },
      patterns: async (span, service) => {
        const batches = new Map<string, string[]>();
        for (const { insert_id, pattern_id } of entries(span, service)) {
          const dash = insert_id.lastIndexOf('-');
          const [batch, index] = [insert_id.slice(0, dash), insert_id.slice(dash + 1)];
          batches.set(batch, [...(batches.get(batch) ?? []), `${index} ${pattern_id}`]);
        }
        return recordedPatterns([...batches].map(([batch, all]) => [batch, all.join(',')]));
      },
      ids: async (span, service) => new Set(entries(span, service).map(({ insert_id }) => insert_id)),
    };
  }
}
