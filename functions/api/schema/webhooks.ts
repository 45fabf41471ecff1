/** Webhooks that get the alerts. */
import { z } from 'zod';
import { ALERT_SEVERITIES } from './alerts.ts';
import { listOf } from './range.ts';
import { text, time } from './value.ts';

/** https alone, to public addresses alone, but for hosts that a setting allows. */
export const webhookInput = z.strictObject({
  url: text(2000),
  /** Signs what is sent, as functions/alert/channel/webhook.ts says; never shown again. */
  secret: text(200, 16).optional(),
  /** Alerts of this severity or worse. */
  min_severity: z.enum(ALERT_SEVERITIES).default('info'),
  comment: text(200, 0).default(''),
});
export type WebhookInput = z.input<typeof webhookInput>;

export const webhook = z.object({
  webhook_id: z.string(),
  /** Without its path and parameters, which may be secret. */
  host: z.string(),
  signed: z.boolean(),
  min_severity: z.enum(ALERT_SEVERITIES),
  comment: z.string(),
  created_at: time,
  created_by: z.string(),
});
export type Webhook = z.infer<typeof webhook>;

export const webhooks = listOf(webhook);
export type Webhooks = z.infer<typeof webhooks>;

/** What the other side said to a message without an alert. */
export const webhookTest = z.object({
  result: z.enum(['sent', 'later', 'refused']),
  why: z.string().nullable(),
  ms: z.number(),
});
export type WebhookTest = z.infer<typeof webhookTest>;
