/** Paths of windows: as they are, those that are odd, and what was predicted of them. */
import { type ApiContext, ownServices } from '../context.ts';
import { explanationOf, patternIdsIn } from '../explanation.ts';
import { has, type Paged, pageOfRows } from '../pages.ts';
import { type Condition, isoOf, texts, when } from '../question.ts';
import { answers, type Route, route } from '../route.ts';
import {
  type AnomaliesPage,
  anomaliesPage,
  anomaliesQuery,
  type ServiceWindow,
  VERDICTS,
  type WindowsPage,
  windowsPage,
  windowsQuery,
} from '../schema/windows.ts';
import { type Span, spanOf } from '../span.ts';
import { templatesOf } from '../templates.ts';

const tag = 'windows';
const DAY_MS = 86_400_000;

const COLUMNS = `job, service, UNIX_MICROS(window_end) AS end_us, revision,
  UNIX_MICROS(emitted_at) AS emitted_us, incomplete, entries, errors, error_rate, warning_count AS warnings, anomalies,
  max_anomaly_score, http_4xx, http_5xx, latency_count, latency_mean_ms, latency_p50_ms, latency_p90_ms,
  latency_p95_ms, latency_p99_ms, latency_max_ms, distinct_users, verdict, verdict_score, decided_by, forest_score,
  failure_probability, new_pattern_errors, category`;

interface WindowRow extends Paged, Omit<ServiceWindow, 'window_start' | 'window_end' | 'emitted_at'> {
  readonly end_us: number;
  readonly emitted_us: number;
  readonly explanation?: string | null;
}

const windowOf = ({
  row_id: _,
  at_us,
  end_us,
  emitted_us,
  job,
  service,
  revision,
  ...rest
}: WindowRow): ServiceWindow => ({
  ...{ job, service, revision },
  window_start: isoOf(at_us),
  window_end: isoOf(end_us),
  emitted_at: isoOf(emitted_us),
  ...rest,
});

interface Wanted {
  readonly span: Span;
  readonly conditions: readonly (Condition | null)[];
  readonly limit: number;
  readonly cursor: string | undefined;
  readonly explained: boolean;
}

/** The latest revisions of windows that start in a time, newest first. */
const windowRows = ({ ask }: ApiContext, { explained, conditions, ...wanted }: Wanted) =>
  pageOfRows<WindowRow>(
    {
      ...wanted,
      columns: `${COLUMNS}${explained ? ', TO_JSON_STRING(explanation) AS explanation' : ''}`,
      ...{ from: 'windows', time: 'window_start', id: 'service' },
      conditions: [when("job = 'service_health'"), ...conditions],
      sharedMs: 1000,
    },
    ask,
  );

export const windowRoutes = (context: ApiContext): Route[] => [
  route({
    ...{ method: 'GET', path: '/windows', tag, role: 'viewer' },
    summary: 'Windows of services by their latest revision, newest first',
    query: windowsQuery,
    answer: answers('WindowsPage', windowsPage),
    async handle({
      principal,
      query: { from, to, service, revised, limit, cursor },
      nowMs,
    }): Promise<WindowsPage> {
      const span = spanOf({ from, to }, nowMs);
      const conditions = [
        ownServices(principal),
        has('service', service),
        revised === undefined ? null : when(revised ? 'revision > 1' : 'revision = 1'),
      ];
      const { rows, page } = await windowRows(context, {
        span,
        conditions,
        limit,
        cursor,
        explained: false,
      });
      return { items: rows.map(windowOf), ...page };
    },
  }),
  route({
    ...{ method: 'GET', path: '/anomalies', tag, role: 'viewer' },
    summary: 'Windows whose verdict is not ok, newest first, with why',
    query: anomaliesQuery,
    answer: answers('AnomaliesPage', anomaliesPage),
    async handle({ principal, query: { from, to, service, verdict, limit, cursor }, nowMs }) {
      const span = spanOf({ from, to }, nowMs, DAY_MS);
      const verdicts = VERDICTS.slice(VERDICTS.indexOf(verdict));
      const conditions = [
        ownServices(principal),
        has('service', service),
        when('verdict IN UNNEST(@verdicts)', { verdicts: texts(verdicts) }),
      ];
      const found = await windowRows(context, { span, conditions, limit, cursor, explained: true });
      return anomaliesOf(context, found);
    },
  }),
];

async function anomaliesOf(
  { ask }: ApiContext,
  { rows, page }: Awaited<ReturnType<typeof windowRows>>,
): Promise<AnomaliesPage> {
  const templates = await templatesOf(patternIdsIn(rows.map(({ explanation = null }) => explanation)), ask);
  return {
    items: rows.map((row) => ({
      service: row.service,
      window_start: isoOf(row.at_us),
      window_end: isoOf(row.end_us),
      revision: row.revision,
      verdict: row.verdict ?? 'ok',
      score: row.verdict_score ?? 0,
      decided_by: row.decided_by,
      category: row.category,
      failure_probability: row.failure_probability,
      forest_score: row.forest_score,
      entries: row.entries,
      errors: row.errors,
      explanation: explanationOf(row.explanation ?? null, templates),
    })),
    ...page,
  };
}
