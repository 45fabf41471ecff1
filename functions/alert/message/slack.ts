/**
 * A message as Slack's Block Kit, within Slack's limits: 50 blocks, 3,000 characters a section, 150 a header, some
 * 13,000 in all; `text` is what notifications and screen readers show. Pure.
 * Source: https://docs.slack.dev/reference/block-kit/blocks (2026-11)
 */
import { cut } from '../observation.ts';
import type { AlertMessage, ServiceLine } from './content.ts';
import { count, length, moment, percent, timeOfDay } from './number.ts';
import { sparkline } from './sparkline.ts';
import { escapeCode, escapeMrkdwn } from './text.ts';

export interface SlackMessage {
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
}

export type SlackBlock =
  | { readonly type: 'header'; readonly text: { readonly type: 'plain_text'; readonly text: string } }
  | { readonly type: 'section'; readonly text: Mrkdwn }
  | { readonly type: 'context'; readonly elements: readonly Mrkdwn[] }
  | { readonly type: 'actions'; readonly elements: readonly Button[] }
  | { readonly type: 'divider' };

interface Mrkdwn {
  readonly type: 'mrkdwn';
  readonly text: string;
}

interface Button {
  readonly type: 'button';
  readonly text: { readonly type: 'plain_text'; readonly text: string };
  readonly url: string;
  readonly action_id: string;
  /** Told to the app when it is pressed (functions/api/slack.ts). */
  readonly value?: string;
}

const MAX_BLOCKS = 50;
const MAX_SECTION = 3000;
const MAX_HEADER = 150;
const MAX_ALL = 12_000;
const MAX_URL = 3000;
const MAX_VALUE = 2000;

const SIGNS = { page: '🔴', ticket: '🟠', info: '🔵' } as const;

/** The whole message, as it is posted and, when the incident changes, edited. */
export function slackMessage(message: AlertMessage): SlackMessage {
  const sign = message.resolved ? '🟢' : SIGNS[message.severity];
  const title = `${message.resolved ? 'Resolved: ' : ''}${message.title}`;
  return {
    text: cut(`${sign} ${escapeMrkdwn(title)}`, MAX_SECTION),
    blocks: fitting([header(`${sign} ${title}`), ...bodyOf(message)]),
  };
}

/** What is said in the thread: news alone, or the end. */
export function slackReply(message: AlertMessage): SlackMessage {
  const lines = message.resolved
    ? [`*Resolved* after ${length((message.endedAtMs ?? message.atMs) - message.startedAtMs)}.`]
    : message.kind === 'reminded'
      ? [`*Still going on*, for ${length(message.atMs - message.startedAtMs)}.`]
      : [];
  const text = [...lines, ...message.news.map((one) => `• ${escapeMrkdwn(one)}`)].join('\n');
  const said = cut(text === '' ? escapeMrkdwn(message.title) : text, MAX_SECTION);
  return { text: said, blocks: [section(said)] };
}

function bodyOf(message: AlertMessage): SlackBlock[] {
  const { evidence, originWhy, services, lines, more, news, query } = message;
  const blocks: (SlackBlock | null)[] = [
    section(whenOf(message)),
    originWhy === ''
      ? null
      : section(`*Likely began in* ${bold(services[0] ?? '')}: ${escapeMrkdwn(originWhy)}`),
    lines.length < 2
      ? null
      : section([...lines.map(lineOf), ...(more > 0 ? [`… and ${more} more`] : [])].join('\n')),
    message.kind === 'opened' || news.length === 0
      ? null
      : section(`*New:* ${news.map((one) => escapeMrkdwn(one)).join(' · ')}`),
    seriesOf(message),
    evidence.explanation === '' ? null : section(`*Why:* ${escapeMrkdwn(evidence.explanation)}`),
    predictionOf(message),
    evidence.patterns.length === 0
      ? null
      : section(
          `*Patterns*\n${code(evidence.patterns.map((one) => `${count(one.entries).padStart(6)} × ${one.template}`))}`,
        ),
    evidence.samples.length === 0 ? null : section(`*Sample lines*\n${code(evidence.samples)}`),
    evidence.traces.length === 0
      ? null
      : context(
          `Traces: ${evidence.traces.map(({ id }) => `\`${escapeCode(id).replaceAll('`', '')}\``).join(' ')}`,
        ),
    section(`*Query*\n${code(query.split('\n'))}`),
    buttonsOf(message),
    context(
      `${message.severity} · ${lines
        .map(({ rule }) => rule)
        .filter(isFirst)
        .join(', ')} · ${message.incidentId}`,
    ),
  ];
  return blocks.filter((block) => block !== null);
}

function whenOf({ startedAtMs, endedAtMs, atMs, lines, acknowledgedBy, severity }: AlertMessage): string {
  const [first] = lines;
  const lasted = length((endedAtMs ?? atMs) - startedAtMs);
  const when = `*Since* ${moment(startedAtMs)}${endedAtMs === null ? '' : ` *until* ${timeOfDay(endedAtMs)}`} (${lasted})`;
  const what = first === undefined ? '' : `${bold(first.service)}: ${escapeMrkdwn(first.sentence)}\n`;
  const who = acknowledgedBy === null ? '' : `\n*Taken by* ${escapeMrkdwn(acknowledgedBy)}`;
  return `${what}${when} · *${severity}*${who}`;
}

const lineOf = ({ service, sentence, phase, startedAtMs, endedAtMs }: ServiceLine): string => {
  const sign = phase === 'resolved' ? '✓' : phase === 'silenced' ? '🔕' : phase === 'flapping' ? '↕' : '✗';
  const when =
    endedAtMs === null ? `since ${timeOfDay(startedAtMs)}` : `over after ${length(endedAtMs - startedAtMs)}`;
  return `${sign} ${bold(service)} ${escapeMrkdwn(sentence)}, ${when}`;
};

function seriesOf({ series }: AlertMessage): SlackBlock | null {
  if (series === null || series.values.length === 0) return null;
  const top = Math.max(...series.values);
  const shown =
    series.of === 'error rate' ? percent(top) : series.of === 'latency' ? `${count(top)} ms` : count(top);
  return section(
    `*${series.of}, last ${series.values.length} windows* (highest ${shown})\n\`${sparkline(series.values)}\``,
  );
}

function predictionOf({ evidence }: AlertMessage): SlackBlock | null {
  if (evidence.prediction === null) return null;
  const { probability, horizonMs, why } = evidence.prediction;
  const because = why === '' ? '' : `, because of ${escapeMrkdwn(why)}`;
  return section(
    `*Predicted:* a failure within ${length(horizonMs)}, probability ${probability.toFixed(2)}${because}`,
  );
}

function buttonsOf({ links, services }: AlertMessage): SlackBlock | null {
  if (links === null) return null;
  const alert = decodeURIComponent(new URL(links.useful).pathname.split('/').at(-1) ?? '');
  // What the button brings back, without a character that could be markup anywhere.
  const about = JSON.stringify({ alert, service: services[0] ?? '' }).replace(
    /[<>&@|]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const button = (label: string, url: string, value?: string): Button[] =>
    url.length > MAX_URL
      ? []
      : [
          {
            type: 'button',
            text: { type: 'plain_text', text: label },
            url,
            action_id: label.toLowerCase(),
            ...(value === undefined || value.length > MAX_VALUE ? {} : { value }),
          },
        ];
  const elements = [
    ...button('Open', links.page),
    ...button('Silence', links.silence),
    ...button('Useful', links.useful, about),
    ...button('Noise', links.noise, about),
  ];
  return elements.length === 0 ? null : { type: 'actions', elements };
}

const header = (text: string): SlackBlock => ({
  type: 'header',
  text: { type: 'plain_text', text: cut(text, MAX_HEADER) },
});
const section = (text: string): SlackBlock => ({
  type: 'section',
  text: { type: 'mrkdwn', text: cut(text, MAX_SECTION) },
});
const context = (text: string): SlackBlock => ({
  type: 'context',
  elements: [{ type: 'mrkdwn', text: cut(text, MAX_SECTION) }],
});
const bold = (text: string): string => `*${escapeMrkdwn(text)}*`;
const isFirst = (one: string, at: number, all: readonly string[]): boolean => all.indexOf(one) === at;

/** A code block of whole lines that fits a section with its title. */
function code(lines: readonly string[]): string {
  let text = '';
  for (const line of lines) {
    const escaped = escapeCode(line);
    if (text.length + escaped.length > MAX_SECTION - 100) break;
    text += `${escaped}\n`;
  }
  return `\`\`\`${text.trimEnd()}\`\`\``;
}

/** As many blocks, from the first, as Slack takes. */
function fitting(blocks: readonly SlackBlock[]): SlackBlock[] {
  const kept: SlackBlock[] = [];
  let chars = 0;
  for (const block of blocks.slice(0, MAX_BLOCKS)) {
    const size = JSON.stringify(block).length;
    if (chars + size > MAX_ALL) continue;
    chars += size;
    kept.push(block);
  }
  return kept;
}
