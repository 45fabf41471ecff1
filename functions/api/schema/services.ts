/** Services and how they are. */
import { z } from 'zod';
import { listOf } from './range.ts';
import { count, text, time } from './value.ts';
import { VERDICTS } from './windows.ts';

export const HEALTHS = ['failing', 'degraded', 'silent', 'well'] as const;

export const serviceHealth = z.object({
  service: z.string(),
  health: z.enum(HEALTHS),
  /** End of the last window; null: none in the last hour. */
  last_window_end: time.nullable(),
  entries_5m: count,
  errors_5m: count,
  error_rate_5m: z.number().nullable(),
  entries_1h: count,
  errors_1h: count,
  error_rate_1h: z.number().nullable(),
  latency_mean_5m_ms: z.number().nullable(),
  latency_mean_1h_ms: z.number().nullable(),
  latency_p99_5m_ms: z.number().nullable(),
  /** Of the last window that was judged. */
  verdict: z.enum(VERDICTS).nullable(),
  category: z.string().nullable(),
  /** Probability of an incident within `horizon_s`; null: the models were not asked. */
  failure_probability: z.number().nullable(),
  horizon_s: z.number(),
  /** Alerts that are firing. */
  alerts: count,
  /** The last 30 windows, oldest first; a window in which the service said nothing has 0 entries. */
  sparkline: z.array(
    z.object({ start: time, entries: count, errors: count, latency_p95_ms: z.number().nullable() }),
  ),
});
export type ServiceHealth = z.infer<typeof serviceHealth>;

export const servicesQuery = z.strictObject({
  q: text(256).optional().meta({ description: 'part of the name, any case' }),
  limit: z.number().int().min(1).max(2000).default(500),
});
export type ServicesQuery = z.input<typeof servicesQuery>;

/** Worst first. */
export const services = listOf(serviceHealth);
export type Services = z.infer<typeof services>;

/** One service: as in the list, with its most frequent patterns of the last hour and its alerts. */
export const serviceDetail = serviceHealth.extend({
  patterns: z.array(
    z.object({ pattern_id: z.string(), template: z.string().nullable(), entries: count, last: time }),
  ),
  instances: z.array(z.object({ instance: z.string(), entries: count, errors: count })),
});
export type ServiceDetail = z.infer<typeof serviceDetail>;

export const NOTE_KINDS = ['deployment', 'note'] as const;

/** What people or pipelines say of a service at a time, such as a deployment. */
export const note = z.object({
  note_id: z.string(),
  service: z.string(),
  at: time,
  kind: z.enum(NOTE_KINDS),
  text: z.string(),
  by: z.string(),
});
export type Note = z.infer<typeof note>;
