/**
 * The whole of parse, close and sweep in one process, on a clock that is moved by hand: messages that are delivered
 * again until acknowledged, named tasks that run when time has come, Firestore and BigQuery in memory. Every effect on
 * the world outside can fail or be the last one of its process.
 */
import type { PubsubMessage } from '../../../functions/ingest/message.ts';
import type { LogEntry } from '../../../functions/parse/log-entry.ts';
import type { ParseRecord } from '../../../functions/parse/record-context.ts';
import { type LogJob, parseBatch } from '../../../functions/parse-batch.ts';
import type { Table } from '../../../functions/warehouse/table.ts';
import type { LateEntry } from '../../../functions/warehouse/tables.ts';
import type { Warehouse } from '../../../functions/warehouse/warehouse.ts';
import { FiringConflict, type WindowResult } from '../../../functions/window/close.ts';
import { fire, TooEarly } from '../../../functions/window/fire.ts';
import type { Timers } from '../../../functions/window/store.ts';
import { sweep } from '../../../functions/window/sweep.ts';
import { groupName } from '../../../functions/window/timer-group.ts';
import { type Timer, timerName } from '../../../functions/window/window-id.ts';
import { logEntry } from '../../log-entry.ts';
import { type Effect, MemoryStore } from './memory-store.ts';

export const SETTINGS = {
  maxUnpackedBytes: 1_000_000,
  maxRecordBytes: 1000,
  outOfOrdernessMs: 1000,
  tickMs: 1000,
  timerMarginMs: 100,
  maxFutureMs: 60_000,
};
export const RETENTION_MS = 30 * 86_400_000;
/** Cloud Tasks remembers a name for about an hour after its task ran. */
const NAME_MEMORY_MS = 3_600_000;
const SLOW_MS = 3000;

/** How an effect goes wrong; slow: while it waits, time passes and timers run. */
export const FAULTS = ['crash', 'crash-after', 'error', 'error-after', 'conflict', 'slow'] as const;
export type FaultKind = (typeof FAULTS)[number];

class Crash extends Error {}
class Transient extends Error {}

export interface Batch {
  readonly id: string;
  readonly backfill: boolean;
  readonly lines: readonly string[];
}

/** `service time` as a log entry. */
const parseLine: ParseRecord = (text, context) => {
  const [service, timeMs] = text.split(' ') as [string, string];
  return entry(`${context.batchId}-${context.index}`, service, Number(timeMs));
};

export const entry = (insert_id: string, service: string, timeMs: number): LogEntry =>
  logEntry({ insert_id, timestamp: timeMs * 1000, service });

/** How tasks run: each once, each twice, or all their windows as one group. */
export type Running = 'once' | 'twice' | 'grouped';

export class World {
  nowMs = 0;
  readonly store: MemoryStore;
  /** Rows by key and start, the highest revision. */
  readonly rows = new Map<string, WindowResult<unknown>>();
  readonly logRows = new Set<string>();
  /** Late entries: insert_id and window. */
  readonly late = new Map<string, LateEntry>();
  /** What went wrong, by effect and kind. */
  readonly faults = new Map<string, number>();
  conflicts = 0;
  tooEarly = 0;
  firings = 0;
  readonly #job: LogJob;
  readonly #tasks = new Map<string, readonly Timer[]>();
  readonly #names = new Map<string, number>();
  readonly #unacked = new Map<string, Batch>();
  #asked = new Set<string>();
  #fault: { after: number; readonly kind: FaultKind } | null = null;
  #messages = 0;

  constructor(job: LogJob) {
    this.#job = job;
    this.store = new MemoryStore(this.#effect);
  }

  /** The effect after `after` others goes wrong. */
  breakAfter(after: number, kind: FaultKind): void {
    this.#fault = { after, kind };
  }

  mend(): void {
    this.#fault = null;
  }

  readonly #effect: Effect = async (name, run) => {
    const fault = this.#fault;
    if (fault === null || fault.after-- > 0) return run();
    this.#fault = null;
    const { kind } = fault;
    this.faults.set(`${name} ${kind}`, (this.faults.get(`${name} ${kind}`) ?? 0) + 1);
    // Of a commit it is a lost race; to others it does not happen.
    if (kind === 'conflict') return name === 'claim' || name === 'written' ? (null as never) : run();
    if (kind === 'slow') {
      this.nowMs += SLOW_MS;
      await this.runDue();
      return run();
    }
    if (kind === 'crash-after' || kind === 'error-after') run();
    if (kind === 'error' || kind === 'error-after') throw new Transient(`${name} failed`);
    this.#asked = new Set();
    throw new Crash(`the process died at ${name}`);
  };

  readonly #timers: Timers = {
    asked: (timer) => this.#asked.has(timerName(timer)),
    ask: async (group) => {
      const name = groupName(group);
      await this.#effect('ask', () => {
        if ((this.#names.get(name) ?? Number.NEGATIVE_INFINITY) > this.nowMs) return;
        this.#names.set(name, Math.max(this.nowMs, group[0]!.slotMs) + NAME_MEMORY_MS);
        this.#tasks.set(name, group);
      });
      for (const timer of group) this.#asked.add(timerName(timer));
    },
  };

  readonly #warehouse: Warehouse = {
    append: async <Row>(table: Table<Row>, rows: readonly Row[]) =>
      this.#effect(`append ${table.name}`, () => {
        for (const row of rows) {
          if (table.name === 'log_entries') this.logRows.add((row as LogEntry).insert_id);
          else this.#addLate(row as LateEntry);
        }
        return [];
      }),
    close: async () => {},
  };

  #addLate(row: LateEntry): void {
    this.late.set(`${row.insert_id} ${row.window_start}`, row);
  }

  /** Pub/Sub pushes a batch, as a new message; what fails stays to be delivered again. */
  async deliver(batch: Batch): Promise<void> {
    const message: PubsubMessage = {
      data: Buffer.from(batch.lines.join('\n')),
      attributes: { 'logweir-batch-id': batch.id, ...(batch.backfill ? { 'logweir-backfill': 'true' } : {}) },
      messageId: `message-${this.#messages++}`,
      publishTimeUs: this.nowMs * 1000,
    };
    this.#unacked.set(batch.id, batch);
    await this.#survive(async () => {
      const effects = {
        store: this.store,
        timers: this.#timers,
        warehouse: this.#warehouse,
        clock: () => this.nowMs,
      };
      await parseBatch(message, parseLine, [this.#job], effects, SETTINGS);
      await this.#effect('ack', () => this.#unacked.delete(batch.id));
    });
  }

  /** Delivers again what was not acknowledged. */
  async redeliver(): Promise<void> {
    for (const batch of [...this.#unacked.values()]) await this.deliver(batch);
  }

  /** What was not acknowledged goes to the dead letters. */
  abandon(): void {
    this.#unacked.clear();
  }

  /** Runs the tasks that are due, all at the same time; what fails stays. */
  async runDue(how: Running = 'once'): Promise<void> {
    const due = [...this.#tasks].filter(([, [timer]]) => timer!.slotMs <= this.nowMs);
    if (how === 'grouped' && due.length > 0) {
      if (await this.#run(due.flatMap(([, group]) => group)))
        for (const [name] of due) this.#tasks.delete(name);
      return;
    }
    await Promise.all(
      due.map(async ([name, timer]) => {
        if (await this.#run(timer)) this.#tasks.delete(name);
        if (how === 'twice') await this.#run(timer);
      }),
    );
  }

  /** Runs a task whose time has not come. */
  async runEarly(index: number): Promise<void> {
    const early = [...this.#tasks].filter(([, [timer]]) => timer!.slotMs > this.nowMs)[index];
    if (early !== undefined && (await this.#run(early[1]))) this.#tasks.delete(early[0]);
  }

  /** A task is lost; its name is remembered. */
  lose(index: number): void {
    const name = [...this.#tasks.keys()][index];
    if (name !== undefined) this.#tasks.delete(name);
  }

  async sweep(): Promise<void> {
    const effects = { store: this.store, timers: this.#timers, clock: () => this.nowMs };
    await this.#survive(async () => {
      await sweep(effects, { ...SETTINGS, maxTimers: 1000 });
    });
  }

  /** Everything settles: no more faults, all messages acknowledged, all timers done with. */
  async settle(): Promise<void> {
    this.mend();
    for (let round = 0; round < 1000; round++) {
      await this.redeliver();
      await this.runDue();
      if (this.#tasks.size === 0 && this.store.notedTimers === 0 && this.#unacked.size === 0) return;
      this.nowMs += 30_000;
      await this.sweep();
    }
    throw new Error('the world does not settle');
  }

  /** Runs a task; false: it must run again. */
  async #run(timers: readonly Timer[]): Promise<boolean> {
    const emit = (results: readonly WindowResult<unknown>[]) =>
      this.#effect('emit', () => this.#upsert(results));
    const effects = { store: this.store, emit, corrupt: async () => {} };
    const settings = {
      nowMs: this.nowMs,
      retentionMs: RETENTION_MS,
      outOfOrdernessMs: SETTINGS.outOfOrdernessMs,
    };
    this.firings++;
    return this.#survive(async () => {
      await fire(this.#job, timers, effects, settings);
    });
  }

  #upsert(results: readonly WindowResult<unknown>[]): void {
    for (const result of results) {
      const id = `${result.key} ${result.window.start}`;
      const present = this.rows.get(id);
      if (present?.revision === result.revision && present.value !== result.value)
        throw new Error(`revision ${result.revision} of ${id} was written with two values`);
      if ((present?.revision ?? 0) <= result.revision) this.rows.set(id, result);
    }
  }

  async #survive(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (error instanceof FiringConflict) this.conflicts++;
      else if (error instanceof TooEarly) this.tooEarly++;
      else if (!(error instanceof Crash || error instanceof Transient)) throw error;
      return false;
    }
  }
}
