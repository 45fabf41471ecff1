/**
 * Slack, in two ways. With a bot token: one message an incident, edited as things change, and a thread beside it; a
 * delivery that may have come through is looked for by its key before it is sent again. With an incoming webhook: single
 * messages, as a webhook can neither edit nor thread nor look.
 * Slack takes about one message a second and says with 429 and Retry-After when it is too much.
 * Sources: https://docs.slack.dev/reference/methods/chat.postMessage · /chat.update · https://docs.slack.dev/apis/web-api/rate-limits
 */
import { IncomingWebhook } from '@slack/webhook';
import { type SlackMessage, slackMessage, slackReply } from '../message/slack.ts';
import {
  type Channel,
  type Delivery,
  later,
  type Outcome,
  refused,
  sent,
  type ThreadRef,
} from './channel.ts';
import { attempted, outcomeOf } from './http-outcome.ts';
import type { Answered, SafeFetch } from './safe-fetch.ts';

const INTERVAL_MS = 1_100;
const EVENT = 'logweir_alert';
/** Answers of Slack after which another attempt may work. */
const PASSING = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'ratelimited',
]);

export interface SlackBot {
  /** https://slack.com/api/ */
  readonly api: string;
  readonly token: string;
  readonly channel: string;
  readonly fetch: SafeFetch;
  readonly clock: () => number;
}

interface SlackAnswer {
  readonly ok?: boolean;
  readonly error?: string;
  readonly ts?: string;
  readonly channel?: string;
  readonly messages?: readonly {
    readonly ts?: string;
    readonly metadata?: { event_payload?: { key?: unknown } };
  }[];
}

/** Thrown inside an attempt: the outcome is known. */
class Ended extends Error {
  readonly outcome: Outcome;
  constructor(outcome: Outcome) {
    super('ended');
    this.outcome = outcome;
  }
}

/** By Slack's Web API. */
export function slackBot(options: SlackBot): Channel {
  return {
    name: 'slack',
    updates: 'edit',
    intervalMs: INTERVAL_MS,
    send: (delivery) =>
      attempted(async () => {
        try {
          return await deliver(delivery, options);
        } catch (error) {
          if (error instanceof Ended) return error.outcome;
          throw error;
        }
      }),
  };
}

async function deliver(delivery: Delivery, options: SlackBot): Promise<Outcome> {
  const { message, thread, loud, kind, key } = delivery;
  const whole = slackMessage(message);
  if (thread === null) return sent(await post(whole, delivery, null, options));
  // Editing twice is editing once; so it comes first.
  await call(
    'chat.update',
    { channel: thread.channel, ts: thread.ts, ...whole, metadata: metadataOf(String(thread.key)) },
    options,
  );
  if (loud && kind !== 'opened') await post(slackReply(message), { ...delivery, key }, thread, options);
  return sent(thread);
}

/** Posts, unless an earlier attempt did. */
async function post(
  content: SlackMessage,
  { key, attempt }: Delivery,
  thread: ThreadRef | null,
  options: SlackBot,
): Promise<ThreadRef> {
  const found = attempt > 1 ? await find(key, thread, options) : null;
  if (found !== null) return found;
  const into =
    thread === null ? { channel: options.channel } : { channel: thread.channel, thread_ts: thread.ts };
  const { ts, channel } = await call(
    'chat.postMessage',
    { ...into, ...content, metadata: metadataOf(key), unfurl_links: false, unfurl_media: false },
    options,
  );
  return { ts: ts ?? '', channel: channel ?? options.channel, key };
}

const metadataOf = (key: string) => ({ event_type: EVENT, event_payload: { key } });

/** A message with the key among the last hundred; null: there is none, or we may not look. */
async function find(key: string, thread: ThreadRef | null, options: SlackBot): Promise<ThreadRef | null> {
  const query = new URLSearchParams({
    channel: String(thread?.channel ?? options.channel),
    include_all_metadata: 'true',
    limit: '100',
    ...(thread === null ? {} : { ts: String(thread.ts) }),
  });
  const method = thread === null ? 'conversations.history' : 'conversations.replies';
  const url = new URL(`${method}?${query}`, options.api).href;
  const answer = await options.fetch(url, {
    method: 'GET',
    headers: { authorization: `Bearer ${options.token}` },
  });
  if (answer.status !== 200) throw new Ended(outcomeOf(answer, options.clock()));
  const { messages, ok, error } = readAnswer(answer);
  // Without the right to look, it is better said twice than not at all; when Slack is ill, it is looked for later.
  if (ok !== true && PASSING.has(error ?? '')) throw new Ended(later(error ?? ''));
  if (ok !== true) return null;
  const found = messages?.find(({ metadata }) => metadata?.event_payload?.key === key);
  return found?.ts === undefined
    ? null
    : { ts: found.ts, channel: String(thread?.channel ?? options.channel), key };
}

async function call(
  method: string,
  body: object,
  { api, token, fetch, clock }: SlackBot,
): Promise<SlackAnswer> {
  const answer = await fetch(new URL(method, api).href, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
  if (answer.status !== 200) throw new Ended(outcomeOf(answer, clock()));
  const read = readAnswer(answer);
  if (read.ok === true) return read;
  const error = /^[a-z_]{1,60}$/.exec(read.error ?? '')?.[0] ?? 'no answer of Slack';
  throw new Ended(PASSING.has(error) ? later(error) : refused(error));
}

function readAnswer({ body }: Answered): SlackAnswer {
  try {
    return JSON.parse(body) as SlackAnswer;
  } catch {
    return { ok: false };
  }
}

export interface SlackHook {
  readonly url: string;
  readonly fetch: SafeFetch;
  readonly clock: () => number;
}

/** By an incoming webhook. */
export const slackWebhook = ({ url, fetch, clock }: SlackHook): Channel => ({
  name: 'slack',
  updates: 'once',
  intervalMs: INTERVAL_MS,
  send: ({ message }) =>
    attempted(async () => {
      let answer: Answered | null = null;
      // The library says of a refusal its status alone; Retry-After is in the answer.
      const heard: typeof globalThis.fetch = async (target, init) => {
        answer = await fetch(String(target), {
          method: 'POST',
          headers: { ...(init?.headers as Record<string, string>) },
          body: String(init?.body),
        });
        return new Response(answer.status === 204 ? null : answer.body, {
          status: Math.max(200, answer.status),
        });
      };
      const { text, blocks } = slackMessage(message);
      const hook = new IncomingWebhook(url, { fetch: heard });
      return hook.send({ text, blocks: blocks as never, unfurl_links: false }).then(
        () => sent(),
        (error: unknown) => {
          if (answer === null) throw (error as { original?: unknown }).original ?? error;
          return outcomeOf(answer, clock());
        },
      );
    }),
});
