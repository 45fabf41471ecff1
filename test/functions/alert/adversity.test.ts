/**
 * Alerting in a bad world, whole: verdicts as Pub/Sub pushes them, the channels as the settings open them, real catchers
 * at the other end. Hostile lines, channels that are down, refuse, ask to wait or lead elsewhere, and a clock that jumps:
 * nothing is lost, nothing comes twice, no secret is in a message or a log.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openChannels } from '../../../functions/alert/channels.ts';
import { alertConfig } from '../../../functions/alert/rules/config.ts';
import { answerRemind, answerVerdict } from '../../../functions/alert-function.ts';
import { loadConfig } from '../../../functions/config.ts';
import { createRedactor } from '../../../functions/parse/redact/redactor.ts';
import { type AlertCatcher, LAPTOP, startAlertCatcher } from '../../../local/alerts/service.ts';
import { MemoryWarehouse } from '../memory-warehouse.ts';
import { MemoryAlerts } from './memory-store.ts';
import { type Asked, sampleVerdict } from './sample-verdict.ts';

const START = Date.UTC(2026, 10, 20, 10);
const MINUTE = 60_000;
const PASSWORD = 'relay-password-of-ours';

let catcher: AlertCatcher;
let folder: string;
let nowMs: number;
let store: MemoryAlerts;
let spoken: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'adversity-'));
  catcher = await startAlertCatcher({ port: 0, smtpPort: 0, dataDir: folder, timers });
  nowMs = START;
  store = new MemoryAlerts();
  spoken = '';
  const speak = (text: unknown): boolean => {
    spoken += String(text);
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(speak as typeof process.stdout.write);
  vi.spyOn(process.stderr, 'write').mockImplementation(speak as typeof process.stderr.write);
});

afterEach(async () => {
  vi.restoreAllMocks();
  await catcher.close();
  await rm(folder, { recursive: true, force: true });
});

const timers = { now: () => nowMs } as NonNullable<Parameters<typeof startAlertCatcher>[0]['timers']>;
const redactor = createRedactor();
const settings = {
  config: alertConfig({ tiers: { critical: ['*'] } }),
  content: {
    ...{ pageUrl: 'https://logs.example.com/', dataset: 'logweir' },
    redact: (text: string) => redactor.text(text),
  },
};

/** Everything that alerting works with, as the settings say it. */
async function open(env: Readonly<Record<string, string>> = {}) {
  const host = `127.0.0.1:${catcher.port}`;
  const config = loadConfig({
    ...{ LOGWEIR_PROJECT: 'p', LOGWEIR_CLOSE_URL: 'http://127.0.0.1/' },
    ...{ LOGWEIR_SLACK_API: `http://${host}/slack/api/`, LOGWEIR_SLACK_TOKEN: LAPTOP.slackToken },
    ...{ LOGWEIR_SLACK_CHANNEL: LAPTOP.slackChannel, LOGWEIR_ALLOWED_HOSTS: host },
    ...{ LOGWEIR_SMTP_URL: `smtp://127.0.0.1:${catcher.smtpPort}`, LOGWEIR_MAIL_TO: LAPTOP.mailTo },
    ...{ LOGWEIR_WEBHOOK_URL: `http://${host}/webhook`, LOGWEIR_WEBHOOK_SECRET: LAPTOP.webhookSecret },
    ...env,
  });
  const effects = {
    store,
    channels: await openChannels(config, () => nowMs),
    warehouse: new MemoryWarehouse(),
    history: { series: async () => null, templates: async () => new Map<string, string>() },
    clock: () => nowMs,
    pause: async () => {},
  };
  const push = (value: unknown) => ({
    message: {
      data: Buffer.from(JSON.stringify(value)).toString('base64'),
      ...{ messageId: '1', publishTime: new Date(START).toISOString() },
    },
  });
  return {
    /** A window of ten seconds that ends `atMs` after the start. */
    async hear(atMs: number, rate: number, asked: Partial<Asked> & { readonly service?: string } = {}) {
      const { service = 'payment', ...rest } = asked;
      const verdict = sampleVerdict(service, {
        ...{ startMs: START + atMs - 10_000, windowMs: 10_000, rate },
        ...rest,
      });
      await answerVerdict(push(verdict), effects, settings);
    },
    remind: () => answerRemind(effects, settings, null),
  };
}

/** Opened once and resolved once on every channel. */
function expectOnce(service = 'payment'): void {
  const { slack, mails, webhooks } = catcher.caught();
  const parents = slack.filter(({ threadTs }) => threadTs === null);
  expect(parents.map(({ text }) => text.includes(`Resolved: ${service}`))).toEqual([true]);
  expect(slack.filter(({ text }) => text.startsWith('*Resolved*'))).toHaveLength(1);
  expect(mails.map(({ text }) => text.split(':')[0]?.replace(/ after.*/, ''))).toEqual(['New', 'Resolved']);
  expect(webhooks.map(({ body }) => (JSON.parse(body) as { kind: string }).kind)).toEqual([
    'opened',
    'resolved',
  ]);
}

/** Bad at once, then good, then the clock resolves. */
async function story(alerting: Awaited<ReturnType<typeof open>>): Promise<void> {
  nowMs = START + 16_000;
  await alerting.hear(10_000, 0.6);
  nowMs = START + 3 * MINUTE;
  await alerting.hear(30_000, 0.01);
  await alerting.remind();
}

describe('a line that wants to be more than a line', () => {
  const LINES = {
    'markup of Slack': '<!channel> *bold* <https://evil.example.com|click here> ```out of the fence``` @here',
    'markup of HTML': '"><script>alert(1)</script><img src=x onerror=alert(2)><a href="javascript:x">y</a>',
    'new lines of a header': 'x\r\nBcc: all@example.com\r\nContent-Type: text/html\r\n\r\n<b>body</b>',
    'a hundred kilobytes': `too long ${'x'.repeat(100_000)}`,
    'emoji and half of one': '\u{1F525}\u{1F468}\u200d\u{1F469}\u200d\u{1F467} on fire \ud83d',
    'right to left': 'خطأ في قاعدة البيانات \u202egpj.exe\u202c שגיאה',
    secrets: 'login password=hunter2hunter2 failed, token xoxb-123456789012-abcdefghijkl of ana@example.com',
  } as const;

  it.each(Object.entries(LINES))('%s: comes as text, on every channel', async (_, line) => {
    const alerting = await open();
    nowMs = START + 16_000;
    await alerting.hear(10_000, 0.6, { line, service: `pay ${line.slice(0, 60)}` });
    const { slack, mails, webhooks } = catcher.caught();
    expect([slack.length, mails.length, webhooks.length]).toEqual([1, 1, 1]);
    const blocks = JSON.stringify(slack[0]?.blocks);
    // What Slack reads as plain text may hold anything.
    const [header, ...rest] = slack[0]?.blocks ?? [];
    expect(header).toMatchObject({ text: { type: 'plain_text' } });
    expect(JSON.stringify(rest)).not.toMatch(/<!|<https?:|<@/);
    expect(mails[0]?.html).not.toMatch(/<script|<img src=x|javascript:x"/);
    expect(mails[0]?.to).toEqual([LAPTOP.mailTo]);
    expect(mails[0]?.subject).not.toMatch(/[\r\n]/);
    const everything = blocks + JSON.stringify(mails) + JSON.stringify(webhooks);
    expect(everything).not.toMatch(/hunter2hunter2|xoxb-123456789012|ana@example/);
    // What shows nothing, and what turns others round, is gone.
    expect(everything).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
    expect(blocks.length).toBeLessThan(13_000);
    expect((mails[0]?.text.length ?? 0) + (mails[0]?.html.length ?? 0)).toBeLessThan(30_000);
  });
});

describe('a channel that fails', () => {
  it('by being down (the mail relay) gets everything once it is there, and holds up no other', async () => {
    const relay = catcher.smtpPort;
    await catcher.close();
    catcher = await startAlertCatcher({ port: 0, smtpPort: 0, dataDir: join(folder, 'again'), timers });
    const deaf = await open({ LOGWEIR_SMTP_URL: `smtp://127.0.0.1:${relay}` });
    nowMs = START + 16_000;
    await deaf.hear(10_000, 0.6);
    expect(catcher.caught().slack).toHaveLength(1);
    expect(catcher.caught().webhooks).toHaveLength(1);
    expect(await store.undelivered(9)).toMatchObject([{ channel: 'mail', state: 'waiting' }]);
    const alerting = await open();
    nowMs = START + 3 * MINUTE;
    await alerting.hear(30_000, 0.01);
    await alerting.remind();
    expectOnce();
    expect(await store.undelivered(9)).toEqual([]);
  });

  it('by 429 and then 500 (Slack) is left alone as long as it says, and told once', async () => {
    const alerting = await open();
    const times = new Set<number>();
    const failing = (status: number, retryAfterS?: number): void => {
      catcher.fault = (path) => {
        if (!path.startsWith('/slack')) return null;
        times.add(nowMs);
        return retryAfterS === undefined ? { status } : { status, retryAfterS };
      };
    };
    failing(429, 40);
    nowMs = START + 16_000;
    await alerting.hear(10_000, 0.6);
    for (const ms of [20_000, 30_000, 50_000, 55_999]) {
      nowMs = START + ms;
      await alerting.remind();
    }
    expect([...times]).toEqual([START + 16_000]);
    failing(500);
    nowMs = START + 56_000;
    await alerting.remind();
    expect([...times]).toEqual([START + 16_000, START + 56_000]);
    expect(catcher.caught().mails).toHaveLength(1);
    catcher.fault = null;
    nowMs = START + 3 * MINUTE;
    await alerting.hear(30_000, 0.01);
    await alerting.remind();
    // Both at once: what was opened and what is over, in this order.
    expectOnce();
  });

  it('by leading elsewhere (a redirect) or to a private address is refused, said, and holds up no other', async () => {
    const heard: string[] = [];
    const trap = await serve((path) => {
      heard.push(path);
      return path === '/hook'
        ? { status: 307, location: `http://127.0.0.1:${catcher.port}/webhook` }
        : { status: 200 };
    });
    const port = (trap.address() as AddressInfo).port;
    const host = `127.0.0.1:${catcher.port}`;
    for (const [url, allowed] of [
      [`http://127.0.0.1:${port}/hook`, `${host},127.0.0.1:${port}`],
      [`http://127.0.0.1:${port}/private`, host],
      ['https://169.254.169.254/latest/meta-data', host],
      ['https://[::ffff:10.0.0.1]/x', host],
    ] as const) {
      store = new MemoryAlerts();
      const alerting = await open({ LOGWEIR_WEBHOOK_URL: url, LOGWEIR_ALLOWED_HOSTS: allowed });
      nowMs = START + 16_000;
      await alerting.hear(10_000, 0.6);
      expect(await store.undelivered(9)).toMatchObject([{ channel: 'webhook', state: 'failed' }]);
    }
    expect(heard).toEqual(['/hook']);
    expect(catcher.caught().webhooks).toEqual([]);
    expect(catcher.caught().mails).toHaveLength(4);
    trap.close();
  });

  it('by a wrong password says so without the password', async () => {
    const relay = `smtp://alerts:${PASSWORD}@127.0.0.1:${catcher.smtpPort}`;
    const alerting = await open({ LOGWEIR_SMTP_URL: relay, LOGWEIR_SLACK_TOKEN: 'xoxb-of-nobody-at-all' });
    await story(alerting);
    expect(await store.undelivered(9)).toMatchObject([
      { channel: 'slack', state: 'failed', why: 'invalid_auth' },
      { channel: 'mail', state: 'waiting' },
      { channel: 'slack', state: 'failed' },
      { channel: 'mail', state: 'waiting' },
    ]);
    expect(spoken).toContain('a message was not delivered');
    expect(spoken).not.toMatch(new RegExp(`${PASSWORD}|xoxb-|${LAPTOP.webhookSecret}`));
  });
});

describe('a clock that jumps', () => {
  it.each([
    ['back an hour and forth again', -60 * MINUTE],
    ['forth an hour and back again', 60 * MINUTE],
    ['back a minute and forth again', -MINUTE],
  ])('%s, between what happens: nothing is lost or told twice', async (_, jumpMs) => {
    const alerting = await open();
    nowMs = START + 16_000;
    await alerting.hear(10_000, 0.6);
    nowMs += jumpMs;
    await alerting.hear(10_000, 0.6);
    await alerting.hear(20_000, 0.6);
    await alerting.remind();
    nowMs = START + 40_000;
    await alerting.remind();
    await alerting.hear(30_000, 0.01);
    for (const minute of [3, 4, 5]) {
      nowMs = START + minute * MINUTE;
      await alerting.remind();
    }
    const { slack, mails } = catcher.caught();
    expect(slack.filter(({ threadTs }) => threadTs === null)).toHaveLength(1);
    const first = mails.filter(({ inReplyTo }) => inReplyTo === null);
    expect(first).toHaveLength(1);
    expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(mails.length);
    expect(mails.at(-1)?.text).toMatch(/^Resolved/);
    expect(await store.undelivered(9)).toEqual([]);
  });
});

function serve(answer: (path: string) => { status: number; location?: string }): Promise<Server> {
  const server = createServer((request, response) => {
    const { status, location } = answer(request.url ?? '');
    response.writeHead(status, location === undefined ? {} : { location }).end();
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}
