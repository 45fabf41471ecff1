/**
 * A webhook of one's own: JSON, signed. The signature is HMAC-SHA256 over the time in seconds, a dot and the body; who
 * receives it refuses what is older than some minutes, so that nobody can send it again later. `idempotency-key` is the
 * same when a delivery is repeated.
 */
import { createHmac } from 'node:crypto';
import { webhookBody } from '../message/event.ts';
import type { Channel } from './channel.ts';
import { attempted, outcomeOf } from './http-outcome.ts';
import type { SafeFetch } from './safe-fetch.ts';

export interface WebhookOptions {
  readonly url: string;
  /** null: not signed. */
  readonly secret: string | null;
  readonly fetch: SafeFetch;
  readonly clock: () => number;
}

export const webhook = ({ url, secret, fetch, clock }: WebhookOptions): Channel => ({
  name: 'webhook',
  updates: 'reply',
  intervalMs: 0,
  send: ({ message, key, thread }) =>
    attempted(async () => {
      const body = webhookBody(message);
      const seconds = String(Math.floor(clock() / 1000));
      const signature = secret === null ? {} : { 'x-logweir-signature': signatureOf(secret, seconds, body) };
      const answer = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'user-agent': 'logweir',
          'idempotency-key': key,
          'x-logweir-timestamp': seconds,
          ...signature,
        },
        body,
      });
      return outcomeOf(answer, clock(), thread ?? { key });
    }),
});

/** What a receiver computes and compares, in constant time. */
export const signatureOf = (secret: string, seconds: string, body: string): string =>
  `v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
