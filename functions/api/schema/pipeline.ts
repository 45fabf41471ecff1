/** How the pipeline itself does: lag, throughput, revisions, what it refused, what it costs. */
import { z } from 'zod';
import { cursor, limit, pageOfRange, range } from './range.ts';
import { count, instant, json, name, time } from './value.ts';

export const pipelineQuery = z.strictObject({
  minutes: z
    .number()
    .int()
    .min(1)
    .max(24 * 60)
    .default(60),
});
export type PipelineQuery = z.input<typeof pipelineQuery>;

export const pipeline = z.object({
  from: time,
  to: time,
  /** Each minute, oldest first. */
  minutes: z.array(
    z.object({
      minute: time,
      entries: count,
      /** From the event to Pub/Sub. */
      shipping_mean_ms: z.number().nullable(),
      shipping_max_ms: z.number().nullable(),
      windows: count,
      revised: count,
      /** From the end of a window to its first row. */
      window_delay_mean_ms: z.number().nullable(),
      dead_letters: count,
      late_entries: count,
    }),
  ),
  totals: z.object({
    entries: count,
    entries_per_second: z.number(),
    windows: count,
    revised: count,
    dead_letters: count,
    late_entries: count,
  }),
  /** Windows by how often they fired. */
  revisions: z.array(z.object({ revision: count, windows: count })),
  /** What it would cost a day on Google Cloud at this load; null: no prices are at hand. */
  cost: z
    .object({
      prices_as_of: z.string(),
      gb_per_day: z.number(),
      usd_per_day: z.number(),
      components: z.array(z.object({ component: z.string(), usd_per_day: z.number() })),
    })
    .nullable(),
});
export type Pipeline = z.infer<typeof pipeline>;

export const deadLetter = z.object({
  insert_id: z.string(),
  received_at: time,
  stage: z.string(),
  reason: z.string(),
  detail: z.string(),
  message_id: z.string(),
  attributes: json,
  parts: count,
  /** Of the first part. */
  bytes: count,
});
export type DeadLetter = z.infer<typeof deadLetter>;

export const deadLettersQuery = z.strictObject({
  ...range,
  stage: name.optional(),
  reason: name.optional(),
  limit: limit(1000, 100),
  cursor: cursor.optional(),
});
export type DeadLettersQuery = z.input<typeof deadLettersQuery>;

/** Newest first; without `from` of the last seven days. */
export const deadLettersPage = pageOfRange(deadLetter).extend({
  /** How many of what in the whole range. */
  counts: z.array(z.object({ stage: z.string(), reason: z.string(), count })),
});
export type DeadLettersPage = z.infer<typeof deadLettersPage>;

export const deadLetterQuery = z.strictObject({
  at: instant.meta({ description: 'its received_at' }),
});
export type DeadLetterQuery = z.input<typeof deadLetterQuery>;

export const deadLetterDetail = deadLetter.extend({
  /** The first 64 KiB, base64. */
  raw: z.string(),
  truncated: z.boolean(),
  /** The same as text, where it is UTF-8; null otherwise. */
  text: z.string().nullable(),
});
export type DeadLetterDetail = z.infer<typeof deadLetterDetail>;

/** Published again under its own message: entries that get through this time are new entries. */
export const retried = z.object({ message_id: z.string(), bytes: count });
export type Retried = z.infer<typeof retried>;
