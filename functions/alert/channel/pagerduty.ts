/** PagerDuty, Events v2: its key makes one incident of all that is sent, also of what is sent twice. */
import { pagerdutyEvent } from '../message/event.ts';
import type { Channel } from './channel.ts';
import { attempted, outcomeOf } from './http-outcome.ts';
import type { SafeFetch } from './safe-fetch.ts';

export interface PagerdutyOptions {
  /** https://events.pagerduty.com/v2/enqueue */
  readonly url: string;
  readonly routingKey: string;
  readonly fetch: SafeFetch;
  readonly clock: () => number;
}

export const pagerduty = ({ url, routingKey, fetch, clock }: PagerdutyOptions): Channel => ({
  name: 'pagerduty',
  updates: 'reply',
  intervalMs: 0,
  send: ({ message, key, thread }) =>
    attempted(async () => {
      const body = JSON.stringify(pagerdutyEvent(message, routingKey));
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      return outcomeOf(answer, clock(), thread ?? { key });
    }),
});
