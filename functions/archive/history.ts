/**
 * What the warehouse knows of the past, for a replay: when what belongs to a span was published, what BigQuery had
 * refused, which revisions stand, which rows are there and which patterns they have. Entries are looked for in
 * BigQuery and in the cold tier. All answers are small beside the logs: hours, counts, one row for each batch, and ids
 * only where something is missing.
 */
import type { BigQuery, Query } from '@google-cloud/bigquery';
import type { Span } from './archive.ts';
import { keyOf, VERDICTS, type Verdict, type Verdicts } from './kept-verdicts.ts';
import { type RecordedPatterns, recordedPatterns } from './recorded-patterns.ts';

export interface History {
  /** Hours in which entries of the span were published; starts in ms since the epoch, in order. */
  publishedHours(events: Span): Promise<readonly number[]>;
  /** Ids of records that BigQuery had refused, so that no window counts them; by publish time. */
  refused(published: Span): Promise<ReadonlySet<string>>;
  /** By start of the windows in the span: end, and highest revision. */
  windows(table: string, job: string, span: Span): Promise<ReadonlyMap<number, WrittenWindow>>;
  /** The verdicts of windows of a job that start in the span. */
  verdicts(job: string, span: Span): Promise<Verdicts>;
  /** How many distinct entries are there, by number of the interval of `sizeMs` after the span's start. */
  counts(span: Span, sizeMs: number, service: string | null): Promise<ReadonlyMap<number, number>>;
  /** The patterns that those entries were given when they came. */
  patterns(span: Span, service: string | null): Promise<RecordedPatterns>;
  /** The ids of those entries. */
  ids(span: Span, service: string | null): Promise<Set<string>>;
}

export interface WrittenWindow {
  readonly endMs: number;
  readonly revision: number;
}

const HOURS = `
  SELECT DISTINCT UNIX_MILLIS(TIMESTAMP_TRUNC(received_at, HOUR)) AS hour
  FROM logs_between(TIMESTAMP_MILLIS(@from), TIMESTAMP_MILLIS(@to))
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
  FROM logs_between(TIMESTAMP_MILLIS(@from), TIMESTAMP_MILLIS(@to))
  WHERE (@service IS NULL OR service = @service)`;

const COUNTS = `
  SELECT DIV(UNIX_MILLIS(timestamp) - @from, @size) AS interval_number, COUNT(DISTINCT insert_id) AS entries
  ${IN_SPAN}
  GROUP BY interval_number`;

/** Of each batch: index and pattern of its entries. */
const PATTERNS = `
  SELECT
    REGEXP_EXTRACT(insert_id, r'^(.*)-[0-9]+$') AS batch,
    STRING_AGG(CONCAT(REGEXP_EXTRACT(insert_id, r'-([0-9]+)$'), ' ', pattern_id), ',') AS patterns
  ${IN_SPAN} AND pattern_id IS NOT NULL
  GROUP BY batch`;

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
    async verdicts(job, span) {
      const found = await rows(VERDICTS, { ...between(span), job });
      return new Map(
        found.map(({ service, start, ...verdict }) => [
          keyOf(String(service), Number(start)),
          verdict as Verdict,
        ]),
      );
    },
    async counts(span, sizeMs, service) {
      const found = await rows(COUNTS, { ...between(span), size: sizeMs, service });
      return new Map(found.map(({ interval_number, entries }) => [Number(interval_number), Number(entries)]));
    },
    async patterns(span, service) {
      const found = await rows(PATTERNS, { ...between(span), service });
      return recordedPatterns(found.map(({ batch, patterns }) => [String(batch), String(patterns)]));
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
