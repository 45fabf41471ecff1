/** Pages of log entries in an order, each page going on where the one before ended. */
import { z } from 'zod';
import { invalid } from '../fault.ts';
import { type Ask, all, type Condition, isoOf, real, text, timeUs, when } from '../question.ts';
import type { LOG_SORTS, LogsPage } from '../schema/logs.ts';
import { cursorOf, cursorText, cursorUs, placeOf, type Span } from '../span.ts';
import { ENTRY_COLUMNS, type EntryRow, entryOfRow } from './entry.ts';
import { conditionOf, type FilterContext, type LogFilters, spanCondition } from './filter.ts';
import { once, type SourceSettings, sourceOf } from './source.ts';

export type LogSort = (typeof LOG_SORTS)[number];

export interface SearchInput {
  readonly filters: LogFilters;
  readonly span: Span;
  readonly sort: LogSort;
  readonly limit: number;
  readonly cursor: string | undefined;
}

export interface SearchContext extends FilterContext, SourceSettings {
  readonly ask: Ask;
}

/** Rows that may be the same entry, beyond the limit. */
const SPARE = 20;

const place = z.tuple([z.string(), z.number().nullable(), cursorUs, cursorText]);

/** What an order is by before time and identity; null: time alone. */
const BY: Readonly<Record<LogSort, 'latency_ms' | 'anomaly_score' | null>> = {
  '-timestamp': null,
  timestamp: null,
  '-latency_ms': 'latency_ms',
  '-anomaly_score': 'anomaly_score',
};

/** Spans longer than this are looked at in their end first. */
const LONG_MS = 3_600_000;
const PART = 48;

/**
 * A page. The newest (or oldest) entries of a long time mostly stand in a small part of it, which is asked first; where a
 * search is for what is rare, that would only cost twice. Rejects with a Fault for a cursor of something else.
 */
export async function searchLogs(input: SearchInput, context: SearchContext): Promise<LogsPage> {
  const { span, sort, filters, limit } = input;
  const whole = { from: isoOf(span.fromMs * 1000), to: isoOf(span.toMs * 1000) };
  const lengthMs = span.toMs - span.fromMs;
  const isRare = filters.q !== undefined || filters.trace !== undefined;
  if (BY[sort] === null && input.cursor === undefined && !isRare && lengthMs > LONG_MS) {
    const partMs = Math.ceil(lengthMs / PART);
    const part =
      sort === 'timestamp'
        ? { fromMs: span.fromMs, toMs: span.fromMs + partMs }
        : { fromMs: span.toMs - partMs, toMs: span.toMs };
    const page = await pageIn({ ...input, span: part }, context);
    if (page.items.length === limit && page.next_cursor !== null) return { ...page, ...whole };
  }
  return pageIn(input, context);
}

async function pageIn(input: SearchInput, context: SearchContext): Promise<LogsPage> {
  const { filters, span, sort, limit } = input;
  const after = afterOf(input);
  const by = BY[sort];
  const time = spanCondition(after?.fromUs ?? span.fromMs * 1000, after?.toUs ?? span.toMs * 1000);
  const where = all([
    time,
    conditionOf(filters, context),
    by === 'latency_ms' ? when('latency_ms IS NOT NULL') : null,
    after?.condition ?? null,
  ]);
  const way = sort === 'timestamp' ? 'ASC' : 'DESC';
  const rows = await context.ask<EntryRow>({
    sql: `SELECT ${ENTRY_COLUMNS}
FROM ${sourceOf(span, time, context)}
WHERE ${where.sql}
ORDER BY ${by === null ? '' : `${by} DESC, `}timestamp ${way}, insert_id ${way}
LIMIT ${limit + SPARE}`,
    params: where.params,
  });
  const found = once(rows);
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  const isMore = found.length > limit || rows.length === limit + SPARE;
  return {
    items: shown.map(entryOfRow),
    next_cursor: isMore && last !== undefined ? cursorAfter(last, sort) : null,
    from: isoOf(span.fromMs * 1000),
    to: isoOf(span.toMs * 1000),
  };
}

function cursorAfter(row: EntryRow, sort: LogSort): string {
  const by = BY[sort];
  return cursorOf([sort, (by === null ? 0 : row[by]) ?? 0, row.timestamp_us, row.insert_id]);
}

interface After {
  readonly condition: Condition;
  /** By time alone, the range begins or ends at the cursor: less is read. */
  readonly fromUs?: number;
  readonly toUs?: number;
}

function afterOf({ cursor, sort, span }: SearchInput): After | null {
  if (cursor === undefined) return null;
  const [of, value, us, id] = placeOf(cursor, place);
  const [fromUs, toUs] = [span.fromMs * 1000, span.toMs * 1000];
  if (of !== sort) throw invalid('query: cursor is of another order');
  const by = BY[sort];
  const params = { after_time: timeUs(us), after_id: text(id) };
  if (sort === 'timestamp')
    return {
      condition: when('(timestamp > @after_time OR insert_id > @after_id)', params),
      fromUs: Math.max(fromUs, us),
    };
  if (by === null)
    return {
      condition: when('(timestamp < @after_time OR insert_id < @after_id)', params),
      toUs: Math.min(toUs, us + 1),
    };
  return {
    condition: when(
      `(${by} < @after_value OR (${by} = @after_value AND (timestamp < @after_time OR (timestamp = @after_time AND insert_id < @after_id))))`,
      { ...params, after_value: real(value ?? 0) },
    ),
  };
}
