/**
 * Buttons pressed in Slack: "useful" and "noise" under an alert. Slack signs each call with the app's secret over its
 * time and body; what is older than five minutes, or signed otherwise, is refused.
 * Source: https://api.slack.com/authentication/verifying-requests-from-slack
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { log } from '../log.ts';
import { NOTICE } from '../parse/severity.ts';
import type { OpenRoute } from './app.ts';
import { Fault, invalid } from './fault.ts';

export interface SlackFeedback {
  readonly kind: 'useful' | 'noise';
  readonly alertId: string;
  readonly service: string;
  /** Name of the person in Slack. */
  readonly by: string;
}

export interface SlackOptions {
  /** null: presses are refused. */
  readonly secret: string | null;
  readonly give: (feedback: SlackFeedback) => Promise<void>;
}

const MAX_AGE_S = 300;
const MAX_BODY = 1024 * 1024;

const interaction = z.object({
  user: z.object({ id: z.string().max(100), username: z.string().max(100).optional() }),
  actions: z
    .array(z.object({ action_id: z.string().max(255), value: z.string().max(2000).optional() }))
    .min(1),
});

/** The value of a button: what it is about. */
const about = z.object({ alert: z.string().min(1).max(256), service: z.string().min(1).max(256) });

export const slackRoute = ({ secret, give }: SlackOptions): OpenRoute => ({
  method: 'POST',
  path: '/slack/interactions',
  async handle(request, nowMs) {
    const body = await request.text();
    if (body.length > MAX_BODY) throw new Fault('too_large', 'more than 1 MiB');
    if (secret === null || !isSigned(request.headers, body, { secret, nowMs }))
      throw new Fault('unauthenticated', 'not signed by the Slack app of this deployment');
    const feedback = readInteraction(body);
    // Other buttons are links, of which Slack tells too.
    if (feedback !== null) {
      await give(feedback);
      log(NOTICE, 'api', 'feedback from Slack', { kind: feedback.kind, alert: feedback.alertId });
    }
    return new Response(null, { status: 200 });
  },
});

/** Whether Slack signed the call lately. */
export function isSigned(
  headers: Headers,
  body: string,
  { secret, nowMs }: { readonly secret: string; readonly nowMs: number },
): boolean {
  const seconds = headers.get('x-slack-request-timestamp') ?? '';
  if (!/^\d{1,12}$/.test(seconds) || Math.abs(nowMs / 1000 - Number(seconds)) > MAX_AGE_S) return false;
  const wanted = Buffer.from(slackSignature(secret, seconds, body));
  const given = Buffer.from(headers.get('x-slack-signature') ?? '');
  return wanted.length === given.length && timingSafeEqual(wanted, given);
}

/** What Slack puts into x-slack-signature. */
export const slackSignature = (secret: string, seconds: string, body: string): string =>
  `v0=${createHmac('sha256', secret).update(`v0:${seconds}:${body}`).digest('hex')}`;

/** null: a button that gives no feedback. Throws a Fault for what is no interaction. */
export function readInteraction(body: string): SlackFeedback | null {
  const parsed = interaction.safeParse(jsonOf(new URLSearchParams(body).get('payload') ?? ''));
  if (!parsed.success) throw invalid('not an interaction of Slack');
  const { user, actions } = parsed.data;
  const { action_id, value } = actions[0]!;
  const kind = (['useful', 'noise'] as const).find(
    (one) => action_id === one || action_id.endsWith(`.${one}`),
  );
  const subject = about.safeParse(jsonOf(value ?? ''));
  if (kind === undefined || !subject.success) return null;
  const { alert, service } = subject.data;
  return { kind, alertId: alert, service, by: `slack:${user.username ?? user.id}` };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
