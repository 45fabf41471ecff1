/**
 * Log entries as a file: pages of a thousand, each asked for when the one before was read, so that memory is one page
 * however slowly somebody reads.
 */
import type { LogEntry } from '../schema/logs.ts';
import type { Span } from '../span.ts';
import type { LogFilters } from './filter.ts';
import { type SearchContext, searchLogs } from './search.ts';

const PAGE = 1000;

export interface ExportInput {
  readonly filters: LogFilters;
  readonly span: Span;
  readonly format: 'csv' | 'ndjson';
  readonly limit: number;
  readonly signal: AbortSignal;
}

const COLUMNS = [
  'timestamp',
  'severity',
  'service',
  'instance',
  'message',
  'http_status',
  'latency_ms',
  'error_code',
  'trace_id',
  'span_id',
  'request_id',
  'user_id',
  'pattern_id',
  'anomaly_score',
  'anomaly_reasons',
  'labels',
  'insert_id',
  'received_at',
] as const satisfies readonly (keyof LogEntry)[];

/** The first page is asked for before the answer begins, so that what is wrong is answered as a problem. */
export async function exportLogs(input: ExportInput, context: SearchContext): Promise<Response> {
  const { format, limit, signal } = input;
  const page = (cursor: string | undefined, left: number) =>
    searchLogs({ ...input, sort: '-timestamp', limit: Math.min(PAGE, left), cursor }, context);
  let current: Awaited<ReturnType<typeof page>> | null = await page(undefined, limit);
  let left = limit;
  const line = format === 'csv' ? csvLine : (entry: LogEntry) => JSON.stringify(entry);
  const encoder = new TextEncoder();
  let head = format === 'csv' ? `${COLUMNS.join(',')}\r\n` : '';
  const end = format === 'csv' ? '\r\n' : '\n';
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (current === null || signal.aborted) {
          controller.close();
          return;
        }
        const { items, next_cursor } = current;
        left -= items.length;
        controller.enqueue(encoder.encode(head + items.map((entry) => line(entry) + end).join('')));
        head = '';
        current = next_cursor === null || left <= 0 ? null : await page(next_cursor, left);
      },
    },
    { highWaterMark: 0 },
  );
  const at = new Date(context.nowMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
  return new Response(body, {
    headers: {
      'content-type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson',
      'content-disposition': `attachment; filename="logs-${at}.${format}"`,
    },
  });
}

const csvLine = (entry: LogEntry): string =>
  COLUMNS.map((name) => {
    const value = entry[name];
    if (value === null || value === undefined) return '';
    return csvCell(
      Array.isArray(value)
        ? value.join(' ')
        : typeof value === 'object'
          ? JSON.stringify(value)
          : String(value),
    );
  }).join(',');

/** A cell that a spreadsheet would take for a formula gets a quote before it (OWASP, CSV injection). */
function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
