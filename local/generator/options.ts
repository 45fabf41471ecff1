/** Options of the generator's process, as JSON. */
import { z } from 'zod';
import { INCIDENT_KINDS } from './incident.ts';
import { KINDS } from './vocabulary.ts';

const share = z.number().min(0);

/** An incident that is asked for; it shows `afterMs` after it was asked for, or after the start. */
export const askedIncident = z.strictObject({
  kind: z.enum(INCIDENT_KINDS),
  service: z.string().exactOptional(),
  afterMs: z.number().min(0).default(0),
  durationMs: z.number().min(1000).exactOptional(),
  precursorMs: z.number().min(0).exactOptional(),
  strength: z.number().min(0).max(1).exactOptional(),
});

export type AskedIncident = z.infer<typeof askedIncident>;

const runnerOptions = z.strictObject({
  endpoints: z.object({
    pubsub: z.string(),
    bigquery: z.string(),
    projectId: z.string(),
    dataset: z.string(),
    topic: z.string(),
  }),
  /** Lines per second. */
  rate: z.number(),
  seed: z.number(),
  services: z
    .union([z.number(), z.array(z.strictObject({ name: z.string(), kind: z.enum(KINDS) }))])
    .optional(),
  mix: z.strictObject({ debug: share, info: share, warn: share, error: share, critical: share }).optional(),
  incidents: z.array(askedIncident).default([]),
  incidentEveryMs: z.number().optional(),
  rhythm: z.number().optional(),
  timeCompression: z.number().optional(),
  templates: z.enum(['usual', 'held_out']).optional(),
  /** So that one need not wait for a random incident: one comes this long after the start; 0: none. */
  firstIncidentAfterMs: z.number().min(0).default(90_000),
  /** Whether incidents are written to the warehouse. */
  truth: z.boolean().default(true),
  /** Lines of a message, at most. */
  batchLines: z.number().int().min(1).max(10_000).default(1000),
  /** How often is published; every second, as Fluentd does, or four times as often above 5,000 lines/s. */
  tickMs: z.number().int().min(20).max(10_000).optional(),
  /** Further behind than this, time is passed over. */
  maxBehindMs: z.number().int().min(1000).default(5000),
  /** How often the counts are said. */
  statsMs: z.number().int().min(100).default(10_000),
});

export type RunnerOptions = z.infer<typeof runnerOptions>;

/** Reads the options. Throws an Error that names the one that is wrong. */
export function readOptions(json: string): RunnerOptions {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new Error('the options of the generator are no JSON');
  }
  const parsed = runnerOptions.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`the options of the generator: ${issue?.path.join('.') || 'all'}: ${issue?.message}`);
}

/** What a running generator may be told by its parent. */
export const command = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('stats') }),
  z.strictObject({ do: z.literal('rate'), rate: z.number() }),
  z.strictObject({ do: z.literal('incident'), incident: askedIncident }),
]);
