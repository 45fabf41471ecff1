/**
 * A LogEntry as one line of JSON: the columns of `log_entries` by name, times in RFC 3339, the severity by its name,
 * `labels` as an object. json/printed-entry.ts reads it again.
 */
import type { LogEntry } from './log-entry.ts';
import { severityName } from './severity.ts';
import { isoTime } from './time/print.ts';

/** The line, with its line end. */
export function printEntry(entry: LogEntry): string {
  const { timestamp, received_at, severity, labels, ...rest } = entry;
  const head = JSON.stringify({
    insert_id: rest.insert_id,
    timestamp: isoTime(timestamp),
    timestamp_source: rest.timestamp_source,
    received_at: isoTime(received_at),
    service: rest.service,
    instance: rest.instance,
    severity: severityName(severity),
    message: rest.message,
    pattern_id: rest.pattern_id,
    http_status: rest.http_status,
    latency_ms: rest.latency_ms,
    error_code: rest.error_code,
    trace_id: rest.trace_id,
    span_id: rest.span_id,
    request_id: rest.request_id,
    user_id: rest.user_id,
  });
  const tail = JSON.stringify({
    anomaly_score: rest.anomaly_score,
    anomaly_reasons: rest.anomaly_reasons,
    format: rest.format,
  });
  return `${head.slice(0, -1)},"labels":${labels},${tail.slice(1)}\n`;
}
