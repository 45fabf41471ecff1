/** The same filters on an entry in memory, for live tail: it passes what the conditions of SQL pass. Pure. */
import type { LogEntry } from '../../parse/log-entry.ts';
import { severityName, severityOfWord } from '../../parse/severity.ts';
import type { FilterContext, LogFilters } from './filter.ts';
import { labelPattern, lower, tokensOf, type Words, wordsOf } from './words.ts';

export type Matcher = (entry: LogEntry) => boolean;

export function matcherOf(filters: LogFilters, { principal, tenantLabel }: FilterContext): Matcher {
  const { service, severity, min_severity, status, anomaly, pattern, trace, q } = filters;
  const least = min_severity === undefined ? null : (severityOfWord(min_severity) ?? 0);
  const words = q === undefined ? null : searcher(wordsOf(q));
  const { tenant } = principal;
  return (entry) =>
    (tenant === null || labelsOf(entry)[tenantLabel] === tenant) &&
    (service === undefined || service.includes(entry.service)) &&
    (severity === undefined || severity.includes(severityName(entry.severity))) &&
    (least === null || entry.severity >= least) &&
    (status === undefined || hasStatus(entry.http_status, status)) &&
    (anomaly === undefined || entry.anomaly_score > 0 === anomaly) &&
    (pattern === undefined || (entry.pattern_id !== null && pattern.includes(entry.pattern_id))) &&
    (trace === undefined || entry.trace_id === trace) &&
    (words === null || words(entry));
}

const hasStatus = (status: number | null, wanted: readonly string[]): boolean =>
  status !== null && (wanted.includes(String(status)) || wanted.includes(`${Math.floor(status / 100)}xx`));

/** Parsed once an entry, however many listen. */
const parsed = new WeakMap<LogEntry, Readonly<Record<string, unknown>>>();

export function labelsOf(entry: LogEntry): Readonly<Record<string, unknown>> {
  const known = parsed.get(entry);
  if (known !== undefined) return known;
  const value = (entry.labels ? JSON.parse(entry.labels) : null) as Record<string, unknown> | null;
  const labels = value ?? {};
  parsed.set(entry, labels);
  return labels;
}

function searcher({ phrases, labels }: Words): Matcher {
  const pairs = labels.map((one) => ({ pattern: new RegExp(labelPattern(one)), not: one.not }));
  return (entry) =>
    pairs.every(({ pattern, not }) => pattern.test(entry.labels ?? '') !== not) &&
    phrases.every(({ tokens, not }) => holds(entry, tokens) !== not);
}

function holds(entry: LogEntry, phrase: readonly string[]): boolean {
  if (stands(entry.message, phrase)) return true;
  const hint = phrase[0]!;
  if (!entry.labels || !(lower(entry.labels).includes(hint) || entry.labels.includes('\\'))) return false;
  return leaves(labelsOf(entry)).some((text) => stands(text, phrase));
}

/** Whether the tokens of the phrase stand side by side in the text. */
function stands(text: string, phrase: readonly string[]): boolean {
  if (!phrase.every((token) => lower(text).includes(token))) return false;
  const tokens = tokensOf(text);
  return tokens.some((_, at) => phrase.every((token, i) => tokens[at + i] === token));
}

function leaves(value: unknown): string[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(leaves);
  return value === null || value === undefined ? [] : [String(value)];
}
