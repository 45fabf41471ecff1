/** The channels against the laptop's catchers: what arrives, what happens when the other side is down or says no. */

import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Channel, Delivery } from '../../../../functions/alert/channel/channel.ts';
import { outcomeOf, retryAfterMs } from '../../../../functions/alert/channel/http-outcome.ts';
import { jira } from '../../../../functions/alert/channel/jira.ts';
import { mail } from '../../../../functions/alert/channel/mail.ts';
import { pagerduty } from '../../../../functions/alert/channel/pagerduty.ts';
import { type Answered, safeFetch } from '../../../../functions/alert/channel/safe-fetch.ts';
import { slackBot, slackWebhook } from '../../../../functions/alert/channel/slack.ts';
import { webhook } from '../../../../functions/alert/channel/webhook.ts';
import { contentOf } from '../../../../functions/alert/message/content.ts';
import { type AlertCatcher, LAPTOP, startAlertCatcher } from '../../../../local/alerts/service.ts';
import { CASCADE, noticesOf, START } from '../sample-notice.ts';

const context = { pageUrl: 'http://127.0.0.1:8700/', dataset: 'logweir', redact: (text: string) => text };

const deliveries = noticesOf(CASCADE).map(
  (notice): Delivery => ({
    key: `${notice.incident.id}.${notice.sequence}`,
    kind: notice.kind,
    loud: notice.loud,
    message: contentOf(notice, context),
    thread: null,
    attempt: 1,
  }),
);
const [opened, joined, recovered, resolved] = deliveries as [Delivery, Delivery, Delivery, Delivery];
const clock = (): number => START;

let catcher: AlertCatcher;
let folder: string;
let url: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'channels-'));
  catcher = await startAlertCatcher({ port: 0, smtpPort: 0, dataDir: folder });
  url = `http://127.0.0.1:${catcher.port}`;
});

afterEach(async () => {
  await catcher.close();
  await rm(folder, { recursive: true, force: true });
});

const fetchFor = () => safeFetch({ allowedHosts: [`127.0.0.1:${catcher.port}`] });
const bot = (token: string = LAPTOP.slackToken): Channel =>
  slackBot({ api: `${url}/slack/api/`, token, channel: LAPTOP.slackChannel, fetch: fetchFor(), clock });
const mailer = (port = catcher.smtpPort): Channel =>
  mail({ url: `smtp://127.0.0.1:${port}`, from: LAPTOP.mailFrom, to: [LAPTOP.mailTo] });

/** Sends a story in order, each with the thread that the one before left. */
async function tell(channel: Channel, story: readonly Delivery[]): Promise<void> {
  let thread: Delivery['thread'] = null;
  for (const one of story) {
    const outcome = await channel.send({ ...one, thread });
    expect(outcome).toMatchObject({ result: 'sent' });
    if (outcome.result === 'sent') thread = outcome.thread ?? thread;
  }
}

describe('Slack by its bot', () => {
  it('is one message, edited as things change, with a thread of what was loud', async () => {
    await tell(bot(), [opened, joined, recovered, resolved]);
    const { slack } = catcher.caught();
    const parents = slack.filter(({ threadTs }) => threadTs === null);
    expect(parents).toHaveLength(1);
    expect(parents[0]).toMatchObject({ edits: 3 });
    expect(parents[0]?.text).toContain('Resolved: payment');
    const replies = slack.filter(({ threadTs }) => threadTs === parents[0]?.ts);
    expect(replies.map(({ text }) => text.split('\n')[0])).toEqual([
      expect.stringContaining('api-gateway fails too'),
      expect.stringContaining('*Resolved* after 4 min 30 s'),
    ]);
  });

  it('that may have come through before a crash is found, and not posted again', async () => {
    await bot().send(opened);
    const again = await bot().send({ ...opened, attempt: 2 });
    expect(catcher.caught().slack).toHaveLength(1);
    expect(again).toMatchObject({ result: 'sent', thread: { ts: catcher.caught().slack[0]?.ts } });
    if (again.result !== 'sent') return;
    for (const attempt of [1, 2, 3]) await bot().send({ ...resolved, thread: again.thread, attempt });
    expect(catcher.caught().slack).toHaveLength(2);
  });

  it.each([
    [429, 30, { result: 'later', afterMs: 30_000 }],
    [500, undefined, { result: 'later', afterMs: null }],
    [503, undefined, { result: 'later' }],
    [302, undefined, { result: 'refused' }],
    [404, undefined, { result: 'refused' }],
  ] as const)('answers %s: %o', async (status, retryAfterS, expected) => {
    catcher.fault = () => ({ status, ...(retryAfterS === undefined ? {} : { retryAfterS }) });
    expect(await bot().send(opened)).toMatchObject(expected);
  });

  it('that may have come through is not posted again while Slack cannot say whether it did', async () => {
    catcher.fault = (path) =>
      path.endsWith('conversations.history') ? { status: 503, retryAfterS: 9 } : null;
    expect(await bot().send({ ...opened, attempt: 2 })).toEqual({
      ...{ result: 'later', why: 'status 503', afterMs: 9_000 },
    });
    expect(catcher.caught().slack).toEqual([]);
  });

  it('with a wrong token is refused, and the token is in no word of it', async () => {
    const outcome = await bot('xoxb-wrong-token').send(opened);
    expect(outcome).toEqual({ result: 'refused', why: 'invalid_auth' });
  });
});

describe('Slack by an incoming webhook', () => {
  const hook = (): Channel => slackWebhook({ url: `${url}/slack/hook`, fetch: fetchFor(), clock });

  it('is a message that stands alone', async () => {
    expect(await hook().send(opened)).toMatchObject({ result: 'sent' });
    expect(catcher.caught().slack[0]?.text).toContain('payment: 52 % errors');
    expect(hook().updates).toBe('once');
  });

  it('waits as long as Slack says, and gives up what Slack refuses', async () => {
    catcher.fault = () => ({ status: 429, retryAfterS: 7 });
    expect(await hook().send(opened)).toMatchObject({ result: 'later', afterMs: 7_000 });
    catcher.fault = () => ({ status: 500 });
    expect(await hook().send(opened)).toMatchObject({ result: 'later' });
    catcher.fault = () => ({ status: 403 });
    expect(await hook().send(opened)).toMatchObject({ result: 'refused' });
  });

  it('to a private address that nobody allowed is refused', async () => {
    const channel = slackWebhook({ url: `${url}/slack/hook`, fetch: safeFetch({ allowedHosts: [] }), clock });
    expect(await channel.send(opened)).toMatchObject({ result: 'refused' });
  });
});

describe('mail', () => {
  it('is one thread: identities that are made, not drawn, and answers to the first', async () => {
    await tell(mailer(), [opened, joined, resolved]);
    const { mails } = catcher.caught();
    expect(mails).toHaveLength(3);
    expect(mails[0]).toMatchObject({
      messageId: `<${opened.message.incidentId}.1@laptop.invalid>`,
      inReplyTo: null,
      subject: '[page] payment: 52 % errors (usually 2.1 %)',
      to: [LAPTOP.mailTo],
    });
    expect(mails.slice(1).map(({ inReplyTo }) => inReplyTo)).toEqual([
      mails[0]?.messageId,
      mails[0]?.messageId,
    ]);
    expect(new Set(mails.map(({ subject }) => subject.replace(/^Re: /, ''))).size).toBe(1);
    expect(mails[0]?.html).toContain('pool exhausted');
    expect(mails[0]?.images.sparkline).toMatch(/^data:image\/png;base64,/);
  });

  it('with a subject of many lines and scripts has one subject and no other recipient', async () => {
    const message = { ...opened.message, title: 'x\r\nBcc: all@example.com\r\n\r\n<script>\u{1F525} مرحبا' };
    expect(await mailer().send({ ...opened, message })).toMatchObject({ result: 'sent' });
    const [caught] = catcher.caught().mails;
    expect(caught?.to).toEqual([LAPTOP.mailTo]);
    expect(caught?.subject).toContain('Bcc: all@example.com');
    expect(caught?.subject).toContain('\u{1F525} مرحبا');
  });

  it('waits while the relay is down', async () => {
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const { port } = gone.address() as AddressInfo;
    await new Promise<void>((resolve) => gone.close(() => resolve()));
    expect(await mailer(port).send(opened)).toMatchObject({ result: 'later' });
  });

  it.each([
    ['451 try again', 'later'],
    ['550 no such user', 'refused'],
  ])('is %s: %s', async (line, result) => {
    const relay: Server = createServer((socket) => {
      socket.write('220 relay\r\n');
      socket.on('data', (data) =>
        socket.write(/^(EHLO|HELO)/i.test(String(data)) ? '250 relay\r\n' : `${line}\r\n`),
      );
      socket.on('error', () => {});
    });
    await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
    expect(await mailer((relay.address() as AddressInfo).port).send(opened)).toMatchObject({ result });
    relay.close();
  });
});

describe('the webhook', () => {
  it('is signed, and has the same key each time', async () => {
    const channel = webhook({
      url: `${url}/webhook`,
      secret: LAPTOP.webhookSecret,
      fetch: fetchFor(),
      clock,
    });
    await tell(channel, [opened, opened]);
    const { webhooks } = catcher.caught();
    expect(webhooks.map(({ signed, key }) => [signed, key])).toEqual([
      [true, opened.key],
      [true, opened.key],
    ]);
    const other = webhook({
      url: `${url}/webhook`,
      secret: 'another secret of ours',
      fetch: fetchFor(),
      clock,
    });
    await tell(other, [opened]);
    expect(catcher.caught().webhooks.at(-1)?.signed).toBe(false);
  });
});

/** A side that answers what is asked, and remembers the calls. */
function answering(answers: (method: string, url: string) => Answered) {
  const calls: { method: string; url: string; body: string }[] = [];
  const fetch = async (target: string, { method, body = '' }: { method: string; body?: string }) => {
    calls.push({ method, url: target, body });
    return answers(method, target);
  };
  return { calls, fetch };
}

const answer = (status: number, body: unknown = {}): Answered => ({
  status,
  headers: {},
  body: JSON.stringify(body),
});

describe('PagerDuty and Jira', () => {
  it('PagerDuty hears of begin and end under one key', async () => {
    const side = answering(() => answer(202));
    const channel = pagerduty({
      url: 'https://events.example/',
      routingKey: 'key',
      fetch: side.fetch,
      clock,
    });
    await tell(channel, [opened, resolved]);
    const events = side.calls.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    expect(events.map(({ event_action }) => event_action)).toEqual(['trigger', 'resolve']);
    expect(new Set(events.map(({ dedup_key }) => dedup_key)).size).toBe(1);
  });

  it('Jira gets one issue, and comments', async () => {
    const side = answering((_, target) => answer(201, target.endsWith('/issue') ? { key: 'OPS-7' } : {}));
    const options = { url: 'https://jira.example/', user: 'a@example.com', token: 'secret', project: 'OPS' };
    await tell(jira({ ...options, fetch: side.fetch, clock }), [opened, joined]);
    expect(side.calls.map((call) => `${call.method} ${new URL(call.url).pathname}`)).toEqual([
      'POST /rest/api/2/issue',
      'POST /rest/api/2/issue/OPS-7/comment',
    ]);
  });

  it('Jira is asked whether the issue is there before it is made again', async () => {
    const side = answering(() => answer(200, { issues: [{ key: 'OPS-7' }] }));
    const options = { url: 'https://jira.example/', user: 'a@example.com', token: 'secret', project: 'OPS' };
    const outcome = await jira({ ...options, fetch: side.fetch, clock }).send({ ...opened, attempt: 2 });
    expect(outcome).toEqual({ result: 'sent', thread: { issue: 'OPS-7' } });
    expect(side.calls.map(({ method }) => method)).toEqual(['GET']);
  });
});

describe('Retry-After', () => {
  it('is seconds or a date, within reason', () => {
    expect(retryAfterMs('30', 0)).toBe(30_000);
    expect(retryAfterMs(new Date(60_000).toUTCString(), 30_000)).toBe(30_000);
    expect(retryAfterMs('999999999', 0)).toBe(3_600_000);
    expect(retryAfterMs('soon', 0)).toBeNull();
    expect(retryAfterMs(undefined, 0)).toBeNull();
    expect(outcomeOf({ status: 408, headers: {}, body: '' }, 0).result).toBe('later');
  });
});
