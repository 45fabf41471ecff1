/**
 * Slack's Block Kit as HTML, near enough to judge a message by: header, section, context, actions, divider; of mrkdwn
 * bold, italics, strike, code, code blocks, line breaks. Everything is escaped first; what it does not know it shows as it is.
 */
import { escapeHtml } from '../../functions/alert/message/text.ts';

interface Text {
  readonly type?: string;
  readonly text?: string;
}

interface Block {
  readonly type?: string;
  readonly text?: Text;
  readonly elements?: readonly (Text & { readonly url?: string; readonly text?: string | Text })[];
}

export const blocksHtml = (blocks: readonly unknown[]): string =>
  blocks.map((block) => blockHtml(block as Block)).join('');

function blockHtml({ type, text, elements }: Block): string {
  switch (type) {
    case 'header':
      return `<div class="bk-header">${escapeHtml(text?.text ?? '')}</div>`;
    case 'section':
      return `<div class="bk-section">${mrkdwnHtml(text?.text ?? '')}</div>`;
    case 'context':
      return `<div class="bk-context">${(elements ?? []).map((one) => mrkdwnHtml(String(one.text ?? ''))).join(' ')}</div>`;
    case 'actions':
      return `<div class="bk-actions">${(elements ?? []).map(buttonHtml).join('')}</div>`;
    case 'divider':
      return '<hr>';
    default:
      return `<div class="bk-section">${escapeHtml(`(${type ?? 'no block'})`)}</div>`;
  }
}

function buttonHtml({ url, text }: { readonly url?: string; readonly text?: string | Text }): string {
  const label = escapeHtml(typeof text === 'string' ? text : (text?.text ?? ''));
  const safe = url !== undefined && /^https?:\/\//.test(url) ? escapeHtml(url) : '#';
  return `<a class="bk-button" href="${safe}" rel="noreferrer">${label}</a>`;
}

/** Slack's entities are those of HTML: unescaped here once, escaped again. */
export function mrkdwnHtml(text: string): string {
  return text
    .split('```')
    .map((part, i) => (i % 2 === 1 ? `<pre>${entities(part)}</pre>` : inlineHtml(part)))
    .join('');
}

const inlineHtml = (text: string): string =>
  text
    .split('`')
    .map((part, i) => (i % 2 === 1 ? `<code>${entities(part)}</code>` : styled(entities(part))))
    .join('')
    .replaceAll('\n', '<br>');

const styled = (text: string): string =>
  text
    .replace(/(^|[\s(>])\*(\S(?:[^*\n]*\S)?)\*(?=[\s:.,)]|$)/g, '$1<b>$2</b>')
    .replace(/(^|[\s(])~(\S[^~\n]*)~(?=[\s.,)]|$)/g, '$1<s>$2</s>');

const entities = (text: string): string =>
  escapeHtml(text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'));
