/**
 * What is known of a record while it is read: the entry so far, the labels as JSON text, and the hints that decide
 * between two sources of one field. Nothing is lost: what no field takes becomes a label, under its own name.
 */
import { ownText } from '../own-text.ts';
import type { LogEntry } from './log-entry.ts';
import type { RecordContext } from './record-context.ts';
import { DEFAULT, type Severity } from './severity.ts';
import type { Near } from './time/head.ts';
import { isoTime } from './time/print.ts';

/** How sure a name of the service is: the record's own `service` before an application's before a program's. */
export const SERVICE_RANK = {
  none: 0,
  tag: 1,
  program: 2,
  container: 3,
  application: 4,
  attribute: 5,
  service: 6,
} as const;

/** The service of entries that name none. */
export const UNKNOWN_SERVICE = 'unknown';

export interface Draft {
  readonly entry: LogEntry;
  readonly near: Near;
  severityKnown: boolean;
  messageKnown: boolean;
  /** The entry's time was written with its zone, or is an epoch. */
  timeZoned: boolean;
  /** How many wrappers have been opened; where the time was written, in these terms. */
  layer: number;
  timeLayer: number;
  serviceRank: number;
  /** The label under which the service's name stands again if a surer one comes; '': it is in the labels already. */
  serviceLabel: string;
  /** Labels so far: names, and their values as JSON. */
  readonly labelNames: string[];
  readonly labelValues: string[];
  /** Names and values of the labels; kept only where two layers of one record may use the same name. */
  names: Map<string, string> | null;
  /** A label's name begins with a digit: JSON reads numbers before other names, so labels must stand so. */
  numbered: boolean;
  /** Formats from the outermost wrapper inwards, joined by "/"; '' for a bare text line. */
  format: string;
  /** A stack trace in a field of its own. */
  stack: string | null;
  exceptionType: string | null;
  /** What is in the entry and the values of the labels cannot hold anything that the usual rules redact. */
  clean: boolean;
  /** Output stream of a container: part of the key by which lines are joined. */
  stream: string;
  /** The record is one part of a line that its container runtime cut; the rest comes in the next record. */
  partial: boolean;
  /** The record has a time, a level or fields of its own: it begins an event. */
  headed: boolean;
  /** The header is that of a transport (syslog): what it carries may still continue an event. */
  relayed: boolean;
  /** A container runtime or a collector wrapped the line. */
  wrapped: boolean;
  /** The line that the wrapper carried, as it stood; null: there was no wrapper. */
  inner: string | null;
  /** Container, pod, file or process the line came from, where that is known better than by the service. */
  origin: string | null;
}

/** The publish time of a batch is the same for all its records. */
let lastNear: Near = { nearUs: Number.NaN, maxFutureMs: 0 };

function nearOf(nearUs: number, maxFutureMs: number): Near {
  if (lastNear.nearUs !== nearUs || lastNear.maxFutureMs !== maxFutureMs) lastNear = { nearUs, maxFutureMs };
  return lastNear;
}

export function newDraft(text: string, context: RecordContext, maxFutureMs: number): Draft {
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
    anomaly_reasons: NO_REASONS,
    format: 'text',
  };
  return {
    entry,
    near: nearOf(context.receivedAtUs, maxFutureMs),
    severityKnown: false,
    messageKnown: false,
    timeZoned: false,
    layer: 0,
    timeLayer: 0,
    serviceRank: 0,
    serviceLabel: '',
    labelNames: [],
    labelValues: [],
    names: null,
    numbered: false,
    format: '',
    stack: null,
    exceptionType: null,
    clean: false,
    stream: '',
    partial: false,
    headed: false,
    relayed: false,
    wrapped: false,
    inner: null,
    origin: null,
  };
}

const NO_REASONS: readonly string[] = [];

// Characters that JSON writes escaped, lone surrogates included.
const ESCAPED = /["\\\u0000-\u001f\ud800-\udfff]/;

/** A string as JSON. */
export const quoted = (text: string): string => (ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`);

/** Adds a label whose value is JSON already. Where another layer used the name for another value, it is numbered. */
export function addLabel(draft: Draft, name: string, json: string): void {
  const free = draft.names === null ? name : freeName(draft.names, name, json);
  if (free === null) return;
  const first = name.charCodeAt(0);
  if (first >= 0x30 && first <= 0x39) draft.numbered = true;
  draft.labelNames.push(free);
  draft.labelValues.push(json);
}

/** Whether a label of this name is there. */
export const hasLabel = (draft: Draft, name: string): boolean => draft.labelNames.includes(name);

/** The labels as the text of a JSON object. */
export function labelsOf(draft: Draft): string {
  const { labelNames, labelValues } = draft;
  if (labelNames.length === 0) return '{}';
  let text = '{';
  for (let i = 0; i < labelNames.length; i++)
    text +=
      i === 0
        ? `${quotedName(labelNames[i]!)}:${labelValues[i]}`
        : `,${quotedName(labelNames[i]!)}:${labelValues[i]}`;
  text += '}';
  return draft.numbered ? JSON.stringify(JSON.parse(text)) : text;
}

const quotedNames = new Map<string, string>();
const MAX_NAMES = 5000;

/** Names come again and again. */
function quotedName(name: string): string {
  const known = quotedNames.get(name);
  if (known !== undefined) return known;
  const json = quoted(name);
  if (quotedNames.size < MAX_NAMES && name.length <= 64) quotedNames.set(ownText(name), ownText(json));
  return json;
}

/** Adds a label of any JSON value. */
export function addValue(draft: Draft, name: string, value: unknown): void {
  const json =
    typeof value === 'string'
      ? quoted(value)
      : typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
        ? String(value)
        : (JSON.stringify(value) ?? 'null');
  addLabel(draft, name, json);
}

export const addText = (draft: Draft, name: string, text: string): void =>
  addLabel(draft, name, quoted(text));

/** From here on, names of labels may repeat. */
export function beginLayer(draft: Draft): void {
  if (draft.names !== null) return;
  draft.names = new Map();
  for (let i = 0; i < draft.labelNames.length; i++)
    draft.names.set(draft.labelNames[i]!, draft.labelValues[i]!);
}

/** A name that no other value has; null: it has this value already. */
function freeName(names: Map<string, string>, name: string, json: string): string | null {
  let free = name;
  // Past a few, the same name again and again is noise, and its number need not be the next.
  for (let i = 2; names.has(free); i = i < 20 ? i + 1 : names.size + 1) {
    if (names.get(free) === json) return null;
    free = `${name}_${i}`;
  }
  names.set(free, json);
  return free;
}

/**
 * Sets the time unless the record has a better one. A time written with its zone is better than one whose zone is a
 * guess; among those with a zone, the one written furthest inside is nearest to the event. What stood before
 * becomes a label.
 */
export function setTime(
  draft: Draft,
  time: { timestampUs: number; zoned: boolean },
  source: string,
): boolean {
  const { entry } = draft;
  if (entry.timestamp_source !== 'publish') {
    if (!time.zoned || (draft.timeZoned && draft.timeLayer >= draft.layer)) return false;
    const name = entry.timestamp_source === 'text' ? 'wrapper_time' : entry.timestamp_source;
    beginLayer(draft);
    addText(draft, name, isoTime(entry.timestamp));
  }
  entry.timestamp = time.timestampUs;
  entry.timestamp_source = source;
  draft.timeZoned = time.zoned;
  draft.timeLayer = draft.layer;
  return true;
}

export function setSeverity(draft: Draft, severity: Severity | null): boolean {
  if (severity === null || draft.severityKnown) return false;
  draft.entry.severity = severity;
  draft.severityKnown = true;
  return true;
}

/** Names the service, if nothing surer has. `label`: under which the name is kept should a surer one come. */
export function setService(draft: Draft, name: string, rank: number, label: string): boolean {
  if (name === '' || name.length > MAX_FIELD_CHARS || rank <= draft.serviceRank) return false;
  if (draft.serviceLabel !== '') addText(draft, draft.serviceLabel, draft.entry.service);
  draft.entry.service = name;
  draft.serviceRank = rank;
  draft.serviceLabel = label;
  return true;
}

/** Longest text that a field takes; longer stays in labels. */
export const MAX_FIELD_CHARS = 1024;

/** Adds the name of the format that read a layer of the record. */
export function addFormat(draft: Draft, format: string): void {
  draft.format = draft.format === '' ? format : `${draft.format}/${format}`;
}
