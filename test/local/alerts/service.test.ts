/** The catchers of the laptop: what they keep, what they refuse, what they show. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mail } from '../../../functions/alert/channel/mail.ts';
import { blocksHtml, mrkdwnHtml } from '../../../local/alerts/block-kit.ts';
import { pageHtml } from '../../../local/alerts/page.ts';
import { type AlertCatcher, LAPTOP, startAlertCatcher } from '../../../local/alerts/service.ts';
import { trialMessage } from '../../../local/alerts/trial.ts';

let folder: string;
let catcher: AlertCatcher;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'catcher-'));
  catcher = await startAlertCatcher({ port: 0, smtpPort: 0, dataDir: folder });
});

afterEach(async () => {
  await catcher.close();
  await rm(folder, { recursive: true, force: true });
});

async function slack(method: string, body: object, token: string = LAPTOP.slackToken) {
  const answer = await fetch(`http://127.0.0.1:${catcher.port}/slack/api/${method}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ channel: LAPTOP.slackChannel, ...body }),
  });
  return (await answer.json()) as { ok: boolean; error?: string; ts?: string };
}

const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });

describe('the Slack channel', () => {
  it('refuses what Slack refuses', async () => {
    expect(await slack('chat.postMessage', { text: 'x' }, 'xoxb-other')).toMatchObject({
      error: 'invalid_auth',
    });
    expect(await slack('chat.postMessage', { text: 'x', channel: 'C1' })).toMatchObject({
      error: 'channel_not_found',
    });
    expect(await slack('chat.postMessage', {})).toMatchObject({ error: 'no_text' });
    const blocks = [section('x'.repeat(3001))];
    expect(await slack('chat.postMessage', { blocks })).toMatchObject({ error: 'invalid_blocks' });
    expect(await slack('chat.postMessage', { blocks: new Array(51).fill(section('x')) })).toMatchObject({
      ok: false,
    });
    expect(await slack('chat.update', { ts: '1.2', text: 'x' })).toMatchObject({
      error: 'message_not_found',
    });
    expect(catcher.caught().slack).toEqual([]);
  });

  it('never gives two messages one timestamp', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => slack('chat.postMessage', { text: `${i}` })),
    );
    expect(new Set(answers.map(({ ts }) => ts)).size).toBe(20);
  });
});

describe('what was caught', () => {
  it('is there after the next start, also when the last line was left half', async () => {
    const { ts } = await slack('chat.postMessage', { text: 'one' });
    await slack('chat.update', { ts, text: 'two' });
    const channel = mail({
      url: `smtp://127.0.0.1:${catcher.smtpPort}`,
      from: LAPTOP.mailFrom,
      to: [LAPTOP.mailTo],
    });
    await channel.send(trialMessage(Date.UTC(2026, 10, 21)));
    await catcher.close();
    await writeFile(join(folder, 'slack.ndjson'), '{"ts":"9.9","te', { flag: 'a' });
    catcher = await startAlertCatcher({ port: 0, smtpPort: 0, dataDir: folder });
    expect(catcher.caught().slack.map(({ text, edits }) => [text, edits])).toEqual([['two', 1]]);
    expect(catcher.caught().mails).toHaveLength(1);
  });

  it('is a page without scripts, whatever was written', async () => {
    await slack('chat.postMessage', {
      text: '<script>alert(1)</script>',
      blocks: [section('*a* <script>alert(1)</script>')],
    });
    const answer = await fetch(`http://127.0.0.1:${catcher.port}/`);
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    const html = await answer.text();
    expect(html).toContain('&lt;script&gt;');
    expect(html).not.toContain('<script');
  });

  it('shows mails in frames that may nothing', () => {
    const caught = {
      ...{
        receivedAtMs: 0,
        messageId: '<1@x>',
        inReplyTo: null,
        from: 'a@x',
        to: ['b@x'],
        subject: 's',
        text: 't',
      },
      html: '<p onclick="x()">"quoted"</p><img src="cid:sparkline">',
      images: { sparkline: 'data:image/png;base64,AAAA' },
    };
    const html = pageHtml({ slack: [], mails: [caught], webhooks: [] });
    expect(html).toContain('sandbox="" title="mail" srcdoc="&lt;p onclick=&quot;x()&quot;&gt;');
    expect(html).toContain('src=&quot;data:image/png;base64,AAAA&quot;');
  });
});

describe('mrkdwn', () => {
  it.each([
    ['*bold* and `code`', '<b>bold</b> and <code>code</code>'],
    ['a * b * c', 'a * b * c'],
    ['```x < y\n*no*```', '<pre>x &lt; y\n*no*</pre>'],
    ['&lt;b&gt; &amp; "', '&lt;b&gt; &amp; &quot;'],
    ['one\ntwo', 'one<br>two'],
  ])('%s is shown as %s', (text, html) => expect(mrkdwnHtml(text)).toBe(html));

  it('a button leads to the web alone', () => {
    const button = { type: 'button', text: { type: 'plain_text', text: 'x' }, url: 'javascript:alert(1)' };
    expect(blocksHtml([{ type: 'actions', elements: [button] }])).toContain('href="#"');
  });
});
