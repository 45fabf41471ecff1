/**
 * Where entries of a time stand: BigQuery alone for what is young, and for older times the cold tier too. A batch that
 * was delivered twice has rows with one identity side by side in every order that ends in it: they are dropped here, and
 * not by BigQuery, which would have to number all rows of the range first.
 */
import type { Condition } from '../question.ts';
import type { Span } from '../span.ts';
import type { EntryRow } from './entry.ts';

const DAY_MS = 86_400_000;

export interface SourceSettings {
  readonly nowMs: number;
  /** From this age on days are moved. */
  readonly tierAfterMs: number;
}

const COLUMNS = `insert_id, timestamp, timestamp_source, received_at, service, instance, severity, severity_number,
    message, pattern_id, http_status, latency_ms, error_code, trace_id, span_id, request_id, user_id`;

/** A FROM clause that holds no entries outside the condition of time, which must be among the parameters. */
export function sourceOf({ fromMs }: Span, time: Condition, { nowMs, tierAfterMs }: SourceSettings): string {
  if (fromMs > nowMs - tierAfterMs + DAY_MS) return 'log_entries';
  return `(
  SELECT ${COLUMNS}, labels, anomaly_score, anomaly_reasons, format
  FROM log_entries
  WHERE ${time.sql}
  UNION ALL
  SELECT ${COLUMNS}, PARSE_JSON(labels, wide_number_mode => 'round') AS labels, anomaly_score,
    IF(anomaly_reasons = '', CAST([] AS ARRAY<STRING>), SPLIT(anomaly_reasons, ',')) AS anomaly_reasons, format
  FROM log_entries_cold
  WHERE day >= DATE(@from_time) AND day <= DATE(@to_time) AND ${time.sql}
)`;
}

/** Each entry once, of rows in an order in which the same stand together. */
export const once = (rows: readonly EntryRow[]): EntryRow[] =>
  rows.filter((row, i) => {
    const before = rows[i - 1];
    return before?.insert_id !== row.insert_id || before.timestamp_us !== row.timestamp_us;
  });
