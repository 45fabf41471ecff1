/**
 * Query parameters: a value in the REST API's shape becomes the text that is bound to DuckDB. Text alone is
 * bound and the translated SQL casts it, so a value can never be read as SQL.
 */

import { parseDate, parseDatetime, parseNumeric, parseTime, parseTimestamp } from './analyze/literal.ts';
import type { ParameterType, ParameterValue } from './statement.ts';
import { SqlError } from './statement.ts';
import type { Type } from './type.ts';
import { duckdbType, scalarKind } from './type.ts';

export type { ParameterValue } from './statement.ts';

/** DuckDB text of parameter `$index` with its type. Arrays and structs are bound as JSON. */
export function parameterSql(type: Type, index: number): string {
  if (type.kind === 'BYTES') return `from_base64($${index}::VARCHAR)`;
  if (type.kind === 'STRING') return `$${index}::VARCHAR`;
  if (type.kind === 'JSON') return `json($${index}::VARCHAR)`;
  if (type.kind === 'ARRAY' || type.kind === 'STRUCT') {
    return `CAST(json($${index}::VARCHAR) AS ${duckdbType(type)})`;
  }
  return `CAST($${index}::VARCHAR AS ${duckdbType(type)})`;
}

const invalid = (type: string, text: string): SqlError =>
  new SqlError('invalidQuery', `Invalid value for type ${type}: '${text}'`);

/** The text to bind for a parameter, null for NULL. Throws `SqlError` (invalidQuery) when it does not fit its type. */
export function parameterText(type: ParameterType, value: ParameterValue): string | null {
  const name = type.type.toUpperCase();
  if (name === 'ARRAY' || name === 'STRUCT' || name === 'RECORD') {
    const whole = jsonValue(type, value);
    return whole === null ? null : JSON.stringify(whole);
  }
  return value.value === null || value.value === undefined ? null : scalarText(name, value.value);
}

type Json = string | null | readonly Json[] | { readonly [name: string]: Json };

function jsonValue(type: ParameterType, value: ParameterValue): Json {
  const name = type.type.toUpperCase();
  if (name === 'ARRAY') {
    const element = type.arrayType;
    if (!element) throw new SqlError('invalidQuery', 'Array parameter without arrayType');
    return (value.arrayValues ?? []).map((one) => jsonValue(element, one));
  }
  if (name === 'STRUCT' || name === 'RECORD') {
    const fields = type.structTypes ?? [];
    const values = value.structValues;
    if (!values) return null;
    const named = fields.map((f, i) => {
      const given = f.name !== undefined && Object.hasOwn(values, f.name) ? values[f.name] : undefined;
      return [f.name ?? `_field_${i + 1}`, given ? jsonValue(f.type, given) : null] as const;
    });
    return Object.fromEntries(named);
  }
  if (name === 'BYTES')
    throw new SqlError('notImplemented', 'not supported locally: BYTES in array or struct parameters');
  return value.value === null || value.value === undefined ? null : scalarText(name, value.value);
}

function scalarText(name: string, text: string): string {
  const kind = scalarKind(name, true);
  const read = kind ? readers[kind] : undefined;
  if (!kind || !read)
    throw new SqlError('notImplemented', `not supported locally: query parameter of type ${name}`);
  const out = read(text);
  if (out === null) throw invalid(kind, text);
  return out;
}

const integer = /^[+-]?\d{1,19}$/;
const float = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf(?:inity)?|nan)$/i;

/** Text that DuckDB reads as the instant: from `TIMESTAMPTZ '…'`, or a zone by name, refused. */
function timestampText(text: string): string | null {
  const sql = parseTimestamp(text);
  const plain = sql ? /^TIMESTAMPTZ '(.*)'$/.exec(sql) : null;
  return plain?.[1] ?? null;
}

function integerText(text: string): string | null {
  if (!integer.test(text)) return null;
  const value = BigInt(text);
  return value >= -(2n ** 63n) && value < 2n ** 63n ? value.toString() : null;
}

function boolText(text: string): string | null {
  const lower = text.toLowerCase();
  return lower === 'true' || lower === 'false' ? lower : null;
}

function jsonText(text: string): string | null {
  try {
    JSON.parse(text);
    return text;
  } catch {
    return null;
  }
}

const readers: Readonly<Record<string, (text: string) => string | null>> = {
  STRING: (text) => text,
  BYTES: (text) => (/^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0 ? text : null),
  INT64: integerText,
  FLOAT64: (text) => (float.test(text) ? text : null),
  NUMERIC: parseNumeric,
  BOOL: boolText,
  DATE: parseDate,
  TIME: parseTime,
  DATETIME: parseDatetime,
  TIMESTAMP: timestampText,
  JSON: jsonText,
};
