/**
 * The laptop cloud under load: batches are published at a rate for a while, as Fluentd would, and followed to rows and
 * windows. `npx tsx test/bench/end-to-end.ts [--rate 15000] [--seconds 60]`
 * Publish-to-row is the time from Pub/Sub's taking a message to its rows and partials being acknowledged, as the
 * parse function says of every batch; a row is queryable when it is acknowledged.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { deflateSync } from 'node:zlib';
import { startLaptop } from '../e2e/laptop.ts';

const option = (name: string, fallback: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const RATE = option('rate', 15_000);
const SECONDS = option('seconds', 60);
const BATCH_LINES = 750;

const SERVICES = ['auth', 'payment', 'inventory', 'user', 'api-gateway'];

let sequence = 0;

function line(nowMs: number): string {
  const i = sequence++;
  const service = SERVICES[i % 5]!;
  return `${JSON.stringify({
    timestamp: new Date(nowMs).toISOString(),
    level: i % 20 < 14 ? 'info' : i % 20 < 17 ? 'warn' : 'error',
    service,
    message: `request ${100_000 + ((i * 7919) % 899_999)} of zone ${i % 3} handled`,
    http_status: i % 20 < 17 ? 200 : 503,
    latency_ms: 5 + ((i * 31) % 900) / 3,
    request_id: `req-${(i * 2_654_435_761) % 4_294_967_296}`,
    trace_id: ((i * 40_503) % 65_536).toString(16).padStart(32, '0'),
    user_id: `u${(i * 13) % 500}`,
    host: `${service}-7f9c-${i % 4}`,
  })}\n`;
}

const batch = (nowMs: number): Buffer =>
  deflateSync(Buffer.from(Array.from({ length: BATCH_LINES }, () => line(nowMs)).join('\x1e')));

interface Done {
  readonly entries: number;
  readonly lag: number;
  readonly atMs: number;
}

const done: Done[] = [];
let fired = 0;
const laptop = await startLaptop({
  settings: {
    LOGWEIR_WINDOW_SIZE: '10s',
    LOGWEIR_OUT_OF_ORDERNESS: '5s',
    LOGWEIR_TICK: '10s',
    LOGWEIR_TIMER_MARGIN: '2s',
  },
  onLine: (name, text) => {
    if (!text.startsWith('{')) return;
    const json = JSON.parse(text);
    if (name === 'parse' && json.message === 'batch done')
      done.push({ entries: json.entries, lag: json.lag_ms, atMs: Date.now() });
    if (name === 'close') fired += json.fired ?? 0;
  },
});

const rssMb = async (pid: number | undefined): Promise<number> => {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Number(stdout) / 1024;
};

const peak = { parse: 0, close: 0, bigquery: 0 };
const startedMs = Date.now();
const published: Promise<unknown>[] = [];
while (Date.now() - startedMs < SECONDS * 1000) {
  const due = ((Date.now() - startedMs) / 1000) * RATE;
  while (sequence < due) published.push(laptop.publish(batch(Date.now()), { compression_algorithm: 'zlib' }));
  await new Promise((resolve) => setTimeout(resolve, 10));
  if (published.length % 100 < 2) {
    for (const name of ['parse', 'close', 'bigquery'] as const) {
      peak[name] = Math.max(peak[name], await rssMb(laptop.cloud.processes[name].pid));
    }
  }
}
await Promise.all(published);
const publishedMs = Date.now() - startedMs;
await laptop.quiet();
const [{ n: rows } = {}] = await laptop.query(
  "SELECT COUNT(*) AS n FROM logs WHERE timestamp > TIMESTAMP '2020-01-01'",
);
const [{ n: counted } = {}] = await laptop.query('SELECT SUM(entries) AS n FROM windows');
const within = done
  .filter(({ atMs }) => atMs <= startedMs + publishedMs)
  .reduce((sum, one) => sum + one.entries, 0);
// The first seconds open connections and compile code.
const lags = done
  .filter(({ atMs }) => atMs > startedMs + 5000)
  .map(({ lag }) => lag)
  .sort((a, b) => a - b);
const at = (q: number): number => lags[Math.floor(q * (lags.length - 1))] ?? 0;
const whole = (value: number): string => Math.round(value).toLocaleString('en-US');
console.log(
  `published      ${whole(sequence)} lines in ${(publishedMs / 1000).toFixed(1)} s: ${whole((sequence * 1000) / publishedMs)} lines/s`,
);
console.log(`done meanwhile ${whole(within)} lines: ${whole((within * 1000) / publishedMs)} lines/s`);
console.log(`publish to row p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`);
console.log(
  `rows ${whole(Number(rows))}, counted in windows ${whole(Number(counted))}, windows fired ${whole(fired)}`,
);
console.log(
  `peak RSS: ${Object.entries(peak)
    .map(([name, mb]) => `${name} ${whole(mb)} MB`)
    .join(', ')}`,
);
if (Number(rows) !== sequence || Number(counted) !== sequence) {
  console.error('lines were lost or doubled');
  process.exitCode = 1;
}
await laptop.close();
