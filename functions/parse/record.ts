/**
 * One record, layer by layer, into a draft: JSON or text, and inside Docker, CRI, Kubernetes, Cloud Logging and
 * other wrappers the record that the container wrote. At most four layers are opened; what is deeper stays text.
 */
import type { Failure } from '../ingest/failure.ts';
import {
  addLabel,
  beginLayer,
  type Draft,
  newDraft,
  quoted,
  SERVICE_RANK,
  setService,
  UNKNOWN_SERVICE,
} from './draft.ts';
import { objectOf, readMemberList } from './json/members.ts';
import { isDeeper, type JsonObject, parseObject, tooDeep } from './json/object.ts';
import { originOf } from './json/origin.ts';
import { type JsonSettings, readPlain, readRecord } from './json/record.ts';
import type { RecordContext } from './record-context.ts';
import type { FormatName } from './text/format-names.ts';
import { LINE_FORMATS, readLine } from './text/line.ts';

export interface ReadSettings extends JsonSettings {
  readonly maxFutureMs: number;
  /** Format by service, where it is set rather than recognised. */
  readonly formats: Readonly<Record<string, FormatName>>;
}

const MAX_LAYERS = 4;

/** Reads a record; a failure is for the dead letters. */
export function readDraft(text: string, context: RecordContext, settings: ReadSettings): Draft | Failure {
  const draft = newDraft(text, context, settings.maxFutureMs);
  const { service } = context.attributes;
  if (service !== undefined && service !== '') setService(draft, service, SERVICE_RANK.attribute, '');
  const failure = readOutermost(draft, text, context, settings);
  if (failure !== null) return failure;
  if (context.latin1) addLabel(draft, 'logweir.encoding', '"latin1"');
  if (draft.entry.timestamp > context.receivedAtUs + settings.maxFutureMs * 1000) distrustTime(draft);
  return draft;
}

/** A clock so far ahead is broken, and would hold windows open for as long: the publish time counts instead. */
function distrustTime(draft: Draft): void {
  const { entry } = draft;
  addLabel(draft, 'logweir.future_timestamp', quoted(new Date(entry.timestamp / 1000).toISOString()));
  entry.timestamp = entry.received_at;
  entry.timestamp_source = 'publish';
}

/** JSON of ASCII is read from the bytes of its batch, everything else as text. */
function readOutermost(
  draft: Draft,
  text: string,
  { bytes, offset }: RecordContext,
  settings: ReadSettings,
): Failure | null {
  const readable = bytes !== undefined && offset !== undefined && offset >= 0 && text.charCodeAt(0) === 0x7b;
  const members = readable ? readMemberList(text, bytes, offset) : null;
  if (members === null) return readLayers(draft, text, settings, 0);
  const failure = readPlain(draft, members, settings);
  if (failure !== null) return failure;
  if (draft.messageKnown && draft.severityKnown) {
    draft.headed = true;
    return null;
  }
  if (!draft.messageKnown) draft.entry.message = '';
  return readInside(draft, objectOf(members), settings, 0);
}

/** Reads `text` as layer `depth`, and what is inside it. */
function readLayers(draft: Draft, text: string, settings: ReadSettings, depth: number): Failure | null {
  draft.layer = depth;
  const code = text.charCodeAt(0);
  if (code === 0x7b || code === 0xfeff) {
    const object = parseObject(text);
    if (object !== null) return readObject(draft, object, settings, depth);
  }
  return readText(draft, text, settings, depth);
}

function readObject(draft: Draft, object: JsonObject, settings: ReadSettings, depth: number): Failure | null {
  if (depth > 0 && isDeeper(object, settings.maxDepth)) return tooDeep(settings.maxDepth);
  if (depth > 0) beginLayer(draft);
  draft.messageKnown = false;
  const failure = readRecord(draft, object, settings);
  if (failure !== null) return failure;
  if (!draft.messageKnown) draft.entry.message = '';
  return readInside(draft, object, settings, depth);
}

/** A JSON record that knows no severity may be a wrapper: its message is read as a record of its own. */
function readInside(draft: Draft, object: JsonObject, settings: ReadSettings, depth: number): Failure | null {
  if (!draft.messageKnown) draft.headed = true;
  if (draft.headed) return null;
  if (draft.severityKnown) {
    draft.headed = true;
    // The severity of a text payload is its agent's guess by stream; its lines may be those of a trace.
    draft.relayed = typeof object.textPayload === 'string';
    if (draft.relayed) draft.origin = originOf(object);
    return null;
  }
  const { message } = draft.entry;
  const line = withoutLineEnd(message);
  draft.wrapped = true;
  draft.inner ??= line;
  draft.origin = originOf(object);
  draft.partial =
    draft.format.endsWith('docker') && line.length === message.length && line.length >= DOCKER_PART_CHARS;
  draft.entry.message = line;
  if (draft.partial || depth + 1 >= MAX_LAYERS) return null;
  return readLayers(draft, line, settings, depth + 1);
}

/** Docker's json-file driver cuts lines at 16 KiB: a part has no line end. */
const DOCKER_PART_CHARS = 16_384;

function readText(draft: Draft, text: string, settings: ReadSettings, depth: number): Failure | null {
  if (depth > 0) beginLayer(draft);
  const service = draft.entry.service === '' ? UNKNOWN_SERVICE : draft.entry.service;
  const format = Object.hasOwn(settings.formats, service) ? settings.formats[service] : undefined;
  if (format !== undefined) {
    if (!LINE_FORMATS[format](draft, text)) draft.entry.message = text;
    return null;
  }
  const inner = readLine(draft, text);
  if (inner === null) return null;
  draft.entry.message = inner;
  draft.messageKnown = true;
  if (draft.partial || depth + 1 >= MAX_LAYERS) return null;
  return readLayers(draft, inner, settings, depth + 1);
}

/** Without the one line end that a wrapper keeps. */
function withoutLineEnd(text: string): string {
  if (text.charCodeAt(text.length - 1) !== 0x0a) return text;
  return text.slice(0, text.charCodeAt(text.length - 2) === 0x0d ? -2 : -1);
}

/** Reads a line that came in parts, when it is whole. */
export const readWhole =
  (settings: ReadSettings) =>
  (draft: Draft, text: string): Failure | null =>
    readLayers(draft, text, settings, draft.layer + 1);
