/**
 * A message as an e-mail: HTML and text, the sparkline as an inline PNG and, for readers that show none, in Unicode; a
 * Message-ID made of incident and number, so that a mail sent twice is one to whoever counts them, and In-Reply-To, so
 * that updates are one thread. Pure.
 */
import type { AlertMessage } from './content.ts';
import { count, length, moment, timeOfDay } from './number.ts';
import { sparklinePng } from './png.ts';
import { sparkline } from './sparkline.ts';
import { escapeHtml, plain } from './text.ts';

export interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly messageId: string;
  readonly inReplyTo: string | null;
  /** Shown by the HTML as cid:sparkline. */
  readonly png: Buffer | null;
}

const messageIdOf = (incidentId: string, sequence: number, domain: string): string =>
  `<${incidentId}.${sequence}@${domain}>`;

/** What began a thread of mails: its number, and its subject, by which mail programs thread as well. */
export interface MailThread {
  readonly first: number;
  readonly subject: string;
}

/** `thread` null: this mail begins it. */
export function mailOf(message: AlertMessage, thread: MailThread | null, domain: string): Mail {
  const { incidentId, sequence, severity, series } = message;
  return {
    subject: thread === null ? `[${severity}] ${plain(message.title, 180)}` : `Re: ${thread.subject}`,
    text: textOf(message),
    html: htmlOf(message),
    messageId: messageIdOf(incidentId, sequence, domain),
    inReplyTo: thread === null ? null : messageIdOf(incidentId, thread.first, domain),
    png: series === null || series.values.length === 0 ? null : sparklinePng(series.values),
  };
}

function whenOf({ startedAtMs, endedAtMs, atMs }: AlertMessage): string {
  const until = endedAtMs === null ? '' : ` until ${timeOfDay(endedAtMs)}`;
  return `${moment(startedAtMs)}${until} (${length((endedAtMs ?? atMs) - startedAtMs)})`;
}

function statusOf({ resolved, kind, endedAtMs, startedAtMs, atMs }: AlertMessage): string {
  if (resolved) return `Resolved after ${length((endedAtMs ?? atMs) - startedAtMs)}`;
  if (kind === 'reminded') return 'Still going on';
  return kind === 'reopened' ? 'Back again' : kind === 'updated' ? 'Changed' : 'New';
}

const predictionOf = ({ evidence: { prediction } }: AlertMessage): string | null =>
  prediction &&
  `A failure within ${length(prediction.horizonMs)} has a probability of ${prediction.probability.toFixed(2)}${prediction.why === '' ? '' : `, because of ${prediction.why}`}.`;

const linesOf = ({ lines, more }: AlertMessage): string[] => [
  ...lines.map(({ service, sentence, startedAtMs, endedAtMs, phase, rule }) => {
    const when =
      endedAtMs === null
        ? `since ${timeOfDay(startedAtMs)}`
        : `over after ${length(endedAtMs - startedAtMs)}`;
    return `${service}: ${sentence}, ${when} (${rule}${phase === 'firing' || phase === 'resolved' ? '' : `, ${phase}`})`;
  }),
  ...(more > 0 ? [`… and ${more} more`] : []),
];

function textOf(message: AlertMessage): string {
  const { evidence, series, links, services, originWhy, news, query } = message;
  const block = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
  const prediction = predictionOf(message);
  return [
    `${statusOf(message)}: ${message.title}`,
    `Since ${whenOf(message)}, ${message.severity}`,
    ...(originWhy === '' ? [] : [`Likely began in ${services[0]}: ${originWhy}`]),
    ...block('What is new', message.kind === 'opened' ? [] : news),
    ...block('Services', linesOf(message)),
    ...(series === null
      ? []
      : block(`Last ${series.values.length} windows, ${series.of}`, [sparkline(series.values)])),
    ...block(
      'Why',
      [evidence.explanation, prediction].filter((one) => one !== null && one !== '') as string[],
    ),
    ...block(
      'Patterns',
      evidence.patterns.map((one) => `${count(one.entries).padStart(6)} × ${one.template}`),
    ),
    ...block('Sample lines', evidence.samples),
    ...block(
      'Traces',
      evidence.traces.map(({ id }) => id),
    ),
    ...block('Query', query.split('\n')),
    ...(links === null
      ? []
      : block('Links', [
          `Open    ${links.page}`,
          `Silence ${links.silence}`,
          `Useful  ${links.useful}`,
          `Noise   ${links.noise}`,
        ])),
    '',
    `${message.incidentId} · ${message.sequence}`,
    '',
  ].join('\n');
}

const COLOURS = { page: '#c0262d', ticket: '#d9730d', info: '#2f6fb2' } as const;

function htmlOf(message: AlertMessage): string {
  const { evidence, series, links, services, originWhy, news, severity, query } = message;
  const e = escapeHtml;
  const part = (title: string, body: string): string =>
    `<h3 style="margin:18px 0 4px;font-size:13px;color:#57606a">${e(title)}</h3>${body}`;
  const pre = (lines: readonly string[]): string =>
    `<pre dir="ltr" style="margin:0;padding:8px 10px;background:#f3f5f7;border-radius:4px;font-size:12px;white-space:pre-wrap;word-break:break-word">${e(lines.join('\n'))}</pre>`;
  const list = (items: readonly string[]): string =>
    `<ul style="margin:0;padding-left:18px">${items.map((item) => `<li><bdi>${e(item)}</bdi></li>`).join('')}</ul>`;
  const prediction = predictionOf(message);
  const why = [evidence.explanation, prediction].filter((one) => one !== null && one !== '') as string[];
  const colour = message.resolved ? '#2e8540' : COLOURS[severity];
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"></head><body style="margin:0;background:#fff">',
    `<div style="max-width:680px;margin:0 auto;padding:16px;font:14px/1.45 -apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif;color:#1f2328">`,
    `<div style="border-left:6px solid ${colour};padding:2px 0 2px 12px">`,
    `<div style="color:${colour};font-size:12px;font-weight:600;text-transform:uppercase">${e(statusOf(message))} · ${severity}</div>`,
    `<div style="font-size:19px;font-weight:600"><bdi>${e(message.title)}</bdi></div>`,
    `<div style="color:#57606a">Since ${e(whenOf(message))}</div></div>`,
    originWhy === ''
      ? ''
      : `<p style="margin:12px 0 0"><b>Likely began in <bdi>${e(services[0] ?? '')}</bdi></b>: ${e(originWhy)}</p>`,
    message.kind === 'opened' || news.length === 0 ? '' : part('What is new', list(news)),
    part('Services', list(linesOf(message))),
    series === null || series.values.length === 0
      ? ''
      : part(
          `Last ${series.values.length} windows, ${series.of}`,
          `<img src="cid:sparkline" width="360" height="56" alt="${e(sparkline(series.values))}">`,
        ),
    why.length === 0 ? '' : part('Why', list(why)),
    evidence.patterns.length === 0
      ? ''
      : part(
          'Patterns',
          pre(evidence.patterns.map((one) => `${count(one.entries).padStart(6)} × ${one.template}`)),
        ),
    evidence.samples.length === 0 ? '' : part('Sample lines', pre(evidence.samples)),
    evidence.traces.length === 0 ? '' : part('Traces', pre(evidence.traces.map(({ id }) => id))),
    part('Query', pre(query.split('\n'))),
    links === null ? '' : linksHtml(links),
    `<p style="margin:18px 0 0;color:#8c959f;font-size:12px">${e(message.incidentId)} · ${message.sequence}</p>`,
    '</div></body></html>',
  ].join('');
}

function linksHtml({ page, silence, useful, noise }: NonNullable<AlertMessage['links']>): string {
  const link = (label: string, url: string): string =>
    `<a href="${escapeHtml(url)}" style="display:inline-block;margin-right:8px;padding:6px 12px;border:1px solid #d0d7de;border-radius:6px;color:#1f2328;text-decoration:none">${label}</a>`;
  return `<p style="margin:18px 0 0">${link('Open', page)}${link('Silence', silence)}${link('Useful', useful)}${link('Noise', noise)}</p>`;
}
