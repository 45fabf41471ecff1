/**
 * OpenTelemetry log records in JSON: the data model's flat form (the collector's and the SDKs' exporters print it
 * with capital or small letters), and OTLP's envelope around one record. An envelope of several records is one
 * entry: the first record's time and service, all bodies, the highest severity, and the envelope whole in labels.
 * Source: https://opentelemetry.io/docs/specs/otel/logs/data-model/
 */
import type { Failure } from '../../ingest/failure.ts';
import { addFormat, addValue, beginLayer, type Draft } from '../draft.ts';
import { FIELD_OF } from '../fields.ts';
import { take } from '../take.ts';
import { isDeeper, isObject, type JsonObject, readMembers, takeNested, tooDeep } from './object.ts';

/** Whether an object is a record of the data model, or OTLP's envelope. */
export function isOpenTelemetry(object: JsonObject): boolean {
  if (Array.isArray(object.resourceLogs)) return true;
  const body = 'body' in object || 'Body' in object;
  return (
    body &&
    ('severityNumber' in object ||
      'SeverityNumber' in object ||
      'severity_number' in object ||
      'SeverityText' in object ||
      'severityText' in object ||
      'severity_text' in object ||
      'timeUnixNano' in object ||
      'observedTimeUnixNano' in object ||
      'InstrumentationScope' in object ||
      'instrumentationScope' in object)
  );
}

export function readOpenTelemetry(draft: Draft, object: JsonObject, maxDepth: number): Failure | null {
  for (const name in object) if (isDeeper(object[name], maxDepth - 1)) return tooDeep(maxDepth);
  addFormat(draft, 'opentelemetry');
  beginLayer(draft);
  if (!Array.isArray(object.resourceLogs)) return readRecord(draft, object, maxDepth);
  const records = recordsOf(object.resourceLogs);
  const first = records[0];
  if (records.length !== 1 || first === undefined || !isPlainEnvelope(object))
    return readMany(draft, object, records);
  if (Object.keys(first.resource).length > 0) readResource(draft, 'resource', first.resource);
  if (Object.keys(first.scope).length > 0) addValue(draft, 'scope', first.scope);
  return readRecord(draft, first.record, maxDepth);
}

/** Whether an envelope holds nothing but its record, that record's resource and its scope. */
function isPlainEnvelope(object: JsonObject): boolean {
  const [outer] = object.resourceLogs as readonly JsonObject[];
  const [inner] = (outer!.scopeLogs ?? []) as readonly JsonObject[];
  return (
    hasOnly(object, 'resourceLogs') &&
    hasOnly(outer, 'resource', 'scopeLogs') &&
    inner !== undefined &&
    hasOnly(inner, 'scope', 'logRecords')
  );
}

const hasOnly = (object: unknown, ...names: readonly string[]): boolean =>
  isObject(object) && Object.keys(object).every((name) => names.includes(name));

interface EnvelopedRecord {
  readonly resource: JsonObject;
  readonly scope: JsonObject;
  readonly record: JsonObject;
}

function recordsOf(resourceLogs: readonly unknown[]): EnvelopedRecord[] {
  const list = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);
  return list(resourceLogs).flatMap((one) =>
    list(one.scopeLogs ?? one.instrumentationLibraryLogs).flatMap((scoped) =>
      list(scoped.logRecords).map((record) => ({
        resource: isObject(one.resource) ? one.resource : {},
        scope: isObject(scoped.scope) ? scoped.scope : {},
        record,
      })),
    ),
  );
}

function readMany(draft: Draft, object: JsonObject, records: readonly EnvelopedRecord[]): null {
  const bodies = records.map(({ record }) => bodyText(record.body));
  take(draft, 'message', 'body', bodies.filter((body) => body !== null).join('\n'));
  const levels = records.map(({ record }) => Number(record.severityNumber)).filter((level) => level > 0);
  if (levels.length > 0) take(draft, 'severity_otel', 'severityNumber', Math.max(...levels));
  const [first] = records;
  if (first !== undefined) {
    takeTimes(draft, first.record);
    takeAttributes(draft, plain(first.resource.attributes));
  }
  addValue(draft, 'resourceLogs', object.resourceLogs);
  return null;
}

const OWN = new Set([
  ...['body', 'Body', 'attributes', 'Attributes', 'resource', 'Resource'],
  ...[
    'timeUnixNano',
    'observedTimeUnixNano',
    'Timestamp',
    'timestamp',
    'ObservedTimestamp',
    'observed_timestamp',
  ],
  ...['severityText', 'SeverityText', 'severity_text', 'severityNumber', 'SeverityNumber', 'severity_number'],
]);

function readRecord(draft: Draft, record: JsonObject, maxDepth: number): Failure | null {
  takeTimes(draft, record);
  takeSeverity(draft, record);
  for (const name of ['resource', 'Resource'])
    if (isObject(record[name])) readResource(draft, name, record[name] as JsonObject);
    else if (record[name] !== undefined) addValue(draft, name, record[name]);
  const body = record.body ?? record.Body;
  const text = bodyText(body);
  if (text === null && body !== undefined) addValue(draft, 'body', plainValue(body));
  else if (text !== null) take(draft, 'message', 'body', text);
  for (const name of ['attributes', 'Attributes']) {
    const attributes = record[name];
    if (attributes === undefined) continue;
    const read = plain(attributes);
    takeAttributes(draft, read);
    addValue(draft, 'attributes', read);
  }
  return readMembers(draft, record, maxDepth, OWN);
}

function readResource(draft: Draft, name: string, resource: JsonObject): void {
  // The exporters of some SDKs print the attributes as the resource itself.
  const inner = resource.attributes ?? resource.Attributes;
  const attributes = plain(inner ?? resource);
  takeAttributes(draft, attributes);
  addValue(draft, name, inner === undefined ? attributes : { ...resource, attributes });
}

function takeTimes(draft: Draft, record: JsonObject): void {
  for (const name of [
    'timeUnixNano',
    'Timestamp',
    'timestamp',
    'observedTimeUnixNano',
    'ObservedTimestamp',
    'observed_timestamp',
  ]) {
    const value = record[name];
    if (value === undefined || value === null) continue;
    if (!take(draft, 'timestamp', name, value)) addValue(draft, name, value);
  }
}

/** The number is exact; the text is the source's own word for it, and kept. */
function takeSeverity(draft: Draft, record: JsonObject): void {
  for (const name of ['severityNumber', 'SeverityNumber', 'severity_number']) {
    const value = record[name];
    if (value === undefined) continue;
    // Python prints "SeverityNumber.WARN: 13"? Its exporter prints the number; older ones the enum's name.
    const level = typeof value === 'string' ? Number(/(\d{1,2})>?$/.exec(value)?.[1]) : value;
    take(draft, 'severity_otel', name, level);
    if (typeof level !== 'number' || !(level >= 0 && level <= 24)) addValue(draft, name, value);
  }
  for (const name of ['severityText', 'SeverityText', 'severity_text']) {
    const value = record[name];
    if (value === undefined || value === '') continue;
    if (!take(draft, 'severity', name, value)) addValue(draft, name, value);
  }
}

/** Fields that attributes name, by the same names as everywhere; nothing leaves the attributes. */
function takeAttributes(draft: Draft, attributes: unknown): void {
  if (!isObject(attributes)) return;
  for (const name in attributes) {
    const field = FIELD_OF.get(name);
    const value = attributes[name];
    if (field !== undefined && field !== 'message' && field !== 'timestamp' && typeof value !== 'object') {
      if (take(draft, field, name, value) && draft.serviceLabel === name) draft.serviceLabel = '';
    } else if (isObject(value)) takeNested(draft, name, value);
  }
}

function bodyText(body: unknown): string | null {
  const value = plainValue(body);
  return typeof value === 'string' ? value : null;
}

/** OTLP's list of `{key, value: {stringValue}}` as an object; an object stays itself. */
function plain(attributes: unknown): unknown {
  if (!Array.isArray(attributes)) return attributes;
  const entries = attributes
    .filter((one): one is JsonObject => hasOnly(one, 'key', 'value') && typeof one.key === 'string')
    .map((one): [string, unknown] => [one.key as string, plainValue(one.value)]);
  return entries.length === attributes.length ? Object.fromEntries(entries) : attributes;
}

/** The value of an OTLP AnyValue; anything else is itself. */
function plainValue(value: unknown): unknown {
  if (!isObject(value) || Object.keys(value).length !== 1) return value;
  if (typeof value.stringValue === 'string') return value.stringValue;
  if (typeof value.boolValue === 'boolean') return value.boolValue;
  if (typeof value.doubleValue === 'number') return value.doubleValue;
  if (value.intValue !== undefined) {
    const number = Number(value.intValue);
    return Number.isSafeInteger(number) ? number : value.intValue;
  }
  if (
    hasOnly(value.kvlistValue, 'values') &&
    isObject(value.kvlistValue) &&
    Array.isArray(value.kvlistValue.values)
  )
    return plain(value.kvlistValue.values);
  if (
    hasOnly(value.arrayValue, 'values') &&
    isObject(value.arrayValue) &&
    Array.isArray(value.arrayValue.values)
  )
    return value.arrayValue.values.map(plainValue);
  return value;
}
