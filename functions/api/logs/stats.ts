/**
 * How many entries of what: totals, a histogram over time, facets, all of one scan. Rows are counted; a batch that was
 * delivered twice counts twice until it is looked at through the view `logs` (one in many thousands).
 */
import { all, isoOf, whole } from '../question.ts';
import type { LogStats, SeverityName } from '../schema/logs.ts';
import type { Span } from '../span.ts';
import { templatesOf } from '../templates.ts';
import { conditionOf, type LogFilters, spanCondition } from './filter.ts';
import type { SearchContext } from './search.ts';
import { sourceOf } from './source.ts';

/** Sizes of buckets that people can read. */
const SIZES_MS = [
  100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000,
  1_800_000, 3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000, 86_400_000, 172_800_000, 604_800_000,
];
const TOP = 20;
/** How long an answer is good for others. */
const SHARED_MS = 1000;

interface StatsRow {
  readonly facet: 'time' | 'service' | 'status' | 'pattern';
  readonly bucket: number | null;
  readonly severity: SeverityName | null;
  readonly value: string | null;
  readonly n: number;
  readonly errors: number;
  readonly anomalies: number;
}

/** The size of buckets of which about `wanted` make up the span. */
export const bucketMs = ({ fromMs, toMs }: Span, wanted: number): number =>
  SIZES_MS.find((size) => (toMs - fromMs) / size <= wanted) ??
  Math.ceil((toMs - fromMs) / wanted / 86_400_000) * 86_400_000;

export async function statsOf(
  { filters, span, buckets }: { readonly filters: LogFilters; readonly span: Span; readonly buckets: number },
  context: SearchContext,
): Promise<LogStats> {
  const size = bucketMs(span, buckets);
  const firstMs = Math.floor(span.fromMs / size) * size;
  const time = spanCondition(span.fromMs * 1000, span.toMs * 1000);
  const where = all([time, conditionOf(filters, context)]);
  const rows = await context.ask<StatsRow>({
    sql: `WITH found AS (
  SELECT DIV(UNIX_MICROS(timestamp) - @first_us, @bucket_us) AS bucket, severity, severity_number, service, http_status,
    pattern_id, anomaly_score
  FROM ${sourceOf(span, time, context)}
  WHERE ${where.sql}
), counted AS (
  SELECT bucket, severity, service, http_status, pattern_id,
    GROUPING(bucket) AS no_bucket, GROUPING(service) AS no_service, GROUPING(http_status) AS no_status,
    GROUPING(pattern_id) AS no_pattern,
    COUNT(*) AS n, COUNTIF(severity_number >= 500) AS errors, COUNTIF(anomaly_score > 0) AS anomalies
  FROM found
  GROUP BY GROUPING SETS ((bucket, severity), (service), (http_status), (pattern_id))
), named AS (
  SELECT
    CASE WHEN no_bucket = 0 THEN 'time' WHEN no_service = 0 THEN 'service' WHEN no_status = 0 THEN 'status' ELSE 'pattern' END AS facet,
    bucket, severity, COALESCE(service, CAST(http_status AS STRING), pattern_id) AS value, n, errors, anomalies
  FROM counted
)
SELECT facet, bucket, severity, value, n, errors, anomalies
FROM named
WHERE facet = 'time' OR value IS NOT NULL
QUALIFY facet = 'time' OR ROW_NUMBER() OVER (PARTITION BY facet ORDER BY n DESC, value) <= ${TOP}`,
    params: { ...where.params, first_us: whole(firstMs * 1000), bucket_us: whole(size * 1000) },
    sharedMs: SHARED_MS,
  });
  const patternIds = rows.flatMap(({ facet, value }) =>
    facet === 'pattern' && value !== null ? [value] : [],
  );
  return shape(rows, { span, size, firstMs, templates: await templatesOf(patternIds, context.ask) });
}

interface Shaping {
  readonly span: Span;
  readonly size: number;
  readonly firstMs: number;
  readonly templates: ReadonlyMap<string, string>;
}

function shape(rows: readonly StatsRow[], { span, size, firstMs, templates }: Shaping): LogStats {
  const timed = rows.filter(({ facet }) => facet === 'time');
  const sum = (of: (row: StatsRow) => number): number => timed.reduce((total, row) => total + of(row), 0);
  const total = sum(({ n }) => n);
  const errors = sum((row) => row.errors);
  const facet = (name: StatsRow['facet']) =>
    rows
      .filter((row) => row.facet === name)
      .map(({ value, n }) => ({ value: value ?? '', count: n }))
      .sort((a, b) => b.count - a.count);
  const severities = new Map<string, number>();
  for (const { severity, n } of timed)
    severities.set(severity ?? 'DEFAULT', (severities.get(severity ?? 'DEFAULT') ?? 0) + n);
  return {
    from: isoOf(span.fromMs * 1000),
    to: isoOf(span.toMs * 1000),
    ...{ total, errors, anomalies: sum(({ anomalies }) => anomalies) },
    error_rate: total === 0 ? 0 : errors / total,
    bucket_ms: size,
    histogram: histogram(timed, { span, size, firstMs }),
    facets: {
      service: facet('service'),
      severity: [...severities].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count),
      status: facet('status'),
      pattern: facet('pattern').map((one) => ({ ...one, template: templates.get(one.value) ?? null })),
    },
  };
}

function histogram(
  timed: readonly StatsRow[],
  { span, size, firstMs }: Omit<Shaping, 'templates'>,
): LogStats['histogram'] {
  const buckets = Math.ceil((span.toMs - firstMs) / size);
  const all = Array.from({ length: buckets }, (_, i) => ({
    start: isoOf((firstMs + i * size) * 1000),
    ...{ total: 0, anomalies: 0 },
    counts: {} as Partial<Record<SeverityName, number>>,
  }));
  for (const { bucket, severity, n, anomalies } of timed) {
    const one = all[bucket ?? -1];
    if (one === undefined) continue;
    one.total += n;
    one.anomalies += anomalies;
    one.counts[severity ?? 'DEFAULT'] = n;
  }
  return all;
}
