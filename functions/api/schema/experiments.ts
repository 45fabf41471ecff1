/** Load experiments and what they measured. */
import { z } from 'zod';
import { listOf } from './range.ts';
import { count, json, time } from './value.ts';

export const experiment = z.object({
  experiment_id: z.string(),
  name: z.string(),
  started_at: time,
  producers: count,
  consumers: count,
  shards: count,
  offered_lines_per_s: z.number(),
  throughput_lines_per_s: z.number().nullable(),
  latency_p50_ms: z.number().nullable(),
  latency_p99_ms: z.number().nullable(),
  delivery_success: z.number().nullable(),
  most_waiting_messages: z.number().nullable(),
  saturated: z.boolean().nullable(),
});
export type Experiment = z.infer<typeof experiment>;

/** Newest first. */
export const experiments = listOf(experiment);
export type Experiments = z.infer<typeof experiments>;

export const experimentDetail = z.object({
  experiment_id: z.string(),
  name: z.string(),
  started_at: time,
  ended_at: time.nullable(),
  machine: json,
  settings: json,
  metrics: z.array(
    z.object({
      measured_at: time,
      process: z.string(),
      metric: z.string(),
      quantile: z.number().nullable(),
      value: z.number(),
      unit: z.string(),
    }),
  ),
  lag: z.array(
    z.object({ measured_at: time, shard: z.string(), waiting_messages: count, oldest_ms: z.number() }),
  ),
});
export type ExperimentDetail = z.infer<typeof experimentDetail>;
