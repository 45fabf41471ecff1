/**
 * The tables that the functions write, column by column as in sql/schema (a test holds the two together).
 */
import type { LogEntry } from '../parse/log-entry.ts';
import { severityName } from '../parse/severity.ts';
import type { MissedReason } from '../window/store.ts';
import { writeEntry } from './entry-row.ts';
import { nullable, repeated, required, type Table } from './table.ts';

export const logEntries: Table<LogEntry> = {
  name: 'log_entries',
  write: writeEntry,
  columns: [
    required('insert_id', 'STRING', (e) => e.insert_id),
    required('timestamp', 'TIMESTAMP', (e) => e.timestamp),
    required('timestamp_source', 'STRING', (e) => e.timestamp_source),
    required('received_at', 'TIMESTAMP', (e) => e.received_at),
    required('service', 'STRING', (e) => e.service),
    nullable('instance', 'STRING', (e) => e.instance),
    required('severity', 'STRING', (e) => severityName(e.severity)),
    required('severity_number', 'INT64', (e) => e.severity),
    required('message', 'STRING', (e) => e.message),
    nullable('pattern_id', 'STRING', (e) => e.pattern_id),
    nullable('http_status', 'INT64', (e) => e.http_status),
    nullable('latency_ms', 'FLOAT64', (e) => e.latency_ms),
    nullable('error_code', 'STRING', (e) => e.error_code),
    nullable('trace_id', 'STRING', (e) => e.trace_id),
    nullable('span_id', 'STRING', (e) => e.span_id),
    nullable('request_id', 'STRING', (e) => e.request_id),
    nullable('user_id', 'STRING', (e) => e.user_id),
    nullable('labels', 'JSON', (e) => e.labels),
    required('anomaly_score', 'INT64', (e) => e.anomaly_score),
    repeated('anomaly_reasons', 'STRING', (e) => e.anomaly_reasons),
    required('format', 'STRING', (e) => e.format),
  ],
};

/** A row of dead_letters: one part of something that could not be parsed. */
export interface DeadLetter {
  readonly insert_id: string;
  readonly part: number;
  readonly parts: number;
  /** µs since the epoch. */
  readonly received_at: number;
  readonly stage: 'ingest' | 'parse' | 'window' | 'warehouse';
  readonly reason: string;
  readonly detail: string;
  readonly message_id: string;
  /** Text of a JSON object. */
  readonly attributes: string;
  readonly raw: Uint8Array;
}

export const deadLetters: Table<DeadLetter> = {
  name: 'dead_letters',
  columns: [
    required('insert_id', 'STRING', (d) => d.insert_id),
    required('part', 'INT64', (d) => d.part),
    required('parts', 'INT64', (d) => d.parts),
    required('received_at', 'TIMESTAMP', (d) => d.received_at),
    required('stage', 'STRING', (d) => d.stage),
    required('reason', 'STRING', (d) => d.reason),
    required('detail', 'STRING', (d) => d.detail),
    required('message_id', 'STRING', (d) => d.message_id),
    nullable('attributes', 'JSON', (d) => d.attributes),
    nullable('raw', 'BYTES', (d) => d.raw),
  ],
};

/** A row of late_entries. Times in µs since the epoch. */
export interface LateEntry {
  readonly insert_id: string;
  readonly job: string;
  readonly service: string;
  readonly window_start: number;
  readonly window_end: number;
  readonly timestamp: number;
  readonly received_at: number;
  readonly reason: MissedReason;
}

export const lateEntries: Table<LateEntry> = {
  name: 'late_entries',
  columns: [
    required('insert_id', 'STRING', (l) => l.insert_id),
    required('job', 'STRING', (l) => l.job),
    required('service', 'STRING', (l) => l.service),
    required('window_start', 'TIMESTAMP', (l) => l.window_start),
    required('window_end', 'TIMESTAMP', (l) => l.window_end),
    required('timestamp', 'TIMESTAMP', (l) => l.timestamp),
    required('received_at', 'TIMESTAMP', (l) => l.received_at),
    required('reason', 'STRING', (l) => l.reason),
  ],
};
