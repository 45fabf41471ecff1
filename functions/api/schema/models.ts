/** Models: versions, how good they are, whether they see what they learned from. */
import { z } from 'zod';
import { listOf } from './range.ts';
import { count, json, time } from './value.ts';

export const modelVersion = z.object({
  model: z.string(),
  version: z.string(),
  trained_at: time,
  state: z.enum(['candidate', 'canary', 'serving', 'retired', 'refused']),
  changed_at: time,
  traffic_percent: z.number(),
  seed: z.number(),
  sha256: z.string(),
  /** Figures on the hold-out, with the simple baseline beside. */
  metrics: json,
  /** Markdown. */
  card: z.string(),
});
export type ModelVersion = z.infer<typeof modelVersion>;

export const models = z.object({
  items: z.array(modelVersion),
  /** Version that judged windows last; null: none in the last hour. */
  serving: z.string().nullable(),
  /** What is on the endpoint; null: there is none. */
  endpoint: z.array(z.object({ id: z.string(), name: z.string(), traffic_percent: z.number() })).nullable(),
  /** Where retraining stands. */
  retraining: z
    .object({
      phase: z.enum(['idle', 'training', 'uploading', 'deploying', 'canary']),
      since: time.nullable(),
      candidate: z.string().nullable(),
      last_training_at: time.nullable(),
      can_promote: z.boolean(),
      can_roll_back: z.boolean(),
    })
    .nullable(),
});
export type Models = z.infer<typeof models>;

export const qualityQuery = z.strictObject({ days: z.number().int().min(1).max(90).default(30) });
export type QualityQuery = z.input<typeof qualityQuery>;

const outcomes = {
  windows: count,
  normal: count,
  caught: count,
  false_positives: count,
  missed: count,
  unjudged_positives: count,
};

export const quality = z.object({
  totals: z.object(outcomes),
  /** By day and service, newest first. */
  items: z.array(z.object({ service: z.string(), day: z.string(), ...outcomes })),
  /** Of the failure probability: how often trouble came, in tenths. Empty: there are none yet. */
  reliability: z.array(
    z.object({
      from: z.number(),
      to: z.number(),
      windows: count,
      mean_predicted: z.number(),
      observed: z.number(),
    }),
  ),
  /** Mean squared error of the probability; null: there are none. */
  brier: z.number().nullable(),
});
export type Quality = z.infer<typeof quality>;

export const driftTest = z.object({
  model: z.string(),
  model_version: z.string(),
  reported_at: time,
  feature: z.string(),
  statistic: z.number(),
  p_value: z.number(),
  significance: z.number(),
  drifted: z.boolean(),
  reference_rows: count,
  current_rows: count,
});
export type DriftTest = z.infer<typeof driftTest>;

/** The last test of each model and feature. */
export const drift = listOf(driftTest);
export type Drift = z.infer<typeof drift>;

export const modelAction = z.object({ done: z.boolean(), phase: z.string(), message: z.string() });
export type ModelAction = z.infer<typeof modelAction>;

/** Windows judged to be trouble of which nobody said whether they were, newest first. */
export const queueItem = z.object({
  service: z.string(),
  window_start: time,
  score: z.number().nullable(),
  category: z.string().nullable(),
  summary: z.string(),
});
export const feedbackQueue = listOf(queueItem);
export type FeedbackQueue = z.infer<typeof feedbackQueue>;
