/** Paths of log entries. */
import { z } from 'zod';
import type { Principal } from '../auth/principal.ts';
import type { ApiContext } from '../context.ts';
import { Fault } from '../fault.ts';
import { contextOf } from '../logs/context.ts';
import { exportLogs } from '../logs/export.ts';
import type { LogFilters } from '../logs/filter.ts';
import { matcherOf } from '../logs/match.ts';
import { type SearchContext, searchLogs } from '../logs/search.ts';
import { statsOf } from '../logs/stats.ts';
import { answers, type Route, route } from '../route.ts';
import {
  contextQuery,
  exportQuery,
  logContext,
  logStats,
  logsPage,
  logsQuery,
  statsQuery,
} from '../schema/logs.ts';
import { tailQuery } from '../schema/tail.ts';
import { name } from '../schema/value.ts';
import { spanOf } from '../span.ts';
import { TailFull } from '../tail/feed.ts';
import { tailResponse } from '../tail/response.ts';

const tag = 'logs';

/** What searching needs, for one who asks. */
export const searching = (
  { ask, settings }: ApiContext,
  principal: Principal,
  nowMs: number,
): SearchContext => ({
  ask,
  principal,
  nowMs,
  tenantLabel: settings.tenantLabel,
  tierAfterMs: settings.tierAfterMs,
});

export const logRoutes = (context: ApiContext): Route[] => [
  route({
    ...{ method: 'GET', path: '/logs', tag, role: 'viewer' },
    summary: 'Log entries that fit all filters, in an order, page by page',
    query: logsQuery,
    answer: answers('LogsPage', logsPage),
    async handle({ principal, query: { from, to, sort, limit, cursor, ...filters }, nowMs }) {
      const span = spanOf({ from, to }, nowMs);
      return searchLogs({ filters, span, sort, limit, cursor }, searching(context, principal, nowMs));
    },
  }),
  route({
    ...{ method: 'GET', path: '/logs/stats', tag, role: 'viewer' },
    summary: 'How many entries fit, over time and by service, severity, status and pattern',
    query: statsQuery,
    answer: answers('LogStats', logStats),
    async handle({ principal, query: { from, to, buckets, ...filters }, nowMs }) {
      const span = spanOf({ from, to }, nowMs);
      return statsOf({ filters, span, buckets }, searching(context, principal, nowMs));
    },
  }),
  route({
    ...{ method: 'GET', path: '/logs/export', tag, role: 'analyst' },
    summary: 'Log entries that fit, newest first, as a file',
    query: exportQuery,
    answer: { type: 'text/csv, application/x-ndjson', description: 'a line for each entry' },
    async handle({ principal, query: { from, to, format, limit, ...filters }, nowMs, signal }) {
      const span = spanOf({ from, to }, nowMs);
      return exportLogs({ filters, span, format, limit, signal }, searching(context, principal, nowMs));
    },
  }),
  route({
    ...{ method: 'GET', path: '/logs/tail', tag, role: 'viewer' },
    summary: 'New entries that fit as they come, as Server-Sent Events: ready, entries, gap',
    query: tailQuery,
    answer: {
      type: 'text/event-stream',
      description: 'TailReady, TailEntries and TailGap as data of events',
    },
    handle: ({ principal, query, signal }) => listen(context, query, principal, signal),
  }),
  route({
    ...{ method: 'GET', path: '/logs/{insert_id}/context', tag, role: 'viewer' },
    summary: 'An entry with what its service wrote before and after it, and its trace',
    params: z.strictObject({ insert_id: name }),
    query: contextQuery,
    answer: answers('LogContext', logContext),
    async handle({ principal, params, query, nowMs }) {
      return contextOf({ ...query, insertId: params.insert_id }, searching(context, principal, nowMs));
    },
  }),
];

async function listen(
  { feed, settings }: ApiContext,
  filters: LogFilters,
  principal: Principal,
  signal: AbortSignal,
): Promise<Response> {
  if (feed === null)
    throw new Fault('unavailable', 'there is no live tail here: LOGWEIR_LOG_TOPIC is not set');
  const matches = matcherOf(filters, { principal, tenantLabel: settings.tenantLabel });
  try {
    return tailResponse(await feed.listen(matches), signal);
  } catch (error) {
    if (error instanceof TailFull)
      throw new Fault('unavailable', 'too many listen to this instance', {
        headers: { 'retry-after': '10' },
      });
    throw new Fault('unavailable', 'Pub/Sub does not answer; try again', { headers: { 'retry-after': '5' } });
  }
}
