/**
 * Speed of the parser on one core: text of a record → LogEntry with fields, redaction, pattern, anomaly and joining, over
 * lines that never repeat, beside a bare JSON.parse over the same lines:
 *
 *     npx tsx test/bench/parse.ts [--runs 9] [--only json]
 *
 * Rates are lines per second of processor time, all threads counted, so that a busy machine does not hide what a core
 * does; the best of the runs. `read` is the same without pattern, `bare` without pattern and redaction.
 */
import { createParser } from '../../functions/parse/parse-record.ts';

const option = (name: string): string | undefined => {
  const at = process.argv.indexOf(name);
  return at === -1 ? undefined : process.argv[at + 1];
};
const RUNS = Number(option('--runs') ?? 9);
const ONLY = option('--only');
const LINES = 20_000;
const BATCH = 1000;

const two = (value: number): string => String(value % 60).padStart(2, '0');
const hex = (value: number, width: number): string =>
  ((value * 2_654_435_761) % 4_294_967_296).toString(16).padStart(width, '0');

const WRITERS: Readonly<Record<string, (i: number) => string>> = {
  json: (i) =>
    JSON.stringify({
      time: new Date(1_795_168_800_000 + i * 137).toISOString(),
      service: ['checkout', 'api-gateway', 'search'][i % 3],
      level: ['INFO', 'WARN', 'ERROR'][i % 3],
      message: `order ${1000 + i} completed for user u${i % 977} with ${i % 13} items in cart ${hex(i, 4)}`,
      http_status: 200 + (i % 5),
      latency_ms: (i % 3000) / 3,
      trace_id: hex(i, 16),
      region: 'us-central1',
      version: `1.4.${i % 10}`,
      cached: i % 2 === 0,
    }),
  'json, one in ten with a secret': (i) =>
    JSON.stringify({
      time: new Date(1_795_168_800_000 + i * 137).toISOString(),
      service: 'auth',
      level: 'INFO',
      message:
        i % 10 === 0
          ? `mail to user${i}@example.com sent`
          : `session ${hex(i, 8)} opened for user u${i % 977}`,
      trace_id: hex(i, 16),
      region: 'us-central1',
      host: `auth-${i % 7}`,
      shard: i % 64,
    }),
  kubernetes: (i) =>
    JSON.stringify({
      log: `2026-11-20 10:00:${two(i)},${100 + (i % 900)} INFO [worker-${i % 8}] com.example.Orders - order ${i} stored\n`,
      stream: 'stdout',
      kubernetes: {
        container_name: 'orders',
        namespace_name: 'shop',
        pod_name: `orders-${i % 5}`,
        labels: { app: 'orders' },
      },
      time: new Date(1_795_168_800_000 + i * 137).toISOString(),
    }),
  syslog: (i) =>
    `Nov 20 06:55:${two(i)} web1 sshd[${20_000 + i}]: Failed password for invalid user webmaster from 173.234.31.${i % 250} port ${1024 + (i % 60_000)} ssh2`,
  syslog5424: (i) =>
    `<165>1 2026-11-20T10:00:${two(i)}.003Z host-${i % 9} orders ${i % 999} ID47 [meta@1 seq="${i}"] order ${i} placed by customer ${i % 977}`,
  access: (i) =>
    `203.0.113.${i % 250} - - [20/Nov/2026:10:00:${two(i)} +0000] "GET /api/v1/items/${i}?page=${i % 7} HTTP/1.1" ${i % 20 ? 200 : 500} ${i % 9999} "https://shop.example.com/start" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36"`,
  log4j: (i) =>
    `2026-11-20 10:00:${two(i)},${100 + (i % 900)} INFO [worker-${i % 8}] com.example.shop.Orders: order ${i} of customer ${i % 977} stored in ${i % 300} ms`,
  logfmt: (i) =>
    `level=info ts=2026-11-20T10:00:${two(i)}.${100 + (i % 900)}Z caller=main.go:12 msg="request ${i} done" status=200 duration=${i % 999}ms path=/api/v1/items/${i}`,
  text: (i) => `order ${i} of customer ${i % 977} stored in shard ${i % 64} after ${i % 300} ms`,
};

const SETTINGS = { maxDepth: 100, slowMs: 3000, maxFutureMs: 86_400_000 };
const PARSERS = {
  full: createParser(SETTINGS),
  read: createParser({ ...SETTINGS, patternId: () => 'x' }),
  bare: createParser({ ...SETTINGS, patternId: () => 'x', redactRules: ['off'] }),
};

/** Processor seconds of a piece of work, all threads. */
function cpuSeconds(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

let kept = 0;

function parse(parser: (typeof PARSERS)['full'], batches: readonly (readonly string[])[]): void {
  for (const texts of batches) {
    const results = parser.parseAll(texts, (index) => ({
      batchId: 'bench',
      index,
      receivedAtUs: 1_795_255_200_000_000,
      attributes: {},
      latin1: false,
    }));
    kept += results.length;
  }
}

/** Lines as a message gives them: slices of one text. */
function batchesOf(write: (i: number) => string): string[][] {
  return Array.from({ length: LINES / BATCH }, (_, b) =>
    Array.from({ length: BATCH }, (_, i) => write(b * BATCH + i))
      .join('\n')
      .split('\n'),
  );
}

for (const [name, write] of Object.entries(WRITERS)) {
  if (ONLY !== undefined && name !== ONLY) continue;
  const batches = batchesOf(write);
  const best: Record<string, number> = {};
  const measure = (what: string, work: () => void): void => {
    best[what] = Math.min(best[what] ?? Number.POSITIVE_INFINITY, cpuSeconds(work));
  };
  for (let run = 0; run < RUNS; run++) {
    for (const [what, parser] of Object.entries(PARSERS)) measure(what, () => parse(parser, batches));
    if (name.startsWith('json'))
      measure('JSON.parse', () => {
        for (const texts of batches)
          for (const text of texts) kept += Object.keys(JSON.parse(text) as object).length > 0 ? 1 : 0;
      });
  }
  const chars = Math.round(batches.flat().reduce((sum, text) => sum + text.length, 0) / LINES);
  const rates = Object.entries(best).map(
    ([what, seconds]) => `${what} ${Math.round(LINES / seconds).toLocaleString('en')}`,
  );
  const json = best['JSON.parse'];
  const share = json === undefined ? '' : `, ${((100 * json) / best.full!).toFixed(0)} % of JSON.parse`;
  console.log(`${name} (${chars} characters): lines/s ${rates.join(', ')}${share}`);
}
if (kept === 0) throw new Error('nothing was parsed');
