/**
 * logfmt: `level=info ts=… msg="it is done" status=200`, as logrus, go-kit, Loki, Heroku and slog print it. A line is
 * logfmt when it begins with a pair, holds nothing but pairs and bare words, has a message, level or time among them
 * or at least two pairs, and fewer bare words than pairs. Values are typed as in JSON: numbers and booleans without
 * quotes.
 */
import { addFormat, addValue, beginLayer, type Draft } from '../draft.ts';
import { FIELD_OF, type Field, readLatencyMs } from '../fields.ts';
import { take } from '../take.ts';

const MAX_PAIRS = 500;
/** Names under which a line's message stands. */
const MESSAGES = new Set(['msg', 'message', 'event']);
const NUMBER = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?$/;

interface Pair {
  readonly name: string;
  readonly value: string;
  readonly isQuoted: boolean;
  /** A word without "=". */
  readonly bare: boolean;
}

export function readLogfmt(draft: Draft, text: string): boolean {
  if (!beginsWithPair(text)) return false;
  const pairs = readPairs(text);
  if (pairs === null) return false;
  let named = 0;
  let known = false;
  for (const pair of pairs) {
    if (pair.bare) continue;
    named++;
    const field = FIELD_OF.get(pair.name);
    known ||= MESSAGES.has(pair.name) || field === 'severity' || field === 'timestamp';
  }
  if (named * 2 <= pairs.length || (!known && named < 2)) return false;
  addFormat(draft, 'logfmt');
  beginLayer(draft);
  takePairs(draft, pairs);
  draft.headed = true;
  return true;
}

/** `name=` at the start: cheap, so that other lines are not scanned. */
function beginsWithPair(text: string): boolean {
  let at = 0;
  while (isNameCode(text.charCodeAt(at))) at++;
  return at > 0 && at < 80 && text.charCodeAt(at) === 0x3d && text.charCodeAt(at + 1) !== 0x3d;
}

function takePairs(draft: Draft, pairs: readonly Pair[]): void {
  let message: string | null = null;
  for (const pair of pairs) {
    const value = pair.bare ? true : typed(pair);
    if (message === null && MESSAGES.has(pair.name) && !pair.bare) {
      message = pair.value;
      continue;
    }
    const field = fieldOf(pair);
    const fits = field !== undefined && field !== 'message' && field !== 'message_weak';
    if (fits && take(draft, field, pair.name, field === 'timestamp' ? pair.value : value)) continue;
    addValue(draft, pair.name, value);
  }
  if (message !== null) draft.entry.message = message;
  draft.messageKnown = true;
}

/** Heroku's router calls the level `at` and the duration `service`. */
function fieldOf({ name, value }: Pair): Field | undefined {
  if (name === 'at') return 'severity';
  if (name === 'service' && readLatencyMs(value) !== null) return 'latency_text';
  return FIELD_OF.get(name);
}

function typed({ value, isQuoted }: Pair): string | number | boolean {
  if (isQuoted) return value;
  if (value === 'true') return true;
  if (value === 'false') return false;
  return NUMBER.test(value) ? Number(value) : value;
}

function readPairs(text: string): Pair[] | null {
  const pairs: Pair[] = [];
  let at = 0;
  const end = text.trimEnd().length;
  while (at < end) {
    const code = text.charCodeAt(at);
    if (code === 0x20 || code === 0x09) {
      at++;
      continue;
    }
    const nameEnd = nameEndAt(text, at, end);
    if (nameEnd === at || pairs.length >= MAX_PAIRS) return null;
    const name = text.slice(at, nameEnd);
    if (text.charCodeAt(nameEnd) !== 0x3d) {
      if (!atBlank(text, nameEnd, end)) return null;
      pairs.push({ name, value: '', isQuoted: false, bare: true });
      at = nameEnd;
      continue;
    }
    const value = readValue(text, nameEnd + 1, end);
    if (value === null) return null;
    pairs.push({ name, value: value.text, isQuoted: value.isQuoted, bare: false });
    at = value.end;
  }
  return pairs;
}

function nameEndAt(text: string, at: number, end: number): number {
  let to = at;
  while (to < end && isNameCode(text.charCodeAt(to))) to++;
  return to;
}

const atBlank = (text: string, at: number, end: number): boolean =>
  at >= end || text.charCodeAt(at) === 0x20 || text.charCodeAt(at) === 0x09;

/** A value: quoted with JSON's escapes, or everything to the next blank. */
function readValue(
  text: string,
  at: number,
  end: number,
): { text: string; isQuoted: boolean; end: number } | null {
  if (text.charCodeAt(at) !== 0x22) {
    let to = at;
    while (!atBlank(text, to, end)) {
      // A quote inside a bare value is no logfmt.
      if (text.charCodeAt(to) === 0x22) return null;
      to++;
    }
    return { text: text.slice(at, to), isQuoted: false, end: to };
  }
  let to = at + 1;
  let escaped = false;
  for (let code = text.charCodeAt(to); code !== 0x22; code = text.charCodeAt(++to)) {
    if (to >= end) return null;
    if (code === 0x5c) {
      escaped = true;
      to++;
    }
  }
  if (!atBlank(text, to + 1, end)) return null;
  const raw = text.slice(at + 1, to);
  return { text: escaped ? unescaped(raw) : raw, isQuoted: true, end: to + 1 };
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '"': '"', '\\': '\\' };

/** Go's quoting: what is no escape of it stays as it is. */
const unescaped = (raw: string): string =>
  raw.replaceAll(/\\(u[\da-fA-F]{4}|x[\da-fA-F]{2}|[ntr"\\])/g, (_, code: string) =>
    code.length > 1 ? String.fromCharCode(Number.parseInt(code.slice(1), 16)) : ESCAPES[code]!,
  );

const isNameCode = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) ||
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x30 && code <= 0x39) ||
  code === 0x5f ||
  code === 0x2e ||
  code === 0x2d ||
  code === 0x2f ||
  code === 0x40 ||
  code === 0x3a;
