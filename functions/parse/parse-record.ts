/**
 * Stage 2: one record → LogEntry or the reason why not. Pure; never throws for what a log may hold.
 *
 * JSON objects are read field by field (fields.ts); a text line, or a text message inside a JSON record, gives its
 * time and level where the record itself has none. Nothing is lost: what no field takes, or what does not fit its
 * field, stands in `labels` with its name and type; a line that opens like JSON but is none is a text line.
 */
import type { Failure } from '../ingest/failure.ts';
import { anomalyOf } from './anomaly.ts';
import {
  FIELD_OF,
  type Field,
  isLatency,
  MAX_FIELD_CHARS,
  readLatencyMs,
  TEXT_FIELDS,
  traceId,
} from './fields.ts';
import type { LogEntry } from './log-entry.ts';
import { patternOf } from './pattern/pattern.ts';
import type { ParseRecord, RecordContext } from './record-context.ts';
import { DEFAULT, type Severity, severityOfNumber, severityOfWord } from './severity.ts';
import { readTextTime, readTime } from './time.ts';

export interface ParserSettings {
  /** Deepest nesting of a JSON record. */
  readonly maxDepth: number;
  /** Latency above which an entry is slow, in ms. */
  readonly slowMs: number;
  /** How far after its publish time an entry may claim to be, in ms. */
  readonly maxFutureMs: number;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** What is known of a record while it is read. */
interface Draft {
  entry: LogEntry;
  severityKnown: boolean;
  messageKnown: boolean;
  tag: string | null;
  /** Members of the labels object so far, joined by commas. */
  labels: string;
}

/** Makes the parser that `parseBatch` calls for each record. */
export function createParser(settings: ParserSettings): ParseRecord {
  return (text, context) => {
    const object = text.charCodeAt(0) === 0x7b || text.charCodeAt(0) === 0xfeff ? readObject(text) : null;
    const draft = newDraft(text, context);
    if (object !== null) {
      const failure = readFields(object, draft, settings.maxDepth);
      if (failure !== null) return failure;
    }
    return finish(draft, context, settings, object === null ? 'text' : 'json');
  };
}

function newDraft(text: string, context: RecordContext): Draft {
  const entry: LogEntry = {
    insert_id: `${context.batchId}-${context.index}`,
    timestamp: context.receivedAtUs,
    timestamp_source: 'publish',
    received_at: context.receivedAtUs,
    service: '',
    instance: null,
    severity: DEFAULT,
    message: text,
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
  };
  return { entry, severityKnown: false, messageKnown: false, tag: null, labels: '' };
}

function readObject(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as JsonObject)
      : null;
  } catch {
    return null;
  }
}

function readFields(object: JsonObject, draft: Draft, maxDepth: number): Failure | null {
  for (const key in object) {
    const value = object[key];
    const field = FIELD_OF.get(key);
    if (field !== undefined && take(draft, field, key, value)) continue;
    if (typeof value === 'object' && value !== null) {
      if (isDeeper(value, maxDepth - 1)) {
        return { reason: 'too_deep', detail: `JSON nested deeper than the allowed ${maxDepth} levels` };
      }
      takeNested(draft, key, value as JsonObject);
    }
    draft.labels += `${draft.labels === '' ? '' : ','}${JSON.stringify(key)}:${JSON.stringify(value)}`;
  }
  if (!draft.messageKnown) draft.entry.message = '';
  return null;
}

/** Nested places of well-known fields; the object itself stays in labels. */
const NESTED: Readonly<Record<string, readonly (readonly [string, Field])[]>> = {
  kubernetes: [
    ['container_name', 'service'],
    ['pod_name', 'instance'],
  ],
  service: [['name', 'service']],
  host: [['name', 'instance']],
  log: [['level', 'severity']],
  user: [['id', 'user_id']],
  error: [['code', 'error_code']],
  err: [['code', 'error_code']],
  httpRequest: [
    ['status', 'http_status'],
    ['latency', 'latency_text'],
  ],
};

function takeNested(draft: Draft, key: string, value: JsonObject): void {
  if (!Object.hasOwn(NESTED, key)) return;
  for (const [name, field] of NESTED[key]!)
    if (Object.hasOwn(value, name)) take(draft, field, `${key}.${name}`, value[name]);
}

/** Puts a value into its field; false: it does not fit, or the field is taken, and it goes to labels. */
function take(draft: Draft, field: Field, key: string, value: unknown): boolean {
  const { entry } = draft;
  if (TEXT_FIELDS.has(field)) return takeText(entry, field as 'user_id', value);
  switch (field) {
    case 'timestamp': {
      const us = entry.timestamp_source === 'publish' ? readTime(value) : null;
      if (us === null) return false;
      entry.timestamp = us;
      entry.timestamp_source = key;
      return true;
    }
    case 'severity': {
      const severity = readSeverity(value);
      if (severity === null || draft.severityKnown) return false;
      entry.severity = severity;
      draft.severityKnown = true;
      return true;
    }
    case 'message':
      if (typeof value !== 'string' || draft.messageKnown) return false;
      entry.message = value;
      draft.messageKnown = true;
      return true;
    case 'service':
      if (typeof value !== 'string' || value === '' || value.length > MAX_FIELD_CHARS || entry.service !== '')
        return false;
      entry.service = value;
      return true;
    case 'tag':
      if (typeof value === 'string') draft.tag = value;
      return false;
    case 'trace_id':
      if (
        typeof value !== 'string' ||
        value === '' ||
        value.length > MAX_FIELD_CHARS ||
        entry.trace_id !== null
      )
        return false;
      entry.trace_id = traceId(value);
      return true;
    default:
      return takeNumber(entry, field, value);
  }
}

function takeText(entry: LogEntry, field: 'user_id', value: unknown): boolean {
  if (entry[field] !== null || (typeof value !== 'string' && !Number.isSafeInteger(value))) return false;
  const text = String(value);
  if (text === '' || text.length > MAX_FIELD_CHARS) return false;
  entry[field] = text;
  return true;
}

function takeNumber(entry: LogEntry, field: Field, value: unknown): boolean {
  if (field === 'http_status') {
    const status = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value;
    if (
      entry.http_status !== null ||
      !Number.isInteger(status) ||
      (status as number) < 100 ||
      (status as number) > 599
    )
      return false;
    entry.http_status = status as number;
    return true;
  }
  const ms =
    typeof value === 'string'
      ? readLatencyMs(value)
      : field === 'latency_ms' && typeof value === 'number'
        ? value
        : null;
  if (ms === null || entry.latency_ms !== null || !isLatency(ms)) return false;
  entry.latency_ms = ms;
  return true;
}

const readSeverity = (value: unknown): Severity | null =>
  typeof value === 'string'
    ? severityOfWord(value)
    : typeof value === 'number'
      ? severityOfNumber(value)
      : null;

function isDeeper(value: unknown, left: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (left <= 0) return true;
  return Object.values(value).some((inner) => isDeeper(inner, left - 1));
}

const TAIL =
  /^[\s\]:,-]*(?:[\w.$/[\]-]+[\s:]+){0,3}?\[?(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|CRITICAL|FATAL|SEVERE|ALERT|EMERGENCY|PANIC)\]?(?=[\s:\]|]|$)/i;

/** Time and level of a text line, where the record itself has none. */
function readLine(draft: Draft, context: RecordContext, settings: ParserSettings): void {
  const { entry } = draft;
  const start = entry.message.charCodeAt(0) === 0x5b ? 1 : 0;
  const time = readTextTime(entry.message, start, context.receivedAtUs, settings.maxFutureMs);
  if (time !== null && entry.timestamp_source === 'publish') {
    entry.timestamp = time.timestampUs;
    entry.timestamp_source = 'text';
  }
  if (draft.severityKnown) return;
  const word = TAIL.exec(entry.message.slice(time?.end ?? start, (time?.end ?? start) + 200))?.[1];
  if (word !== undefined) entry.severity = severityOfWord(word) ?? DEFAULT;
}

function finish(draft: Draft, context: RecordContext, settings: ParserSettings, format: string): LogEntry {
  const { entry } = draft;
  if (entry.timestamp_source === 'publish' || !draft.severityKnown) readLine(draft, context, settings);
  if (entry.service === '') entry.service = context.attributes.service || draft.tag || 'unknown';
  if (context.latin1) draft.labels += `${draft.labels === '' ? '' : ','}"logweir.encoding":"latin1"`;
  entry.labels = `{${draft.labels}}`;
  entry.format = format;
  entry.pattern_id = patternOf(entry.message).id;
  const anomaly = anomalyOf(entry, settings.slowMs);
  entry.anomaly_score = anomaly.score;
  entry.anomaly_reasons = anomaly.reasons;
  return entry;
}
