/**
 * GoogleSQL's types, and their names on three sides: GoogleSQL, DuckDB, the REST API. TIMESTAMP is DuckDB's
 * TIMESTAMPTZ, DATETIME its TIMESTAMP; fields of a STRUCT without a name of their own are `_field_1`, … as in
 * BigQuery's results.
 */

import type { BigQueryType, ColumnSpec, Mode } from './statement.ts';

export type ScalarKind =
  | 'INT64'
  | 'FLOAT64'
  | 'NUMERIC'
  | 'BOOL'
  | 'STRING'
  | 'BYTES'
  | 'DATE'
  | 'TIME'
  | 'DATETIME'
  | 'TIMESTAMP'
  | 'JSON'
  | 'INTERVAL'
  /** BIGNUMERIC has more digits than any type of DuckDB: named in schemas, refused in queries. */
  | 'BIGNUMERIC';

export interface StructField {
  readonly name: string | null;
  readonly type: Type;
}

export type Type =
  | { readonly kind: ScalarKind }
  | { readonly kind: 'ARRAY'; readonly element: Type }
  | { readonly kind: 'STRUCT'; readonly fields: readonly StructField[] };

const scalar = <K extends ScalarKind>(kind: K): { readonly kind: K } => ({ kind });

export const INT64 = scalar('INT64');
export const FLOAT64 = scalar('FLOAT64');
export const NUMERIC = scalar('NUMERIC');
export const BOOL = scalar('BOOL');
export const STRING = scalar('STRING');
export const BYTES = scalar('BYTES');
export const DATE = scalar('DATE');
export const TIME = scalar('TIME');
export const DATETIME = scalar('DATETIME');
export const TIMESTAMP = scalar('TIMESTAMP');
export const JSON_TYPE = scalar('JSON');
export const INTERVAL = scalar('INTERVAL');

export const arrayOf = (element: Type): Type => ({ kind: 'ARRAY', element });

const aliases: Readonly<Record<string, ScalarKind>> = {
  INT64: 'INT64',
  INT: 'INT64',
  SMALLINT: 'INT64',
  INTEGER: 'INT64',
  BIGINT: 'INT64',
  TINYINT: 'INT64',
  BYTEINT: 'INT64',
  FLOAT64: 'FLOAT64',
  FLOAT: 'FLOAT64',
  NUMERIC: 'NUMERIC',
  DECIMAL: 'NUMERIC',
  BIGNUMERIC: 'BIGNUMERIC',
  BIGDECIMAL: 'BIGNUMERIC',
  BOOL: 'BOOL',
  BOOLEAN: 'BOOL',
  STRING: 'STRING',
  BYTES: 'BYTES',
  DATE: 'DATE',
  TIME: 'TIME',
  DATETIME: 'DATETIME',
  TIMESTAMP: 'TIMESTAMP',
  JSON: 'JSON',
  INTERVAL: 'INTERVAL',
};

/** Null where the name is no scalar type of GoogleSQL. `FLOAT` is REST's name only: `rest` lets it pass. */
export function scalarKind(name: string, rest = false): ScalarKind | null {
  if (!Object.hasOwn(aliases, name) || (name === 'FLOAT' && !rest)) return null;
  return aliases[name] ?? null;
}

const duckdb: Readonly<Record<ScalarKind, string>> = {
  INT64: 'BIGINT',
  FLOAT64: 'DOUBLE',
  NUMERIC: 'DECIMAL(38,9)',
  BIGNUMERIC: 'DECIMAL(38,9)',
  BOOL: 'BOOLEAN',
  STRING: 'VARCHAR',
  BYTES: 'BLOB',
  DATE: 'DATE',
  TIME: 'TIME',
  DATETIME: 'TIMESTAMP',
  TIMESTAMP: 'TIMESTAMPTZ',
  JSON: 'JSON',
  INTERVAL: 'INTERVAL',
};

const rest: Readonly<Record<ScalarKind, BigQueryType | null>> = {
  INT64: 'INTEGER',
  FLOAT64: 'FLOAT',
  NUMERIC: 'NUMERIC',
  BIGNUMERIC: 'BIGNUMERIC',
  BOOL: 'BOOLEAN',
  STRING: 'STRING',
  BYTES: 'BYTES',
  DATE: 'DATE',
  TIME: 'TIME',
  DATETIME: 'DATETIME',
  TIMESTAMP: 'TIMESTAMP',
  JSON: 'JSON',
  INTERVAL: null,
};

/** An identifier of DuckDB, quoted. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** DuckDB's names of a STRUCT's fields: unique, also where GoogleSQL's are missing or repeated. */
export function fieldNames(fields: readonly StructField[]): readonly string[] {
  const seen = new Set<string>();
  return fields.map((field, i) => {
    const key = field.name?.toLowerCase();
    if (!field.name || key === undefined || seen.has(key)) return `_field_${i + 1}`;
    seen.add(key);
    return field.name;
  });
}

/** The type in DuckDB's SQL. */
export function duckdbType(type: Type): string {
  if (type.kind === 'ARRAY') return `${duckdbType(type.element)}[]`;
  if (type.kind !== 'STRUCT') return duckdb[type.kind];
  const names = fieldNames(type.fields);
  const fields = type.fields.map((field, i) => `${quoteName(names[i] ?? '')} ${duckdbType(field.type)}`);
  return `STRUCT(${fields.join(', ')})`;
}

/** The type as GoogleSQL writes it. */
export function typeText(type: Type): string {
  if (type.kind === 'ARRAY') return `ARRAY<${typeText(type.element)}>`;
  if (type.kind !== 'STRUCT') return type.kind;
  const fields = type.fields.map((field) => (field.name ? `${field.name} ` : '') + typeText(field.type));
  return `STRUCT<${fields.join(', ')}>`;
}

/** Same type; names of STRUCT fields do not matter, as for GoogleSQL's coercions. */
export function sameType(a: Type, b: Type): boolean {
  if (a.kind === 'ARRAY') return b.kind === 'ARRAY' && sameType(a.element, b.element);
  if (a.kind !== 'STRUCT') return a.kind === b.kind;
  return (
    b.kind === 'STRUCT' &&
    a.fields.length === b.fields.length &&
    a.fields.every((field, i) => sameType(field.type, b.fields[i]!.type))
  );
}

const kinds: Readonly<Record<Exclude<BigQueryType, 'RECORD'>, ScalarKind>> = {
  STRING: 'STRING',
  BYTES: 'BYTES',
  INTEGER: 'INT64',
  FLOAT: 'FLOAT64',
  BOOLEAN: 'BOOL',
  TIMESTAMP: 'TIMESTAMP',
  DATE: 'DATE',
  TIME: 'TIME',
  DATETIME: 'DATETIME',
  JSON: 'JSON',
  NUMERIC: 'NUMERIC',
  BIGNUMERIC: 'BIGNUMERIC',
};

/** The type of a column of a table. */
export function columnType(column: ColumnSpec): Type {
  const one: Type =
    column.type === 'RECORD'
      ? { kind: 'STRUCT', fields: (column.fields ?? []).map((f) => ({ name: f.name, type: columnType(f) })) }
      : { kind: kinds[column.type] };
  return column.mode === 'REPEATED' ? arrayOf(one) : one;
}

/** The column of a result, or of a table made from it. Null: no column can have that type. */
export function columnSpec(name: string, type: Type, mode: Mode = 'NULLABLE'): ColumnSpec | null {
  if (type.kind === 'ARRAY') {
    return type.element.kind === 'ARRAY' ? null : columnSpec(name, type.element, 'REPEATED');
  }
  if (type.kind !== 'STRUCT') {
    const named = rest[type.kind];
    return named ? { name, type: named, mode } : null;
  }
  const names = fieldNames(type.fields);
  const fields: ColumnSpec[] = [];
  for (const [i, field] of type.fields.entries()) {
    const spec = columnSpec(names[i] ?? '', field.type);
    if (!spec) return null;
    fields.push(spec);
  }
  return { name, type: 'RECORD', mode, fields };
}
