/** Who asks, and what they may. */
import { z } from 'zod';
import { time } from './value.ts';

/** From the least to the most; each may what those before it may. */
export const ROLES = ['viewer', 'analyst', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export const me = z.object({
  name: z.string(),
  /** How they proved it. */
  by: z.enum(['token', 'google', 'iap']),
  role: z.enum(ROLES),
  /** Only rows of this tenant are shown; null: all. */
  tenant: z.string().nullable(),
  expires_at: time.nullable(),
  /** Zone of the deployment, where times without one are read: an IANA name. */
  zone: z.string(),
  /** What this deployment and this role can do. */
  can: z.object({
    sql: z.boolean(),
    feedback: z.boolean(),
    operate: z.boolean(),
    webhooks: z.boolean(),
    models: z.boolean(),
    pipeline: z.boolean(),
  }),
});
export type Me = z.infer<typeof me>;

export const health = z.object({
  status: z.enum(['ok', 'degraded']),
  time,
  checks: z.array(z.object({ name: z.string(), status: z.enum(['ok', 'failing']), ms: z.number() })),
});
export type Health = z.infer<typeof health>;
