/**
 * What the warehouse knows of the past, for a replay: when what belongs to a span was published, what BigQuery had
 * refused, which revisions stand, which rows are there. All answers are small beside the logs: hours, counts, and ids
 * only where something is missing.
 */
import type { BigQuery, Query } from '@google-cloud/bigquery';
import type { Span } from './archive.ts';

export interface History {
  /** Hours in which entries of the span were published; starts in ms since the epoch, in order. */
  publishedHours(events: Span): Promise<readonly number[]>;
  /** Ids of records that BigQuery had refused, so that no window counts them; by publish time. */
  refused(published: Span): Promise<ReadonlySet<string>>;
  /** By start of the windows in the span: end, and highest revision. */
  windows(table: string, job: string, span: Span): Promise<ReadonlyMap<number, WrittenWindow>>;
  /** How many distinct entries log_entries has, by number of the interval of `sizeMs` after the span's start. */
  counts(span: Span, sizeMs: number, service: string | null): Promise<ReadonlyMap<number, number>>;
  /** The ids of those entries. */
  ids(span: Span, service: string | null): Promise<Set<string>>;
}

export interface WrittenWindow {
  readonly endMs: number;
  readonly revision: number;
}

const HOURS = `
  SELECT DISTINCT UNIX_MILLIS(TIMESTAMP_TRUNC(received_at, HOUR)) AS hour
  FROM log_entries
  WHERE timestamp >= TIMESTAMP_MILLIS(@from) AND timestamp < TIMESTAMP_MILLIS(@to)
  ORDER BY hour`;

const REFUSED = `
  SELECT DISTINCT insert_id
  FROM dead_letters
  WHERE stage = 'warehouse'
    AND received_at >= TIMESTAMP_MILLIS(@from) AND received_at < TIMESTAMP_MILLIS(@to)`;

const windowsIn = (table: string): string => `
  SELECT UNIX_MILLIS(window_start) AS start, UNIX_MILLIS(MAX(window_end)) AS ending, MAX(revision) AS revision
  FROM ${table}
  WHERE job = @job
    AND window_start >= TIMESTAMP_MILLIS(@from) AND window_start < TIMESTAMP_MILLIS(@to)
  GROUP BY window_start`;

const IN_SPAN = `
  FROM log_entries
  WHERE timestamp >= TIMESTAMP_MILLIS(@from) AND timestamp < TIMESTAMP_MILLIS(@to)
    AND (@service IS NULL OR service = @service)`;

const COUNTS = `
  SELECT DIV(UNIX_MILLIS(timestamp) - @from, @size) AS interval_number, COUNT(DISTINCT insert_id) AS entries
  ${IN_SPAN}
  GROUP BY interval_number`;

const IDS = `SELECT DISTINCT insert_id ${IN_SPAN}`;

/** The history in BigQuery. */
export function historyIn(client: BigQuery, datasetId: string): History {
  const rows = async (query: string, params: Record<string, unknown>): Promise<Row[]> => {
    const request: Query = { query, params, defaultDataset: { datasetId }, types: typesOf(params) };
    const [found] = await client.query(request);
    return found as Row[];
  };
  const between = ({ fromMs, toMs }: Span) => ({ from: fromMs, to: toMs });
  return {
    async publishedHours(events) {
      return (await rows(HOURS, between(events))).map(({ hour }) => Number(hour));
    },
    async refused(published) {
      return new Set((await rows(REFUSED, between(published))).map(({ insert_id }) => String(insert_id)));
    },
    async windows(table, job, span) {
      const found = await rows(windowsIn(table), { ...between(span), job });
      return new Map(
        found.map(({ start, ending, revision }) => [
          Number(start),
          { endMs: Number(ending), revision: Number(revision) },
        ]),
      );
    },
    async counts(span, sizeMs, service) {
      const found = await rows(COUNTS, { ...between(span), size: sizeMs, service });
      return new Map(found.map(({ interval_number, entries }) => [Number(interval_number), Number(entries)]));
    },
    async ids(span, service) {
      return new Set(
        (await rows(IDS, { ...between(span), service })).map(({ insert_id }) => String(insert_id)),
      );
    },
  };
}

type Row = Readonly<Record<string, unknown>>;

/** NULL has no type of its own. */
const typesOf = (params: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, typeof value === 'number' ? 'INT64' : 'STRING']),
  );
