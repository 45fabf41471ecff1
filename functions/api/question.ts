/**
 * Questions to BigQuery: a statement with bound parameters, rows as plain values. Nothing that a caller gives ever becomes
 * part of a statement. Bounded: by time, and by the bytes that BigQuery may bill.
 *
 * Under pressure: a question that was asked a moment ago, and is asked again, gets the same answer (`shared`), so that
 * fifty open pages cost as much as one.
 */
import type { BigQuery } from '@google-cloud/bigquery';
import { Fault } from './fault.ts';

type Scalar = 'STRING' | 'INT64' | 'FLOAT64' | 'BOOL' | 'TIMESTAMP';

/** A value with its type, as BigQuery binds it. */
export interface Bound {
  readonly type: Scalar | readonly [Scalar];
  readonly value: unknown;
}
export type Params = Readonly<Record<string, Bound>>;

export const text = (value: string): Bound => ({ type: 'STRING', value });
export const texts = (value: readonly string[]): Bound => ({ type: ['STRING'], value });
export const whole = (value: number): Bound => ({ type: 'INT64', value });
export const wholes = (value: readonly number[]): Bound => ({ type: ['INT64'], value });
export const real = (value: number): Bound => ({ type: 'FLOAT64', value });
export const truth = (value: boolean): Bound => ({ type: 'BOOL', value });
/** A time in µs since the epoch. */
export const timeUs = (us: number): Bound => ({ type: 'TIMESTAMP', value: { value: isoOf(us) } });
export const timeMs = (ms: number): Bound => timeUs(ms * 1000);

export type Row = Readonly<Record<string, unknown>>;

export interface Question {
  readonly sql: string;
  readonly params: Params;
  /** How old an answer may be, in ms; none: it is asked anew. */
  readonly sharedMs?: number;
}

/** Resolves to all rows. Rejects with a Fault when BigQuery does not answer, or would bill too much. */
export type Ask = <T = Row>(question: Question) => Promise<readonly T[]>;

export interface AskOptions {
  readonly bigquery: BigQuery;
  readonly dataset: string;
  readonly maxScanBytes: number;
  readonly clock: () => number;
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 30_000;
const MOST_SHARED = 500;

export function openAsk({ bigquery, dataset, maxScanBytes, clock, timeoutMs = TIMEOUT_MS }: AskOptions): Ask {
  const shared = new Map<string, { readonly atMs: number; readonly rows: Promise<readonly unknown[]> }>();
  const ask = async ({ sql, params }: Question): Promise<readonly unknown[]> => {
    const each = Object.entries(params);
    const asked = bigquery.query({
      query: sql,
      params: Object.fromEntries(each.map(([name, { value }]) => [name, value])),
      types: Object.fromEntries(each.map(([name, { type }]) => [name, type as string])),
      defaultDataset: { datasetId: dataset },
      maximumBytesBilled: String(maxScanBytes),
      jobTimeoutMs: timeoutMs,
    });
    try {
      const [rows] = await within(timeoutMs, asked);
      return rows as unknown[];
    } catch (error) {
      throw faultOf(error);
    }
  };
  return (<T>(question: Question): Promise<readonly T[]> => {
    const { sharedMs } = question;
    if (sharedMs === undefined) return ask(question) as Promise<readonly T[]>;
    const key = JSON.stringify([question.sql, question.params]);
    const before = shared.get(key);
    if (before !== undefined && clock() - before.atMs < sharedMs) return before.rows as Promise<readonly T[]>;
    const rows = ask(question);
    shared.delete(key);
    shared.set(key, { atMs: clock(), rows });
    if (shared.size > MOST_SHARED) shared.delete(shared.keys().next().value!);
    rows.catch(() => shared.delete(key));
    return rows as Promise<readonly T[]>;
  }) as Ask;
}

/** What a caller can do something about, or must wait for; anything else is a bug, and stays what it is. */
function faultOf(error: unknown): unknown {
  const { code, message = '' } = error as { readonly code?: unknown; readonly message?: string };
  if (/bytes billed|bytesBilledLimitExceeded/i.test(message))
    return new Fault('refused', 'that is more than may be scanned at once; choose a shorter time');
  if (code === 'ETIMEDOUT' || code === 408 || /timed? ?out|timeout/i.test(message))
    return new Fault('unavailable', 'BigQuery took too long; choose a shorter time', {
      headers: { 'retry-after': '5' },
    });
  const isAway = typeof code === 'string' ? /^E[A-Z]+$/.test(code) : code === 429 || Number(code) >= 500;
  if (!isAway) return error;
  return new Fault('unavailable', 'BigQuery does not answer; try again', { headers: { 'retry-after': '5' } });
}

function within<T>(ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = Object.assign(new Error(`no answer within ${ms} ms`), { code: 'ETIMEDOUT' });
    const timer = setTimeout(() => reject(late), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** ISO 8601 in UTC with µs where there are any. */
export function isoOf(us: number): string {
  const ms = Math.floor(us / 1000);
  const iso = new Date(ms).toISOString();
  const rest = us - ms * 1000;
  return rest === 0 ? iso : `${iso.slice(0, -1)}${String(rest).padStart(3, '0')}Z`;
}

/** As `isoOf`; null stays null. */
export const isoOrNull = (us: number | null): string | null => (us === null ? null : isoOf(us));

/** Conditions that all must hold, with their parameters. */
export interface Condition {
  readonly sql: string;
  readonly params: Params;
}

export const all = (conditions: readonly (Condition | null)[]): Condition => {
  const given = conditions.filter((one) => one !== null);
  return {
    sql: given.length === 0 ? 'TRUE' : given.map(({ sql }) => sql).join(' AND '),
    params: Object.assign({}, ...given.map(({ params }) => params)) as Params,
  };
};

export const when = (sql: string, params: Params = {}): Condition => ({ sql, params });
