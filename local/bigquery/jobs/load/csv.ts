/**
 * CSV: fields separated by one character, in quotes where they hold it (quotes doubled inside). A field in quotes is
 * text also where it equals the null marker. Streams: holds one row.
 * Source: https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-csv
 */
import { type Line, linesOf } from './lines.ts';

export interface CsvOptions {
  readonly delimiter: string;
  /** Empty: nothing is quoted. */
  readonly quote: string;
  readonly allowQuotedNewlines: boolean;
}

export interface CsvField {
  readonly text: string;
  readonly quoted: boolean;
}

export interface CsvRow {
  readonly fields: readonly CsvField[];
  readonly position: number;
  /** Why the row cannot be read. */
  readonly error?: string;
}

export async function* csvRows(chunks: AsyncIterable<Buffer>, options: CsvOptions): AsyncGenerator<CsvRow> {
  let open: Line | null = null;
  for await (const line of linesOf(chunks)) {
    const whole: Line = open ? { text: `${open.text}\n${line.text}`, position: open.position } : line;
    open = null;
    if (whole.text === '') continue;
    const fields = split(whole.text, options);
    if (fields !== null) yield { fields, position: whole.position };
    else if (options.allowQuotedNewlines) open = whole;
    else yield broken(whole, options);
  }
  if (open) yield broken(open, options);
}

const broken = ({ position }: Line, { quote }: CsvOptions): CsvRow => ({
  fields: [],
  position,
  error: `Missing close quote character (${quote}).`,
});

/** The fields of a row; null where a quote is not closed. */
function split(text: string, { delimiter, quote }: CsvOptions): CsvField[] | null {
  const fields: CsvField[] = [];
  let at = 0;
  for (;;) {
    if (quote !== '' && text[at] === quote) {
      const end = closingQuote(text, at, quote);
      if (end < 0) return null;
      const next = text.indexOf(delimiter, end + 1);
      const tail = text.slice(end + 1, next < 0 ? undefined : next);
      fields.push({ text: text.slice(at + 1, end).replaceAll(quote + quote, quote) + tail, quoted: true });
      if (next < 0) return fields;
      at = next + 1;
      continue;
    }
    const next = text.indexOf(delimiter, at);
    fields.push({ text: text.slice(at, next < 0 ? undefined : next), quoted: false });
    if (next < 0) return fields;
    at = next + 1;
  }
}

function closingQuote(text: string, start: number, quote: string): number {
  let at = start + 1;
  for (;;) {
    const end = text.indexOf(quote, at);
    if (end < 0 || text[end + 1] !== quote) return end;
    at = end + 2;
  }
}
