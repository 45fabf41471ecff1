/**
 * Log entries as a day of twenty services writes them, made from a seed: in order of time but for the seconds by which
 * shippers are late, some services loud and most quiet, a bad hour in one of them, one entry in a thousand delivered
 * twice.
 */
import type { LogEntry } from '../../functions/parse/log-entry.ts';
import type { Severity } from '../../functions/parse/severity.ts';
import { random } from '../random.ts';

export const SERVICES = 20;
const DAY_US = 86_400_000_000;
const REASONS: readonly string[] = ['severity', 'http_status'];

const FAILURES = [
  'connection to db-primary refused after 3 attempts',
  'deadlock found when trying to get lock; try restarting transaction',
  'upstream timed out while reading response header',
  'OutOfMemoryError: Java heap space',
];

/** The entries from `first` to before `end`, of `total` that end at `endUs`. */
export function entriesOf(
  range: { readonly first: number; readonly end: number },
  day: { readonly total: number; readonly endUs: number },
): LogEntry[] {
  const next = random(range.first + 1);
  const batch = `${(range.first + 0x9f86d081).toString(16).padStart(16, '0')}7c659a2feaa0c55ad015a3bf4f1b2b0b`;
  const entries: LogEntry[] = [];
  for (let i = range.first; i < range.end; i++) {
    const again = next() < 0.001 ? entries.at(-1) : undefined;
    entries.push(again ?? entry(next, { id: `${batch}-${i}`, ...place(i, day) }));
  }
  return entries;
}

interface Place {
  readonly atUs: number;
  readonly part: number;
}

function place(i: number, { total, endUs }: { readonly total: number; readonly endUs: number }): Place {
  const part = i / total;
  return { atUs: endUs - DAY_US + Math.floor(part * DAY_US), part };
}

function entry(next: () => number, { id, atUs, part }: Place & { readonly id: string }): LogEntry {
  // A few services write most of the lines.
  const number = Math.floor(next() ** 2 * SERVICES);
  const service = `service-${String(number).padStart(2, '0')}`;
  const bad = number === 3 && part > 0.975;
  const failed = next() < (bad ? 0.3 : 0.02);
  const latencyMs = Math.round(30 * (1 + 9 * next() ** 4) * (bad ? 8 : 1) * 100) / 100;
  const status = failed ? 503 : next() < 0.04 ? 404 : 200;
  const order = Math.floor(next() * 1e7);
  return {
    insert_id: id,
    timestamp: atUs - Math.floor(next() ** 3 * 5_000_000),
    timestamp_source: 'time',
    received_at: atUs,
    service,
    instance: `${service}-7f9c-${Math.floor(next() * 8)}`,
    severity: (failed ? 500 : status === 404 ? 400 : 200) as Severity,
    message: failed
      ? `POST /api/v1/orders/${order} failed: ${FAILURES[Math.floor(next() ** 2 * FAILURES.length)]}`
      : `GET /api/v1/orders/${order} completed in ${latencyMs} ms for user u${order % 9973}`,
    pattern_id: `b7c1f0a2${(number * 8 + Math.floor(next() * 8)).toString(16)}`,
    http_status: status,
    latency_ms: latencyMs,
    error_code: failed ? 'UPSTREAM' : null,
    trace_id: `4bf92f3577b34da6${order.toString(16).padStart(16, '0')}`,
    span_id: null,
    request_id: `req-${order}`,
    user_id: `u${order % 9973}`,
    labels: `{"region":"europe-west1","version":"1.${number}.${Math.floor(next() * 3)}","attempt":${order % 3},"cache":${order % 2 === 0}}`,
    anomaly_score: failed ? 60 : 0,
    anomaly_reasons: failed ? (REASONS as LogEntry['anomaly_reasons']) : [],
    format: 'json',
  };
}

/** What precedes the event time in an encoded row: its identity, the first field. */
const idEnd = (row: Buffer): number => 2 + row[1]!;
/** `timestamp` in eight bytes, then `timestamp_source`, "time". */
const RECEIVED_AFTER = 1 + 8 + 6;

/**
 * An encoded batch sent again as another one: its rows get other identities, and times that begin at `atUs`. So
 * the service is measured, and not how fast one thread makes rows.
 */
export function renew(rows: readonly Buffer[], batch: number, atUs: number): void {
  const id = batch.toString(16).padStart(16, '0');
  rows.forEach((row, i) => {
    row.write(id, 2, 'latin1');
    const at = idEnd(row);
    // Spread over the 1.5 s that the batch stands for in a day of 5 M.
    const us = atUs + i * 17;
    writeMicros(row, at, 0x10, us - ((i * 7_919) % 4_000_000));
    writeMicros(row, at + RECEIVED_AFTER, 0x20, us);
  });
}

function writeMicros(row: Buffer, at: number, tag: number, us: number): void {
  if (row[at] !== tag) throw new Error(`the fields of an encoded log entry are others: ${row[at]}`);
  let rest = us;
  for (let i = 1; i < 8; i++) {
    row[at + i] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
  }
  row[at + 8] = rest;
}

/** GoogleSQL that fills a day of windows of ten seconds for each of the services. */
export const WINDOWS = `
  INSERT INTO service_windows (job, service, window_start, window_end, revision, tombstone, incomplete, partials,
    emitted_at, entries, errors, error_rate, anomalies, max_anomaly_score, default_count, debug_count, info_count,
    notice_count, warning_count, error_count, critical_count, alert_count, emergency_count, http_1xx, http_2xx,
    http_3xx, http_4xx, http_5xx, latency_count, latency_mean_ms, latency_p99_ms, distinct_users)
  SELECT 'service_health', CONCAT('service-', LPAD(CAST(s AS STRING), 2, '0')), start,
    TIMESTAMP_ADD(start, INTERVAL 10 SECOND), revision, FALSE, FALSE, 1, start, 100, 10, 0.1, 10, 60, 0, 0, 90, 0, 0,
    10, 0, 0, 0, 0, 90, 0, 0, 10, 100, 120.5, 800.0, 40
  FROM UNNEST(GENERATE_ARRAY(1, 8640)) AS w, UNNEST(GENERATE_ARRAY(0, ${SERVICES - 1})) AS s,
    UNNEST([TIMESTAMP_SUB(TIMESTAMP_TRUNC(CURRENT_TIMESTAMP(), MINUTE), INTERVAL (8640 - w) * 10 SECOND)]) AS start,
    UNNEST(GENERATE_ARRAY(1, IF(MOD(w, 20) = 0, 2, 1))) AS revision`;
