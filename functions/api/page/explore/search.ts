/** What is searched for: in the URL, whole, so that a link is the search. Pure. */
import type { LogsQuery } from '../../schema/logs.ts';
import { SEVERITIES } from '../severity.ts';

export type Filters = Pick<
  LogsQuery,
  'q' | 'service' | 'severity' | 'min_severity' | 'status' | 'anomaly' | 'pattern' | 'trace'
>;
export type Sort = NonNullable<LogsQuery['sort']>;

/** Parameters that may be given several times. */
export const MANY = ['service', 'severity', 'status', 'pattern'] as const;
export type ManyName = (typeof MANY)[number];

export const SORTS: readonly (readonly [Sort, string])[] = [
  ['-timestamp', 'Newest first'],
  ['timestamp', 'Oldest first'],
  ['-latency_ms', 'Slowest first'],
  ['-anomaly_score', 'Most anomalous first'],
];

type Severity = (typeof SEVERITIES)[number];
const isSeverity = (text: string | null): text is Severity => SEVERITIES.some((one) => one === text);

/** What is not a filter, or no valid one, is left out. */
export function filtersOf(query: URLSearchParams): Filters {
  const all = (name: string): string[] =>
    [...new Set(query.getAll(name))].filter((value) => value !== '').slice(0, 50);
  const q = query.get('q')?.trim() ?? '';
  const trace = query.get('trace') ?? '';
  const severity = all('severity').filter(isSeverity);
  const least = query.get('min_severity');
  const anomaly = query.get('anomaly');
  const [service, status, pattern] = [
    all('service'),
    all('status').filter((one) => /^[1-9](\d\d|xx)$/.test(one)),
    all('pattern'),
  ];
  return {
    ...(q === '' ? {} : { q: q.slice(0, 500) }),
    ...(service.length === 0 ? {} : { service }),
    ...(severity.length === 0 ? {} : { severity }),
    ...(isSeverity(least) ? { min_severity: least } : {}),
    ...(status.length === 0 ? {} : { status }),
    ...(anomaly === 'true' || anomaly === 'false' ? { anomaly: anomaly === 'true' } : {}),
    ...(pattern.length === 0 ? {} : { pattern }),
    ...(trace === '' ? {} : { trace }),
  };
}

export const sortOf = (query: URLSearchParams): Sort =>
  SORTS.find(([sort]) => sort === query.get('sort'))?.[0] ?? '-timestamp';

/** The values of a parameter with one put in, or taken out. */
export const toggled = (query: URLSearchParams, name: string, value: string): string[] => {
  const values = query.getAll(name);
  return values.includes(value) ? values.filter((one) => one !== value) : [...values, value];
};

export interface Chip {
  readonly name: string;
  readonly value: string;
}

/** Filters that are on, but the words: each can be taken off. */
export function chipsOf(filters: Filters): Chip[] {
  const { service = [], severity = [], status = [], pattern = [], min_severity, anomaly, trace } = filters;
  const many = { service, severity, status, pattern };
  return [
    ...MANY.flatMap((name) => many[name].map((value) => ({ name, value }))),
    ...(min_severity === undefined ? [] : [{ name: 'min_severity', value: min_severity }]),
    ...(anomaly === undefined ? [] : [{ name: 'anomaly', value: String(anomaly) }]),
    ...(trace === undefined ? [] : [{ name: 'trace', value: trace }]),
  ];
}

/** The entry that is open: `entry=ID&at=TIMESTAMP`. */
export function openEntryOf(query: URLSearchParams): { id: string; at: string } | null {
  const [id, at] = [query.get('entry'), query.get('at')];
  return id !== null && id !== '' && at !== null && Number.isFinite(Date.parse(at)) ? { id, at } : null;
}
