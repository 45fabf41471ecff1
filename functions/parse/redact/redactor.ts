/**
 * Redaction, before anything is stored: finds what must not be kept (rules in this folder) and puts a placeholder in
 * its place: `[email]`, or with a key `[email:1f0c…]`, the first 64 bits of HMAC-SHA256 over rule and value, so that
 * equal values still join and nobody without the key can try values out.
 *
 * Linear in the text. Texts without a mark of any rule (trigger.ts) pass untouched, and that is most of them.
 * Redacting a redacted text changes nothing.
 */
import { createHmac } from 'node:crypto';
import { ownText } from '../../own-text.ts';
import { address } from './address.ts';
import { email } from './email.ts';
import { pair } from './pair.ts';
import type { Rule } from './rule.ts';
import { DEFAULT_RULES, RULES } from './rules.ts';
import { isSecretName } from './secret-name.ts';
import { mayBeSecretId, mayHoldAddress, mayHoldSecret } from './trigger.ts';
import { urlPassword } from './url-password.ts';

export interface RedactorSettings {
  /** Built-in rules that are on. Default: all but `ip`. */
  readonly rules?: readonly string[];
  /** Key of the hash; none: values are replaced without a hash. */
  readonly key?: string | null;
  /** Further rules; with them every text is looked at. */
  readonly own?: readonly Rule[];
}

export interface Redactor {
  /** How many values each rule has redacted so far. */
  readonly counts: Readonly<Record<string, number>>;
  /** The rules are some of the usual ones, which can tell by a mark that a text holds nothing. */
  readonly usual: boolean;
  /** Rules of one's own look at every text, however short. */
  readonly thorough: boolean;
  /** Whether a text has to be redacted at all; cheap. */
  concerns(text: string): boolean;
  /** Whether a field of this name, or the name itself, has to be redacted. */
  concernsName(name: string): boolean;
  /** The text with placeholders. */
  text(text: string): string;
  /** An id with placeholders; one that is hexadecimal, or too short for a secret, passes. */
  id(id: string): string;
  /** As `id`, for names that come again and again, of services and hosts: those of the first 5,000 that pass are kept. */
  name(name: string): string;
  /** Text of a JSON object, redacted in names and values; fields named as secrets lose their value. */
  json(json: string): string;
}

interface Span {
  readonly start: number;
  end: number;
  readonly rule: Rule;
}

export function createRedactor(settings: RedactorSettings = {}): Redactor {
  const on = new Set(settings.rules ?? DEFAULT_RULES);
  const own = settings.own ?? [];
  const rules = RULES.filter((rule) => on.has(rule.name)).concat(own);
  const addresses = on.has(address.name);
  const others = RULES.some((rule) => rule !== address && on.has(rule.name));
  const counts: Record<string, number> = Object.fromEntries(rules.map((rule) => [rule.name, 0]));
  const placeholder = createPlaceholder(settings.key ?? null);

  const replace: Replace = (rule, value) => {
    counts[rule.name] = (counts[rule.name] ?? 0) + 1;
    return placeholder(rule, value);
  };
  const names = [...RULES, ...own].map((rule) => rule.name).join('|');
  const work: Work = { rules, replace, done: new RegExp(`(\\[(?:${names})(?::[\\da-f]{16})?\\])`) };
  const concerns = (text: string): boolean =>
    own.length > 0 || (others && mayHoldSecret(text)) || (addresses && mayHoldAddress(text));
  const text = (source: string): string => (concerns(source) ? redactText(source, work) : source);
  const concernsId = (source: string): boolean =>
    own.length > 0 || (mayBeSecretId(source) && concerns(source));
  const json = (source: string): string => {
    if (!concerns(source)) return source;
    const named = on.has(pair.name);
    const walk = (value: unknown, name: string): unknown => {
      if (named && isSecret(name, value) && !isWhole(work.done, value)) return replace(pair, String(value));
      if (typeof value === 'string') return text(value);
      if (typeof value === 'number')
        return text(String(value)) === String(value) ? value : text(String(value));
      if (Array.isArray(value)) return value.map((one) => walk(one, name));
      if (typeof value !== 'object' || value === null) return value;
      return fromMembers(Object.entries(value).map(([key, one]) => [text(key), walk(one, key)]));
    };
    return JSON.stringify(walk(JSON.parse(source), ''));
  };
  return {
    counts,
    usual: own.length === 0 && !addresses,
    thorough: own.length > 0,
    concerns,
    concernsName: remembering((name) => concerns(`"${name}":`)),
    text,
    id: (source) => (concernsId(source) ? redactText(source, work) : source),
    name: rememberingClean(concernsId, (source) => redactText(source, work)),
    json,
  };
}

/** Texts that need no redaction are known again, and are then one text however often they come. */
function rememberingClean(concerns: (text: string) => boolean, redact: (text: string) => string) {
  const clean = new Map<string, string>();
  return (text: string): string => {
    const known = clean.get(text);
    if (known !== undefined) return known;
    if (concerns(text)) return redact(text);
    if (clean.size < MAX_KEPT && text.length <= MAX_KEPT_CHARS) {
      const own = ownText(text);
      clean.set(own, own);
    }
    return text;
  };
}

/** Names come again and again; the answers to the first ones are kept. */
const MAX_KEPT = 5000;
const MAX_KEPT_CHARS = 64;

function remembering(ask: (name: string) => boolean): (name: string) => boolean {
  const answers = new Map<string, boolean>();
  return (name) => {
    const known = answers.get(name);
    if (known !== undefined) return known;
    const answer = ask(name);
    if (answers.size < MAX_KEPT && name.length <= MAX_KEPT_CHARS) answers.set(ownText(name), answer);
    return answer;
  };
}

/** An object of members whose redacted names may be the same: those get a number behind them. */
function fromMembers(members: readonly (readonly [string, unknown])[]): unknown {
  const named = new Map<string, unknown>();
  for (const [name, value] of members) {
    let free = name;
    for (let i = 2; named.has(free); i++) free = `${name}_${i}`;
    named.set(free, value);
  }
  return Object.fromEntries(named);
}

/** A password may be a number; a token that is one is a count. */
const isSecret = (name: string, value: unknown): boolean =>
  (typeof value === 'string' ? value !== '' : typeof value === 'number' && /pass|pwd/i.test(name)) &&
  isSecretName(name);

const isWhole = (pattern: RegExp, value: unknown): boolean =>
  typeof value === 'string' && pattern.exec(value)?.[0].length === value.length;

/** What was hidden behind a neighbour is found in a further pass; there is hardly ever one. */
const MAX_PASSES = 8;

type Replace = (rule: Rule, value: string) => string;

interface Work {
  readonly rules: readonly Rule[];
  readonly replace: Replace;
  /** A placeholder of an earlier redaction: left alone, while what stands around it is looked at. */
  readonly done: RegExp;
}

function redactText(source: string, work: Work): string {
  let text = source;
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const redacted = redactPieces(text, work);
    if (redacted === text) return text;
    text = redacted;
  }
  return text;
}

function redactPieces(text: string, work: Work): string {
  if (!text.includes('[') || text.search(work.done) < 0) return redactPiece(text, work);
  return text
    .split(work.done)
    .map((piece, i) => (i % 2 === 1 ? piece : redactPiece(piece, work)))
    .join('');
}

function redactPiece(source: string, { rules, replace }: Work): string {
  const spans = findSpans(source, rules);
  if (spans.length === 0) return source;
  let redacted = '';
  let at = 0;
  for (const { start, end, rule } of spans) {
    redacted += source.slice(at, start) + replace(rule, source.slice(start, end));
    at = end;
  }
  return redacted + source.slice(at);
}

/** Places that rules found, in order. Where places overlap, all of them go, under the rule that comes first. */
function findSpans(source: string, rules: readonly Rule[]): Span[] {
  const found: Span[] = [];
  for (const rule of rules) rule.find(source, (start, end) => found.push({ start, end, rule }));
  if (found.length < 2) return found;
  // The sort is stable: of places with one start, the earlier rule's comes first.
  found.sort((a, b) => a.start - b.start);
  const spans: Span[] = [];
  for (const span of found) {
    const last = spans.at(-1);
    if (last === undefined || span.start >= last.end) spans.push(span);
    // `password@host.example.com` is no address, and the host may stay.
    else if (last.rule !== urlPassword || span.rule !== email) last.end = Math.max(last.end, span.end);
  }
  return spans;
}

const MAX_REMEMBERED = 10_000;

function createPlaceholder(key: string | null): (rule: Rule, value: string) => string {
  if (key === null) return (rule) => `[${rule.name}]`;
  const remembered = new Map<string, string>();
  return (rule, value) => {
    const normal = `${rule.name}\0${rule.normalize?.(value) ?? value}`;
    const known = remembered.get(normal);
    if (known !== undefined) return known;
    const hash = createHmac('sha256', key).update(normal).digest('hex').slice(0, 16);
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(normal, `[${rule.name}:${hash}]`);
    return `[${rule.name}:${hash}]`;
  };
}
