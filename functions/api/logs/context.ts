/** One entry with what its service wrote before and after it, and with its trace. */
import type { z } from 'zod';
import { notFound } from '../fault.ts';
import { type Ask, all, text, timeUs, when } from '../question.ts';
import type { contextQuery, LogContext, LogEntry } from '../schema/logs.ts';
import { ENTRY_COLUMNS, type EntryRow, entryOfRow } from './entry.ts';
import { conditionOf, type FilterContext, spanCondition } from './filter.ts';
import type { SearchContext } from './search.ts';
import { once, sourceOf } from './source.ts';

/** How far around an entry is looked. */
const AROUND_MS = 3_600_000;
/** How far around an entry its trace is looked for. */
const TRACE_MS = 900_000;
const MAX_TRACE = 500;

export interface ContextInput extends z.output<typeof contextQuery> {
  readonly insertId: string;
}

/** Rejects with a Fault when there is no such entry at that time. */
export async function contextOf(input: ContextInput, context: SearchContext): Promise<LogContext> {
  const entry = await entryOf(input, context);
  const { at, before, after } = input;
  const { service } = entry.row;
  const us = entry.row.timestamp_us;
  const place = { at_time: timeUs(us), at_id: text(entry.row.insert_id) };
  const ofService = when('service = @of_service', { of_service: text(service) });
  const earlier = when('(timestamp < @at_time OR (timestamp = @at_time AND insert_id < @at_id))', place);
  const later = when('(timestamp > @at_time OR (timestamp = @at_time AND insert_id > @at_id))', place);
  const read = (conditions: Parameters<typeof all>[0], order: string, limit: number, reachMs: number) =>
    limit === 0 ? [] : rowsAround({ at, conditions, order, limit, reachMs }, context);
  const [behind, ahead, trace] = await Promise.all([
    read([ofService, earlier], 'timestamp DESC, insert_id DESC', before, AROUND_MS),
    read([ofService, later], 'timestamp, insert_id', after, AROUND_MS),
    entry.shown.trace_id === null
      ? []
      : read(
          [when('trace_id = @of_trace', { of_trace: text(entry.shown.trace_id) })],
          'timestamp, insert_id',
          MAX_TRACE,
          TRACE_MS,
        ),
  ]);
  return { entry: entry.shown, before: behind.toReversed(), after: ahead, trace };
}

async function entryOf(
  { insertId, at }: ContextInput,
  context: SearchContext,
): Promise<{ readonly row: EntryRow; readonly shown: LogEntry }> {
  const [row] = await rows(
    {
      ...{ at, order: 'timestamp', limit: 1, reachMs: 1000 },
      conditions: [when('insert_id = @insert_id', { insert_id: text(insertId) })],
    },
    context,
  );
  if (row === undefined) throw notFound('an entry of this insert_id at this time');
  return { row, shown: entryOfRow(row) };
}

interface Around {
  readonly at: number;
  readonly conditions: Parameters<typeof all>[0];
  readonly order: string;
  readonly limit: number;
  readonly reachMs: number;
}

async function rowsAround(around: Around, context: SearchContext): Promise<LogEntry[]> {
  return once(await rows(around, context))
    .slice(0, around.limit)
    .map(entryOfRow);
}

function rows(
  { at, conditions, order, limit, reachMs }: Around,
  context: SearchContext & { readonly ask: Ask } & FilterContext,
): Promise<readonly EntryRow[]> {
  const span = { fromMs: at - reachMs, toMs: at + reachMs };
  const time = spanCondition(span.fromMs * 1000, span.toMs * 1000);
  const where = all([time, conditionOf({}, context), ...conditions]);
  return context.ask<EntryRow>({
    sql: `SELECT ${ENTRY_COLUMNS}
FROM ${sourceOf(span, time, context)}
WHERE ${where.sql}
ORDER BY ${order}
LIMIT ${limit + 20}`,
    params: where.params,
  });
}
