/**
 * How long analysts' queries take over 5 M log entries of a day and 600,000 windows:
 * `npx tsx test/local/bigquery/queries.ts [rows]`. The service is a process of its own; every query goes through
 * Google's client. Printed: median and slowest of seven runs after one to warm up, and the rows of the answer.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applySql } from '../../../sql/apply.ts';
import { clientOf, DATASET, rowsOf } from './client.ts';
import { startWarehouseProcess } from './warehouse-process.ts';

const RUNS = 7;
const rows = Number(process.argv[2] ?? 5_000_000);
/** Windows of ten seconds of a day, for each of the services. */
const SERVICES = 70;

/** GENERATE_ARRAY makes no more than about a million. */
const PART = 1_000_000;

const entries = (first: number): string => `
  INSERT INTO log_entries
  SELECT
    CONCAT('9f86d081884c7d659a2feaa0c55ad015-', CAST(n AS STRING)),
    TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL CAST((${rows} - n) * 86400000000 / ${rows} AS INT64) MICROSECOND),
    'time',
    CURRENT_TIMESTAMP(),
    CONCAT('service-', CAST(MOD(n * 7919, ${SERVICES}) AS STRING)),
    'pod-7f9c-abc12',
    IF(MOD(n, 10) = 0, 'ERROR', 'INFO'),
    IF(MOD(n, 10) = 0, 500, 200),
    CONCAT('GET /api/v1/orders/', CAST(n AS STRING), ' completed in ', CAST(MOD(n, 900) AS STRING), ' ms', IF(MOD(n, 50000) = 7, ' after a deadlock', '')),
    CONCAT('pattern-', CAST(MOD(n, 50) AS STRING)),
    IF(MOD(n, 10) = 0, 503, 200),
    CAST(MOD(n, 900) AS FLOAT64),
    NULL,
    '4bf92f3577b34da6a3ce929d0e0e4736',
    NULL,
    CONCAT('req-', CAST(n AS STRING)),
    CONCAT('u', CAST(MOD(n, 997) AS STRING)),
    JSON '{"region":"europe-west1"}',
    0,
    [],
    'json'
  FROM UNNEST(GENERATE_ARRAY(${first}, ${Math.min(first + PART - 1, rows)})) AS n`;

const WINDOWS = `
  INSERT INTO service_windows (job, service, window_start, window_end, revision, tombstone, incomplete, partials,
    emitted_at, entries, errors, error_rate, anomalies, max_anomaly_score, default_count, debug_count, info_count,
    notice_count, warning_count, error_count, critical_count, alert_count, emergency_count, http_1xx, http_2xx,
    http_3xx, http_4xx, http_5xx, latency_count, latency_mean_ms, latency_p99_ms, distinct_users)
  SELECT 'service_health', CONCAT('service-', CAST(s AS STRING)), start, TIMESTAMP_ADD(start, INTERVAL 10 SECOND), 1,
    FALSE, FALSE, 1, start, 100, 10, 0.1, 10, 60, 0, 0, 90, 0, 0, 10, 0, 0, 0, 0, 90, 0, 0, 10, 100, 120.5, 800.0, 40
  FROM UNNEST(GENERATE_ARRAY(1, 8640)) AS w, UNNEST(GENERATE_ARRAY(1, ${SERVICES})) AS s,
    UNNEST([TIMESTAMP_SUB(TIMESTAMP_TRUNC(CURRENT_TIMESTAMP(), MINUTE), INTERVAL (8640 - w) * 10 SECOND)]) AS start`;

const HOUR = 'timestamp >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 HOUR)';
const QUERIES: Readonly<Record<string, string>> = {
  'error rate per service and 10 s, last hour': `
    SELECT service, TIMESTAMP_SECONDS(DIV(UNIX_SECONDS(timestamp), 10) * 10) AS bucket,
      COUNTIF(severity_number >= 500) / COUNT(*) AS error_rate
    FROM log_entries WHERE ${HOUR} GROUP BY service, bucket`,
  'the same, each entry once (view logs)': `
    SELECT service, TIMESTAMP_SECONDS(DIV(UNIX_SECONDS(timestamp), 10) * 10) AS bucket,
      COUNTIF(severity_number >= 500) / COUNT(*) AS error_rate
    FROM logs WHERE ${HOUR} GROUP BY service, bucket`,
  'full text over a day': `
    SELECT timestamp, service, message FROM log_entries
    WHERE timestamp >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 DAY) AND SEARCH(message, 'deadlock') LIMIT 100`,
  'LIKE over a day': `
    SELECT COUNT(*) AS n FROM log_entries
    WHERE timestamp >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 DAY) AND message LIKE '%deadlock%'`,
  'entries and errors per service, a day': `
    SELECT service, COUNT(*) AS n, COUNTIF(severity_number >= 500) AS errors FROM log_entries
    WHERE timestamp >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 DAY) GROUP BY service`,
  'view service_health': 'SELECT * FROM service_health',
  'view windows, last hour': `
    SELECT service, SUM(entries) AS n FROM windows
    WHERE window_start >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 HOUR) GROUP BY service`,
};

const dataDir = await mkdtemp(join(tmpdir(), 'logweir-queries-'));
const service = await startWarehouseProcess({ dataDir });
try {
  const client = clientOf(service);
  await applySql({ bigquery: client, dataset: DATASET });
  for (let first = 1; first <= rows; first += PART) await rowsOf(client, entries(first));
  await rowsOf(client, WINDOWS);
  const saved = new URL('../../../sql/queries/', import.meta.url);
  const files = {
    'sql/queries/error_rate_10s.sql': 'error_rate_10s.sql',
    'sql/queries/search.sql': 'search.sql',
  };
  const all = { ...QUERIES };
  for (const [name, file] of Object.entries(files)) all[name] = await readFile(new URL(file, saved), 'utf8');
  for (const [name, sql] of Object.entries(all)) {
    const times: number[] = [];
    let found = 0;
    try {
      for (let run = 0; run <= RUNS; run++) {
        const startMs = performance.now();
        found = (await rowsOf(client, sql)).length;
        if (run > 0) times.push(Math.round(performance.now() - startMs));
      }
      times.sort((a, b) => a - b);
      console.log(
        JSON.stringify({
          query: name,
          medianMs: times[Math.floor(RUNS / 2)],
          maxMs: times.at(-1),
          rows: found,
        }),
      );
    } catch (error) {
      console.log(JSON.stringify({ query: name, error: String(error) }));
    }
  }
} finally {
  await service.end('SIGTERM');
  await rm(dataDir, { recursive: true, force: true });
}
