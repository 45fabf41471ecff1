/** DuckDB's names of types, as `DESCRIBE` of a Parquet file shows them → columns of BigQuery. */
import { unsupported } from '../../failure.ts';
import type { BigQueryType, ColumnSpec } from '../../sql/statement.ts';

const TYPES: Readonly<Record<string, BigQueryType>> = {
  BOOLEAN: 'BOOLEAN',
  TINYINT: 'INTEGER',
  SMALLINT: 'INTEGER',
  INTEGER: 'INTEGER',
  BIGINT: 'INTEGER',
  UTINYINT: 'INTEGER',
  USMALLINT: 'INTEGER',
  UINTEGER: 'INTEGER',
  UBIGINT: 'INTEGER',
  FLOAT: 'FLOAT',
  DOUBLE: 'FLOAT',
  VARCHAR: 'STRING',
  UUID: 'STRING',
  JSON: 'JSON',
  BLOB: 'BYTES',
  DATE: 'DATE',
  TIME: 'TIME',
  TIMESTAMP: 'DATETIME',
  TIMESTAMP_NS: 'DATETIME',
  'TIMESTAMP WITH TIME ZONE': 'TIMESTAMP',
};

/** The column of a type such as `STRUCT(a BIGINT, "b c" VARCHAR[])[]`. */
export function columnOfDuckdb(name: string, type: string): ColumnSpec {
  if (type.endsWith('[]')) {
    const item = columnOfDuckdb(name, type.slice(0, -2));
    if (item.mode === 'REPEATED') throw unsupported(`an array of arrays (column ${name})`);
    return { ...item, mode: 'REPEATED' };
  }
  const inner = /^STRUCT\((.*)\)$/s.exec(type)?.[1];
  if (inner !== undefined) {
    const fields = split(inner).map((field) => {
      const [, quoted, plain, rest = ''] = /^(?:"((?:[^"]|"")*)"|(\S+)) (.*)$/s.exec(field) ?? [];
      return columnOfDuckdb(quoted?.replaceAll('""', '"') ?? plain ?? '', rest);
    });
    return { name, type: 'RECORD', mode: 'NULLABLE', fields };
  }
  const map = /^MAP\((.*)\)$/s.exec(type)?.[1];
  if (map !== undefined) throw unsupported(`a MAP (column ${name})`);
  const plain = type.startsWith('DECIMAL(') ? 'NUMERIC' : TYPES[type];
  if (plain === undefined) throw unsupported(`Parquet type ${type} (column ${name})`);
  return { name, type: plain, mode: 'NULLABLE' };
}

/** Parts between the commas that stand outside of parentheses and quotes. */
function split(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quoted = false;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (character === ',' && depth === 0) {
      parts.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  return [...parts, text.slice(start).trim()];
}
