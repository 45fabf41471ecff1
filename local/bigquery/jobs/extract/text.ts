/** CSV and NDJSON, as BigQuery exports them: INT64 as text in JSON, NULL left out, instants with their zone. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { DuckDBDataChunk, DuckDBListValue, DuckDBStructValue, DuckDBValue } from '@duckdb/node-api';
import { DuckDBTimestampTZValue } from '@duckdb/node-api';
import { invalid } from '../../failure.ts';
import { cellText, floatText, timestampText } from '../../rows/text.ts';
import type { ColumnSpec } from '../../sql/statement.ts';
import { type Extraction, eachChunk } from './extraction.ts';

export async function writeNdjson(extraction: Extraction): Promise<void> {
  const { columns } = extraction;
  await writeText(extraction, '', (values) => {
    const members = columns.flatMap((column, i) => member(column, values[i] ?? null));
    return `{${members.join(',')}}\n`;
  });
}

export async function writeCsv(extraction: Extraction): Promise<void> {
  const { columns, header, delimiter: given } = extraction;
  const delimiter = /^(?:tab|\\t)$/i.test(given) ? '\t' : given;
  for (const { name, type, mode } of columns) {
    if (type === 'RECORD' || mode === 'REPEATED') {
      throw invalid(`Operation cannot be performed on a nested schema. Field: ${name}`);
    }
  }
  const field = (text: string): string =>
    /["\r\n]/.test(text) || text.includes(delimiter) ? `"${text.replaceAll('"', '""')}"` : text;
  const head = columns.map(({ name }) => field(name)).join(delimiter);
  await writeText(extraction, header ? `${head}\n` : '', (values) => {
    const fields = values.map((value) => (value === null ? '' : field(plainText(value))));
    return `${fields.join(delimiter)}\n`;
  });
}

async function writeText(
  extraction: Extraction,
  head: string,
  line: (values: readonly DuckDBValue[]) => string,
): Promise<void> {
  const file = createWriteStream(extraction.path);
  const out = extraction.compression === 'GZIP' ? createGzip() : file;
  if (out !== file) out.pipe(file);
  out.write(head);
  const take = async (chunk: DuckDBDataChunk): Promise<void> => {
    const text = chunk.getRows().map(line).join('');
    if (!out.write(text)) await once(out, 'drain');
  };
  try {
    await eachChunk(extraction, take);
    out.end();
    await finished(file);
  } catch (error) {
    out.destroy();
    file.destroy();
    throw error;
  }
}

/** `"name":value`; nothing for NULL. */
function member(column: ColumnSpec, value: DuckDBValue): string[] {
  if (value === null) return [];
  const name = JSON.stringify(column.name);
  if (column.mode !== 'REPEATED') return [`${name}:${jsonValue(column, value)}`];
  const items = (value as DuckDBListValue).items.map((item) => jsonValue(column, item));
  return [`${name}:[${items.join(',')}]`];
}

function jsonValue(column: ColumnSpec, value: DuckDBValue): string {
  if (column.type === 'RECORD') {
    const entries = Object.values((value as DuckDBStructValue).entries);
    const members = (column.fields ?? []).flatMap((field, i) => member(field, entries[i] ?? null));
    return `{${members.join(',')}}`;
  }
  if (column.type === 'JSON') return String(value);
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number')
    return Number.isFinite(value) ? String(value) : JSON.stringify(String(value));
  return JSON.stringify(plainText(value));
}

function plainText(value: DuckDBValue): string {
  if (value instanceof DuckDBTimestampTZValue) return timestampText(value.micros);
  if (typeof value === 'number') return floatText(value);
  return cellText(value) ?? '';
}
