/** The range of time of a question, and where its next page begins. */
import { z } from 'zod';
import { invalid } from './fault.ts';

/** [fromMs, toMs) */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

const HOUR_MS = 3_600_000;
const MAX_MS = 400 * 86_400_000;

/** What was asked for; without it, the last `usualMs`. Throws a Fault. */
export function spanOf(
  { from, to }: { readonly from?: number | undefined; readonly to?: number | undefined },
  nowMs: number,
  usualMs = HOUR_MS,
): Span {
  // What is just now written has a time of just now: the end lies ahead of it.
  const toMs = to ?? (from === undefined || from <= nowMs ? nowMs + 1000 : from + usualMs);
  const fromMs = from ?? toMs - usualMs;
  if (fromMs >= toMs)
    throw invalid('query: from must be before to', [{ at: 'from', message: 'must be before to' }]);
  if (toMs - fromMs > MAX_MS)
    throw invalid(`query: from and to are more than ${MAX_MS / 86_400_000} days apart`);
  return { fromMs, toMs };
}

/** A cursor: where a page ended, as base64url of JSON. It is no secret and no right: the same filters apply to it. */
export const cursorOf = (place: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify(place)).toString('base64url');

/** Reads a cursor. Throws a Fault for one of other paths, or none. */
export function placeOf<T extends z.ZodType>(cursor: string, shape: T): z.output<T> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    value = null;
  }
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalid('query: cursor is none of this path', [{ at: 'cursor', message: 'none of this path' }]);
}

/** µs since the epoch, as cursors hold them, from 1700 to 2250. */
export const cursorUs = z
  .number()
  .int()
  .min(Date.UTC(1700, 0) * 1000)
  .max(Date.UTC(2250, 0) * 1000);
export const cursorText = z
  .string()
  .max(1024)
  .refine((given) => !/\p{Surrogate}/u.test(given));
