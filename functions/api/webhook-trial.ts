/** A registered webhook tried: a message without an alert, sent as alerts are, with the same checks of its address. */
import type { Delivery } from '../alert/channel/channel.ts';
import { checkAddress, ForbiddenAddress, type SafeFetch } from '../alert/channel/safe-fetch.ts';
import type { AlertMessage } from '../alert/message/content.ts';
import { channelOf, type RegisteredWebhook, type WebhookStore } from '../alert/registered-webhooks.ts';
import type { WebhookTest } from './schema/webhooks.ts';

export interface Webhooks {
  readonly store: WebhookStore;
  /** Why a URL may not be registered; null: it may. */
  readonly problemOf: (url: string) => Promise<string | null>;
  readonly trial: (webhook: RegisteredWebhook, nowMs: number) => Promise<WebhookTest>;
}

export interface WebhooksOptions {
  readonly store: WebhookStore;
  readonly fetch: SafeFetch;
  readonly allowedHosts: readonly string[];
  readonly clock: () => number;
}

export const webhooksOf = ({ store, fetch, allowedHosts, clock }: WebhooksOptions): Webhooks => ({
  store,
  async problemOf(url) {
    try {
      await checkAddress(url, { allowedHosts });
      return null;
    } catch (error) {
      return error instanceof ForbiddenAddress ? error.message : 'its name cannot be resolved';
    }
  },
  async trial(webhook, nowMs) {
    const channel = channelOf({ ...webhook, minSeverity: 'info' }, { fetch, clock });
    const outcome = await channel.send(trialDelivery(nowMs));
    const why = outcome.result === 'sent' ? null : outcome.why.slice(0, 500);
    return { result: outcome.result, why, ms: clock() - nowMs };
  },
});

function trialDelivery(nowMs: number): Delivery {
  const key = `test-${nowMs.toString(36)}`;
  const message: AlertMessage = {
    ...{ incidentId: key, kind: 'opened', sequence: 1, severity: 'info', resolved: false },
    title: 'test: this webhook works, nothing is wrong',
    ...{ atMs: nowMs, startedAtMs: nowMs, endedAtMs: null },
    ...{ services: ['test'], originWhy: '', lines: [], more: 0, news: [] },
    evidence: {
      patterns: [],
      samples: [],
      traces: [],
      prediction: null,
      explanation: 'somebody tried the webhook',
    },
    ...{ series: null, links: null, query: 'SELECT 1', acknowledgedBy: null },
  };
  return { key, kind: 'opened', loud: true, message, thread: null, attempt: 1 };
}
