/** Saved queries, and SQL where the deployment allows it. */
import { z } from 'zod';
import { listOf } from './range.ts';
import { count, text } from './value.ts';

export const savedQuery = z.object({
  name: z.string(),
  /** The question it answers. */
  title: z.string(),
  description: z.string(),
  sql: z.string(),
  parameters: z.array(z.object({ name: z.string(), type: z.string() })),
});
export type SavedQuery = z.infer<typeof savedQuery>;
export const savedQueries = listOf(savedQuery);
export type SavedQueries = z.infer<typeof savedQueries>;

/** A value of a parameter; times as ISO 8601. */
const value = z.union([text(10_000, 0), z.number(), z.boolean(), z.null()]);
const parameters = z.record(text(64), value).default({});
const options = {
  parameters,
  max_rows: z.number().int().min(1).max(100_000).default(1000),
  dry_run: z
    .boolean()
    .default(false)
    .meta({ description: 'checks it, and says how many bytes it would scan' }),
};

export const runInput = z.strictObject(options);
export type RunInput = z.input<typeof runInput>;

/** One statement that reads. */
export const sqlInput = z.strictObject({ query: text(100_000), ...options });
export type SqlInput = z.input<typeof sqlInput>;

export const sqlResult = z.object({
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  /** Values in the order of the columns; JSON values, times as ISO 8601. */
  rows: z.array(z.array(z.unknown())),
  /** Rows beyond `max_rows` were left out. */
  truncated: z.boolean(),
  total_rows: count,
  bytes_scanned: count,
  ms: z.number(),
  dry_run: z.boolean(),
});
export type SqlResult = z.infer<typeof sqlResult>;

/** Tables, views and functions, for completion. */
export const sqlSchema = listOf(
  z.object({
    name: z.string(),
    kind: z.enum(['table', 'view', 'function']),
    description: z.string(),
    columns: z.array(z.object({ name: z.string(), type: z.string(), description: z.string() })),
  }),
);
export type SqlSchema = z.infer<typeof sqlSchema>;
