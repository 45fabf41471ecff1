/**
 * What the functions say of themselves, line by line, added up for the screen: entries, windows, lag over the last
 * ten seconds. Reads only the log lines of functions/log.ts; anything else is passed over.
 */
import { z } from 'zod';

const SPAN_MS = 10_000;

const parsed = z.object({
  stage: z.literal('parse'),
  entries: z.number(),
  deadLetters: z.number(),
  lateEntries: z.number(),
  duplicates: z.number(),
  lag_ms: z.number(),
});
const fired = z.object({
  stage: z.literal('close'),
  fired: z.number(),
  revised: z.number(),
});
const failed = z.object({ severity: z.literal('ERROR'), stage: z.string() });

/** Totals since the start, and of the last ten seconds. */
export interface Figures {
  readonly entries: number;
  readonly batches: number;
  readonly deadLetters: number;
  readonly lateEntries: number;
  /** Windows of batches that had been counted before. */
  readonly duplicates: number;
  readonly windowsFired: number;
  /** Of these, with data that came after the first firing. */
  readonly revisions: number;
  readonly failures: number;
  /** Over the last ten seconds; lag from publish to acknowledged rows and partials. */
  readonly entriesPerSecond: number;
  readonly lagP50Ms: number | null;
  readonly lagP99Ms: number | null;
}

export class Telemetry {
  readonly #now: () => number;
  readonly #startedMs: number;
  #recent: { readonly atMs: number; readonly entries: number; readonly lagMs: number }[] = [];
  readonly #totals = {
    entries: 0,
    batches: 0,
    deadLetters: 0,
    lateEntries: 0,
    duplicates: 0,
    windowsFired: 0,
    revisions: 0,
    failures: 0,
  };

  constructor(now: () => number = Date.now) {
    this.#now = now;
    this.#startedMs = now();
  }

  /** One line of a function's output. */
  hear(line: string): void {
    const json = readJson(line);
    const batch = parsed.safeParse(json);
    if (batch.success) this.#add(batch.data);
    const firing = fired.safeParse(json);
    if (firing.success) {
      this.#totals.windowsFired += firing.data.fired;
      this.#totals.revisions += firing.data.revised;
    }
    if (failed.safeParse(json).success) this.#totals.failures++;
  }

  figures(): Figures {
    const nowMs = this.#now();
    this.#recent = this.#recent.filter(({ atMs }) => atMs > nowMs - SPAN_MS);
    const spanMs = Math.max(1000, Math.min(SPAN_MS, nowMs - this.#startedMs));
    const lags = this.#recent.map(({ lagMs }) => lagMs).sort((a, b) => a - b);
    const at = (q: number): number | null => lags[Math.floor(q * (lags.length - 1))] ?? null;
    const entries = this.#recent.reduce((sum, one) => sum + one.entries, 0);
    return {
      ...this.#totals,
      entriesPerSecond: (entries * 1000) / spanMs,
      lagP50Ms: at(0.5),
      lagP99Ms: at(0.99),
    };
  }

  #add(batch: z.infer<typeof parsed>): void {
    const totals = this.#totals;
    totals.batches++;
    totals.entries += batch.entries;
    totals.deadLetters += batch.deadLetters;
    totals.lateEntries += batch.lateEntries;
    totals.duplicates += batch.duplicates;
    this.#recent.push({ atMs: this.#now(), entries: batch.entries, lagMs: batch.lag_ms });
  }
}

function readJson(line: string): unknown {
  if (!line.startsWith('{')) return null;
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
