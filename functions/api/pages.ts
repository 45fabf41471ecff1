/** Pages of rows of a table, newest first, each going on where the one before ended. */
import { z } from 'zod';
import { type Ask, all, type Condition, isoOf, text, timeUs, when } from './question.ts';
import { cursorOf, cursorText, cursorUs, placeOf, type Span } from './span.ts';

export interface PageInput {
  /** What is read; `at_us` and `row_id` are added. */
  readonly columns: string;
  readonly from: string;
  /** Column of time that the range is of. */
  readonly time: string;
  /** What tells rows of one time apart: an expression of a text. */
  readonly id: string;
  readonly span: Span;
  readonly conditions: readonly (Condition | null)[];
  readonly limit: number;
  readonly cursor: string | undefined;
  readonly sharedMs?: number;
}

export interface Paged {
  readonly at_us: number;
  readonly row_id: string;
}

const place = z.tuple([cursorUs, cursorText]);

/** Rejects with a Fault for a cursor of something else. */
export async function pageOfRows<T extends Paged>(
  input: PageInput,
  ask: Ask,
): Promise<{
  readonly rows: readonly T[];
  readonly page: { next_cursor: string | null; from: string; to: string };
}> {
  const { columns, from, time, id, span, limit, cursor, sharedMs } = input;
  const after = cursor === undefined ? null : placeOf(cursor, place);
  const toUs = Math.min(span.toMs * 1000, after === null ? Number.POSITIVE_INFINITY : after[0] + 1);
  const where = all([
    when(`${time} >= @from_time AND ${time} < @to_time`, {
      from_time: timeUs(span.fromMs * 1000),
      to_time: timeUs(toUs),
    }),
    ...input.conditions,
    after === null
      ? null
      : when(`(${time} < @after_time OR ${id} > @after_id)`, {
          after_time: timeUs(after[0]),
          after_id: text(after[1]),
        }),
  ]);
  const rows = await ask<T>({
    sql: `SELECT ${columns}, UNIX_MICROS(${time}) AS at_us, ${id} AS row_id
FROM ${from}
WHERE ${where.sql}
ORDER BY at_us DESC, row_id
LIMIT ${limit + 1}`,
    params: where.params,
    ...(sharedMs === undefined ? {} : { sharedMs }),
  });
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next_cursor = rows.length > limit && last !== undefined ? cursorOf([last.at_us, last.row_id]) : null;
  return { rows: shown, page: { next_cursor, ...rangeOf(span) } };
}

export const rangeOf = ({ fromMs, toMs }: Span) => ({ from: isoOf(fromMs * 1000), to: isoOf(toMs * 1000) });

/** A column has the text; nothing was asked: all. */
export const has = (column: string, value: string | undefined): Condition | null =>
  value === undefined ? null : when(`${column} = @of_${column}`, { [`of_${column}`]: text(value) });
