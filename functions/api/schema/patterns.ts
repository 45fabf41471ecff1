/** Patterns of messages. */
import { z } from 'zod';
import { severityName } from './logs.ts';
import { listOf } from './range.ts';
import { count, name, text, time } from './value.ts';

export const pattern = z.object({
  pattern_id: z.string(),
  template: z.string(),
  example: z.string(),
  services: z.array(z.string()),
  /** The worst of its entries. */
  severity: severityName,
  category: z.string().nullable(),
  first_seen: time,
  last_seen: time,
  /** Since it was first seen. */
  entries: count,
  is_new: z.boolean(),
  is_rare: z.boolean(),
  learned: z.boolean(),
});
export type Pattern = z.infer<typeof pattern>;

export const patternsQuery = z.strictObject({
  service: name.optional(),
  q: text(256).optional().meta({ description: 'part of the template, any case' }),
  new: z.boolean().optional().meta({ description: 'true: first seen in the last 24 hours' }),
  rare: z.boolean().optional(),
  category: name.optional(),
  min_severity: severityName.optional(),
  sort: z.enum(['-entries', '-first_seen', '-last_seen']).default('-entries'),
  limit: z.number().int().min(1).max(1000).default(50),
});
export type PatternsQuery = z.input<typeof patternsQuery>;

export const patterns = listOf(pattern);
export type Patterns = z.infer<typeof patterns>;
