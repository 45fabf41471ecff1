/** Small steps through a line of text: blanks, words, brackets, level words. */
import type { Draft } from '../draft.ts';
import { CRITICAL, type Severity, severityOfWord } from '../severity.ts';

export const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;

export function skipBlanks(text: string, at: number): number {
  let end = at;
  while (isBlank(text.charCodeAt(end))) end++;
  return end;
}

/** End of the run of characters that are no white space. */
export function wordEnd(text: string, at: number): number {
  let end = at;
  for (const length = text.length; end < length; end++) {
    const code = text.charCodeAt(end);
    if (code === 0x20 || (code >= 0x09 && code <= 0x0d)) break;
  }
  return end;
}

const MAX_BRACKET = 300;

/** Index of the bracket that closes the one at `at`, at most 300 characters on; −1: none. */
export function closingBracket(text: string, at: number): number {
  const open = text.charCodeAt(at);
  const close = open === 0x28 ? 0x29 : open + 2;
  const limit = Math.min(text.length, at + MAX_BRACKET);
  let depth = 0;
  for (let i = at; i < limit; i++) {
    const code = text.charCodeAt(i);
    if (code === open) depth++;
    else if (code === close && --depth === 0) return i;
    else if (code === 0x0a) return -1;
  }
  return -1;
}

const UPPER = new Set(
  (
    'TRACE DEBUG INFO INFORMATION NOTICE WARN WARNING ERROR ERR CRITICAL CRIT FATAL SEVERE ALERT EMERG EMERGENCY ' +
    'PANIC FINE FINER FINEST CONFIG VERBOSE FAILURE INF WRN DBG TRC FTL VRB AUDIT SUCCESS'
  ).split(' '),
);

/** Levels that only a mark makes one: ASP.NET's abbreviations, Ruby's and syslog's words that prose has too. */
const MARKED = new Set([...UPPER, 'FAIL', 'DBUG', 'TRCE', 'NOTE', 'LOG']);

/** Severity of a word that may stand bare before a message: written in capitals. */
export const bareLevel = (word: string): Severity | null => (UPPER.has(word) ? severityOfWord(word) : null);

/** Severity of a word that a separator or brackets mark as a level, in any case. */
export function markedLevel(word: string): Severity | null {
  const trimmed = word.trim();
  if (trimmed.length > 13 || trimmed.length === 0) return null;
  if (trimmed.length <= 2 && !UPPER.has(trimmed)) return null;
  return MARKED.has(trimmed.toUpperCase()) ? severityOfWord(trimmed) : null;
}

/** Whole number of a word of 1 to 15 digits; −1 for anything else. */
export function wholeNumber(text: string, from: number, to: number): number {
  if (to <= from || to - from > 15) return -1;
  let value = 0;
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    if (!(code >= 0x30 && code <= 0x39)) return -1;
    value = value * 10 + code - 0x30;
  }
  return value;
}

/** The rest of a line is the message; white space at its end says nothing. */
export function setMessage(draft: Draft, text: string, from: number): void {
  draft.entry.message = text.slice(from).trimEnd();
  draft.messageKnown = true;
}

/** A level that begins a message and stays in it: `error: no such file`, `WARNING: …`. */
export function messageLevel(message: string): Severity | null {
  const colon = message.indexOf(':');
  if (colon < 3 || colon > 11) return null;
  const next = message.charCodeAt(colon + 1);
  if (next !== 0x20 && next !== 0x5b) return null;
  const word = message.slice(0, colon);
  // Go's `panic:` ends a process, not a system.
  return word === 'panic' ? CRITICAL : markedLevel(word);
}
