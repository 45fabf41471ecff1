/** The range of time that a view shows: `?last=1h`, which moves with the clock, or `?from=…&to=…`, which stands. */
import { place, setQuery } from './route.ts';

export interface Span {
  /** '1h', or null where from and to stand. */
  readonly last: string | null;
  readonly fromMs: number;
  readonly toMs: number;
}

export const LASTS = ['5m', '15m', '1h', '6h', '24h', '7d', '30d'] as const;
export const LAST_TEXTS: Readonly<Record<string, string>> = {
  '5m': 'Last 5 minutes',
  '15m': 'Last 15 minutes',
  '1h': 'Last hour',
  '6h': 'Last 6 hours',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
};
const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const LONGEST_MS = 400 * 86_400_000;

export function lastMs(last: string): number | null {
  const found = /^(\d{1,4})([mhd])$/.exec(last);
  if (found === null) return null;
  const ms = Number(found[1]) * UNITS[found[2]!]!;
  return ms > 0 && ms <= LONGEST_MS ? ms : null;
}

/** The span of a query at a time. What cannot be read is the last hour. */
export function spanOf(query: URLSearchParams, nowMs: number, usual = '1h'): Span {
  const from = instantMs(query.get('from'));
  if (from !== null) {
    const to = instantMs(query.get('to')) ?? nowMs;
    return { last: null, fromMs: Math.min(from, to), toMs: Math.max(from, to, from + 1) };
  }
  const asked = query.get('last') ?? usual;
  const ms = lastMs(asked);
  return ms === null
    ? spanOf(new URLSearchParams(), nowMs)
    : { last: asked, fromMs: nowMs - ms, toMs: nowMs };
}

function instantMs(text: string | null): number | null {
  if (text === null || text === '') return null;
  const ms = /^-?\d{1,15}$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isFinite(ms) ? ms : null;
}

/** As parameters of a question to the API; a span that moves leaves `to` open. */
export const spanQuery = ({ last, fromMs, toMs }: Span): { from: string; to?: string } =>
  last === null
    ? { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() }
    : { from: new Date(fromMs).toISOString() };

export const setLast = (last: string): void => setQuery({ last, from: null, to: null });
export const setSpan = (fromMs: number, toMs: number): void =>
  setQuery({ last: null, from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() });

/** What changes when the span does: not with the clock. */
export const spanKey = (): string => {
  const { query } = place.value;
  return query.get('from') === null
    ? `last=${query.get('last') ?? ''}`
    : `${query.get('from')}/${query.get('to') ?? ''}`;
};
