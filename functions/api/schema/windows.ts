/** Windows of services, with their verdicts and revisions; anomalies; predictions. */
import { z } from 'zod';
import { cursor, limit, pageOfRange, range } from './range.ts';
import { count, name, time } from './value.ts';

export const VERDICTS = ['ok', 'info', 'ticket', 'page'] as const;

export const finding = z.object({
  rule: z.string(),
  /** How sure it makes us that something is wrong, 0 to 1. */
  weight: z.number(),
  measure: z.string(),
  unit: z.string(),
  now: z.number().nullable(),
  usual: z.number().nullable(),
  /** One sentence. */
  summary: z.string(),
});

/** Why a verdict is what it is. */
export const explanation = z.object({
  summary: z.string(),
  findings: z.array(finding),
  measures: z.array(
    z.object({
      name: z.string(),
      unit: z.string(),
      now: z.number().nullable(),
      usual: z.number().nullable(),
    }),
  ),
  patterns: z.array(
    z.object({
      pattern_id: z.string(),
      template: z.string().nullable(),
      entries: count,
      is_new: z.boolean(),
      category: z.string().nullable(),
    }),
  ),
  samples: z.array(
    z.object({
      time,
      severity: z.string(),
      message: z.string(),
      pattern_id: z.string().nullable(),
      trace_id: z.string().nullable(),
    }),
  ),
});
export type Explanation = z.infer<typeof explanation>;

export const serviceWindow = z.object({
  job: z.string(),
  service: z.string(),
  window_start: time,
  window_end: time,
  /** Above 1: the window fired again with late entries. */
  revision: count,
  emitted_at: time,
  incomplete: z.boolean(),
  entries: count,
  errors: count,
  error_rate: z.number(),
  warnings: count,
  anomalies: count,
  max_anomaly_score: z.number(),
  http_4xx: count,
  http_5xx: count,
  latency_count: count,
  latency_mean_ms: z.number().nullable(),
  latency_p50_ms: z.number().nullable(),
  latency_p90_ms: z.number().nullable(),
  latency_p95_ms: z.number().nullable(),
  latency_p99_ms: z.number().nullable(),
  latency_max_ms: z.number().nullable(),
  distinct_users: count,
  verdict: z.enum(VERDICTS).nullable(),
  verdict_score: z.number().nullable(),
  /** model, or fallback: rules and baselines alone. */
  decided_by: z.string().nullable(),
  forest_score: z.number().nullable(),
  failure_probability: z.number().nullable(),
  new_pattern_errors: z.number().nullable(),
  category: z.string().nullable(),
});
export type ServiceWindow = z.infer<typeof serviceWindow>;

export const windowsQuery = z.strictObject({
  ...range,
  service: name.optional(),
  revised: z.boolean().optional().meta({ description: 'true: only windows that fired more than once' }),
  limit: limit(5000, 400),
  cursor: cursor.optional(),
});
export type WindowsQuery = z.input<typeof windowsQuery>;

/** Newest first. */
export const windowsPage = pageOfRange(serviceWindow);
export type WindowsPage = z.infer<typeof windowsPage>;

export const anomaly = z.object({
  service: z.string(),
  window_start: time,
  window_end: time,
  revision: count,
  verdict: z.enum(VERDICTS),
  score: z.number(),
  decided_by: z.string().nullable(),
  category: z.string().nullable(),
  failure_probability: z.number().nullable(),
  forest_score: z.number().nullable(),
  entries: count,
  errors: count,
  explanation: explanation.nullable(),
});
export type Anomaly = z.infer<typeof anomaly>;

export const anomaliesQuery = z.strictObject({
  ...range,
  service: name.optional(),
  verdict: z.enum(VERDICTS).default('info').meta({ description: 'this verdict or worse' }),
  limit: limit(1000, 100),
  cursor: cursor.optional(),
});
export type AnomaliesQuery = z.input<typeof anomaliesQuery>;

/** Windows whose verdict is not ok, newest first. Single entries: /logs?anomaly=true. */
export const anomaliesPage = pageOfRange(anomaly);
export type AnomaliesPage = z.infer<typeof anomaliesPage>;
