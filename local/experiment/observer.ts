/**
 * What is seen of an experiment while it runs: how far each shard is behind, processor and memory of each process, what
 * producers and consumers say. Samples are as many as the minutes are long; nothing else grows.
 */
import type { PubsubService } from '../pubsub/service.ts';
import type { BatchDone } from './consumers.ts';
import { type Usage, usageOf } from './usage.ts';

export interface LagSample {
  readonly atMs: number;
  readonly shard: string;
  readonly waiting: number;
  readonly oldestMs: number;
}

export interface UsageSample {
  readonly atMs: number;
  readonly process: string;
  /** Of one core. */
  readonly cpuPercent: number;
  readonly rssMb: number;
}

/** Latencies with how often each was seen, in ms. */
export type Latencies = readonly { readonly ms: number; readonly count: number }[];

export interface ObserverOptions {
  readonly pubsub: PubsubService;
  readonly projectId: string;
  /** Short names of the shards' subscriptions. */
  readonly subscriptions: readonly string[];
  /** Process ids by name; a process that was started again has another. */
  readonly pids: () => Readonly<Record<string, number | undefined>>;
  readonly everyMs: number;
}

export class Observer {
  readonly lag: LagSample[] = [];
  readonly usage: UsageSample[] = [];
  readonly batches: BatchDone[] = [];
  readonly #options: ObserverOptions;
  readonly #last = new Map<string, { readonly atMs: number; readonly usage: Usage }>();
  #timer: NodeJS.Timeout | null = null;

  constructor(options: ObserverOptions) {
    this.#options = options;
  }

  start(): void {
    void this.#sample();
    this.#timer = setInterval(() => void this.#sample(), this.#options.everyMs);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /** Messages that no consumer has done with, in all shards. */
  waiting(): number {
    return this.#shards().reduce((sum, { waiting }) => sum + waiting, 0);
  }

  #shards(): LagSample[] {
    const { pubsub, projectId, subscriptions } = this.#options;
    const stats = pubsub.stats().subscriptions;
    const atMs = Date.now();
    return subscriptions.map((shard) => {
      const { unacked = 0, oldestUnackedMs = 0 } =
        stats[`projects/${projectId}/subscriptions/${shard}`] ?? {};
      return { atMs, shard, waiting: unacked, oldestMs: Math.round(oldestUnackedMs) };
    });
  }

  async #sample(): Promise<void> {
    this.lag.push(...this.#shards());
    await Promise.all(
      Object.entries(this.#options.pids()).map(async ([name, pid]) => {
        const usage = pid === undefined ? null : await usageOf(pid);
        const atMs = Date.now();
        const before = this.#last.get(name);
        if (usage === null) return;
        this.#last.set(name, { atMs, usage });
        // A process that was started again counts from nothing.
        if (before === undefined || usage.cpuMs < before.usage.cpuMs) return;
        const cpuPercent = (100 * (usage.cpuMs - before.usage.cpuMs)) / Math.max(1, atMs - before.atMs);
        this.usage.push({ atMs, process: name, cpuPercent, rssMb: usage.rssMb });
      }),
    );
  }
}

/** The value below which a share of them lies; NaN of none. */
export function quantile(latencies: Latencies, share: number): number {
  const sorted = [...latencies].sort((a, b) => a.ms - b.ms);
  const all = sorted.reduce((sum, { count }) => sum + count, 0);
  let seen = 0;
  for (const { ms, count } of sorted) {
    seen += count;
    if (seen >= share * all) return ms;
  }
  return Number.NaN;
}
