/**
 * Real processes, killed: publishes batches at load, some of them twice, to the laptop cloud, ends `parse` and `close`
 * by SIGKILL at random, waits until all is quiet, and holds what stands in the warehouse against what must.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type Laptop, startLaptop } from '../e2e/laptop.ts';
import { random } from '../random.ts';
import { ATTRIBUTES, type Expected, expectedOf, LINES, newBatch, SETTINGS, WINDOWS_SQL } from './load.ts';

export interface KillOptions {
  readonly seconds: number;
  readonly seed: number;
  readonly batchesPerSecond: number;
  /** Told what goes on. */
  readonly onProgress?: (text: string) => void;
}

export interface KillReport {
  readonly kills: { readonly parse: number; readonly close: number };
  readonly batches: number;
  readonly lines: number;
  /** Messages: batches, and those published again. */
  readonly messages: number;
  /** Deliveries beyond the first of each message. */
  readonly redeliveries: number;
  /** Rows that were appended more than once, which insert_id undoes. */
  readonly duplicateRows: number;
  /** Partials that a batch found made already. */
  readonly duplicatePartials: number;
  readonly windows: number;
  /** Windows written more than once: late batches, and batches that came again after a kill. */
  readonly revised: number;
  readonly secondsToQuiet: number;
  /** What differs; empty: everything is right. */
  readonly wrong: readonly string[];
}

/** A batch is published again this often. */
const AGAIN = 0.2;

export async function runKills(options: KillOptions): Promise<KillReport> {
  const duplicates = { partials: 0 };
  const laptop = await startLaptop({
    settings: SETTINGS,
    onLine: (_name, line) => {
      duplicates.partials += Number(/"duplicates":(\d+)/.exec(line)?.[1] ?? 0);
    },
  });
  try {
    const next = random(options.seed);
    const endMs = Date.now() + 1000 * options.seconds;
    const [published, kills] = await Promise.all([
      publish(laptop, options, endMs, next),
      kill(laptop, options, endMs, random(options.seed + 1)),
    ]);
    const quietFrom = Date.now();
    await laptop.quiet();
    const secondsToQuiet = (Date.now() - quietFrom) / 1000;
    options.onProgress?.(`quiet after ${secondsToQuiet.toFixed(1)} s`);
    const expected = await expectedOf(published.batches);
    const { delivered } = laptop.cloud.services.pubsub.stats().subscriptions[subscription(laptop)]!;
    return {
      kills,
      batches: published.batches.length,
      lines: published.batches.length * LINES,
      messages: published.messages,
      redeliveries: delivered - published.messages,
      duplicatePartials: duplicates.partials,
      secondsToQuiet,
      ...(await compare(laptop, expected)),
    };
  } finally {
    await laptop.close();
  }
}

const subscription = ({ cloud }: Laptop): string =>
  `projects/${cloud.endpoints.projectId}/subscriptions/parse`;

async function publish(laptop: Laptop, options: KillOptions, endMs: number, next: () => number) {
  const batches: Buffer[] = [];
  const pending: Promise<string>[] = [];
  const send = (data: Buffer): void => void pending.push(laptop.publish(data, ATTRIBUTES));
  while (Date.now() < endMs) {
    const data = newBatch(Date.now(), next);
    batches.push(data);
    send(data);
    // As a shipper whose answer was lost: the same bytes as a new message, at once or seconds later.
    if (next() < AGAIN) send(next() < 0.5 ? data : batches[Math.floor(next() * batches.length)]!);
    await delay(1000 / options.batchesPerSecond);
  }
  await Promise.all(pending);
  return { batches, messages: pending.length };
}

async function kill(laptop: Laptop, options: KillOptions, endMs: number, next: () => number) {
  const { parse, close } = laptop.cloud.processes;
  const kills = { parse: 0, close: 0 };
  while (Date.now() < endMs) {
    await delay(500 + 2000 * next());
    const name = kills.parse <= kills.close ? 'parse' : 'close';
    const process = name === 'parse' ? parse : close;
    await process.kill();
    kills[name]++;
    options.onProgress?.(`killed ${name}`);
    await process.ready();
  }
  return kills;
}

/** What differs from what must stand in the warehouse, and what came more than once. */
export async function compare(laptop: Laptop, { insertIds, windows }: Expected) {
  const wrong: string[] = [];
  const since = "timestamp > TIMESTAMP '1970-01-01'";
  const rows = await laptop.query(
    `SELECT insert_id, COUNT(*) AS n FROM log_entries WHERE ${since} GROUP BY insert_id`,
  );
  const ids = new Set(rows.map((row) => String(row.insert_id)));
  for (const id of insertIds) if (!ids.has(id)) wrong.push(`log row ${id} is missing`);
  for (const id of ids) if (!insertIds.has(id)) wrong.push(`log row ${id} was never published`);

  const found = new Map<string, string>();
  for (const sql of Object.values(WINDOWS_SQL))
    for (const { id, ...statistics } of await laptop.query(sql))
      found.set(String(id), JSON.stringify(statistics));
  for (const [id, value] of windows)
    if (found.get(id) !== value)
      wrong.push(`window ${id} is ${found.get(id) ?? 'missing'}, must be ${value}`);
  for (const id of found.keys()) if (!windows.has(id)) wrong.push(`window ${id} must not be`);

  for (const table of ['late_entries', 'dead_letters']) {
    const [row] = await laptop.query(`SELECT COUNT(*) AS n FROM ${table}`);
    if (Number(row?.n) > 0) wrong.push(`${row?.n} rows in ${table}`);
  }
  const [revised] = await laptop.query('SELECT COUNTIF(revision > 1) AS n FROM windows');
  return {
    duplicateRows: rows.reduce((sum, row) => sum + Number(row.n) - 1, 0),
    windows: found.size,
    revised: Number(revised?.n),
    wrong,
  };
}
