/** Values of a result as texts: for the screen and for a file. Pure. */
import type { SqlResult } from '../../schema/sql.ts';

export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string'
    ? value
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);
}

/** RFC 4180; what a spreadsheet would take for a formula gets an apostrophe. */
export function csvOf({ columns, rows }: Pick<SqlResult, 'columns' | 'rows'>): string {
  const field = (value: unknown): string => {
    const text = cellText(value);
    const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return [columns.map(({ name }) => field(name)), ...rows.map((row) => row.map(field))]
    .map((fields) => `${fields.join(',')}\r\n`)
    .join('');
}
