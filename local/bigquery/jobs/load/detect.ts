/**
 * The schema of rows that bring none: from the first 500 of them, the narrowest type that holds every value.
 * Source: https://cloud.google.com/bigquery/docs/schema-detect
 */
import { DIGITS } from '../../rows/exact-json.ts';
import { parseDate, parseDatetime, parseTime, parseTimestamp } from '../../rows/parse.ts';
import type { BigQueryType, ColumnSpec } from '../../sql/statement.ts';
import type { CsvField } from './csv.ts';

export const DETECT_ROWS = 500;

/** Columns of JSON objects. */
export function detectObjects(rows: readonly unknown[]): ColumnSpec[] {
  const values = new Map<string, unknown[]>();
  for (const row of rows) {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) continue;
    for (const [name, value] of Object.entries(row)) {
      const known = values.get(name);
      if (known) known.push(value);
      else values.set(name, [value]);
    }
  }
  return [...values].map(([name, all]) => detectValue(name, all));
}

function detectValue(name: string, values: readonly unknown[]): ColumnSpec {
  const repeated = values.some(Array.isArray);
  const mode = repeated ? 'REPEATED' : 'NULLABLE';
  const flat = values.flat().filter((value) => value !== null && value !== undefined);
  if (flat.length > 0 && flat.every((value) => typeof value === 'object')) {
    return { name, type: 'RECORD', mode, fields: detectObjects(flat) };
  }
  return { name, mode, type: widest(flat.map(typeOfValue)) };
}

function typeOfValue(value: unknown): BigQueryType {
  if (typeof value === 'boolean') return 'BOOLEAN';
  if (typeof value === 'number') return Number.isInteger(value) ? 'INTEGER' : 'FLOAT';
  if (typeof value !== 'string') return 'STRING';
  return value.startsWith(DIGITS) ? 'INTEGER' : typeOfMoment(value);
}

const typeOfMoment = (text: string): BigQueryType => {
  if (parseDate(text) !== null) return 'DATE';
  if (/^\d+:\d+:\d+/.test(text) && parseTime(text) !== null) return 'TIME';
  if (parseDatetime(text) !== null && /\d[T ]\d/.test(text))
    return text.includes('T') ? 'DATETIME' : 'TIMESTAMP';
  return /\d[T ]\d/.test(text) && parseTimestamp(text) !== null ? 'TIMESTAMP' : 'STRING';
};

const typeOfText = (text: string): BigQueryType => {
  if (/^[+-]?\d{1,18}$/.test(text)) return 'INTEGER';
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return 'FLOAT';
  return /^(?:true|false)$/i.test(text) ? 'BOOLEAN' : typeOfMoment(text);
};

function widest(types: readonly BigQueryType[]): BigQueryType {
  const all = new Set(types);
  const [first] = all;
  if (first === undefined) return 'STRING';
  if (all.size === 1) return first;
  if ([...all].every((type) => type === 'INTEGER' || type === 'FLOAT')) return 'FLOAT';
  if ([...all].every((type) => ['TIMESTAMP', 'DATETIME', 'DATE'].includes(type))) return 'TIMESTAMP';
  return 'STRING';
}

export interface DetectedCsv {
  readonly columns: readonly ColumnSpec[];
  /** The first row holds names. */
  readonly hasHeader: boolean;
}

/** Columns of CSV rows; `header`: the caller knows that the first one holds names. */
export function detectCsv(rows: readonly (readonly CsvField[])[], header: boolean): DetectedCsv {
  const [first = [], ...rest] = rows;
  const typesOf = (some: readonly (readonly CsvField[])[]): BigQueryType[] =>
    first.map((_, i) => {
      const texts = some.map((row) => row[i]?.text ?? '').filter((text) => text !== '');
      return widest(texts.map(typeOfText));
    });
  const below = typesOf(rest);
  const names = first.every(({ text }) => typeOfText(text) === 'STRING' && text !== '');
  const hasHeader = header || (names && rest.length > 0 && below.some((type) => type !== 'STRING'));
  const types = hasHeader ? below : typesOf(rows);
  const columns = types.map((type, i): ColumnSpec => {
    const name = hasHeader ? columnName(first[i]!.text, i) : `${type.toLowerCase()}_field_${i}`;
    return { name, type, mode: 'NULLABLE' };
  });
  return { columns, hasHeader };
}

const columnName = (text: string, index: number): string =>
  text.trim().replace(/[^\p{L}\p{M}\p{N}_]/gu, '_') || `string_field_${index}`;
