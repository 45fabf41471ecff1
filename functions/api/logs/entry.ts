/** A log entry as the API shows it, from a row of BigQuery or from the parser. Pure. */
import type { LogEntry as ParsedEntry } from '../../parse/log-entry.ts';
import { severityName } from '../../parse/severity.ts';
import { isoOf } from '../question.ts';
import type { LogEntry } from '../schema/logs.ts';
import { labelsOf } from './match.ts';

/** What is read of an entry; times in µs. */
export const ENTRY_COLUMNS = `insert_id, UNIX_MICROS(timestamp) AS timestamp_us, timestamp_source,
  UNIX_MICROS(received_at) AS received_us, service, instance, severity, severity_number, message, pattern_id,
  http_status, latency_ms, error_code, trace_id, span_id, request_id, user_id, TO_JSON_STRING(labels) AS labels,
  anomaly_score, anomaly_reasons, format`;

export interface EntryRow extends Omit<LogEntry, 'timestamp' | 'received_at' | 'labels' | 'anomaly_reasons'> {
  readonly timestamp_us: number;
  readonly received_us: number;
  readonly labels: string | null;
  readonly anomaly_reasons: readonly string[] | null;
}

export function entryOfRow({
  insert_id,
  timestamp_us,
  timestamp_source,
  received_us,
  labels,
  anomaly_reasons,
  ...rest
}: EntryRow): LogEntry {
  return {
    insert_id,
    timestamp: isoOf(timestamp_us),
    timestamp_source,
    received_at: isoOf(received_us),
    ...rest,
    labels: labels === null ? null : JSON.parse(labels),
    anomaly_reasons: [...(anomaly_reasons ?? [])],
  };
}

export function entryOfParsed(entry: ParsedEntry): LogEntry {
  const { timestamp, received_at, severity, labels, anomaly_reasons, ...rest } = entry;
  return {
    ...rest,
    timestamp: isoOf(timestamp),
    received_at: isoOf(received_at),
    severity: severityName(severity),
    severity_number: severity,
    labels: labels === '' ? null : labelsOf(entry),
    anomaly_reasons: [...anomaly_reasons],
  };
}
