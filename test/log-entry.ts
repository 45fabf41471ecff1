import type { LogEntry } from '../functions/parse/log-entry.ts';

/** A LogEntry that tells nothing but the fields given. */
export const logEntry = (fields: Partial<LogEntry> = {}): LogEntry => ({
  insert_id: 'b-0',
  timestamp: 0,
  timestamp_source: 'time',
  received_at: 0,
  service: 'auth',
  instance: null,
  severity: 200,
  message: '',
  pattern_id: null,
  http_status: null,
  latency_ms: null,
  error_code: null,
  trace_id: null,
  span_id: null,
  request_id: null,
  user_id: null,
  labels: '{}',
  anomaly_score: 0,
  anomaly_reasons: [],
  format: 'text',
  ...fields,
});
