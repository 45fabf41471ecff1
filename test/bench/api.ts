/**
 * The API over 5 M log entries of a day on the laptop's warehouse: `npx tsx test/bench/api.ts [--rows 5000000]
 * [--data FOLDER]`. Pages with filters are asked for over HTTP, one after the other and four at once; then 50 live tails
 * listen while 1,000 lines a second come. Printed: median, p99 and slowest, and how far behind the tails are. With a
 * folder the rows stay for the next run.
 */

import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { managedwriter } from '@google-cloud/bigquery-storage';
import { getRequestListener } from '@hono/node-server';
import { EMPTY_BOARD } from '../../functions/alert/incident.ts';
import { createApp } from '../../functions/api/app.ts';
import { createGate } from '../../functions/api/auth/gate.ts';
import { signToken } from '../../functions/api/auth/token.ts';
import type { ApiContext } from '../../functions/api/context.ts';
import { EventReader } from '../../functions/api/page/sse.ts';
import { openAsk } from '../../functions/api/question.ts';
import { rateLimit } from '../../functions/api/rate-limit.ts';
import { logRoutes } from '../../functions/api/routes/logs.ts';
import type { TailEntries } from '../../functions/api/schema/tail.ts';
import { Feed } from '../../functions/api/tail/feed.ts';
import type { LogEntry } from '../../functions/parse/log-entry.ts';
import { rowDescriptor } from '../../functions/warehouse/descriptor.ts';
import { logEntries } from '../../functions/warehouse/tables.ts';
import { encode } from '../../functions/warehouse/warehouse.ts';
import { applySql } from '../../sql/apply.ts';
import { clientOf, DATASET, rowsOf } from '../local/bigquery/client.ts';
import { tablePath, writerClientOf } from '../local/bigquery/managed-writer.ts';
import { startWarehouseProcess, type WarehouseProcess } from '../local/bigquery/warehouse-process.ts';
import { entriesOf, renew } from './warehouse-rows.ts';

process.env.METADATA_SERVER_DETECTION ??= 'none';

const RUNS = 25;
const BATCH = 2_000;
const POOL = 100;
const DAY_US = 86_400_000_000;
const TAILS = 50;
const TAIL_MS = 10_000;
const GOAL_MS = 200;
const KEY = 'a key of the bench, long enough for HS256';
const option = (name: string): string | undefined => {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
};
const total = Number(option('--rows') ?? 5_000_000);
const folder = option('--data');

const at = (values: readonly number[], part: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ??
  Number.NaN;
const ms = (value: number): string => `${value.toFixed(0).padStart(6)} ms`;
const line = (name: string, ...figures: readonly string[]): void =>
  console.log(`${name.padEnd(48)} ${figures.join('   ')}`);

console.log(
  `${new Date().toISOString().slice(0, 10)} · ${cpus()[0]?.model.trim()} × ${cpus().length} · Node ${process.version}`,
);
const dataDir = folder ?? (await mkdtemp(join(tmpdir(), 'logweir-api-bench-')));
await mkdir(dataDir, { recursive: true });
const service = await startWarehouseProcess({ dataDir });
try {
  const client = clientOf(service);
  await applySql({ bigquery: client, dataset: DATASET });
  const [counted] = await rowsOf(client, COUNT());
  if (Number(counted?.n) < total) await fill(service);
  const [last] = await rowsOf(client, COUNT());
  const api = await serve(service);
  // The day of the rows may be that of an earlier run.
  const toMs = Math.floor(Number(last?.newest) / 1000);
  await pages(api, toMs);
  await tails(api);
  await api.close();
} finally {
  await service.end('SIGTERM');
  if (folder === undefined) await rm(dataDir, { recursive: true, force: true });
}

function COUNT(): string {
  return "SELECT COUNT(*) AS n, UNIX_MICROS(MAX(timestamp)) AS newest FROM log_entries WHERE timestamp > TIMESTAMP '2020-01-01'";
}

async function fill(to: WarehouseProcess): Promise<void> {
  const writers = writerClientOf(to);
  const endUs = Date.now() * 1_000;
  const pool = Array.from({ length: POOL }, (_, i) =>
    [
      ...encode(
        logEntries,
        entriesOf({ first: i * BATCH, end: (i + 1) * BATCH }, { total: POOL * BATCH, endUs }),
      ),
    ].flatMap(({ rows }) => rows),
  );
  const connection = await writers.createStreamConnection({
    streamId: managedwriter.DefaultStream,
    destinationTable: tablePath(logEntries.name),
  });
  const writer = new managedwriter.Writer({
    connection,
    protoDescriptor: rowDescriptor(logEntries as never) as never,
  });
  const batches = Math.ceil(total / BATCH);
  for (let batch = 0; batch < batches; batch++) {
    const serializedRows = pool[batch % POOL] as Buffer[];
    renew(serializedRows, batch, endUs - DAY_US + Math.floor((batch / batches) * DAY_US));
    await writer.appendRows({ serializedRows }).getResult();
  }
  writer.close();
  writers.close();
}

interface Served {
  readonly url: string;
  readonly token: string;
  arrive(entries: readonly LogEntry[]): void;
  close(): Promise<void>;
}

async function serve(warehouse: WarehouseProcess): Promise<Served> {
  let arrive: Served['arrive'] = () => undefined;
  const feed = new Feed({
    source: async (onEntries) => {
      arrive = onEntries;
      return { close: async () => undefined };
    },
    ...{ clock: Date.now, maxListeners: 100, report: console.error },
  });
  const beats = setInterval(() => feed.beat(), 200);
  const context = {
    ask: openAsk({ bigquery: clientOf(warehouse), dataset: DATASET, maxScanBytes: 2 ** 40, clock: Date.now }),
    settings: {
      tenantLabel: 'tenant',
      tierAfterMs: 30 * 86_400_000,
      windowSizeMs: 10_000,
      zone: 'UTC',
      sql: false,
    },
    feed,
    board: async () => EMPTY_BOARD,
  } as unknown as ApiContext;
  const app = createApp({
    ...{
      routes: logRoutes(context),
      openRoutes: [],
      origins: [],
      clock: Date.now,
      limit: rateLimit(100_000),
    },
    gate: createGate({
      ...{
        apiKey: KEY,
        audiences: { google: null, iap: null },
        members: {},
        tenantServices: {},
        clock: Date.now,
      },
      googleKeys: () => {
        throw new Error('not asked');
      },
    }),
  });
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const server = createServer((request, response) => void listener(request, response)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const claims = {
    name: 'bench',
    role: 'viewer',
    tenant: null,
    expiresAtMs: Date.now() + 3_600_000,
  } as const;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`,
    token: await signToken(claims, KEY, Date.now()),
    arrive: (entries) => arrive(entries),
    async close() {
      clearInterval(beats);
      await feed.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The audit lines are not what is measured; they would be most of what is printed. */
async function quietly<T>(work: () => Promise<T>): Promise<T> {
  const write = process.stdout.write;
  process.stdout.write = () => true;
  try {
    return await work();
  } finally {
    process.stdout.write = write;
  }
}

async function pages({ url, token }: Served, toMs: number): Promise<void> {
  const span = (hours: number): string => `from=${toMs - hours * 3_600_000}&to=${toMs + 1000}`;
  const asked: readonly (readonly [name: string, query: (run: number) => string])[] = [
    ['newest of a day', () => `/logs?${span(24)}`],
    ['one service, a day', (run) => `/logs?${span(24)}&service=service-${String(run % 20).padStart(2, '0')}`],
    [
      'errors of one service, a day',
      (run) => `/logs?${span(24)}&min_severity=ERROR&service=service-${String(run % 20).padStart(2, '0')}`,
    ],
    ['status 5xx and anomalous, an hour', () => `/logs?${span(1)}&status=5xx&anomaly=true`],
    ['one pattern, a day', () => `/logs?${span(24)}&pattern=b7c1f0a219`],
    ['a frequent word, a day', () => `/logs?${span(24)}&q=deadlock`],
    ['a rare word, an hour', (run) => `/logs?${span(1)}&q=${4_711_000 + run}`],
    ['a rare word, a day', (run) => `/logs?${span(24)}&q=${4_711_000 + run}`],
    ['one trace, a day', (run) => `/logs?${span(24)}&trace=${run}`],
    ['slowest requests, a day', () => `/logs?${span(24)}&sort=-latency_ms`],
    ['statistics of an hour', (run) => `/logs/stats?${span(1)}&buckets=${60 + (run % 3)}`],
    [
      'statistics of a day',
      (run) =>
        `/logs/stats?${span(24)}&buckets=${60 + (run % 3)}&min_severity=${run % 2 ? 'WARNING' : 'ERROR'}`,
    ],
  ];
  const headers = { authorization: `Bearer ${token}` };
  for (const [name, query] of asked) {
    const times: number[] = [];
    await quietly(async () => {
      for (let run = 0; run < RUNS; run++) {
        const startMs = performance.now();
        const response = await fetch(`${url}${query(run)}`, { headers });
        const text = await response.text();
        if (response.status !== 200) throw new Error(text);
        if (run > 0) times.push(performance.now() - startMs);
      }
    });
    line(name, `median${ms(at(times, 0.5))}`, `p99${ms(at(times, 0.99))} (goal ${GOAL_MS})`);
  }
}

async function tails({ url, token, arrive }: Served): Promise<void> {
  const behind: number[] = [];
  let heard = 0;
  const stop = new AbortController();
  await quietly(async () => {
    const listening = Array.from({ length: TAILS }, async () => {
      const response = await fetch(`${url}/logs/tail`, {
        headers: { authorization: `Bearer ${token}` },
        signal: stop.signal,
      });
      const events = new EventReader();
      try {
        for await (const part of response.body as unknown as AsyncIterable<Uint8Array>)
          for (const event of events.push(part)) {
            if (event.event !== 'entries') continue;
            const { entries } = JSON.parse(event.data) as TailEntries;
            behind.push(Date.now() - Date.parse(entries.at(-1)!.received_at));
            heard++;
          }
      } catch {
        // It was stopped.
      }
    });
    const template = entriesOf({ first: 0, end: 100 }, { total: 1000, endUs: Date.now() * 1000 });
    const source = setInterval(() => {
      const us = Date.now() * 1000;
      arrive(template.map((entry) => ({ ...entry, received_at: us, timestamp: us })));
    }, 100);
    await new Promise((resolve) => setTimeout(resolve, TAIL_MS));
    clearInterval(source);
    stop.abort();
    await Promise.all(listening);
  });
  line(
    `${TAILS} live tails, 1,000 lines/s`,
    `behind: median${ms(at(behind, 0.5))}, p99${ms(at(behind, 0.99))} (goal 1000)`,
    `${heard} events`,
  );
}
