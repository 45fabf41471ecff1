/** Paths of webhooks that get the alerts. What is registered leads to public addresses alone, checked at each call. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { MAX_WEBHOOKS, type RegisteredWebhook } from '../../alert/registered-webhooks.ts';
import type { ApiContext } from '../context.ts';
import { Fault, invalid, notFound } from '../fault.ts';
import { answers, type Route, route } from '../route.ts';
import { name } from '../schema/value.ts';
import { type Webhook, webhook, webhookInput, webhooks, webhookTest } from '../schema/webhooks.ts';

const tag = 'webhooks';
const guarded = { tag, role: 'admin', wide: true } as const;

const shown = ({
  id,
  url,
  secret,
  minSeverity,
  comment,
  createdAtMs,
  createdBy,
}: RegisteredWebhook): Webhook => ({
  webhook_id: id,
  host: new URL(url).host,
  signed: secret !== null,
  min_severity: minSeverity,
  comment,
  created_at: new Date(createdAtMs).toISOString(),
  created_by: createdBy,
});

export const webhookRoutes = (context: ApiContext): Route[] => [
  route({
    ...{ method: 'GET', path: '/webhooks', ...guarded },
    summary: 'Webhooks that were registered; their addresses and secrets are not told',
    answer: answers('Webhooks', webhooks),
    handle: async () => ({ items: (await (await context.webhooks()).store.list()).map(shown) }),
  }),
  route({
    ...{ method: 'POST', path: '/webhooks', ...guarded },
    summary: 'Registers a webhook: from ten seconds on it gets the alerts',
    body: webhookInput,
    answer: answers('Webhook', webhook),
    async handle({ principal, body: { url, secret, min_severity, comment }, nowMs }) {
      const { store, problemOf } = await context.webhooks();
      const problem = await problemOf(url);
      if (problem !== null) throw invalid(`body: url: ${problem}`, [{ at: 'url', message: problem }]);
      if ((await store.list()).length >= MAX_WEBHOOKS)
        throw new Fault('conflict', `there are ${MAX_WEBHOOKS} already`);
      const registered: RegisteredWebhook = {
        id: randomUUID().replaceAll('-', ''),
        ...{ url, comment },
        secret: secret ?? null,
        minSeverity: min_severity,
        createdAtMs: nowMs,
        createdBy: principal.name,
      };
      await store.add(registered);
      return shown(registered);
    },
  }),
  route({
    ...{ method: 'DELETE', path: '/webhooks/{webhook_id}', ...guarded },
    summary: 'Forgets a webhook',
    params: z.strictObject({ webhook_id: name }),
    answer: null,
    async handle({ params: { webhook_id } }) {
      if (!(await (await context.webhooks()).store.remove(webhook_id)))
        throw notFound('a webhook of this id');
    },
  }),
  route({
    ...{ method: 'POST', path: '/webhooks/{webhook_id}/test', ...guarded },
    summary: 'Sends a message that says it is a test, and tells what the other side said',
    params: z.strictObject({ webhook_id: name }),
    answer: answers('WebhookTest', webhookTest),
    async handle({ params: { webhook_id }, nowMs }) {
      const { store, trial } = await context.webhooks();
      const found = (await store.list()).find(({ id }) => id === webhook_id);
      if (found === undefined) throw notFound('a webhook of this id');
      return trial(found, nowMs);
    },
  }),
];
