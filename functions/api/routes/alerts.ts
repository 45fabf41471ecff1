/** Paths of alerts: incidents as they stand, the history, silences, taking an incident. */
import { z } from 'zod';
import { acknowledge, addSilence, endSilence } from '../../alert/operate.ts';
import type { Matchers } from '../../alert/rules/config.ts';
import { type Principal, sees } from '../auth/principal.ts';
import { type ApiContext, ownServices } from '../context.ts';
import { Fault, notFound } from '../fault.ts';
import { evidenceOf, incidentsOf, seenBy, silenceOf } from '../incidents.ts';
import { has, type Paged, pageOfRows } from '../pages.ts';
import { all, isoOf, isoOrNull, text, when } from '../question.ts';
import { answers, type Route, route } from '../route.ts';
import {
  type Alert,
  type AlertDetail,
  alertDetail,
  alertsPage,
  alertsQuery,
  type Incident,
  incident,
  incidents,
  incidentsQuery,
  silence,
  silenceInput,
  silences,
} from '../schema/alerts.ts';
import { name } from '../schema/value.ts';
import { spanOf } from '../span.ts';

const tag = 'alerts';
const WEEK_MS = 7 * 86_400_000;

const COLUMNS = `alert_id, group_id, rule, service, severity, state, UNIX_MICROS(updated_at) AS updated_us,
  UNIX_MICROS(resolved_at) AS resolved_us, value, usual, summary, acknowledged_by`;

interface AlertRow extends Paged, Omit<Alert, 'incident_id' | 'started_at' | 'updated_at' | 'resolved_at'> {
  readonly group_id: string | null;
  readonly updated_us: number;
  readonly resolved_us: number | null;
  readonly evidence?: string | null;
}

const alertOf = ({
  at_us,
  row_id: _,
  updated_us,
  resolved_us,
  group_id,
  evidence: __,
  ...rest
}: AlertRow): Alert => ({
  ...rest,
  incident_id: group_id,
  started_at: isoOf(at_us),
  updated_at: isoOf(updated_us),
  resolved_at: isoOrNull(resolved_us),
});

export const alertRoutes = (context: ApiContext): Route[] => [
  ...incidentRoutes(context),
  ...historyRoutes(context),
  ...silenceRoutes(context),
];

const incidentRoutes = (context: ApiContext): Route[] => [
  route({
    ...{ method: 'GET', path: '/incidents', tag, role: 'viewer' },
    summary: 'Incidents that are open or were lately, newest first, with evidence',
    query: incidentsQuery,
    answer: answers('Incidents', incidents),
    async handle({ principal, query: { state, service } }) {
      const shown = incidentsOf(await context.board(), principal);
      const fits = (one: Incident): boolean =>
        (state === 'all' || one.resolved_at === null) &&
        (service === undefined || one.services.includes(service));
      return { items: shown.filter(fits) };
    },
  }),
  route({
    ...{ method: 'GET', path: '/incidents/{incident_id}', tag, role: 'viewer' },
    summary: 'One incident',
    params: z.strictObject({ incident_id: name }),
    answer: answers('Incident', incident),
    async handle({ principal, params: { incident_id } }) {
      const found = incidentsOf(await context.board(), principal).find(
        (one) => one.incident_id === incident_id,
      );
      if (found === undefined) throw notFound('an incident of this id that is open or was lately');
      return found;
    },
  }),
  route({
    ...{ method: 'POST', path: '/incidents/{incident_id}/acknowledge', tag, role: 'operator' },
    summary: 'Takes an incident: nobody is reminded of it any more',
    params: z.strictObject({ incident_id: name }),
    answer: answers('Incident', incident),
    handle: ({ principal, params, nowMs }) => take(context, params.incident_id, principal, nowMs),
  }),
  route({
    ...{ method: 'POST', path: '/alerts/{alert_id}/acknowledge', tag, role: 'operator' },
    summary: 'Takes the incident of an alert',
    params: z.strictObject({ alert_id: name }),
    answer: answers('Incident', incident),
    handle: ({ principal, params, nowMs }) => take(context, params.alert_id, principal, nowMs),
  }),
];

/** By the id of an incident or of one of its alerts. */
async function take(context: ApiContext, id: string, principal: Principal, nowMs: number): Promise<Incident> {
  const board = await context.board();
  const seen = seenBy(board, principal).some(
    (one) => one.id === id || one.alerts.some(({ alertId }) => alertId === id),
  );
  if (!seen) throw notFound('an open incident of this id');
  const { store, channels, content } = await context.operations();
  const taken = await acknowledge(store, { id, by: principal.name }, { channels, content }, nowMs);
  if (taken === null) throw new Fault('conflict', 'it is over already');
  const [shown] = incidentsOf({ incidents: [taken], silences: [] }, principal);
  return shown!;
}

const historyRoutes = (context: ApiContext): Route[] => [
  route({
    ...{ method: 'GET', path: '/alerts', tag, role: 'viewer' },
    summary: 'Alerts by their start, newest first; without from of the last seven days',
    query: alertsQuery,
    answer: answers('AlertsPage', alertsPage),
    async handle({ principal, query: { from, to, service, rule, state, limit, cursor }, nowMs }) {
      const { rows, page } = await pageOfRows<AlertRow>(
        {
          columns: COLUMNS,
          ...{ from: 'alerts', time: 'started_at', id: 'alert_id' },
          ...{ span: spanOf({ from, to }, nowMs, WEEK_MS), limit, cursor, sharedMs: 1000 },
          conditions: [
            ownServices(principal),
            has('service', service),
            has('rule', rule),
            has('state', state),
          ],
        },
        context.ask,
      );
      return { items: rows.map(alertOf), ...page };
    },
  }),
  route({
    ...{ method: 'GET', path: '/alerts/{alert_id}', tag, role: 'viewer' },
    summary: 'One alert of the last 400 days, with its history and what was sent because of it',
    params: z.strictObject({ alert_id: name }),
    answer: answers('AlertDetail', alertDetail),
    handle: ({ principal, params: { alert_id } }) => detailOf(context, alert_id, principal),
  }),
];

async function detailOf({ ask }: ApiContext, id: string, principal: Principal): Promise<AlertDetail> {
  const where = all([when('alert_id = @id', { id: text(id) }), ownServices(principal)]);
  const [[row], events] = await Promise.all([
    ask<AlertRow>({
      sql: `SELECT ${COLUMNS}, UNIX_MICROS(started_at) AS at_us, alert_id AS row_id, TO_JSON_STRING(evidence) AS evidence
FROM alerts
WHERE started_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 400 DAY) AND ${where.sql}
LIMIT 1`,
      params: where.params,
    }),
    ask<
      Omit<AlertDetail['events'][number], 'changed_at'> & {
        readonly changed_us: number;
        readonly event_id: string;
      }
    >({
      sql: `SELECT event_id, UNIX_MICROS(changed_at) AS changed_us, from_state, to_state, reason, channel, delivery
FROM alert_events
WHERE changed_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 400 DAY) AND alert_id = @id
QUALIFY ROW_NUMBER() OVER (PARTITION BY event_id ORDER BY changed_at) = 1
ORDER BY changed_us, event_id
LIMIT 1000`,
      params: { id: text(id) },
    }),
  ]);
  if (row === undefined) throw notFound('an alert of this id');
  return {
    ...alertOf(row),
    evidence: evidenceOf(row.evidence ?? null),
    events: events.map(({ changed_us, event_id: _, ...rest }) => ({
      ...rest,
      changed_at: isoOf(changed_us),
    })),
  };
}

const silenceRoutes = (context: ApiContext): Route[] => [
  route({
    ...{ method: 'GET', path: '/silences', tag, role: 'viewer' },
    summary: 'Silences that hold back messages now, or will',
    answer: answers('Silences', silences),
    async handle({ principal, nowMs }) {
      const { silences: all } = await context.board();
      const shown = all.filter(({ match, untilMs }) => untilMs > nowMs && mayTouch(principal, match));
      return { items: shown.map(silenceOf) };
    },
  }),
  route({
    ...{ method: 'POST', path: '/silences', tag, role: 'operator' },
    summary: 'Holds back messages about labels for a while; the alerts stay to be seen',
    body: silenceInput,
    answer: answers('Silence', silence),
    async handle({ principal, body: { match, for_ms, comment }, nowMs }) {
      const labels = Object.fromEntries(
        Object.entries(match).filter(([, value]) => value !== undefined),
      ) as Matchers;
      if (!mayTouch(principal, labels))
        throw new Fault(
          'forbidden',
          'it would hold back messages of others; name a service of yours, without *',
        );
      const { store } = await context.operations();
      const request = { match: labels, forMs: for_ms, author: principal.name, comment };
      return silenceOf(await addSilence(store, request, nowMs));
    },
  }),
  route({
    ...{ method: 'DELETE', path: '/silences/{silence_id}', tag, role: 'operator' },
    summary: 'Ends a silence',
    params: z.strictObject({ silence_id: name }),
    answer: null,
    async handle({ principal, params: { silence_id }, nowMs }) {
      const found = (await context.board()).silences.find(({ id }) => id === silence_id);
      const { store } = await context.operations();
      const may = found !== undefined && mayTouch(principal, found.match);
      if (!may || !(await endSilence(store, silence_id, nowMs))) throw notFound('a silence of this id');
    },
  }),
];

/** Somebody of a tenant touches silences about one service of that tenant alone. */
const mayTouch = (principal: Principal, { service }: Matchers): boolean =>
  principal.tenant === null || (service !== undefined && !service.includes('*') && sees(principal, service));
