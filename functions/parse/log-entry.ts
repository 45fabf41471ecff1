import type { Severity } from './severity.ts';

/**
 * One log entry, as every later stage sees it. Fields carry the names of the columns of `log_entries`
 * (sql/schema/log_entries.sql describes each). Times are integer microseconds since the epoch, the unit of
 * BigQuery's TIMESTAMP; `labels` is the text of a JSON object, so that it is serialised once.
 */
export interface LogEntry {
  insert_id: string;
  timestamp: number;
  timestamp_source: string;
  received_at: number;
  service: string;
  instance: string | null;
  severity: Severity;
  message: string;
  pattern_id: string | null;
  http_status: number | null;
  latency_ms: number | null;
  error_code: string | null;
  trace_id: string | null;
  span_id: string | null;
  request_id: string | null;
  user_id: string | null;
  labels: string;
  anomaly_score: number;
  anomaly_reasons: readonly string[];
  format: string;
}
