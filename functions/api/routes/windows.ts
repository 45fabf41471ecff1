/** Paths of windows: as they are, those that are odd, and what was predicted of them. */
import { z } from 'zod';
import { type ApiContext, ownServices } from '../context.ts';
import { explanationOf, patternIdsIn } from '../explanation.ts';
import { all, type Condition, isoOf, text, texts, timeUs, when } from '../question.ts';
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
import { cursorOf, cursorText, cursorUs, placeOf, type Span, spanOf } from '../span.ts';
import { templatesOf } from '../templates.ts';

const tag = 'windows';
const DAY_MS = 86_400_000;
const place = z.tuple([cursorUs, cursorText]);

const COLUMNS = `job, service, UNIX_MICROS(window_start) AS start_us, UNIX_MICROS(window_end) AS end_us, revision,
  UNIX_MICROS(emitted_at) AS emitted_us, incomplete, entries, errors, error_rate, warning_count AS warnings, anomalies,
  max_anomaly_score, http_4xx, http_5xx, latency_count, latency_mean_ms, latency_p50_ms, latency_p90_ms,
  latency_p95_ms, latency_p99_ms, latency_max_ms, distinct_users, verdict, verdict_score, decided_by, forest_score,
  failure_probability, new_pattern_errors, category`;

interface WindowRow extends Omit<ServiceWindow, 'window_start' | 'window_end' | 'emitted_at'> {
  readonly start_us: number;
  readonly end_us: number;
  readonly emitted_us: number;
  readonly explanation?: string | null;
}

const windowOf = ({
  job,
  service,
  start_us,
  end_us,
  revision,
  emitted_us,
  ...rest
}: WindowRow): ServiceWindow => ({
  ...{ job, service },
  window_start: isoOf(start_us),
  window_end: isoOf(end_us),
  revision,
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

/** The latest revisions of windows that start in a time, newest first, with where the next page begins. */
async function windowRows(
  { ask }: ApiContext,
  { span, conditions, limit, cursor, explained }: Wanted,
): Promise<{ readonly rows: readonly WindowRow[]; readonly next_cursor: string | null }> {
  const after = cursor === undefined ? null : placeOf(cursor, place);
  const toUs = after === null ? span.toMs * 1000 : Math.min(span.toMs * 1000, after[0] + 1);
  const where = all([
    when('window_start >= @from_time AND window_start < @to_time', {
      from_time: timeUs(span.fromMs * 1000),
      to_time: timeUs(toUs),
    }),
    ...conditions,
    after === null
      ? null
      : when('(window_start < @after_time OR service > @after_service)', {
          after_time: timeUs(after[0]),
          after_service: text(after[1]),
        }),
  ]);
  const rows = await ask<WindowRow>({
    sql: `SELECT ${COLUMNS}${explained ? ', TO_JSON_STRING(explanation) AS explanation' : ''}
FROM windows
WHERE job = 'service_health' AND ${where.sql}
ORDER BY window_start DESC, service
LIMIT ${limit + 1}`,
    params: where.params,
    sharedMs: 1000,
  });
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    rows: shown,
    next_cursor: rows.length > limit && last ? cursorOf([last.start_us, last.service]) : null,
  };
}

const ofService = (service: string | undefined): Condition | null =>
  service === undefined ? null : when('service = @service', { service: text(service) });

const rangeOf = ({ fromMs, toMs }: Span) => ({ from: isoOf(fromMs * 1000), to: isoOf(toMs * 1000) });

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
        ofService(service),
        revised === undefined ? null : when(revised ? 'revision > 1' : 'revision = 1'),
      ];
      const { rows, next_cursor } = await windowRows(context, {
        span,
        conditions,
        limit,
        cursor,
        explained: false,
      });
      return { items: rows.map(windowOf), next_cursor, ...rangeOf(span) };
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
        ofService(service),
        when('verdict IN UNNEST(@verdicts)', { verdicts: texts(verdicts) }),
      ];
      const found = await windowRows(context, { span, conditions, limit, cursor, explained: true });
      return anomaliesOf(context, found, span);
    },
  }),
];

async function anomaliesOf(
  { ask }: ApiContext,
  { rows, next_cursor }: Awaited<ReturnType<typeof windowRows>>,
  span: Span,
): Promise<AnomaliesPage> {
  const templates = await templatesOf(patternIdsIn(rows.map(({ explanation = null }) => explanation)), ask);
  return {
    items: rows.map((row) => ({
      service: row.service,
      window_start: isoOf(row.start_us),
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
    next_cursor,
    ...rangeOf(span),
  };
}
