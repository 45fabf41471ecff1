/** A message for programs: the generic webhook's JSON, PagerDuty's Events v2, a Jira issue. Pure. */
import type { AlertMessage } from './content.ts';
import { mailOf } from './mail.ts';

/** Body of the generic webhook. Times are ISO 8601 in UTC; `key` is the same for a delivery that is repeated. */
export function webhookBody(message: AlertMessage): string {
  const { incidentId, sequence, atMs, startedAtMs, endedAtMs, evidence, lines, ...rest } = message;
  const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
  return JSON.stringify({
    version: 1,
    key: `${incidentId}.${sequence}`,
    ...{ incidentId, sequence },
    ...{ at: iso(atMs), startedAt: iso(startedAtMs), endedAt: iso(endedAtMs) },
    ...rest,
    lines: lines.map(({ startedAtMs: from, endedAtMs: to, ...line }) => ({
      ...line,
      startedAt: iso(from),
      endedAt: iso(to),
    })),
    evidence: { ...evidence, traces: evidence.traces.map(({ id }) => id) },
  });
}

const PAGERDUTY = { page: 'critical', ticket: 'error', info: 'info' } as const;

/** Source: https://developer.pagerduty.com/docs/send-alert-event (a summary has 1,024 characters at most) */
export function pagerdutyEvent(message: AlertMessage, routingKey: string): Readonly<Record<string, unknown>> {
  const event = {
    routing_key: routingKey,
    // PagerDuty takes events of one key as one incident, however often they come.
    dedup_key: message.incidentId,
    event_action: message.resolved ? 'resolve' : 'trigger',
  };
  if (message.resolved) return event;
  return {
    ...event,
    client: 'Logweir',
    ...(message.links === null ? {} : { links: [{ href: message.links.page, text: 'Open' }] }),
    payload: {
      summary: message.title.slice(0, 1024),
      source: message.services[0] ?? 'logweir',
      severity: PAGERDUTY[message.severity],
      timestamp: new Date(message.startedAtMs).toISOString(),
      component: message.services[0] ?? 'logweir',
      class: message.lines[0]?.rule ?? 'alert',
      custom_details: {
        services: message.services.slice(0, 20),
        why: message.evidence.explanation,
        patterns: message.evidence.patterns.map(({ template, entries }) => `${entries} × ${template}`),
        samples: message.evidence.samples,
        traces: message.evidence.traces.map(({ id }) => id),
        query: message.query,
      },
    },
  };
}

/** A new Jira issue; the label is how a repeated delivery finds that it is there. A summary has 255 characters. */
export function jiraIssue(message: AlertMessage, project: string): Readonly<Record<string, unknown>> {
  return {
    fields: {
      project: { key: project },
      issuetype: { name: 'Task' },
      summary: `[${message.severity}] ${message.title}`.slice(0, 255),
      description: jiraText(message),
      labels: ['logweir', message.incidentId],
    },
  };
}

/** As preformatted text: Jira's own markup has no escape for all of its marks. */
export const jiraText = (message: AlertMessage): string =>
  `{noformat}\n${mailOf(message, null, 'logweir').text.replaceAll('{noformat}', '{ noformat }')}{noformat}`;
