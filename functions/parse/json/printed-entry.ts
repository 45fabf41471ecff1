/**
 * A LogEntry as `logweir parse` prints it, read again: the same fields, labels, source of time and format. Identity
 * and time of receipt are those of the new delivery, because a log must not choose its own identity; only a parser
 * that is told to (`keepIdentity`, the command line's) keeps the printed ones. Pattern, anomaly and redaction are
 * computed anew.
 */
import { addValue, type Draft, MAX_FIELD_CHARS, SERVICE_RANK } from '../draft.ts';
import { isLatency } from '../fields.ts';
import { severityOfWord } from '../severity.ts';
import { readTime } from '../time/value.ts';
import { isObject, type JsonObject } from './object.ts';

const MARKS = [
  'insert_id',
  'timestamp_source',
  'received_at',
  'anomaly_score',
  'format',
  'message',
  'service',
] as const;
const FIELDS = ['instance', 'error_code', 'trace_id', 'span_id', 'request_id', 'user_id'] as const;
const KNOWN = new Set<string>([
  ...MARKS,
  ...FIELDS,
  'timestamp',
  'severity',
  'labels',
  'pattern_id',
  'http_status',
  'latency_ms',
  'anomaly_reasons',
]);

/** Whether an object is a printed LogEntry. */
export const isPrintedEntry = (object: JsonObject): boolean =>
  'timestamp_source' in object &&
  MARKS.every((name) => name === 'anomaly_score' || typeof object[name] === 'string') &&
  typeof object.anomaly_score === 'number' &&
  readTime(object.timestamp) !== null;

export function readPrintedEntry(draft: Draft, object: JsonObject, keepIdentity: boolean): void {
  const { entry } = draft;
  const text = (name: string): string => object[name] as string;
  entry.timestamp = readTime(object.timestamp) ?? entry.timestamp;
  entry.timestamp_source = text('timestamp_source').slice(0, MAX_FIELD_CHARS);
  entry.service = text('service').slice(0, MAX_FIELD_CHARS);
  entry.severity = severityOfWord(String(object.severity)) ?? entry.severity;
  entry.message = text('message');
  for (const name of FIELDS) {
    const value = object[name];
    if (typeof value === 'string') entry[name] = value;
  }
  if (Number.isInteger(object.http_status)) entry.http_status = object.http_status as number;
  if (typeof object.latency_ms === 'number' && isLatency(object.latency_ms))
    entry.latency_ms = object.latency_ms;
  if (isObject(object.labels)) for (const name in object.labels) addValue(draft, name, object.labels[name]);
  for (const name in object) if (!KNOWN.has(name)) addValue(draft, name, object[name]);
  draft.format = text('format').slice(0, MAX_FIELD_CHARS);
  draft.serviceRank = SERVICE_RANK.service;
  draft.severityKnown = true;
  draft.messageKnown = true;
  draft.timeZoned = true;
  draft.headed = true;
  if (!keepIdentity) return;
  entry.insert_id = text('insert_id');
  entry.received_at = readTime(object.received_at) ?? entry.received_at;
}
