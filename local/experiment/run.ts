/**
 * One experiment: a laptop cloud of its own in a new folder, so that each begins alike and none touches the user's data;
 * consumers and producers as processes; warm-up, measured time, and then until all that was published is counted.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { BigQuery } from '@google-cloud/bigquery';
import { type Cloud, startCloud } from '../start/cloud.ts';
import { freePorts } from '../start/ports.ts';
import type { SupervisedProcess } from '../start/process.ts';
import { shardName, startConsumers } from './consumers.ts';
import { Observer } from './observer.ts';
import type { Plan } from './plan.ts';
import { type Producer, type ProducerReport, startProducer } from './producer.ts';
import { type ProducerSeen, type Result, resultOf } from './result.ts';

const SAMPLE_MS = 1_000;
/** Producers start up before their first batch is due. */
const START_UP_MS = 4_000;
/** For so long it waits for what is behind; what is not counted then counts as lost. */
const DRAIN_MS = 300_000;

export interface RunOptions {
  readonly plan: Plan;
  /** Told what goes on. */
  readonly onStep?: (step: string) => void;
  /** Told every second while it is measured. */
  readonly onProgress?: (progress: Progress) => void;
}

export interface Progress {
  readonly elapsedMs: number;
  readonly ofMs: number;
  readonly linesDone: number;
  readonly waiting: number;
}

/** Runs it. Rejects when a part does not start. */
export async function runExperiment(options: RunOptions): Promise<Result> {
  const { plan, onStep } = options;
  const dataDir = await mkdtemp(join(tmpdir(), 'logweir-experiment-'));
  const undo: (() => Promise<unknown>)[] = [() => rm(dataDir, { recursive: true, force: true })];
  try {
    onStep?.('starting a laptop cloud');
    const cloud = await startCloud({ ports: await freePorts(), dataDir, settings: plan.settings });
    undo.push(() => cloud.close());
    return await measure(cloud, options, undo);
  } finally {
    for (const stop of undo.reverse()) await stop();
  }
}

async function measure(
  cloud: Cloud,
  { plan, onStep, onProgress }: RunOptions,
  undo: (() => Promise<unknown>)[],
): Promise<Result> {
  const { services, processes, endpoints } = cloud;
  const consumers = await startConsumers(cloud, plan, (batch) => observer.batches.push(batch));
  undo.push(() => consumers.close());
  const producers: SeenProducer[] = [];
  const observer = new Observer({
    pubsub: services.pubsub,
    projectId: endpoints.projectId,
    subscriptions: Array.from({ length: plan.shards }, (_, shard) => shardName(shard)),
    everyMs: SAMPLE_MS,
    pids: () => ({
      ...Object.fromEntries([...consumers.processes, ...producers.map((one) => one.process)].map(pidOf)),
      ...Object.fromEntries([processes.close, processes.bigquery].map(pidOf)),
      // Pub/Sub, Storage, Firestore, Cloud Tasks, and what observes.
      services: process.pid,
    }),
  });
  const firstMs = Date.now() + START_UP_MS;
  const startMs = firstMs + 1000 * plan.warmUpS;
  const endMs = Math.round(startMs + 60_000 * plan.minutes);
  onStep?.(`${plan.producers} producers, ${plan.consumers} consumers, ${plan.shards} shards`);
  producers.push(
    ...(await Promise.all(
      Array.from({ length: plan.producers }, (_, index) =>
        watchedProducer(cloud, { plan, index, firstMs, startMs, endMs }),
      ),
    )),
  );
  for (const one of producers) undo.push(() => one.process.stop());
  if (Date.now() > firstMs) onStep?.('producers started late; their first batches are counted as late');
  observer.start();
  await whileMeasured({ startMs, endMs }, observer, onProgress);
  onStep?.('waiting for what is behind');
  await Promise.all(producers.map((one) => one.done));
  const counted = await drained(cloud, observer, producers);
  observer.stop();
  return resultOf({
    ...{ id: idOf(plan.name, startMs), plan, machine: machine(), startMs, endMs },
    producers: producers.map((one) => one.seen),
    ...{ batches: observer.batches, lag: observer.lag, usage: observer.usage },
    ...counted,
  });
}

const pidOf = ({ name, pid }: SupervisedProcess): readonly [string, number | undefined] => [name, pid];

async function whileMeasured(
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
  observer: Observer,
  onProgress: RunOptions['onProgress'],
): Promise<void> {
  while (Date.now() < endMs) {
    await delay(Math.min(1_000, Math.max(1, endMs - Date.now())));
    const done = observer.batches.filter(({ atMs }) => atMs > startMs);
    onProgress?.({
      elapsedMs: Math.max(0, Date.now() - startMs),
      ofMs: endMs - startMs,
      linesDone: done.reduce((sum, { entries }) => sum + entries, 0),
      waiting: observer.waiting(),
    });
  }
}

interface SeenProducer extends Producer {
  readonly seen: ProducerSeen;
  /** Lines since its start. */
  readonly total: { published: number };
}

interface ProducerTask {
  readonly plan: Plan;
  readonly index: number;
  readonly firstMs: number;
  readonly startMs: number;
  readonly endMs: number;
}

async function watchedProducer(cloud: Cloud, task: ProducerTask): Promise<SeenProducer> {
  const { plan, index, firstMs, startMs, endMs } = task;
  const name = `producer-${index + 1}`;
  const seen = { name, latencies: [] as { ms: number; count: number }[], published: 0, failed: 0 };
  const total = { published: 0 };
  const hear = ({ published, failed, latencies }: ProducerReport): void => {
    const isMeasured = Date.now() > startMs && Date.now() <= endMs + SAMPLE_MS;
    if (isMeasured) {
      seen.published += published - total.published;
      seen.latencies.push(...latencies.map((ms) => ({ ms, count: 1 })));
    }
    total.published = published;
    seen.failed = failed;
  };
  const { projectId, pubsub, topic } = cloud.endpoints;
  const options = {
    ...{ projectId, pubsub, topic, index, seed: plan.seed, shards: plan.shards },
    ...{ batchLines: plan.batchLines, rate: plan.rate / plan.producers, startMs: firstMs, endMs },
  };
  return { ...(await startProducer(cloud.dataDir, options, hear)), seen, total };
}

/** Until every line is counted in a window, or for as long as it is waited for. */
async function drained(cloud: Cloud, observer: Observer, producers: readonly SeenProducer[]) {
  const { bigquery, projectId, dataset: datasetId } = cloud.endpoints;
  const client = new BigQuery({ projectId, apiEndpoint: bigquery });
  const published = producers.reduce((sum, { total }) => sum + total.published, 0);
  const sinceMs = Date.now();
  let drainedMs: number | null = null;
  let counted = 0;
  while (Date.now() - sinceMs < DRAIN_MS) {
    if (observer.waiting() === 0) {
      drainedMs ??= Date.now() - sinceMs;
      const [rows] = await client.query({
        query: "SELECT SUM(entries) AS n FROM windows WHERE job = 'service_health'",
        defaultDataset: { datasetId },
      });
      counted = Number((rows as { n: number | null }[])[0]?.n ?? 0);
      if (counted >= published) break;
    }
    await delay(500);
  }
  return { published, counted, drainedMs: drainedMs ?? Date.now() - sinceMs };
}

const idOf = (name: string, startMs: number): string =>
  `${name}-${new Date(startMs).toISOString().slice(0, 19).replace(/[-:]/g, '')}-${randomBytes(2).toString('hex')}`;

function machine(): Readonly<Record<string, string | number>> {
  const [cpu] = cpus();
  return {
    ...{ cpu: cpu?.model.trim() ?? 'unknown', cores: cpus().length, node: process.version },
    ...{ memoryGb: Math.round(totalmem() / 2 ** 30), platform: process.platform },
  };
}
