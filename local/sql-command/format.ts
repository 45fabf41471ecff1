/**
 * Rows of a query as text: a table for eyes, CSV (RFC 4180) for spreadsheets, JSON (one object a line) for programs.
 * Formats: 'table' shows NULL as NULL and cuts nothing; CSV leaves NULL empty; JSON writes integers that a double does
 * not hold, and decimals, as strings.
 */
export type Format = 'table' | 'csv' | 'json';

export type Row = Readonly<Record<string, unknown>>;

export interface Column {
  readonly name: string;
  /** BigQuery's name, e.g. STRING; documents of JSON columns come as text. */
  readonly type: string;
}

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
  columns: readonly Column[],
  put: (text: string) => void,
): RowWriter {
  const names = columns.map(({ name }) => name);
  if (format === 'json')
    return { rows: (rows) => put(rows.map((row) => `${jsonLine(row, columns)}\n`).join('')), end: () => {} };
  if (format === 'csv') {
    const csvLine = (cells: readonly string[]): string => `${cells.map(csvCell).join(',')}\r\n`;
    put(csvLine(names));
    return {
      rows: (rows) =>
        put(rows.map((row) => csvLine(names.map((name) => cellText(row[name]) ?? ''))).join('')),
      end: () => {},
    };
  }
  return tableWriter(names, put);
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
function cellText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  const text = plain(value);
  return typeof text === 'object' ? JSON.stringify(text) : String(text);
}

function jsonLine(row: Row, columns: readonly Column[]): string {
  const fields = columns.map(({ name, type }) => [name, document(type, row[name]) ?? plain(row[name], true)]);
  return JSON.stringify(Object.fromEntries(fields));
}

/** The document of a JSON column; undefined where there is none, or one that JavaScript would not keep. */
function document(type: string, value: unknown): unknown {
  if (type !== 'JSON' || typeof value !== 'string' || /\d{16}/.test(value)) return undefined;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

/**
 * The client wraps dates, timestamps and integers in objects of one field `value`, decimals in objects of their own;
 * bytes are a Buffer. `numbers`: integers as numbers where no digit is lost.
 */
function plain(value: unknown, numbers = false): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Buffer.isBuffer(value)) return value.toString('base64');
  if (Array.isArray(value)) return value.map((one) => plain(one, numbers));
  const kind = value.constructor.name;
  if (kind === 'Big') return String(value);
  if (kind !== 'Object' && 'value' in value) {
    if (numbers && kind === 'BigQueryInt' && Number.isSafeInteger(Number(value.value)))
      return Number(value.value);
    // microseconds are all that BigQuery has
    return typeof value.value === 'string' ? value.value.replace(/(\.\d{6})000Z$/, '$1Z') : value.value;
  }
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field, numbers)]));
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
