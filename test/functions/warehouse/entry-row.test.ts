import { expect, it } from 'vitest';
import type { LogEntry } from '../../../functions/parse/log-entry.ts';
import { ProtoWriter } from '../../../functions/warehouse/proto-writer.ts';
import { writeRow } from '../../../functions/warehouse/table.ts';
import { logEntries } from '../../../functions/warehouse/tables.ts';

const FULL: LogEntry = {
  ...{ insert_id: 'batch-7', timestamp: 1_795_168_800_000_123, timestamp_source: 'ts', received_at: -1 },
  ...{ service: 'Zahlung ✓', instance: 'pod-1', severity: 500, message: 'kaputt: ä '.repeat(50) },
  ...{ pattern_id: 'a1', http_status: 503, latency_ms: 0.25, error_code: 'E9', trace_id: 't', span_id: 's' },
  ...{ request_id: 'r', user_id: 'u', labels: '{"k":"v"}', anomaly_score: 60 },
  ...{ anomaly_reasons: ['severity', 'http_status'], format: 'kubernetes/json' },
};
const BARE: LogEntry = {
  ...{ ...FULL, severity: 0, anomaly_score: 0, anomaly_reasons: [], message: '', labels: '{}' },
  ...{ instance: null, pattern_id: null, http_status: null, latency_ms: null, error_code: null },
  ...{ trace_id: null, span_id: null, request_id: null, user_id: null },
};

it.each([
  ['every column', FULL],
  ['only the required columns', BARE],
])('an entry with %s is written by hand as its columns say', (_, entry) => {
  const byHand = new ProtoWriter();
  writeRow(byHand, logEntries, entry);
  const byColumns = new ProtoWriter();
  writeRow(byColumns, { name: logEntries.name, columns: logEntries.columns }, entry);
  expect(byHand.slice(0)).toEqual(byColumns.slice(0));
});
