/**
 * Puts the values of a record into the fields of its entry. A value that does not fit its field, or comes second,
 * is refused, and the caller keeps it as a label.
 */
import {
  addText,
  type Draft,
  MAX_FIELD_CHARS,
  SERVICE_RANK,
  setService,
  setSeverity,
  setTime,
} from './draft.ts';
import { type Field, isLatency, readLatencyMs } from './fields.ts';
import type { LogEntry } from './log-entry.ts';
import { severityOfNumber, severityOfOtel, severityOfSyslog, severityOfWord } from './severity.ts';
import { readFieldTime } from './time/value.ts';

/** Puts `value`, which stood under `name`, into `field`; false: it is to be kept as a label. */
export function take(draft: Draft, field: Field, name: string, value: unknown): boolean {
  switch (field) {
    case 'timestamp': {
      const time = readFieldTime(value, draft.near);
      return time !== null && setTime(draft, time, name);
    }
    case 'severity':
      return takeSeverity(draft, value);
    case 'severity_otel':
      return typeof value === 'number' && setSeverity(draft, severityOfOtel(value));
    case 'severity_syslog':
      return setSeverity(draft, severityOfSyslog(Number(value)));
    case 'message':
      return takeMessage(draft, value);
    case 'message_weak':
      return false;
    case 'service':
    case 'application':
    case 'container':
    case 'program':
    case 'tag':
      return typeof value === 'string' && setService(draft, value, SERVICE_RANK[field], name);
    case 'trace_id':
    case 'span_id':
      return takeId(draft, field, value);
    case 'stream':
      if (typeof value === 'string') draft.stream = value;
      return false;
    case 'stack':
      if (typeof value === 'string') draft.stack ??= value;
      else if (Array.isArray(value)) takeTracebacks(draft, value);
      return false;
    case 'exception_type':
      if (typeof value === 'string') draft.exceptionType ??= value;
      return false;
    case 'http_status':
      return takeStatus(draft, value);
    case 'instance':
    case 'error_code':
    case 'request_id':
    case 'user_id':
      return takeText(draft.entry, field, value);
    default:
      return takeLatency(draft.entry, field, value);
  }
}

/** structlog's `dict_tracebacks`: `[{exc_type, frames: [{filename, lineno, name}]}]`. */
function takeTracebacks(draft: Draft, list: readonly unknown[]): void {
  const [first] = list as readonly { readonly exc_type?: unknown; readonly frames?: unknown }[];
  if (typeof first?.exc_type !== 'string' || !Array.isArray(first.frames)) return;
  draft.exceptionType ??= first.exc_type;
  const frames = (first.frames as readonly Readonly<Record<string, unknown>>[]).map(
    (frame) =>
      `  File "${String(frame?.filename)}", line ${String(frame?.lineno)}, in ${String(frame?.name)}`,
  );
  draft.stack ??= `${frames.join('\n')}\n${first.exc_type}: `;
}

/** Colours of a terminal. */
const COLOURS = /\u001b\[[\d;]*m/g;

function takeSeverity(draft: Draft, value: unknown): boolean {
  if (typeof value === 'string') {
    const severity = severityOfWord(value.includes('\u001b') ? value.replaceAll(COLOURS, '') : value);
    // "DEFAULT" and its like say that the severity is not known.
    if (severity === 0 && !draft.severityKnown) return true;
    return setSeverity(draft, severity ?? (/^\d{2,3}$/.test(value) ? severityOfNumber(Number(value)) : null));
  }
  return typeof value === 'number' && setSeverity(draft, severityOfNumber(value));
}

function takeMessage(draft: Draft, value: unknown): boolean {
  if (typeof value !== 'string' || draft.messageKnown) return false;
  draft.entry.message = value;
  draft.messageKnown = true;
  return true;
}

/** Cloud Logging's name of a trace. */
const TRACE_NAME = /^projects\/([^/]{1,100})\/traces\/(.+)$/;

/** Ids of zeros alone mean that there is none. */
function isZero(id: string): boolean {
  // From the end: many ids are numbers with zeros in front.
  for (let i = id.length - 1; i >= 0; i--) if (id.charCodeAt(i) !== 0x30) return false;
  return true;
}

function takeId(draft: Draft, field: 'trace_id' | 'span_id', value: unknown): boolean {
  const { entry } = draft;
  if (entry[field] !== null || (typeof value !== 'string' && !Number.isSafeInteger(value))) return false;
  const text = String(value);
  if (text.length > MAX_FIELD_CHARS) return false;
  const named = field === 'trace_id' && text.startsWith('projects/') ? TRACE_NAME.exec(text) : null;
  const id = named?.[2] ?? text;
  const bare = id.startsWith('0x') ? id.slice(2) : id;
  if (isZero(bare)) return false;
  entry[field] = bare;
  if (named !== null) addText(draft, 'trace_project', named[1]!);
  return true;
}

function takeText(
  entry: LogEntry,
  field: 'instance' | 'error_code' | 'request_id' | 'user_id',
  value: unknown,
): boolean {
  if (entry[field] !== null || (typeof value !== 'string' && !Number.isSafeInteger(value))) return false;
  const text = typeof value === 'string' ? value : String(value);
  if (text === '' || text.length > MAX_FIELD_CHARS) return false;
  entry[field] = text;
  return true;
}

function takeStatus(draft: Draft, value: unknown): boolean {
  const { entry } = draft;
  const status = typeof value === 'string' && /^[1-5]\d\d$/.test(value) ? Number(value) : value;
  // Datadog's `status` is a level.
  if (typeof status === 'string') return setSeverity(draft, severityOfWord(status));
  if (entry.http_status !== null || !Number.isInteger(status)) return false;
  if ((status as number) < 100 || (status as number) > 599) return false;
  entry.http_status = status as number;
  return true;
}

const FACTORS: Readonly<Partial<Record<Field, number>>> = {
  latency_ms: 1,
  latency_s: 1e3,
  latency_us: 1e-3,
  latency_ns: 1e-6,
};

function takeLatency(entry: LogEntry, field: Field, value: unknown): boolean {
  if (entry.latency_ms !== null) return false;
  const factor = FACTORS[field];
  let ms: number | null = null;
  if (typeof value === 'number') ms = factor === undefined ? null : value * factor;
  else if (typeof value === 'string') ms = readLatencyMs(value) ?? bareLatency(value, factor);
  if (ms === null || !isLatency(ms)) return false;
  // A microsecond's millionth is noise of the multiplication.
  entry.latency_ms = factor === 1 ? ms : Math.round(ms * 1e6) / 1e6;
  return true;
}

const bareLatency = (text: string, factor: number | undefined): number | null =>
  factor !== undefined && /^\d{1,12}(?:\.\d{1,9})?$/.test(text) ? Number(text) * factor : null;
