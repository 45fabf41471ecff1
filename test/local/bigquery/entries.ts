/** Log entries as the functions write them. */
import type { LogEntry } from '../../../functions/parse/log-entry.ts';

/** 2026-11-20 10:00 UTC, in microseconds. */
export const START_US = Date.UTC(2026, 10, 20, 10) * 1_000;
const BATCH_ID = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

export function entry(i: number, changes: Partial<LogEntry> = {}): LogEntry {
  return {
    insert_id: `${BATCH_ID}-${i}`,
    timestamp: START_US + i * 1_000,
    timestamp_source: 'time',
    received_at: START_US + i * 1_000 + 500,
    service: ['auth', 'payment', 'inventory', 'user', 'api-gateway'][i % 5]!,
    instance: 'payment-7f9c-abc12',
    severity: i % 10 === 0 ? 500 : 200,
    message: `GET /api/v1/orders/${i} completed in ${i % 900} ms for user u${i % 97}`,
    pattern_id: 'b7c1f0a2',
    http_status: i % 10 === 0 ? 503 : 200,
    latency_ms: i % 900,
    error_code: i % 10 === 0 ? 'UPSTREAM' : null,
    trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
    span_id: null,
    request_id: `req-${i}`,
    user_id: `u${i % 97}`,
    labels: `{"region":"europe-west1","attempt":${i % 3},"cache":true}`,
    anomaly_score: 0,
    anomaly_reasons: i % 10 === 0 ? ['severity', 'http_status'] : [],
    format: 'json',
    ...changes,
  };
}
