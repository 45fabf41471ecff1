import type { Timers } from '../local/timers.ts';

/** Timers moved by hand: `advance(ms)` runs what falls due, in order of due time, awaiting what it starts. */
export class ManualTimers implements Timers {
  #nowMs: number;
  #nextId = 0;
  readonly #pending = new Map<number, { dueMs: number; fn: () => void }>();

  constructor(nowMs = Date.UTC(2026, 10, 20, 10)) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, fn: () => void): () => void {
    const id = this.#nextId++;
    this.#pending.set(id, { dueMs: this.#nowMs + Math.max(0, delayMs), fn });
    return () => this.#pending.delete(id);
  }

  /** How many timers wait. */
  get size(): number {
    return this.#pending.size;
  }

  /** Moves time on by `ms`, running each due timer at its own time. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      await settle();
      const due = [...this.#pending].filter(([, timer]) => timer.dueMs <= untilMs).sort(byDue)[0];
      if (due === undefined) break;
      this.#pending.delete(due[0]);
      this.#nowMs = Math.max(this.#nowMs, due[1].dueMs);
      due[1].fn();
    }
    this.#nowMs = untilMs;
  }
}

const byDue = (a: [number, { dueMs: number }], b: [number, { dueMs: number }]): number =>
  a[1].dueMs - b[1].dueMs || a[0] - b[0];

/** Lets promises and I/O callbacks that are ready run. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
