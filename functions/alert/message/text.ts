/**
 * Foreign text on its way into a message. It comes from logs, so it may hold markup, control characters, direction
 * marks or a hundred kilobytes: each channel's escape makes it plain text there, and nothing else.
 */
import { cut } from '../observation.ts';

/** Characters that show nothing, or that change how others are shown: controls, bidi overrides, zero widths, BOM. */
const INVISIBLE =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\ufeff]+/g;
const LONE_SURROGATE = /\p{Surrogate}/gu;

/** One line of visible text, at most `max` characters. */
export const plain = (text: string, max: number): string =>
  // Cut before and after: 100 KB need not be looked through to show 400 characters.
  cut(
    text
      .slice(0, 4 * max)
      .replace(INVISIBLE, ' ')
      .replace(LONE_SURROGATE, '\ufffd')
      .trim(),
    max,
  );

/**
 * Slack's three control characters as entities, and its formatting taken away: a zero-width space after each mark, so
 * that `*bold*`, `@here` and links stay as they were written. An underscore within a word is no mark. Source: https://docs.slack.dev/messaging/formatting-message-text
 */
export const escapeMrkdwn = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[*~`@#|]|(?<!\w)_|_(?!\w)|:\/\//g, (mark) => (mark === '://' ? ':\u200b//' : `${mark}\u200b`));

/** In a code block of Slack only the three control characters count, and the fence itself. */
export const escapeCode = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('```', '`\u200b`\u200b`');

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For HTML text and attributes in quotes. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (mark) => ENTITIES[mark]!);
