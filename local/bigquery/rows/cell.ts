/**
 * Rows of a result in the REST API's shape, `{"f":[{"v":…}]}`, as JSON text: made once, when the query runs, and
 * sent as it is. TIMESTAMPs are microseconds; a client that does not ask for them gets seconds, by `inSeconds`.
 */
import type { DuckDBDataChunk, DuckDBListValue, DuckDBStructValue, DuckDBValue } from '@duckdb/node-api';
import type { ColumnSpec } from '../sql/statement.ts';
import { cellText, floatText } from './text.ts';

/** The rows of a chunk, each as JSON text. */
export function chunkRows(chunk: DuckDBDataChunk, columns: readonly ColumnSpec[]): string[] {
  const rows = new Array<string>(chunk.rowCount).fill('{"f":[');
  columns.forEach((column, at) => {
    const vector = chunk.getColumnVector(at);
    const comma = at === 0 ? '' : ',';
    for (let i = 0; i < rows.length; i++) {
      rows[i] += comma + cell(vector.getItem(i) as DuckDBValue, column);
    }
  });
  return rows.map((row) => `${row}]}`);
}

function cell(value: DuckDBValue, column: ColumnSpec): string {
  if (column.mode !== 'REPEATED') return `{"v":${content(value, column)}}`;
  if (value === null) return '{"v":[]}';
  const items = (value as DuckDBListValue).items.map((item) => `{"v":${content(item, column)}}`);
  return `{"v":[${items.join(',')}]}`;
}

function content(value: DuckDBValue, column: ColumnSpec): string {
  if (value === null) return 'null';
  if (column.type === 'RECORD') {
    const entries = Object.values((value as DuckDBStructValue).entries);
    const fields = (column.fields ?? []).map((field, i) => cell(entries[i] ?? null, field));
    return `{"f":[${fields.join(',')}]}`;
  }
  if (typeof value === 'number' && column.type === 'FLOAT') return `"${floatText(value)}"`;
  return JSON.stringify(cellText(value));
}

interface CellJson {
  v: string | null | RowJson | CellJson[];
}
interface RowJson {
  f: CellJson[];
}

/** Is there a TIMESTAMP among the columns? Without one, rows are the same for every client. */
export const hasTimestamp = (columns: readonly ColumnSpec[]): boolean =>
  columns.some((column) => column.type === 'TIMESTAMP' || hasTimestamp(column.fields ?? []));

/** The row with its TIMESTAMPs in seconds, as `1.408452095226E9`. */
export function inSeconds(row: string, columns: readonly ColumnSpec[]): string {
  const json = JSON.parse(row) as RowJson;
  convert(json, columns);
  return JSON.stringify(json);
}

function convert(row: RowJson, columns: readonly ColumnSpec[]): void {
  columns.forEach((column, i) => {
    const held = row.f[i];
    if (!held || held.v === null || (column.type !== 'TIMESTAMP' && column.type !== 'RECORD')) return;
    const cells = Array.isArray(held.v) ? held.v : [held];
    for (const one of cells) {
      if (one.v === null) continue;
      if (column.type === 'TIMESTAMP') one.v = floatText(Number(one.v) / 1e6);
      else convert(one.v as RowJson, column.fields ?? []);
    }
  });
}
