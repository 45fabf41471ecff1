/**
 * Windows rebuilt in memory from batches, by the operator: the same batches give the same values as the live path,
 * whatever their order and however often they come.
 *
 * As on the live path, a batch adds to a window once: by its id, not by its message, so that the same bytes published
 * again add nothing. Which batches a window holds is kept, as the ids of the partials that the live path makes of them.
 * Under pressure: memory is windows × keys and windows × batches. When that is above the budget, the last windows are
 * given up and `endMs` says from where on another pass is needed; at least one window is always kept.
 */
import type { LogEntry } from '../parse/log-entry.ts';
import type { LogJob } from '../parse-batch.ts';
import { type Fired, WindowOperator } from '../stream/operator.ts';
import { END_OF_TIME, sameWindow, type TimeWindow } from '../stream/window.ts';
import { checkRunnable } from '../window/runnable.ts';
import type { Span } from './archive.ts';

/** A window as the archive tells it. */
export interface Rebuilt {
  readonly window: TimeWindow;
  /** Entries that the filter of rows lets pass. */
  readonly entries: number;
  /** One for each job, in their order. */
  readonly jobs: readonly RebuiltJob[];
}

export interface RebuiltJob {
  /** Ids of the batches that added to it. */
  readonly batches: readonly string[];
  readonly results: readonly Fired<unknown>[];
}

export interface RebuildOptions {
  readonly jobs: readonly LogJob[];
  /** Windows that start in it are rebuilt. */
  readonly span: Span;
  /** How many accumulators and batch ids to hold; an accumulator counts ACCUMULATOR_COST ids. Default 4 million. */
  readonly budget?: number;
  /** Which entries `entries` counts. */
  readonly counts: (entry: LogEntry) => boolean;
}

const DEFAULT_BUDGET = 4_000_000;
/** An accumulator of service_health weighs about as much as so many ids. */
const ACCUMULATOR_COST = 10;
/** Windows are given up until this much of the budget is in use. */
const LEAVE = 0.75;

interface Open {
  readonly window: TimeWindow;
  readonly operators: readonly WindowOperator<LogEntry, unknown, unknown>[];
  readonly results: readonly Fired<unknown>[][];
  /** By id, a bit for each job that took something of it. */
  readonly batches: Map<string, number>;
  entries: number;
  cost: number;
  /** The batch that was added last, and whether it had been before. */
  lastSerial: number;
  isRepeated: boolean;
}

/** Throws a RangeError for jobs whose windows cannot be rebuilt together. */
export function checkReplayable(jobs: readonly LogJob[]): void {
  const first = jobs[0]?.assigner.assign(0);
  for (const { name, assigner, ...job } of jobs) {
    checkRunnable({ name, assigner, ...job });
    const windows = assigner.merges ? [] : assigner.assign(0);
    if (windows.length !== 1 || !sameWindow(windows[0]!, first![0]!))
      throw new RangeError(
        `job ${name}: ${assigner.name} is not replayed; allowed: tumbling windows, one size`,
      );
  }
}

export class Rebuild {
  readonly #options: Required<RebuildOptions>;
  readonly #open = new Map<number, Open>();
  #endMs: number;
  #cost = 0;
  #serial = 0;
  #duplicates = 0;

  constructor(options: RebuildOptions) {
    this.#options = { budget: DEFAULT_BUDGET, ...options };
    this.#endMs = options.span.toMs;
  }

  /** Windows that start from then on are left for another pass. */
  get endMs(): number {
    return this.#endMs;
  }

  /** How often a batch came to a window that had it. */
  get duplicates(): number {
    return this.#duplicates;
  }

  /** Adds the entries of a batch; those outside are left out. Returns how many were added. */
  add(batchId: string, entries: readonly LogEntry[]): number {
    const serial = ++this.#serial;
    const touched = new Set<Open>();
    let added = 0;
    for (const entry of entries) {
      const open = this.#windowOf(entry);
      if (open === null) continue;
      if (open.lastSerial !== serial) {
        touched.add(open);
        this.#begin(open, batchId, serial);
      }
      if (open.isRepeated) continue;
      added++;
      this.#process(open, batchId, entry);
    }
    for (const open of touched) this.#weigh(open);
    if (this.#cost > this.#options.budget) this.#shrink();
    return added;
  }

  /** The windows, in order; each is let go of as it is given. */
  *windows(): Generator<Rebuilt> {
    for (const start of [...this.#open.keys()].sort((a, b) => a - b)) {
      const { window, operators, results, batches, entries } = this.#open.get(start)!;
      this.#open.delete(start);
      for (const operator of operators) operator.advanceTo(END_OF_TIME);
      const jobs = results.map((fired, job) => ({
        batches: [...batches].flatMap(([id, took]) => (took & (1 << job) ? [id] : [])),
        results: fired.sort((a, b) => (a.key < b.key ? -1 : 1)),
      }));
      yield { window, entries, jobs };
    }
  }

  #windowOf(entry: LogEntry): Open | null {
    const { jobs, span } = this.#options;
    const [{ assigner, timestampMs }] = jobs as readonly [LogJob];
    const window = assigner.assign(timestampMs(entry))[0]!;
    if (window.start < span.fromMs || window.start >= this.#endMs) return null;
    const present = this.#open.get(window.start);
    if (present !== undefined) return present;
    const results = jobs.map((): Fired<unknown>[] => []);
    const operators = jobs.map((job, i) => new WindowOperator(job, { emit: (one) => results[i]!.push(one) }));
    const open = {
      ...{ window, operators, results, batches: new Map<string, number>() },
      ...{ entries: 0, cost: 0, lastSerial: 0, isRepeated: false },
    };
    this.#open.set(window.start, open);
    return open;
  }

  #begin(open: Open, batchId: string, serial: number): void {
    open.lastSerial = serial;
    open.isRepeated = open.batches.has(batchId);
    if (open.isRepeated) this.#duplicates++;
    else open.batches.set(batchId, 0);
  }

  #process(open: Open, batchId: string, entry: LogEntry): void {
    const { jobs, counts } = this.#options;
    if (counts(entry)) open.entries++;
    for (let i = 0; i < jobs.length; i++) {
      if (!jobs[i]!.accepts(entry)) continue;
      open.operators[i]!.process(entry);
      const took = open.batches.get(batchId)!;
      if ((took & (1 << i)) === 0) open.batches.set(batchId, took | (1 << i));
    }
  }

  #weigh(open: Open): void {
    const accumulators = open.operators.reduce((sum, { openWindows }) => sum + openWindows, 0);
    const cost = accumulators * ACCUMULATOR_COST + open.batches.size;
    this.#cost += cost - open.cost;
    open.cost = cost;
  }

  #shrink(): void {
    const starts = [...this.#open.keys()].sort((a, b) => a - b);
    while (starts.length > 1 && this.#cost > this.#options.budget * LEAVE) {
      const start = starts.pop()!;
      this.#cost -= this.#open.get(start)!.cost;
      this.#open.delete(start);
      this.#endMs = start;
    }
  }
}
