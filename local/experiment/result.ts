/** What an experiment found, from what was seen of it, as rows of its three tables. Pure. */

import type { BatchDone } from './consumers.ts';
import { type LagSample, type Latencies, quantile, type UsageSample } from './observer.ts';
import type { Plan } from './plan.ts';
import type { ExperimentRow, LagRow, MetricRow } from './tables.ts';

export interface ProducerSeen {
  readonly name: string;
  /** Latencies of the measured time. */
  readonly latencies: Latencies;
  /** Lines that Pub/Sub took within the measured time, and lines that it refused. */
  readonly published: number;
  readonly failed: number;
}

export interface Seen {
  readonly id: string;
  readonly plan: Plan;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly startMs: number;
  readonly endMs: number;
  readonly producers: readonly ProducerSeen[];
  readonly batches: readonly BatchDone[];
  readonly lag: readonly LagSample[];
  readonly usage: readonly UsageSample[];
  /** Lines that Pub/Sub took, warm-up and all; and lines that windows count in the end. */
  readonly published: number;
  readonly counted: number;
  /** How long it took to work off what waited when the producers stopped. */
  readonly drainedMs: number;
}

export interface Result {
  readonly experiment: ExperimentRow;
  readonly metrics: readonly MetricRow[];
  readonly lag: readonly LagRow[];
  /** Why it is saturated; empty: it is not. */
  readonly saturation: readonly string[];
}

/** Below this share of the offered load it does not keep up. */
const KEEPS_UP = 0.95;
/** More than this much of the load waits at the end, in seconds. */
const BEHIND_S = 3;
const QUANTILES = [0.5, 0.95, 0.99, 1] as const;
/** Throughput is a row for so much time. */
const STEP_MS = 5_000;

export function resultOf(seen: Seen): Result {
  const { id, plan, startMs, endMs, machine } = seen;
  const within = seen.batches.filter(({ atMs }) => atMs > startMs && atMs <= endMs);
  const seconds = (endMs - startMs) / 1000;
  const done = within.reduce((sum, { entries }) => sum + entries, 0) / seconds;
  const offered = seen.producers.reduce((sum, { published }) => sum + published, 0) / seconds;
  const waiting = seen.lag.filter(({ atMs }) => atMs > endMs - 3_000 && atMs <= endMs);
  const saturation = saturationOf(seen, { done, offered, waiting });
  const metric = (process: string, name: string, unit: MetricRow['unit'], value: number): MetricRow => ({
    ...{ experimentId: id, measuredAtMs: endMs, process, metric: name, quantile: null, value, unit },
  });
  const quantiles = (process: string, name: string, latencies: Latencies): MetricRow[] =>
    latencies.length === 0
      ? []
      : QUANTILES.map((share) => ({
          ...metric(process, name, 'ms', quantile(latencies, share)),
          quantile: share,
        }));
  const lags = (of: readonly BatchDone[]): Latencies =>
    of.map(({ lagMs, entries }) => ({ ms: lagMs, count: entries }));
  const consumers = [...new Set(within.map(({ consumer }) => consumer))].sort();
  const metrics = [
    ...throughputOf(id, within, startMs, endMs),
    metric('all', 'offered', 'lines/s', plan.rate),
    metric('all', 'published', 'lines/s', offered),
    metric('all', 'delivery_success', 'ratio', seen.published === 0 ? 0 : seen.counted / seen.published),
    metric(
      'all',
      'refused',
      'lines',
      seen.producers.reduce((sum, { failed }) => sum + failed, 0),
    ),
    metric('all', 'drain', 'ms', seen.drainedMs),
    ...quantiles(
      'all',
      'publish_latency',
      seen.producers.flatMap(({ latencies }) => latencies),
    ),
    ...quantiles('all', 'end_to_end_latency', lags(within)),
    ...seen.producers.flatMap(({ name, latencies }) => quantiles(name, 'publish_latency', latencies)),
    ...consumers.flatMap((name) => {
      const of = within.filter(({ consumer }) => consumer === name);
      const lines = of.reduce((sum, { entries }) => sum + entries, 0);
      return [
        metric(name, 'consumed', 'lines/s', lines / seconds),
        ...quantiles(name, 'consumer_latency', lags(of)),
      ];
    }),
    ...seen.usage
      .filter(({ atMs }) => atMs > startMs && atMs <= endMs)
      .flatMap(({ atMs, process, cpuPercent, rssMb }) => [
        { ...metric(process, 'cpu', 'percent', cpuPercent), measuredAtMs: atMs },
        { ...metric(process, 'rss', 'MB', rssMb), measuredAtMs: atMs },
      ]),
  ];
  const { name, producers, consumers: consumerCount, shards, rate, seed, ...settings } = plan;
  return {
    experiment: {
      ...{
        experimentId: id,
        name,
        startedAtMs: startMs,
        endedAtMs: endMs,
        producers,
        consumers: consumerCount,
      },
      ...{ shards, rate, seed, saturated: saturation.length > 0 },
      machine: JSON.stringify(machine),
      settings: JSON.stringify({ ...settings, saturation }),
    },
    metrics: metrics.filter(({ value }) => Number.isFinite(value)),
    lag: seen.lag
      .filter(({ atMs }) => atMs > startMs && atMs <= endMs)
      .map(({ atMs, shard, waiting: messages, oldestMs }) => ({
        ...{ experimentId: id, measuredAtMs: atMs, shard, waitingMessages: messages, oldestMs },
      })),
    saturation,
  };
}

function throughputOf(
  experimentId: string,
  batches: readonly BatchDone[],
  startMs: number,
  endMs: number,
): MetricRow[] {
  const steps = Math.max(1, Math.round((endMs - startMs) / STEP_MS));
  const stepMs = (endMs - startMs) / steps;
  const lines = new Array<number>(steps).fill(0);
  for (const { atMs, entries } of batches) {
    const step = Math.min(steps - 1, Math.floor((atMs - startMs) / stepMs));
    lines[step] = (lines[step] ?? 0) + entries;
  }
  return lines.map((value, i) => ({
    ...{ experimentId, measuredAtMs: Math.round(startMs + (i + 1) * stepMs), process: 'all', quantile: null },
    ...{ metric: 'throughput', value: (1000 * value) / stepMs, unit: 'lines/s' },
  }));
}

interface Load {
  readonly done: number;
  readonly offered: number;
  readonly waiting: readonly LagSample[];
}

function saturationOf({ plan, producers }: Seen, { done, offered, waiting }: Load): string[] {
  const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
  const last = new Map(waiting.map((sample) => [sample.shard, sample.waiting]));
  const behindS = ([...last.values()].reduce((sum, one) => sum + one, 0) * plan.batchLines) / plan.rate;
  const why: string[] = [];
  if (offered < KEEPS_UP * plan.rate)
    why.push(`${producers.length} producers published ${percent(offered / plan.rate)} of the load`);
  if (done < KEEPS_UP * plan.rate) why.push(`consumers did ${percent(done / plan.rate)} of the load`);
  if (behindS > BEHIND_S) why.push(`${behindS.toFixed(0)} s of the load waited at the end`);
  return why;
}
