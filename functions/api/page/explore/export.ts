/** What was found, as a file. The token goes in a header, so a plain link would not do. */
import { ask, type Query } from '../request.ts';
import { place } from '../route.ts';
import { spanOf, spanQuery } from '../span.ts';
import type { Filters } from './search.ts';

const MOST = 100_000;

export async function exportEntries(filters: Filters, format: 'csv' | 'ndjson'): Promise<void> {
  const span = spanQuery(spanOf(place.value.query, Date.now()));
  const query = { ...filters, ...span, format, limit: MOST } as Query;
  const response = await ask('/logs/export', { query });
  saveBlob(await response.blob(), `logweir-${span.from.slice(0, 19).replaceAll(':', '')}.${format}`);
}

export function saveBlob(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
