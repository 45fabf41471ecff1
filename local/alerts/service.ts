/**
 * The catchers of the laptop: a mailbox (SMTP), a Slack channel (Web API and incoming webhook), a webhook, and a page that
 * shows what they got as people would see it. Nothing leaves the machine.
 * Guarantee: what was acknowledged is on disk, and there after the next start.
 */
import { timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { signatureOf } from '../../functions/alert/channel/webhook.ts';
import { type Call, parseJsonObject, readBody, serveHttp } from '../http.ts';
import type { LocalService } from '../service.ts';
import { type Timers, wallTimers } from '../timers.ts';
import { openJournal } from './journal.ts';
import { startMailbox } from './mailbox.ts';
import { type Caught, type CaughtWebhook, pageHtml } from './page.ts';
import { SlackRoom } from './slack-room.ts';

/** What the functions of a laptop use; they open nothing but the catchers. */
export const LAPTOP = {
  slackToken: 'xoxb-laptop-no-secret',
  slackChannel: 'C0ALERTS',
  webhookSecret: 'laptop-webhook-no-secret',
  mailFrom: 'Logweir <logweir@laptop.invalid>',
  mailTo: 'on-call@laptop.invalid',
} as const;

export interface AlertCatcher extends LocalService {
  readonly smtpPort: number;
  caught(): Caught;
  /** What a channel (a path, or `smtp`) answers instead of taking it; for tests of channels that fail. */
  fault: ((path: string) => { readonly status: number; readonly retryAfterS?: number } | null) | null;
}

export interface AlertCatcherOptions {
  /** 0 lets the system choose. */
  readonly port: number;
  readonly smtpPort: number;
  readonly dataDir: string;
  readonly timers?: Timers;
}

const MAX_BODY = 1024 * 1024;
/** A page without scripts; its frames are mails. */
const CSP = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'";

export async function startAlertCatcher(options: AlertCatcherOptions): Promise<AlertCatcher> {
  const now = (): number => (options.timers ?? wallTimers).now();
  const room = new SlackRoom({
    file: join(options.dataDir, 'slack.ndjson'),
    channel: LAPTOP.slackChannel,
    now,
  });
  const webhooks = openJournal<CaughtWebhook>(join(options.dataDir, 'webhooks.ndjson'));
  const catcher = { fault: null as AlertCatcher['fault'] };
  const mailbox = await startMailbox({
    port: options.smtpPort,
    file: join(options.dataDir, 'mails.ndjson'),
    now,
    fault: () => catcher.fault?.('smtp')?.status ?? null,
  });
  const caught = (): Caught => ({ slack: room.posts, mails: mailbox.mails, webhooks: webhooks.entries });
  const faulty =
    (handle: (call: Call) => unknown) =>
    async (call: Call): Promise<unknown> => {
      const fault = catcher.fault?.(call.url.pathname) ?? null;
      if (fault === null) return handle(call);
      const after = fault.retryAfterS === undefined ? {} : { 'retry-after': String(fault.retryAfterS) };
      call.response.writeHead(fault.status, after).end();
      return undefined;
    };
  const http = await serveHttp({
    port: options.port,
    stage: 'alerts',
    routes: [
      { method: 'GET', path: /^\/$/, handle: (call) => sendPage(call, pageHtml(caught())) },
      { method: 'GET', path: /^\/messages$/, handle: () => caught() },
      {
        method: 'POST',
        path: /^\/slack\/api\/(?<method>[\w.]+)$/,
        handle: faulty((call) => slackCall(call, room)),
      },
      {
        method: 'GET',
        path: /^\/slack\/api\/(?<method>[\w.]+)$/,
        handle: faulty((call) => slackCall(call, room)),
      },
      { method: 'POST', path: /^\/slack\/hook$/, handle: faulty((call) => slackHook(call, room)) },
      {
        method: 'POST',
        path: /^\/webhook$/,
        handle: faulty((call) => takeWebhook(call, webhooks.add, now())),
      },
    ],
  }).catch(async (error: unknown) => {
    await mailbox.close();
    throw error;
  });
  return Object.assign(catcher, {
    port: http.port,
    smtpPort: mailbox.port,
    caught,
    close: async () => {
      await Promise.all([http.close(), mailbox.close()]);
    },
  });
}

async function slackCall({ request, url, params }: Call, room: SlackRoom): Promise<unknown> {
  if (request.headers.authorization !== `Bearer ${LAPTOP.slackToken}`)
    return { ok: false, error: 'invalid_auth' };
  const call =
    request.method === 'GET'
      ? Object.fromEntries(url.searchParams)
      : parseJsonObject(await readBody(request, MAX_BODY));
  return room.call(params.method ?? '', call);
}

async function slackHook({ request, response }: Call, room: SlackRoom): Promise<undefined> {
  const problem = room.hook(parseJsonObject(await readBody(request, MAX_BODY)));
  response.writeHead(problem === null ? 200 : 400, { 'content-type': 'text/plain' }).end(problem ?? 'ok');
}

async function takeWebhook(
  { request, response }: Call,
  add: (one: CaughtWebhook) => void,
  nowMs: number,
): Promise<undefined> {
  const body = (await readBody(request, MAX_BODY)).toString('utf8');
  const seconds = String(request.headers['x-logweir-timestamp'] ?? '');
  const expected = Buffer.from(signatureOf(LAPTOP.webhookSecret, seconds, body));
  const got = Buffer.from(String(request.headers['x-logweir-signature'] ?? ''));
  const signed = got.length === expected.length && timingSafeEqual(got, expected);
  add({ receivedAtMs: nowMs, key: String(request.headers['idempotency-key'] ?? ''), signed, body });
  response.writeHead(204).end();
}

function sendPage({ response }: Call, html: string): undefined {
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': CSP,
    'cache-control': 'no-store',
    refresh: '5',
  });
  response.end(html);
}
