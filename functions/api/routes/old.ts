/**
 * The paths of older systems, with their parameters and fields: /logs, /logs/anomalies, /logs/stats, /metrics. Pages by
 * number read all before them, so they end at a depth; cursors of /api/v1/logs do not.
 */
import type { z } from 'zod';
import { isLoud } from '../../alert/incident.ts';
import { severityName, severityOfWord } from '../../parse/severity.ts';
import type { Principal } from '../auth/principal.ts';
import type { ApiContext } from '../context.ts';
import { invalid } from '../fault.ts';
import { ENTRY_COLUMNS, type EntryRow } from '../logs/entry.ts';
import { conditionOf, type LogFilters, spanCondition } from '../logs/filter.ts';
import { sourceOf } from '../logs/source.ts';
import { statsOf } from '../logs/stats.ts';
import { pipelineOf } from '../pipeline.ts';
import { exposition, gaugesOf } from '../prometheus.ts';
import { all } from '../question.ts';
import { answers, type Route, route } from '../route.ts';
import { oldLogs, oldLogsQuery, oldStats, oldStatsQuery } from '../schema/old-paths.ts';
import { spanOf } from '../span.ts';
import { searching } from './logs.ts';

const tag = 'older paths';
const DAY_MS = 86_400_000;
const MAX_DEPTH = 100_000;

type OldQuery = z.output<typeof oldStatsQuery>;

function filtersOf({ service_name, level, status_code, anomaly }: OldQuery): LogFilters {
  const severity = level === undefined ? undefined : severityOfWord(level);
  if (severity === null)
    throw invalid('query: level is none; allowed: debug, info, warning, error, critical, …');
  return {
    ...(service_name === undefined ? {} : { service: [service_name] }),
    ...(severity === undefined ? {} : { severity: [severityName(severity)] }),
    ...(status_code === undefined ? {} : { status: [String(status_code)] }),
    ...(anomaly === undefined ? {} : { anomaly }),
  };
}

export const oldRoutes = (context: ApiContext): Route[] => [
  route({
    ...{ method: 'GET', path: '/logs', tag, role: 'viewer' },
    summary: 'Log entries by page number, newest first; without times of the last day',
    query: oldLogsQuery,
    answer: answers('OldLogs', oldLogs),
    handle: ({ principal, query, nowMs }) =>
      pageOf(context, query, { principal, nowMs, filters: filtersOf(query) }),
  }),
  route({
    ...{ method: 'GET', path: '/logs/anomalies', tag, role: 'viewer' },
    summary: 'As /logs, those marked as anomalous',
    query: oldLogsQuery,
    answer: answers('OldLogs', oldLogs),
    handle: ({ principal, query, nowMs }) =>
      pageOf(context, query, { principal, nowMs, filters: { ...filtersOf(query), anomaly: true } }),
  }),
  route({
    ...{ method: 'GET', path: '/logs/stats', tag, role: 'viewer' },
    summary: 'Counts by service, level and status; without times of the last day',
    query: oldStatsQuery,
    answer: answers('OldStats', oldStats),
    async handle({ principal, query, nowMs }) {
      const span = spanOf({ from: query.from_timestamp, to: query.to_timestamp }, nowMs, DAY_MS);
      const stats = await statsOf(
        { filters: filtersOf(query), span, buckets: 1 },
        searching(context, principal, nowMs),
      );
      const byValue = (facet: readonly { readonly value: string; readonly count: number }[]) =>
        Object.fromEntries(facet.map(({ value, count }) => [value, count]));
      return {
        total_logs: stats.total,
        anomaly_count: stats.anomalies,
        anomaly_rate: stats.total === 0 ? 0 : stats.anomalies / stats.total,
        error_rate: stats.error_rate,
        by_service: byValue(stats.facets.service),
        by_level: byValue(stats.facets.severity),
        by_status: byValue(stats.facets.status),
        from_timestamp: span.fromMs,
        to_timestamp: span.toMs,
      };
    },
  }),
  route({
    ...{ method: 'GET', path: '/metrics', tag: 'pipeline', role: 'viewer', wide: true },
    summary: "The pipeline's figures as Prometheus reads them",
    answer: { type: 'text/plain; version=0.0.4', description: 'gauges' },
    async handle({ nowMs }) {
      const [pipeline, { incidents }] = await Promise.all([
        pipelineOf({ ask: context.ask, cost: context.assets.cost }, 60, nowMs),
        context.board(),
      ]);
      const firing = incidents.flatMap(({ alerts }) => alerts.filter(isLoud)).length;
      const text = exposition(gaugesOf(pipeline, { firing, listeners: context.feed?.size ?? 0 }));
      return new Response(text, { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } });
    },
  }),
];

interface Asked {
  readonly principal: Principal;
  readonly nowMs: number;
  readonly filters: LogFilters;
}

async function pageOf(
  context: ApiContext,
  { from_timestamp, to_timestamp, page, size }: z.output<typeof oldLogsQuery>,
  { principal, nowMs, filters }: Asked,
): Promise<z.output<typeof oldLogs>> {
  const skipped = (page - 1) * size;
  if (skipped > MAX_DEPTH)
    throw invalid(`query: page ${page} of ${size} lies deeper than ${MAX_DEPTH} entries; narrow the time`);
  const span = spanOf({ from: from_timestamp, to: to_timestamp }, nowMs, DAY_MS);
  const search = searching(context, principal, nowMs);
  const time = spanCondition(span.fromMs * 1000, span.toMs * 1000);
  const where = all([time, conditionOf(filters, search)]);
  const from = sourceOf(span, time, search);
  const [rows, [counted]] = await Promise.all([
    context.ask<EntryRow>({
      sql: `SELECT ${ENTRY_COLUMNS}
FROM ${from}
WHERE ${where.sql}
ORDER BY timestamp DESC, insert_id DESC
LIMIT ${size} OFFSET ${skipped}`,
      params: where.params,
    }),
    context.ask<{ n: number }>({
      sql: `SELECT COUNT(*) AS n FROM ${from} WHERE ${where.sql}`,
      params: where.params,
      sharedMs: 1000,
    }),
  ]);
  const total = counted?.n ?? 0;
  return { items: rows.map(entryOf), total, page, size, pages: Math.ceil(total / size) };
}

const entryOf = (row: EntryRow): z.output<typeof oldLogs>['items'][number] => ({
  id: row.insert_id,
  timestamp: Math.floor(row.timestamp_us / 1000),
  service_name: row.service,
  level: row.severity,
  message: row.message,
  status_code: row.http_status,
  response_time_ms: row.latency_ms,
  trace_id: row.trace_id,
  anomaly: row.anomaly_score > 0,
  anomaly_score: row.anomaly_score,
});
