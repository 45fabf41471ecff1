/** What was caught, as one would see it: the Slack channel with its threads, the mailbox with its. No script in it. */
import { moment } from '../../functions/alert/message/number.ts';
import { escapeHtml } from '../../functions/alert/message/text.ts';
import { blocksHtml } from './block-kit.ts';
import type { CaughtMail } from './mailbox.ts';
import type { SlackPost } from './slack-room.ts';

export interface CaughtWebhook {
  readonly receivedAtMs: number;
  readonly key: string;
  /** Signed with the laptop's key. */
  readonly signed: boolean;
  readonly body: string;
}

export interface Caught {
  readonly slack: readonly SlackPost[];
  readonly mails: readonly CaughtMail[];
  readonly webhooks: readonly CaughtWebhook[];
}

const SHOWN = 30;

const STYLE = `
body{margin:0;font:14px/1.45 -apple-system,"Segoe UI",Roboto,Helvetica,Arial,"Noto Color Emoji",sans-serif;color:#1d1c1d;background:#f4f4f5}
main{display:grid;grid-template-columns:1fr 1fr;gap:20px;padding:16px 20px;align-items:start}
h1{font-size:15px;margin:0;padding:12px 20px;background:#3f0e40;color:#fff}h2{font-size:15px;margin:0 0 10px}
article{background:#fff;border:1px solid #e2e2e5;border-radius:8px;padding:14px 16px;margin-bottom:14px;overflow-wrap:anywhere}
.who{font-weight:700}.when{color:#616061;font-size:12px;margin-left:6px}.empty{color:#616061}
.bk-header{font-size:18px;font-weight:800;margin:6px 0}.bk-section{margin:7px 0}.bk-context{color:#616061;font-size:12px;margin:6px 0}
.bk-button{display:inline-block;border:1px solid #bbbabb;border-radius:4px;padding:4px 12px;margin:4px 8px 4px 0;color:#1d1c1d;text-decoration:none;font-weight:700;font-size:13px}
pre,code{font:12px/1.5 "SFMono-Regular",Menlo,Consolas,"DejaVu Sans Mono",monospace;background:#f6f6f6;border:1px solid #dddde0;border-radius:4px}
pre{padding:8px;margin:4px 0;white-space:pre-wrap}code{padding:1px 4px;color:#a3174f}
.thread{border-left:3px solid #dddde0;margin:10px 0 0 4px;padding-left:12px}.thread>div{margin:8px 0}
iframe{width:100%;border:0;height:960px}details{margin:8px 0 0}summary{cursor:pointer;color:#1264a3}
dl{margin:0 0 6px;display:grid;grid-template-columns:max-content 1fr;gap:0 10px;font-size:12px;color:#616061}dd{margin:0;color:#1d1c1d}
`;

export function pageHtml({ slack, mails, webhooks }: Caught): string {
  const parents = slack
    .filter(({ threadTs }) => threadTs === null)
    .slice(-SHOWN)
    .reverse();
  const threads = mailThreads(mails).slice(-SHOWN).reverse();
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Alerts as they were sent</title>',
    `<style>${STYLE}</style></head><body><h1># alerts · what Slack and the mailbox got</h1><main><div><h2>Slack</h2>`,
    parents.length === 0
      ? '<p class="empty">nothing yet</p>'
      : parents.map((post) => postHtml(post, slack)).join(''),
    '</div><div><h2>Mail</h2>',
    threads.length === 0 ? '<p class="empty">nothing yet</p>' : threads.map(threadHtml).join(''),
    `<h2>Webhook</h2>${webhooks.length === 0 ? '<p class="empty">nothing yet</p>' : webhooks.slice(-SHOWN).reverse().map(webhookHtml).join('')}`,
    '</div></main></body></html>',
  ].join('');
}

function postHtml(post: SlackPost, all: readonly SlackPost[]): string {
  const replies = all.filter(({ threadTs }) => threadTs === post.ts);
  const edited = post.edits > 0 ? ` <span class="when">(edited ${post.edits}×)</span>` : '';
  const head = (one: SlackPost): string =>
    `<span class="who">Logweir</span><span class="when">${escapeHtml(moment(1000 * Number(one.ts)))}</span>`;
  const body = (one: SlackPost): string =>
    one.blocks.length > 0 ? blocksHtml(one.blocks) : `<div class="bk-section">${escapeHtml(one.text)}</div>`;
  const thread = replies.map((one) => `<div>${head(one)}${body(one)}</div>`).join('');
  return `<article>${head(post)}${edited}${body(post)}${thread === '' ? '' : `<div class="thread">${thread}</div>`}</article>`;
}

/** Mails by the one that began their thread, oldest thread first. */
export function mailThreads(mails: readonly CaughtMail[]): readonly (readonly CaughtMail[])[] {
  const threads = new Map<string, CaughtMail[]>();
  for (const mail of mails) {
    const first = mail.inReplyTo ?? mail.messageId;
    threads.set(first, [...(threads.get(first) ?? []), mail]);
  }
  return [...threads.values()];
}

function threadHtml(mails: readonly CaughtMail[]): string {
  const [first, ...rest] = mails as [CaughtMail, ...CaughtMail[]];
  const later = rest
    .map((mail) => `<details><summary>${escapeHtml(firstLine(mail))}</summary>${mailHtml(mail)}</details>`)
    .join('');
  return `<article>${mailHtml(first)}${later}</article>`;
}

const firstLine = ({ text, subject, receivedAtMs }: CaughtMail): string =>
  `${moment(receivedAtMs).slice(11, 19)} ${subject.startsWith('Re:') ? 'Re: ' : ''}${text.split('\n')[0] ?? subject}`;

function mailHtml({ from, to, subject, html, images, receivedAtMs, messageId }: CaughtMail): string {
  const shown = html.replace(/src="cid:([\w.-]+)"/g, (whole, cid: string) =>
    images[cid] ? `src="${images[cid]}"` : whole,
  );
  const row = (name: string, value: string): string =>
    `<dt>${name}</dt><dd><bdi>${escapeHtml(value)}</bdi></dd>`;
  return [
    `<dl>${row('From', from)}${row('To', to.join(', '))}${row('Subject', subject)}${row('Date', moment(receivedAtMs))}${row('Message-ID', messageId)}</dl>`,
    // A mail is foreign: no script, no form, no origin of its own.
    `<iframe sandbox="" title="mail" srcdoc="${escapeHtml(shown)}"></iframe>`,
  ].join('');
}

const webhookHtml = ({ receivedAtMs, key, signed, body }: CaughtWebhook): string =>
  `<article><details><summary>${escapeHtml(`${moment(receivedAtMs)} ${key}${signed ? ' · signature right' : ' · not signed'}`)}</summary><pre>${escapeHtml(pretty(body))}</pre></details></article>`;

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
