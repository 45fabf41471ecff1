/** Load experiments: a small one with real processes, kept and run again from its row; what is made of what was seen. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBalancer } from '../../../local/experiment/balancer.ts';
import { batches } from '../../../local/experiment/load.ts';
import { quantile } from '../../../local/experiment/observer.ts';
import { type Plan, readPlan, suiteOf } from '../../../local/experiment/plan.ts';
import { resultOf, type Seen } from '../../../local/experiment/result.ts';
import { runExperiment } from '../../../local/experiment/run.ts';
import { type ExperimentStore, openStore } from '../../../local/experiment/store.ts';
import { comparison, listing, summaryOf } from '../../../local/experiment/summary.ts';
import { usageOf } from '../../../local/experiment/usage.ts';

const PLAN: Plan = {
  ...{ name: 'small', producers: 2, consumers: 2, shards: 3, minutes: 0.08, rate: 1_000, seed: 1 },
  ...{ batchLines: 100, warmUpS: 2 },
  settings: { LOGWEIR_WINDOW_SIZE: '1s', LOGWEIR_OUT_OF_ORDERNESS: '500ms', LOGWEIR_TICK: '1s' },
};

describe('an experiment', () => {
  let folder: string;
  let store: ExperimentStore;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'experiment-'));
    store = await openStore(folder);
  });
  afterAll(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('loads real processes, counts every line, and is kept so that it can be run again', {
    timeout: 240_000,
  }, async () => {
    const progress: number[] = [];
    const result = await runExperiment({
      plan: PLAN,
      onProgress: ({ linesDone }) => progress.push(linesDone),
    });
    await store.keep(result);
    const found = await store.find('small');
    expect(found?.plan).toEqual(PLAN);
    const metrics = await store.metrics(found!.id);
    const of = (process: string, metric: string, share: number | null = null) =>
      metrics.find((one) => one.process === process && one.metric === metric && one.quantile === share);
    expect(of('all', 'delivery_success')?.mean).toBe(1);
    expect(of('all', 'published')?.mean).toBeGreaterThan(0);
    expect(of('all', 'end_to_end_latency', 0.99)?.mean).toBeGreaterThan(0);
    for (const process of ['producer-1', 'producer-2', 'parse-1', 'parse-2', 'close', 'bigquery', 'services'])
      expect([process, of(process, 'rss')?.mean ?? 0]).toEqual([process, expect.any(Number)]);
    expect(of('parse-1', 'consumed')?.mean).toBeGreaterThan(0);
    expect(of('parse-2', 'consumed')?.mean).toBeGreaterThan(0);
    expect(new Set(result.lag.map(({ shard }) => shard))).toEqual(new Set(['shard-0', 'shard-1', 'shard-2']));
    expect(progress.at(-1)).toBeGreaterThan(0);
    const lag = await store.lag(found!.id);
    const measured = { kept: found!, metrics, lag };
    expect(summaryOf(measured)).toContain('delivery success');
    expect(comparison(measured, measured)).toMatch(/throughput +[\d,]+ +[\d,]+ +× 1\.00/);
    expect(listing(await store.list())).toContain('small-');
  });
});

const START = Date.UTC(2026, 10, 21, 12);

/** Ten seconds in which one batch of 100 lines a tenth of a second was offered. */
function seen(changes: Partial<Seen> = {}): Seen {
  const batch = (i: number) => ({
    ...{
      consumer: `parse-${1 + (i % 2)}`,
      entries: 100,
      lagMs: i < 99 ? 20 : 900,
      atMs: START + 100 * (i + 1),
    },
  });
  return {
    ...{ id: 'e1', plan: { ...PLAN, minutes: 1 / 6 }, machine: {}, startMs: START, endMs: START + 10_000 },
    producers: [
      { name: 'producer-1', latencies: [{ ms: 3, count: 1 }], published: 5_000, failed: 0 },
      { name: 'producer-2', latencies: [{ ms: 5, count: 1 }], published: 5_000, failed: 0 },
    ],
    batches: Array.from({ length: 100 }, (_, i) => batch(i)),
    lag: [{ atMs: START + 9_500, shard: 'shard-0', waiting: 2, oldestMs: 30 }],
    usage: [{ atMs: START + 5_000, process: 'parse-1', cpuPercent: 40, rssMb: 120 }],
    ...{ published: 12_000, counted: 12_000, drainedMs: 100 },
    ...changes,
  };
}

describe('what was seen', () => {
  const figure = (name: string, changes: Partial<Seen> = {}, share: number | null = null) =>
    resultOf(seen(changes)).metrics.find(
      (one) => one.process === 'all' && one.metric === name && one.quantile === share,
    )?.value;

  it('is throughput and latencies by line, of the measured time alone', () => {
    const before = { consumer: 'parse-1', entries: 9_999, lagMs: 9_999, atMs: START - 1 };
    const changes = { batches: [before, ...seen().batches] };
    const steps = resultOf(seen(changes)).metrics.filter(({ metric }) => metric === 'throughput');
    expect(steps.map(({ value }) => value)).toEqual([980, 1_020]);
    expect(figure('end_to_end_latency', changes, 0.5)).toBe(20);
    expect(figure('end_to_end_latency', changes, 1)).toBe(900);
    expect(resultOf(seen(changes)).saturation).toEqual([]);
  });

  it('says what was lost', () => {
    expect(figure('delivery_success', { counted: 11_400 })).toBe(0.95);
  });

  it.each<[string, Partial<Seen>, RegExp]>([
    [
      'producers that fall behind',
      { producers: [{ ...seen().producers[0]! }] },
      /1 producers published 50 %/,
    ],
    [
      'consumers that fall behind',
      { batches: seen().batches.slice(0, 80) },
      /consumers did 80 % of the load/,
    ],
    [
      'messages that pile up',
      { lag: [{ atMs: START + 9_900, shard: 'shard-0', waiting: 50, oldestMs: 5_000 }] },
      /5 s of the load waited/,
    ],
  ])('is saturated by %s, and says so', (_, changes, why) => {
    const { experiment, saturation } = resultOf(seen(changes));
    expect(experiment.saturated).toBe(true);
    expect(saturation.join()).toMatch(why);
    expect(JSON.parse(experiment.settings)).toMatchObject({ saturation, batchLines: 100 });
  });

  it('has quantiles by how often a latency was seen', () => {
    const latencies = [
      { ms: 10, count: 90 },
      { ms: 500, count: 10 },
    ];
    expect([0.5, 0.9, 0.91, 1].map((share) => quantile(latencies, share))).toEqual([10, 10, 500, 500]);
    expect(quantile([], 0.5)).toBeNaN();
  });
});

describe('a plan', () => {
  it.each([{ producers: 0 }, { shards: 1.5 }, { rate: 0 }, { minutes: -1 }, { settings: { PATH: '/' } }])(
    'with %j is refused',
    (wrong) => {
      expect(() => readPlan({ ...PLAN, ...wrong })).toThrow(Object.keys(wrong)[0]);
    },
  );

  it('of a suite has the load of its name', () => {
    const { name, producers, consumers, shards, ...common } = { ...PLAN, rate: 100 };
    expect(
      suiteOf(common).map((one) => [one.name, one.producers, one.consumers, one.shards, one.rate]),
    ).toEqual([
      ['baseline', 1, 1, 1, 100],
      ['producer-scaling', 4, 1, 1, 200],
      ['consumer-scaling', 1, 4, 4, 200],
      ['balanced', 4, 4, 4, 200],
      ['many-shards', 4, 4, 32, 200],
      ['stress', 4, 4, 4, 800],
    ]);
  });

  it('makes the same lines again from its seed, but for their times', async () => {
    const lines = async (seed: number, index: number) =>
      (await batches(seed, index).next(50, START)).toString('base64');
    expect(await lines(1, 0)).toBe(await lines(1, 0));
    expect(await lines(1, 0)).not.toBe(await lines(1, 1));
    expect(await lines(1, 0)).not.toBe(await lines(2, 0));
  });
});

describe('the balancer', () => {
  it('gives a push to the instance with the least in hand, and answers 503 for one that is gone', async () => {
    const held: (() => void)[] = [];
    const hits = [0, 0];
    const slow = await serve((answer) => {
      hits[0]!++;
      held.push(answer);
    });
    const quick = await serve((answer) => {
      hits[1]!++;
      answer();
    });
    const balancer = await startBalancer([slow.port, quick.port]);
    const call = () => fetch(`http://127.0.0.1:${balancer.port}/`, { method: 'POST', body: 'x' });
    const first = [call(), call()];
    await Promise.any(first);
    for (let i = 0; i < 6; i++) expect((await call()).status).toBe(204);
    expect(hits).toEqual([1, 7]);
    for (const answer of held) answer();
    await Promise.all(first);
    slow.server.close();
    slow.server.closeAllConnections();
    const statuses = await Promise.all(Array.from({ length: 4 }, async () => (await call()).status));
    expect(new Set(statuses)).toEqual(new Set([204, 503]));
    await balancer.close();
    quick.server.close();
  });
});

async function serve(answer: (done: () => void) => void): Promise<{ server: Server; port: number }> {
  const server = createServer((request, response) => {
    request.resume();
    answer(() => response.writeHead(204).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

describe('the use of a process', () => {
  it('is what the system counts, and nothing of one that is gone', async () => {
    const mine = await usageOf(process.pid);
    expect(mine?.rssMb).toBeGreaterThan(20);
    expect(mine?.cpuMs).toBeGreaterThan(0);
    expect(await usageOf(2 ** 22 + 1)).toBeNull();
  });
});
