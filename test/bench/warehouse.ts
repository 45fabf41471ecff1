/**
 * The local BigQuery over 5 M log entries of a day: `npx tsx test/bench/warehouse.ts [--rows 5000000] [--query WORD]`.
 * The service is a process of its own. Rows come through Google's managed writer, encoded ahead by the functions' own
 * code (how many a second is the first figure); queries go through Google's client, the answer's last row included. Printed:
 * medians and slowest of seven runs after one to warm up, the translation of each query alone, memory.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BigQuery } from '@google-cloud/bigquery';
import { managedwriter } from '@google-cloud/bigquery-storage';
import { rowDescriptor } from '../../functions/warehouse/descriptor.ts';
import { logEntries } from '../../functions/warehouse/tables.ts';
import { encode } from '../../functions/warehouse/warehouse.ts';
import { translate } from '../../local/bigquery/sql/index.ts';
import { applySql } from '../../sql/apply.ts';
import { clientOf, DATASET, rowsOf } from '../local/bigquery/client.ts';
import { tablePath, writerClientOf } from '../local/bigquery/managed-writer.ts';
import { TestWarehouse } from '../local/bigquery/sql/duckdb.ts';
import { startWarehouseProcess, type WarehouseProcess } from '../local/bigquery/warehouse-process.ts';
import { entriesOf, renew, WINDOWS } from './warehouse-rows.ts';

process.env.METADATA_SERVER_DETECTION ??= 'none';

const RUNS = 7;
const BATCH = 2_000;
const CONNECTIONS = 4;
/** So many batches are encoded ahead, and sent again and again under other identities and times. */
const POOL = 100;
const DAY_US = 86_400_000_000;
const option = (name: string): string | undefined => {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
};
const total = Number(option('--rows') ?? 5_000_000);
const wanted = option('--query') ?? '';

const saved = new URL('../../sql/', import.meta.url);
const sqlOf = (path: string): string => readFileSync(new URL(path, saved), 'utf8');

const HOUR = 'timestamp >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 HOUR)';
const DAY = 'timestamp >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 DAY)';
interface Asked {
  readonly name: string;
  /** What the issue allows, in ms. */
  readonly goalMs?: number;
  readonly sql: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

const rate = (table: string): string => `
  SELECT service, TIMESTAMP_SECONDS(DIV(UNIX_SECONDS(timestamp), 10) * 10) AS bucket,
    COUNTIF(severity_number >= 500) / COUNT(*) AS error_rate
  FROM ${table} WHERE ${HOUR} GROUP BY service, bucket ORDER BY bucket, service`;

const QUERIES: readonly Asked[] = [
  { name: 'error rate, service × 10 s, last hour', goalMs: 150, sql: rate('log_entries') },
  { name: 'the same, each entry once (view logs)', goalMs: 150, sql: rate('logs') },
  {
    name: 'the same from windows (error_rate_10s.sql)',
    goalMs: 150,
    sql: sqlOf('queries/error_rate_10s.sql'),
  },
  {
    name: 'full text over a day: SEARCH',
    goalMs: 1_000,
    sql: `SELECT timestamp, service, message FROM log_entries WHERE ${DAY} AND SEARCH(message, 'deadlock lock')
      ORDER BY timestamp DESC LIMIT 200`,
  },
  {
    name: 'full text over a day: SEARCH, a rare word',
    goalMs: 1_000,
    sql: `SELECT timestamp, service, message FROM log_entries WHERE ${DAY} AND SEARCH(message, 'orders 4711')`,
  },
  {
    name: 'full text over a day: SEARCH, message and labels',
    goalMs: 1_000,
    sql: `SELECT COUNT(*) FROM log_entries WHERE ${DAY} AND SEARCH((message, labels), 'deadlock')`,
  },
  {
    name: 'a word over a day, each once (search.sql)',
    goalMs: 1_000,
    sql: sqlOf('queries/search.sql'),
    params: {
      since: new Date(Date.now() - 86_400_000),
      until: new Date(Date.now() + 3_600_000),
      words: 'heap',
    },
  },
  { name: 'view service_health', goalMs: 300, sql: 'SELECT * FROM service_health ORDER BY service' },
  {
    name: 'entries and errors per service, a day',
    sql: `SELECT service, COUNT(*) AS n, COUNTIF(severity_number >= 500) AS errors FROM log_entries WHERE ${DAY}
      GROUP BY service`,
  },
  {
    name: 'latency quantiles per service, a day',
    sql: `SELECT service, APPROX_QUANTILES(latency_ms, 100)[OFFSET(99)] AS p99 FROM log_entries WHERE ${DAY}
      GROUP BY service`,
  },
  {
    name: 'entries by a label, a day',
    sql: `SELECT JSON_VALUE(labels, '$.version') AS version, COUNT(*) AS n FROM log_entries WHERE ${DAY}
      GROUP BY version`,
  },
  { name: 'one trace of a day', sql: `SELECT * FROM logs WHERE ${DAY} AND trace_id = 'none'` },
];

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const ms = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0).padStart(6)} ms`;
const line = (name: string, ...figures: readonly string[]): void => {
  console.log(`${name.padEnd(50)} ${figures.join('   ')}`);
};

console.log(
  `${new Date().toISOString().slice(0, 10)} · ${cpus()[0]?.model.trim()} × ${cpus().length} · Node ${process.version}`,
);
const dataDir = await mkdtemp(join(tmpdir(), 'logweir-warehouse-'));
const service = await startWarehouseProcess({ dataDir });
try {
  const client = clientOf(service);
  await applySql({ bigquery: client, dataset: DATASET });
  await append(service);
  await rowsOf(client, WINDOWS);
  for (const asked of QUERIES) if (asked.name.includes(wanted)) await measure(client, asked);
  line('memory of the service, highest', `${memoryMb(service)} MB`);
} finally {
  await service.end('SIGTERM');
  await rm(dataDir, { recursive: true, force: true });
}
await measureTranslation();

/** Fills the table; prints rows acknowledged per second. */
async function append(to: WarehouseProcess): Promise<void> {
  const writers = writerClientOf(to);
  const endUs = Date.now() * 1_000;
  const pool = Array.from({ length: POOL }, (_, i) => {
    const range = { first: i * BATCH, end: (i + 1) * BATCH };
    return [...encode(logEntries, entriesOf(range, { total: POOL * BATCH, endUs }))].flatMap(
      ({ rows }) => rows,
    );
  });
  const latencies: number[] = [];
  const batches = Math.ceil(total / BATCH);
  let next = 0;
  const send = async (): Promise<void> => {
    const connection = await writers.createStreamConnection({
      streamId: managedwriter.DefaultStream,
      destinationTable: tablePath(logEntries.name),
    });
    const protoDescriptor = rowDescriptor(logEntries as never) as never;
    const writer = new managedwriter.Writer({ connection, protoDescriptor });
    for (let batch = next++; batch < batches; batch = next++) {
      const serializedRows = pool[batch % POOL] as Buffer[];
      renew(serializedRows, batch, endUs - DAY_US + Math.floor((batch / batches) * DAY_US));
      const sentAtMs = performance.now();
      const answer = await writer.appendRows({ serializedRows }).getResult();
      if (answer?.error || answer?.rowErrors?.length) throw new Error(JSON.stringify(answer));
      latencies.push(performance.now() - sentAtMs);
    }
    writer.close();
  };
  const startMs = performance.now();
  await Promise.all(Array.from({ length: CONNECTIONS }, send));
  const tookS = (performance.now() - startMs) / 1_000;
  writers.close();
  latencies.sort((a, b) => a - b);
  const at = (part: number): number => latencies[Math.floor(latencies.length * part)] ?? Number.NaN;
  line(
    'Storage Write API, rows/s sustained (goal 60000)',
    String(Math.round((batches * BATCH) / tookS)),
    `append of ${BATCH}: median${ms(at(0.5))}, p99${ms(at(0.99))}, slowest${ms(latencies.at(-1) ?? 0)}`,
  );
}

async function measure(client: BigQuery, { name, goalMs, sql, params }: Asked): Promise<void> {
  const times: number[] = [];
  let found = 0;
  for (let run = 0; run <= RUNS; run++) {
    const startMs = performance.now();
    const options = { query: sql, defaultDataset: { datasetId: DATASET }, ...(params ? { params } : {}) };
    found = (await client.query(options))[0].length;
    if (run > 0) times.push(performance.now() - startMs);
  }
  const goal = goalMs === undefined ? '' : ` (goal ${goalMs})`;
  line(name, `median${ms(median(times))}${goal}`, `slowest${ms(Math.max(...times))}`, `${found} rows`);
}

/** GoogleSQL to DuckDB's, nothing run: the saved queries and the views they read. */
async function measureTranslation(): Promise<void> {
  const warehouse = await TestWarehouse.open();
  let waiting = ['schema', 'materialized', 'views', 'functions'].flatMap((folder) => files(folder));
  for (let before = -1; waiting.length !== before; ) {
    before = waiting.length;
    const still: string[] = [];
    for (const file of waiting) await warehouse.run(sqlOf(file)).catch(() => still.push(file));
    waiting = still;
  }
  const context = warehouse.context();
  const times: number[] = [];
  for (const file of files('queries')) {
    const sql = sqlOf(file).replace(/@\w+/g, 'NULL');
    const own: number[] = [];
    for (let run = 0; run < 30; run++) {
      const startMs = performance.now();
      try {
        translate(sql, context);
      } catch {
        // A parameter for which NULL does not do.
        break;
      }
      own.push(performance.now() - startMs);
    }
    if (own.length > 0) times.push(median(own));
  }
  warehouse.close();
  line(
    `translation of ${times.length} saved queries (goal 5 ms each)`,
    `median${ms(median(times))}`,
    `slowest${ms(Math.max(...times))}`,
  );
}

function files(folder: string): string[] {
  return readdirSync(new URL(`${folder}/`, saved))
    .filter((name) => name.endsWith('.sql'))
    .map((name) => `${folder}/${name}`);
}

/** The process's highest resident memory; NaN where the system does not tell. */
function memoryMb({ pid }: WarehouseProcess): number {
  try {
    const kib = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Math.round(Number(kib) / 1024);
  } catch {
    return Number.NaN;
  }
}
