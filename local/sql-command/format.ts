/**
 * Rows of a query as text: a table for eyes, CSV (RFC 4180) for spreadsheets, JSON (one object a line) for programs.
 * Formats: 'table' shows NULL as NULL and cuts nothing; CSV leaves NULL empty.
 */
export type Format = 'table' | 'csv' | 'json';

export type Row = Readonly<Record<string, unknown>>;

/** Writes rows as they come; `end` says that there are no more. */
export interface RowWriter {
  rows(rows: readonly Row[]): void;
  end(): void;
}

/** Rows of a table are measured in groups of so many, so that the first are on screen early. */
const TABLE_GROUP = 1000;

/** A writer of `columns` to `put`, which takes text with line ends. */
export function rowWriter(
  format: Format,
  columns: readonly string[],
  put: (text: string) => void,
): RowWriter {
  if (format === 'json')
    return { rows: (rows) => each(rows, (row) => put(`${jsonLine(row)}\n`)), end: () => {} };
  if (format === 'csv') {
    put(`${columns.map(csvCell).join(',')}\r\n`);
    return {
      rows: (rows) =>
        each(rows, (row) =>
          put(`${columns.map((name) => csvCell(cellText(row[name]) ?? '')).join(',')}\r\n`),
        ),
      end: () => {},
    };
  }
  return tableWriter(columns, put);
}

function tableWriter(columns: readonly string[], put: (text: string) => void): RowWriter {
  let waiting: (readonly string[])[] = [];
  let widths: number[] | null = null;
  const flush = (): void => {
    const first = widths === null;
    widths ??= columns.map((name, i) =>
      waiting.reduce((width, row) => Math.max(width, [...row[i]!].length), name.length),
    );
    if (first) {
      put(`${line(columns, widths)}\n`);
      put(`${widths.map((width) => '─'.repeat(width)).join('──')}\n`);
    }
    for (const row of waiting) put(`${line(row, widths)}\n`);
    waiting = [];
  };
  return {
    rows(rows) {
      for (const row of rows) waiting.push(columns.map((name) => oneLine(cellText(row[name]) ?? 'NULL')));
      if (waiting.length >= TABLE_GROUP) flush();
    },
    end: flush,
  };
}

/** Text of a cell as the client gives it; null for NULL. */
export function cellText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  const text = plain(value);
  return typeof text === 'object' ? JSON.stringify(text) : String(text);
}

const jsonLine = (row: Row): string => JSON.stringify(plain(row));

/** The client wraps dates, timestamps and large integers in objects of one field `value`; bytes are a Buffer. */
function plain(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Buffer.isBuffer(value)) return value.toString('base64');
  if (Array.isArray(value)) return value.map(plain);
  const fields = Object.entries(value);
  if (value.constructor.name !== 'Object' && 'value' in value) return value.value;
  return Object.fromEntries(fields.map(([name, field]) => [name, plain(field)]));
}

const line = (cells: readonly string[], widths: readonly number[]): string =>
  cells
    .map((cell, i) => cell + ' '.repeat(Math.max(0, widths[i]! - [...cell].length)))
    .join('  ')
    .trimEnd();

/** Control characters would let a logged text drive the reader's terminal. */
const oneLine = (text: string): string =>
  text.replace(/[\x00-\x1f\x7f-\x9f]/g, (char) => ({ '\n': '\\n', '\t': '\\t', '\r': '\\r' })[char] ?? '�');

const csvCell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

function each<T>(items: readonly T[], work: (item: T) => void): void {
  for (const item of items) work(item);
}
