/**
 * Columns as the REST API writes them ↔ ColumnSpec, and their declaration in DuckDB. A type or property that the
 * laptop cannot honour is refused, not dropped.
 * Source: https://cloud.google.com/bigquery/docs/reference/rest/v2/tables#TableFieldSchema
 */
import { z } from 'zod';
import { invalid, unsupported } from '../failure.ts';
import type { BigQueryType, ColumnSpec } from '../sql/statement.ts';
import { columnType, duckdbType, quoteName } from '../sql/type.ts';

/** A column of a request or an answer. */
export interface FieldJson {
  readonly name: string;
  readonly type: string;
  readonly mode?: string | undefined;
  readonly description?: string | undefined;
  readonly fields?: readonly FieldJson[] | undefined;
  readonly policyTags?: { readonly names?: readonly string[] | undefined } | undefined;
}

const fieldShape: z.ZodType<FieldJson> = z.lazy(() =>
  z.looseObject({
    name: z.string(),
    type: z.string(),
    mode: z.string().optional(),
    description: z.string().optional(),
    fields: z.array(fieldShape).optional(),
    policyTags: z.looseObject({ names: z.array(z.string()).optional() }).optional(),
  }),
);

export const schemaShape = z.looseObject({ fields: z.array(fieldShape).optional() });

/** Hidden column of a table that is partitioned by ingestion time. */
export const PARTITION_TIME = '_PARTITIONTIME';

const TYPES: Readonly<Record<string, BigQueryType>> = {
  STRING: 'STRING',
  BYTES: 'BYTES',
  INTEGER: 'INTEGER',
  INT64: 'INTEGER',
  FLOAT: 'FLOAT',
  FLOAT64: 'FLOAT',
  BOOLEAN: 'BOOLEAN',
  BOOL: 'BOOLEAN',
  TIMESTAMP: 'TIMESTAMP',
  DATE: 'DATE',
  TIME: 'TIME',
  DATETIME: 'DATETIME',
  JSON: 'JSON',
  NUMERIC: 'NUMERIC',
  RECORD: 'RECORD',
  STRUCT: 'RECORD',
};
const MODES = ['NULLABLE', 'REQUIRED', 'REPEATED'] as const;
const MAX_DEPTH = 15;
const MAX_COLUMNS = 10_000;
const NAME = /^[\p{L}_][\p{L}\p{M}\p{N}\p{Pc}&%=+:'<>#| -]{0,299}$/u;
const RESERVED = /^(_TABLE_|_FILE_|_PARTITION|_ROW_TIMESTAMP|__ROOT__|_COLIDENTIFIER|_CHANGE_)/i;
const UNSUPPORTED = ['defaultValueExpression', 'maxLength', 'precision', 'scale', 'collation'] as const;

/** Reads the columns of a request. */
export function readFields(fields: readonly FieldJson[] | undefined): ColumnSpec[] {
  const columns = (fields ?? []).map((field) => readField(field, 1));
  checkColumns(columns);
  return columns;
}

/** Refuses what no table may have; also for columns that came by DDL. */
export function checkColumns(columns: readonly ColumnSpec[]): void {
  if (columns.length > MAX_COLUMNS)
    throw invalid(`Too many columns: ${columns.length}, at most ${MAX_COLUMNS}.`);
  const seen = new Set<string>();
  for (const { name, type, fields } of columns) {
    if (!NAME.test(name) || RESERVED.test(name)) {
      throw invalid(
        `Invalid field name "${name}". Fields must contain the allowed characters, and be at most 300 characters long.`,
      );
    }
    if (seen.has(name.toLowerCase())) throw invalid(`Field ${name} already exists in schema`);
    seen.add(name.toLowerCase());
    if (type === 'BIGNUMERIC') throw unsupported(`type BIGNUMERIC (field ${name})`);
    if (type !== 'RECORD') continue;
    if (!fields?.length) throw invalid(`Field ${name} is type RECORD but has no schema`);
    checkColumns(fields);
  }
}

/** The columns as an answer shows them. */
export function writeFields(columns: readonly ColumnSpec[]): FieldJson[] {
  return columns.map(({ name, type, mode, description, fields, policyTags }) => ({
    name,
    type,
    mode,
    ...(description === undefined ? {} : { description }),
    ...(fields === undefined ? {} : { fields: writeFields(fields) }),
    ...(policyTags === undefined ? {} : { policyTags: { names: policyTags } }),
  }));
}

/** The column in a CREATE TABLE of DuckDB. */
export function columnDdl(column: ColumnSpec): string {
  const rule = column.mode === 'REQUIRED' ? ' NOT NULL' : column.mode === 'REPEATED' ? ' DEFAULT []' : '';
  return `${quoteName(column.name)} ${duckdbType(columnType(column))}${rule}`;
}

function readField(field: FieldJson, depth: number): ColumnSpec {
  if (depth > MAX_DEPTH)
    throw invalid(`Field ${field.name} is nested too deep: at most ${MAX_DEPTH} levels.`);
  const type = TYPES[field.type.toUpperCase()];
  if (type === undefined) throw unsupported(`type ${field.type} (field ${field.name})`);
  const mode = MODES.find((known) => known === (field.mode?.toUpperCase() || 'NULLABLE'));
  if (mode === undefined)
    throw invalid(`Invalid mode ${field.mode} of field ${field.name}: ${MODES.join(', ')}.`);
  for (const key of UNSUPPORTED) if (isSet(field, key)) throw unsupported(`${key} (field ${field.name})`);
  const fields = field.fields?.map((inner) => readField(inner, depth + 1));
  const names = field.policyTags?.names;
  return {
    name: field.name,
    type,
    mode,
    ...(field.description === undefined ? {} : { description: field.description }),
    ...(type === 'RECORD' ? { fields: fields ?? [] } : {}),
    ...(names === undefined || names.length === 0 ? {} : { policyTags: names }),
  };
}

function isSet(field: FieldJson, key: string): boolean {
  const value = (field as unknown as Record<string, unknown>)[key];
  return value !== undefined && value !== null && value !== '' && value !== '0';
}
