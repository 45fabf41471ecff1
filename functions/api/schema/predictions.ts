/** What models, rules and the verdict said of windows, and how long before trouble. */
import { z } from 'zod';
import { cursor, limit, pageOfRange, range } from './range.ts';
import { count, name, time } from './value.ts';
import { explanation } from './windows.ts';

export const PREDICTORS = ['verdict', 'lstm', 'forest', 'bert', 'rules'] as const;

export const prediction = z.object({
  service: z.string(),
  window_start: time,
  predicted_at: time,
  model: z.enum(PREDICTORS),
  model_version: z.string().nullable(),
  revision: count,
  score: z.number().nullable(),
  threshold: z.number().nullable(),
  positive: z.boolean(),
  horizon_s: z.number().nullable(),
  category: z.string().nullable(),
  decided_by: z.string(),
  explanation: explanation.nullable(),
  /** What mattered to the forest, by feature; empty otherwise. */
  reasons: z.array(z.object({ feature: z.string(), value: z.number().nullable() })),
  /** The first alert of the service within the horizon after a positive prediction; null: none came (yet). */
  followed_by: z
    .object({ alert_id: z.string(), rule: z.string(), started_at: time, lead_ms: z.number() })
    .nullable(),
});
export type Prediction = z.infer<typeof prediction>;

export const predictionsQuery = z.strictObject({
  ...range,
  service: name.optional(),
  model: z.enum(PREDICTORS).optional(),
  positive: z.boolean().optional(),
  limit: limit(1000, 100),
  cursor: cursor.optional(),
});
export type PredictionsQuery = z.input<typeof predictionsQuery>;

/** Newest first. */
export const predictionsPage = pageOfRange(prediction);
export type PredictionsPage = z.infer<typeof predictionsPage>;
