/** Batches of log lines of ten services as shippers publish them, and what windows they must become. */
import { deflateSync } from 'node:zlib';
import { loadConfig } from '../../functions/config.ts';
import { pipelines } from '../../functions/job.ts';
import type { LogEntry } from '../../functions/parse/log-entry.ts';
import { createParser } from '../../functions/parse/parse-record.ts';
import { parseBatch } from '../../functions/parse-batch.ts';
import type { ServiceStats } from '../../functions/service-stats.ts';
import { WindowOperator } from '../../functions/stream/operator.ts';
import { END_OF_TIME } from '../../functions/stream/window.ts';
import { logEntries } from '../../functions/warehouse/tables.ts';
import { MemoryWarehouse } from '../functions/memory-warehouse.ts';
import { MemoryStore } from '../functions/window/memory-store.ts';

export const LINES = 50;
export const SETTINGS = {
  LOGWEIR_JOBS: 'service_health,error_counts',
  LOGWEIR_WINDOW_SIZE: '2s',
  LOGWEIR_OUT_OF_ORDERNESS: '1s',
  LOGWEIR_TICK: '1s',
  LOGWEIR_TIMER_MARGIN: '200ms',
};
export const ATTRIBUTES = { compression_algorithm: 'zlib' };

/** A compressed batch of lines that lie up to five seconds back. */
export function newBatch(nowMs: number, next: () => number): Buffer {
  const lines = Array.from({ length: LINES }, () => {
    const failed = next() < 0.1;
    return JSON.stringify({
      timestamp: new Date(nowMs - Math.floor(5000 * next() ** 3)).toISOString(),
      level: failed ? (next() < 0.2 ? 'critical' : 'error') : next() < 0.2 ? 'warn' : 'info',
      service: `service-${Math.floor(next() * 10)}`,
      message: `order ${Math.floor(next() * 1e6)} ${failed ? 'failed' : 'done'}`,
      http_status: failed ? 503 : 200,
      latency_ms: Math.round(1e6 * next() ** 4) / 1000,
      user_id: `user-${Math.floor(next() * 5000)}`,
    });
  });
  return deflateSync(Buffer.from(lines.map((text) => `${text}\n`).join('\x1e')));
}

/** What must stand in the warehouse. */
export interface Expected {
  readonly insertIds: ReadonlySet<string>;
  /** `job service start` → statistics, as text. */
  readonly windows: ReadonlyMap<string, string>;
}

/** What the operator in memory makes of batches, each taken once. */
export async function expectedOf(batches: readonly Buffer[]): Promise<Expected> {
  const config = loadConfig({ LOGWEIR_PROJECT: 'p', LOGWEIR_CLOSE_URL: 'http://127.0.0.1/', ...SETTINGS });
  const windows = new Map<string, string>();
  const operators = pipelines(config).map(
    ({ job }) =>
      new WindowOperator(job, {
        emit: ({ key, window, value }) =>
          windows.set(`${job.name} ${key} ${window.start}`, statistics(value)),
      }),
  );
  const parser = createParser(config);
  const insertIds = new Set<string>();
  for (const data of batches) {
    for (const entry of await entriesOf(data, parser, config)) {
      insertIds.add(entry.insert_id);
      for (const operator of operators) operator.process(entry);
    }
  }
  for (const operator of operators) operator.advanceTo(END_OF_TIME);
  return { insertIds, windows };
}

async function entriesOf(
  data: Buffer,
  parser: Parameters<typeof parseBatch>[1],
  config: Parameters<typeof parseBatch>[4],
): Promise<readonly LogEntry[]> {
  const warehouse = new MemoryWarehouse();
  const timers = { asked: () => true, ask: async () => {} };
  const effects = { warehouse, store: new MemoryStore(), timers, clock: Date.now };
  const message = { data, attributes: ATTRIBUTES, messageId: '1', publishTimeUs: Date.now() * 1000 };
  await parseBatch(message, parser, [], effects, config);
  return warehouse.rows(logEntries);
}

const statistics = (value: unknown): string =>
  JSON.stringify(isServiceStats(value) ? healthOf(value) : value);

const isServiceStats = (value: unknown): value is ServiceStats => 'latency' in (value as object);

const healthOf = ({ entries, errors, anomalies, http, latency, distinctUsers }: ServiceStats) => ({
  ...{ entries, errors, anomalies, http_5xx: http[4], distinct_users: distinctUsers },
  ...{ latency_count: latency.count, mean: latency.mean, variance: latency.variance, p99: latency.p99 },
});

/** The same of the warehouse, in GoogleSQL: columns `id` and `statistics`, by job. */
export const WINDOWS_SQL = {
  service_health: `
    SELECT CONCAT(job, ' ', service, ' ', CAST(UNIX_MILLIS(window_start) AS STRING)) AS id,
      entries, errors, anomalies, http_5xx, distinct_users, latency_count,
      latency_mean_ms AS mean, latency_variance_ms2 AS variance, latency_p99_ms AS p99
    FROM windows WHERE job = 'service_health'`,
  error_counts: `
    SELECT CONCAT(job, ' ', service, ' ', CAST(UNIX_MILLIS(window_start) AS STRING)) AS id,
      warnings, errors, criticals
    FROM error_counts WHERE job = 'error_counts' AND NOT tombstone
    QUALIFY ROW_NUMBER() OVER (PARTITION BY job, service, window_start ORDER BY revision DESC) = 1`,
} as const;
