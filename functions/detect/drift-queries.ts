/** What drift asks the warehouse, and the rows it gets. */
import type { BigQuery } from '@google-cloud/bigquery';
import { z } from 'zod';
import { FEATURES } from '../../models/features.ts';
import type { Sample } from './drift.ts';
import { KINDS, labelsOf } from './feedback.ts';
import type { SeenWindow } from './own-windows.ts';
import type { Watch } from './retraining.ts';

export interface DriftQueries {
  /** The version that judged most windows of the last hour; null: none did. */
  servingVersion(): Promise<string | null>;
  hasVersion(version: string): Promise<boolean>;
  /** A sample of the windows of the last day that the version judged, and the time from the first to the last. */
  sample(version: string): Promise<Sample & { readonly spanMs: number }>;
  /** Labels by people, and how many of them were given since. */
  labels(sinceMs: number): Promise<{ readonly labels: ReadonlyMap<string, 0 | 1>; readonly fresh: number }>;
  /** The windows of the last day, and those that people spoke of with the minutes before. */
  windows(): Promise<readonly SeenWindow[]>;
  watch(versions: { candidate: string; serving: string; sinceMs: number }): Promise<{
    readonly candidate: Watch;
    readonly serving: Watch;
  }>;
}

const SAMPLE_ROWS = 500;

export function driftQueries(bigquery: BigQuery, datasetId: string, clock: () => number): DriftQueries {
  const ask = async <T>(
    shape: z.ZodType<T>,
    query: string,
    params: Record<string, unknown>,
  ): Promise<T[]> => {
    const [rows] = await bigquery.query({ query, params, defaultDataset: { datasetId } });
    return z.array(shape).parse(rows);
  };
  const at = (ms: number) => bigquery.timestamp(new Date(ms).toISOString());
  return {
    async servingVersion() {
      const rows = await ask(z.object({ version: z.string() }), VERSION_SQL, { now: at(clock()) });
      return rows[0]?.version ?? null;
    },
    async hasVersion(version) {
      return (
        (
          await ask(z.unknown(), 'SELECT 1 AS one FROM model_versions WHERE version = @version LIMIT 1', {
            version,
          })
        ).length > 0
      );
    },
    async sample(version) {
      const rows = await ask(sampleRow, SAMPLE_SQL, { now: at(clock()), version, rows: SAMPLE_ROWS });
      const starts = rows.map(({ start_ms }) => start_ms);
      const read = rows.flatMap(({ explanation, forest, lstm }) => {
        const features = featuresIn(explanation);
        return features === null ? [] : [{ features, forest, lstm }];
      });
      return {
        spanMs: rows.length === 0 ? 0 : Math.max(...starts) - Math.min(...starts),
        features: Object.fromEntries(
          FEATURES.map((name) => [name, read.map(({ features }) => features[name] ?? 0)]),
        ),
        scores: { forest: read.map(({ forest }) => forest), lstm: read.map(({ lstm }) => lstm) },
      };
    },
    async labels(sinceMs) {
      const rows = await ask(feedbackRow, FEEDBACK_SQL, { now: at(clock()) });
      const said = rows.map(({ given_ms, given_by, window_ms, ...rest }) => ({
        ...{ givenAtMs: given_ms, givenBy: given_by, windowStartMs: window_ms },
        ...rest,
      }));
      const fresh = new Set(
        said
          .filter(({ givenAtMs }) => givenAtMs > sinceMs)
          .map((one) => `${one.windowStartMs} ${one.service}`),
      );
      return { labels: labelsOf(said), fresh: fresh.size };
    },
    windows: () => ask(seenRow, WINDOWS_SQL, { now: at(clock()) }),
    async watch({ candidate, serving, sinceMs }) {
      const rows = await ask(watchRow, WATCH_SQL, { since: at(sinceMs) });
      const of = (version: string): Watch =>
        rows.find((row) => row.version === version) ?? { windows: 0, positives: 0 };
      return { candidate: of(candidate), serving: of(serving) };
    },
  };
}

const sampleRow = z.object({
  ...{ start_ms: z.number(), explanation: z.string(), forest: z.number(), lstm: z.number() },
});
const seenRow = z.object({
  ...{ service: z.string(), start_ms: z.number(), explanation: z.string(), positive: z.boolean() },
});
const feedbackRow = z.object({
  ...{ given_ms: z.number(), given_by: z.string(), kind: z.enum(KINDS), service: z.string() },
  window_ms: z.number(),
});
const watchRow = z.object({ version: z.string(), windows: z.number(), positives: z.number() });
const explained = z.object({ features: z.record(z.string(), z.number()) });

function featuresIn(text: string): Record<string, number> | null {
  const read = explained.safeParse(JSON.parse(text));
  return read.success ? read.data.features : null;
}

const VERSION_SQL = `SELECT model_version AS version
FROM predictions
WHERE window_start >= TIMESTAMP_SUB(@now, INTERVAL 1 HOUR) AND model = 'lstm' AND model_version IS NOT NULL
GROUP BY model_version
ORDER BY COUNT(*) DESC
LIMIT 1`;

/** The same windows whenever it is asked, spread over the day and the services. */
const SAMPLE_SQL = `SELECT
  UNIX_MILLIS(f.window_start) AS start_ms,
  TO_JSON_STRING(f.explanation) AS explanation,
  f.score AS forest,
  l.score AS lstm
FROM predictions AS f
JOIN predictions AS l
  ON l.service = f.service AND l.window_start = f.window_start AND l.model = 'lstm'
WHERE f.model = 'forest' AND f.model_version = @version
  AND f.window_start >= TIMESTAMP_SUB(@now, INTERVAL 1 DAY)
  AND l.window_start >= TIMESTAMP_SUB(@now, INTERVAL 1 DAY)
ORDER BY TO_HEX(SHA256(CONCAT(f.service, CAST(UNIX_SECONDS(f.window_start) AS STRING))))
LIMIT @rows`;

const FEEDBACK_SQL = `SELECT
  UNIX_MILLIS(given_at) AS given_ms, given_by, kind, service, UNIX_MILLIS(window_start) AS window_ms
FROM feedback
WHERE given_at >= TIMESTAMP_SUB(@now, INTERVAL 90 DAY) AND window_start IS NOT NULL`;

const WINDOWS_SQL = `SELECT
  f.service,
  UNIX_MILLIS(f.window_start) AS start_ms,
  TO_JSON_STRING(f.explanation) AS explanation,
  v.positive
FROM predictions AS f
JOIN predictions AS v
  ON v.service = f.service AND v.window_start = f.window_start AND v.model = 'verdict'
WHERE f.model = 'forest'
  AND f.window_start >= TIMESTAMP_SUB(@now, INTERVAL 30 DAY)
  AND v.window_start >= TIMESTAMP_SUB(@now, INTERVAL 30 DAY)
  AND (
    f.window_start >= TIMESTAMP_SUB(@now, INTERVAL 1 DAY)
    OR EXISTS (
      SELECT 1
      FROM feedback AS b
      WHERE b.service = f.service
        AND f.window_start > TIMESTAMP_SUB(b.window_start, INTERVAL 4 MINUTE)
        AND f.window_start <= b.window_start
    )
  )
LIMIT 200000`;

const WATCH_SQL = `SELECT model_version AS version, COUNT(*) AS windows, COUNTIF(positive) AS positives
FROM predictions
WHERE predicted_at >= @since AND window_start >= TIMESTAMP_SUB(@since, INTERVAL 1 DAY)
  AND model = 'lstm' AND model_version IS NOT NULL
GROUP BY model_version`;
