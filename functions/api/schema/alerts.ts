/** Alerts, the incidents they make, and what people do with them. */
import { z } from 'zod';
import { cursor, limit, listOf, pageOfRange, range } from './range.ts';
import { count, name, text, time } from './value.ts';

export const ALERT_SEVERITIES = ['info', 'ticket', 'page'] as const;
export const ALERT_STATES = ['pending', 'firing', 'resolved', 'silenced', 'flapping'] as const;

/** What a person needs to see to believe it; redacted. */
export const evidence = z.object({
  patterns: z.array(z.object({ id: z.string(), template: z.string(), entries: count })),
  samples: z.array(z.string()),
  traces: z.array(z.object({ id: z.string(), at: time.nullable() })),
  prediction: z.object({ probability: z.number(), horizon_s: z.number(), why: z.string() }).nullable(),
  explanation: z.string(),
});
export type Evidence = z.infer<typeof evidence>;

const common = {
  alert_id: z.string(),
  rule: z.string(),
  service: z.string(),
  severity: z.enum(ALERT_SEVERITIES),
  state: z.enum(ALERT_STATES),
  started_at: time,
  value: z.number().nullable(),
  usual: z.number().nullable(),
};

export const incidentAlert = z.object({
  ...common,
  ended_at: time.nullable(),
  /** "52 % errors (usually 2.1 %)" */
  sentence: z.string(),
  evidence: evidence.nullable(),
  /** One number a window, oldest first. */
  series: z.object({ of: z.string(), values: z.array(z.number()) }).nullable(),
});

/** What is told together. */
export const incident = z.object({
  incident_id: z.string(),
  opened_at: time,
  resolved_at: time.nullable(),
  severity: z.enum(ALERT_SEVERITIES),
  acknowledged_by: z.string().nullable(),
  /** Likely origin first. */
  services: z.array(z.string()),
  /** Why the first is thought to be the origin; empty where there is one alone. */
  origin_why: z.string(),
  channels: z.array(z.string()),
  alerts: z.array(incidentAlert),
});
export type Incident = z.infer<typeof incident>;

export const incidentsQuery = z.strictObject({
  state: z.enum(['open', 'all']).default('all'),
  service: name.optional(),
});
export type IncidentsQuery = z.input<typeof incidentsQuery>;

/** Those that are open or were lately, newest first. */
export const incidents = listOf(incident);
export type Incidents = z.infer<typeof incidents>;

/** A row of the history. */
export const alert = z.object({
  ...common,
  incident_id: z.string().nullable(),
  updated_at: time,
  resolved_at: time.nullable(),
  /** One sentence. */
  summary: z.string(),
  acknowledged_by: z.string().nullable(),
});
export type Alert = z.infer<typeof alert>;

export const alertsQuery = z.strictObject({
  ...range,
  service: name.optional(),
  rule: name.optional(),
  state: z.enum(ALERT_STATES).optional(),
  limit: limit(1000, 100),
  cursor: cursor.optional(),
});
export type AlertsQuery = z.input<typeof alertsQuery>;

/** By start, newest first. */
export const alertsPage = pageOfRange(alert);
export type AlertsPage = z.infer<typeof alertsPage>;

/** One alert with its history and what was sent because of it. */
export const alertDetail = alert.extend({
  evidence: evidence.nullable(),
  events: z.array(
    z.object({
      changed_at: time,
      from_state: z.string().nullable(),
      to_state: z.string(),
      reason: z.string(),
      channel: z.string().nullable(),
      delivery: z.string().nullable(),
    }),
  ),
});
export type AlertDetail = z.infer<typeof alertDetail>;

/** Names may hold `*` for any characters. */
export const silenceInput = z.strictObject({
  match: z
    .strictObject({
      service: name.optional(),
      rule: name.optional(),
      severity: z.enum(ALERT_SEVERITIES).optional(),
      tier: z.enum(['critical', 'standard', 'low']).optional(),
    })
    .refine((match) => Object.values(match).some((one) => one !== undefined), 'at least one label is needed'),
  for_ms: z
    .number()
    .int()
    .min(1)
    .max(31 * 86_400_000),
  comment: text(500, 0).default(''),
});
export type SilenceInput = z.input<typeof silenceInput>;

export const silence = z.object({
  silence_id: z.string(),
  match: z.record(z.string(), z.string()),
  from: time,
  until: time,
  author: z.string(),
  comment: z.string(),
});
export type Silence = z.infer<typeof silence>;

export const silences = listOf(silence);
export type Silences = z.infer<typeof silences>;
