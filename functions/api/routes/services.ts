/** Paths of services: how each is, at a glance and by itself. */
import { z } from 'zod';
import { isLoud } from '../../alert/incident.ts';
import { HORIZON_MS } from '../../detect/model-answer.ts';
import type { Principal } from '../auth/principal.ts';
import { type ApiContext, ownServices } from '../context.ts';
import { notFound } from '../fault.ts';
import { all, type Condition, isoOf, isoOrNull, text, timeMs, when } from '../question.ts';
import { answers, type Route, route } from '../route.ts';
import {
  HEALTHS,
  type ServiceDetail,
  type ServiceHealth,
  serviceDetail,
  services,
  servicesQuery,
} from '../schema/services.ts';
import { name } from '../schema/value.ts';
import { templatesOf } from '../templates.ts';

const tag = 'services';
const WINDOWS = 30;
const SHARED_MS = 1000;

interface HealthRow
  extends Omit<
    ServiceHealth,
    'last_window_end' | 'sparkline' | 'alerts' | 'horizon_s' | 'verdict' | 'category' | 'failure_probability'
  > {
  readonly last_us: number | null;
}

interface PointRow {
  readonly service: string;
  readonly start_us: number;
  readonly entries: number;
  readonly errors: number;
  readonly latency_p95_ms: number | null;
  readonly verdict: ServiceHealth['verdict'];
  readonly category: string | null;
  readonly failure_probability: number | null;
}

export const serviceRoutes = (context: ApiContext): Route[] => [
  route({
    ...{ method: 'GET', path: '/services', tag, role: 'viewer' },
    summary: 'Every service of the last hour with its health, worst first',
    query: servicesQuery,
    answer: answers('Services', services),
    async handle({ principal, query: { q, limit }, nowMs }) {
      const named =
        q === undefined ? null : when('STRPOS(LOWER(service), @part) > 0', { part: text(q.toLowerCase()) });
      return { items: await healthOf(context, { principal, named, limit, nowMs }) };
    },
  }),
  route({
    ...{ method: 'GET', path: '/services/{service}', tag, role: 'viewer' },
    summary: 'One service, with its patterns and instances of the last hour',
    params: z.strictObject({ service: name }),
    answer: answers('ServiceDetail', serviceDetail),
    async handle({ principal, params: { service }, nowMs }): Promise<ServiceDetail> {
      const named = when('service = @service', { service: text(service) });
      const [health] = await healthOf(context, { principal, named, limit: 1, nowMs });
      if (health === undefined) throw notFound('a service of this name that wrote in the last hour');
      return { ...health, ...(await detailOf(context, { principal, service, nowMs })) };
    },
  }),
];

interface Asked {
  readonly principal: Principal;
  readonly named: Condition | null;
  readonly limit: number;
  readonly nowMs: number;
}

async function healthOf(context: ApiContext, asked: Asked): Promise<ServiceHealth[]> {
  const { principal, named, limit, nowMs } = asked;
  const { windowSizeMs } = context.settings;
  const where = all([ownServices(principal), named]);
  // Windows start at whole multiples of their size; the newest closes a while after its end.
  const untilMs = Math.floor(nowMs / windowSizeMs) * windowSizeMs;
  const sinceMs = untilMs - (WINDOWS + 3) * windowSizeMs;
  const [rows, points, firing] = await Promise.all([
    context.ask<HealthRow>({
      sql: `SELECT service, health, UNIX_MICROS(last_window_end) AS last_us, entries_5m, errors_5m, error_rate_5m,
  entries_1h, errors_1h, error_rate_1h, latency_mean_5m_ms, latency_mean_1h_ms, latency_p99_5m_ms
FROM service_health
WHERE ${where.sql}
ORDER BY service`,
      params: where.params,
      sharedMs: SHARED_MS,
    }),
    context.ask<PointRow>({
      sql: `SELECT service, UNIX_MICROS(window_start) AS start_us, entries, errors, latency_p95_ms, verdict, category,
  failure_probability
FROM windows
WHERE job = 'service_health' AND window_start >= @since AND ${where.sql}
ORDER BY service, window_start`,
      params: { ...where.params, since: timeMs(sinceMs) },
      sharedMs: SHARED_MS,
    }),
    firingAlerts(context),
  ]);
  const pointsOf = byService(points);
  return rows
    .map((row) => healthOfRow(row, pointsOf.get(row.service) ?? [], { windowSizeMs, untilMs, firing }))
    .sort(worst)
    .slice(0, limit);
}

function byService(points: readonly PointRow[]): ReadonlyMap<string, readonly PointRow[]> {
  const groups = new Map<string, PointRow[]>();
  for (const point of points) {
    const group = groups.get(point.service);
    if (group === undefined) groups.set(point.service, [point]);
    else group.push(point);
  }
  return groups;
}

interface Shaping {
  readonly windowSizeMs: number;
  readonly untilMs: number;
  readonly firing: ReadonlyMap<string, number>;
}

function healthOfRow(
  { last_us, ...row }: HealthRow,
  points: readonly PointRow[],
  { windowSizeMs, untilMs, firing }: Shaping,
): ServiceHealth {
  const judged = points.findLast(({ verdict }) => verdict !== null);
  const lastMs = (points.at(-1)?.start_us ?? 0) / 1000;
  // The window that is just going on is not there yet, which is no silence.
  const endMs = Math.max(lastMs, untilMs - 3 * windowSizeMs);
  const byStart = new Map(points.map((point) => [point.start_us / 1000, point]));
  return {
    ...row,
    last_window_end: isoOrNull(last_us),
    verdict: judged?.verdict ?? null,
    category: judged?.category ?? null,
    failure_probability: judged?.failure_probability ?? null,
    horizon_s: HORIZON_MS / 1000,
    alerts: firing.get(row.service) ?? 0,
    sparkline: Array.from({ length: WINDOWS }, (_, i) => {
      const startMs = endMs - (WINDOWS - 1 - i) * windowSizeMs;
      const { entries = 0, errors = 0, latency_p95_ms = null } = byStart.get(startMs) ?? {};
      return { start: isoOf(startMs * 1000), entries, errors, latency_p95_ms };
    }),
  };
}

/** By health, then by what the models expect, then by name. */
const worst = (a: ServiceHealth, b: ServiceHealth): number =>
  HEALTHS.indexOf(a.health) - HEALTHS.indexOf(b.health) ||
  b.alerts - a.alerts ||
  (b.failure_probability ?? 0) - (a.failure_probability ?? 0) ||
  (a.service < b.service ? -1 : 1);

/** Alerts that fire, by service. */
async function firingAlerts({ board }: ApiContext): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const { alerts: all } of (await board()).incidents)
    for (const one of all.filter(isLoud)) counts.set(one.service, (counts.get(one.service) ?? 0) + 1);
  return counts;
}

async function detailOf(
  { ask, settings }: ApiContext,
  {
    principal,
    service,
    nowMs,
  }: { readonly principal: Principal; readonly service: string; readonly nowMs: number },
): Promise<Pick<ServiceDetail, 'patterns' | 'instances'>> {
  const params = { service: text(service), since: timeMs(nowMs - 3_600_000) };
  const tenant =
    principal.tenant === null
      ? null
      : when(`JSON_VALUE(labels, '$.${settings.tenantLabel}') = @tenant`, { tenant: text(principal.tenant) });
  const [patterns, instances] = await Promise.all([
    ask<{ pattern_id: string; entries: number; last_us: number }>({
      sql: `SELECT top.pattern_id AS pattern_id, SUM(top.entries) AS entries, UNIX_MICROS(MAX(w.window_start)) AS last_us
FROM windows AS w
CROSS JOIN UNNEST(w.top_patterns) AS top
WHERE w.job = 'service_health' AND w.service = @service AND w.window_start >= @since
GROUP BY top.pattern_id
ORDER BY entries DESC, pattern_id
LIMIT 20`,
      params,
      sharedMs: SHARED_MS,
    }),
    ask<{ instance: string; entries: number; errors: number }>({
      sql: `SELECT instance, COUNT(*) AS entries, COUNTIF(severity_number >= 500) AS errors
FROM log_entries
WHERE service = @service AND timestamp >= @since AND instance IS NOT NULL${tenant === null ? '' : ` AND ${tenant.sql}`}
GROUP BY instance
ORDER BY entries DESC, instance
LIMIT 50`,
      params: { ...params, ...tenant?.params },
      sharedMs: 5 * SHARED_MS,
    }),
  ]);
  const templates = await templatesOf(
    patterns.map(({ pattern_id }) => pattern_id),
    ask,
  );
  return {
    patterns: patterns.map(({ last_us, ...one }) => ({
      ...one,
      template: templates.get(one.pattern_id) ?? null,
      last: isoOf(last_us),
    })),
    instances: [...instances],
  };
}
