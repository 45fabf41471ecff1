/**
 * A soak of the laptop cloud: lines at a steady rate for an hour, while `parse` and `close` are ended by SIGKILL and the
 * warehouse is ended and started again. In the end every line must be one row and be counted once in a window; memory and
 * latency of the last quarter must be those of before. Memory is judged from 20 minutes on: until then heaps only grow to
 * what they need. Ends with 1 when something is wrong.
 *
 *     npx tsx test/bench/soak.ts [--minutes 60] [--rate 10000] [--seed 1]
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { SETTINGS } from '../../functions/config.ts';
import type { BatchDone } from '../../local/experiment/consumers.ts';
import { Observer, quantile } from '../../local/experiment/observer.ts';
import { startProducer } from '../../local/experiment/producer.ts';
import { type Laptop, startLaptop, until } from '../e2e/laptop.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    rate: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
  },
});
const [minutes, rate, seed] = [Number(values.minutes), Number(values.rate), Number(values.seed)];
if (!(minutes > 0 && rate > 0 && Number.isSafeInteger(seed)))
  throw new RangeError('--minutes and --rate must be positive numbers, --seed a whole number');
const MINUTE_MS = 60_000;
const BATCH_LINES = 500;
/** When what is ended, as a share of the time: all before the last quarter. */
const ENDINGS = [
  { at: 0.3, name: 'parse' },
  { at: 0.45, name: 'bigquery' },
  { at: 0.6, name: 'close' },
] as const;
/** More than this is not flat. */
const JUDGED_MINUTES = 20;
const FLAT = { memory: 1.15, memoryMb: 25, latency: 1.5, latencyMs: 50 };

const defaults = [SETTINGS.windowSizeMs, SETTINGS.outOfOrdernessMs, SETTINGS.tickMs, SETTINGS.timerMarginMs];
const hour = (ms: number): string => `${(ms / MINUTE_MS).toFixed(1).padStart(5)} min`;
const whole = (value: number): string => Math.round(value).toLocaleString('en-US');
const wrong: string[] = [];

const laptop = await startLaptop({
  settings: Object.fromEntries(defaults.map(({ env, default: value }) => [env, value ?? ''])),
  onLine: (name, line) => {
    if (name !== 'parse' || !line.includes('"batch done"')) return;
    const { entries, lag_ms: lagMs } = JSON.parse(line) as { entries: number; lag_ms: number };
    observer.batches.push({ consumer: name, entries, lagMs, atMs: Date.now() });
  },
});
const { endpoints, services, processes, dataDir } = laptop.cloud;
const { projectId, pubsub, topic } = endpoints;
const observer = new Observer({
  pubsub: services.pubsub,
  projectId,
  subscriptions: ['parse'],
  everyMs: 2_000,
  pids: () => ({
    ...Object.fromEntries(
      (['parse', 'close', 'bigquery'] as const).map((name) => [name, processes[name].pid]),
    ),
    services: process.pid,
  }),
});

const startMs = Date.now() + 3_000;
const endMs = startMs + minutes * MINUTE_MS;
let published = 0;
const producer = await startProducer(
  dataDir,
  { projectId, pubsub, topic, index: 0, seed, shards: 1, batchLines: BATCH_LINES, rate, startMs, endMs },
  (report) => {
    published = report.published;
    if (report.failed > 0) wrong.push(`Pub/Sub refused ${report.failed} lines`);
  },
);
console.log(`${minutes} min at ${whole(rate)} lines/s, seed ${seed}`);
observer.start();
try {
  await Promise.all([producer.done, endSome(laptop), tell()]);
  await laptop.quiet();
  observer.stop();
  await compare(laptop);
  judgeFlatness();
} finally {
  observer.stop();
  await producer.process.stop();
  await laptop.close();
}
for (const line of wrong) console.error(`WRONG: ${line}`);
console.log(wrong.length === 0 ? 'exact and flat' : `${wrong.length} things are wrong`);
process.exitCode = wrong.length === 0 ? 0 : 1;

async function endSome({ cloud }: Laptop): Promise<void> {
  for (const { at, name } of ENDINGS) {
    await delay(Math.max(0, startMs + at * (endMs - startMs) - Date.now()));
    console.log(`${hour(Date.now() - startMs)}  SIGKILL: ${name}`);
    const killedMs = Date.now();
    await cloud.processes[name].kill();
    await cloud.processes[name].ready();
    console.log(`${hour(Date.now() - startMs)}  ${name} is back after ${Date.now() - killedMs} ms`);
  }
}

/** A line a minute. */
async function tell(): Promise<void> {
  for (let from = startMs; from < endMs; from += MINUTE_MS) {
    const to = Math.min(endMs, from + MINUTE_MS);
    await delay(Math.max(0, to - Date.now()));
    const latencies = latenciesOf(from, to);
    const memory = ['parse', 'close', 'bigquery', 'services'].map(
      (name) => `${name} ${whole(memoryOf(name, from, to))}`,
    );
    console.log(
      `${hour(to - startMs)}  done ${whole(linesOf(from, to) / ((to - from) / 1000))} lines/s  publish to row p50 ${whole(quantile(latencies, 0.5))}, p99 ${whole(quantile(latencies, 0.99))} ms  waiting ${observer.waiting()}  MB: ${memory.join(', ')}`,
    );
  }
}

function within(from: number, to: number): readonly BatchDone[] {
  return observer.batches.filter(({ atMs }) => atMs > from && atMs <= to);
}

function linesOf(from: number, to: number): number {
  return within(from, to).reduce((sum, { entries }) => sum + entries, 0);
}

function latenciesOf(from: number, to: number) {
  return within(from, to).map(({ lagMs, entries }) => ({ ms: lagMs, count: entries }));
}

function memoryOf(name: string, from: number, to: number): number {
  const seen = observer.usage.filter(({ process: of, atMs }) => of === name && atMs > from && atMs <= to);
  return seen.reduce((sum, { rssMb }) => sum + rssMb, 0) / Math.max(1, seen.length);
}

/** Every line is one row, and counted once in a window; minute by minute, as an hour of ids is more than memory holds. */
async function compare({ query }: Laptop): Promise<void> {
  const counted = async (): Promise<number> =>
    Number((await query("SELECT SUM(entries) AS n FROM windows WHERE job = 'service_health'"))[0]?.n ?? 0);
  const giveUpMs = Date.now() + 5 * MINUTE_MS;
  await until(async () => Date.now() > giveUpMs || (await counted()) >= published);
  let rows = 0;
  for (let from = startMs - MINUTE_MS; from < endMs + MINUTE_MS; from += MINUTE_MS) {
    const [row] = await query(
      `SELECT COUNT(*) AS n FROM logs WHERE timestamp >= TIMESTAMP_MILLIS(${Math.round(from)}) AND timestamp < TIMESTAMP_MILLIS(${Math.round(from + MINUTE_MS)})`,
    );
    rows += Number(row?.n ?? 0);
  }
  const [stored] = await query(
    "SELECT COUNT(*) AS n FROM log_entries WHERE timestamp > TIMESTAMP '2020-01-01'",
  );
  const inWindows = await counted();
  console.log(
    `published ${whole(published)} lines; rows ${whole(rows)}, counted in windows ${whole(inWindows)}; rows stored again after a kill ${whole(Number(stored?.n) - rows)}`,
  );
  if (rows !== published) wrong.push(`${published} lines were published, ${rows} are rows`);
  if (inWindows !== published) wrong.push(`${published} lines were published, ${inWindows} are in windows`);
}

/** The last quarter against the time before the first was ended; memory, against when two of three had begun anew. */
function judgeFlatness(): void {
  const part = (from: number, to: number) =>
    [startMs + from * (endMs - startMs), startMs + to * (endMs - startMs)] as const;
  const [before, amid, after] = [part(0.15, ENDINGS[0].at), part(0.5, ENDINGS[2].at), part(0.75, 1)];
  for (const share of [0.5, 0.99]) {
    const [first, last] = [before, after].map((of) => quantile(latenciesOf(of[0], of[1]), share));
    const name = `publish to row p${100 * share}`;
    console.log(`${name}: ${whole(first!)} ms before, ${whole(last!)} ms in the last quarter`);
    if (last! > FLAT.latency * first! + FLAT.latencyMs) wrong.push(`${name} is not flat`);
  }
  for (const name of ['parse', 'close', 'bigquery', 'services']) {
    const [first, last] = [amid, after].map((of) => memoryOf(name, of[0], of[1]));
    const grows = last! > FLAT.memory * first! + FLAT.memoryMb;
    console.log(`memory of ${name}: ${whole(first!)} MB before, ${whole(last!)} MB in the last quarter`);
    // What stands for Google's services keeps a week of partials and the last days of messages, in memory.
    if (grows && minutes >= JUDGED_MINUTES && (name === 'parse' || name === 'close'))
      wrong.push(`memory of ${name} is not flat`);
  }
}
