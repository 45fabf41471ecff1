/** Templates of patterns by id, as learned; those that changed are a minute late. */
import { type Ask, texts } from './question.ts';

const SHARED_MS = 60_000;

export async function templatesOf(ids: readonly string[], ask: Ask): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await ask<{ pattern_id: string; template: string }>({
    sql: 'SELECT pattern_id, template FROM patterns WHERE pattern_id IN UNNEST(@ids)',
    params: { ids: texts([...new Set(ids)].sort()) },
    sharedMs: SHARED_MS,
  });
  return new Map(rows.map(({ pattern_id, template }) => [pattern_id, template]));
}
