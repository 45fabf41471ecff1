/**
 * What a message says, before any channel's form: what, since when, how bad against usual, where it began, the last
 * windows, patterns with counts, sample lines, traces, a prediction with its reason, links and a query. Pure.
 * All foreign text in it is one line, visible and short; and passed through redaction once more, so that a rule that was
 * added after the line was stored counts too.
 */
import type { Kind, News, Notice } from '../group.ts';
import {
  type Incident,
  type IncidentAlert,
  isActive,
  originOfIncident,
  type Series,
  severityOf,
} from '../incident.ts';
import { type Evidence, NO_EVIDENCE } from '../observation.ts';
import type { Severity } from '../rules/rule.ts';
import { type Links, linksOf, queryOf } from './links.ts';
import { length, sentence } from './number.ts';
import { plain } from './text.ts';

export interface ServiceLine {
  readonly service: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly phase: IncidentAlert['phase'];
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  /** "52 % errors (usually 2.1 %)" */
  readonly sentence: string;
}

export interface AlertMessage {
  readonly incidentId: string;
  readonly kind: Kind;
  readonly sequence: number;
  readonly severity: Severity;
  readonly resolved: boolean;
  /** One line: what, where, how bad. */
  readonly title: string;
  readonly atMs: number;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  /** The services, the likely origin first; why it is thought to be the origin, empty where there is one alone. */
  readonly services: readonly string[];
  readonly originWhy: string;
  readonly lines: readonly ServiceLine[];
  /** Alerts beyond those of `lines`. */
  readonly more: number;
  /** What is new since the last message, in sentences. */
  readonly news: readonly string[];
  readonly evidence: Evidence;
  readonly series: Series | null;
  readonly links: Links | null;
  readonly query: string;
  readonly acknowledgedBy: string | null;
}

export interface ContentContext {
  readonly pageUrl: string | null;
  readonly dataset: string;
  /** Takes secrets out of a text. */
  readonly redact: (text: string) => string;
}

const MAX_LINES = 10;
const BEFORE_MS = 300_000;

export function contentOf(notice: Notice, { pageUrl, dataset, redact }: ContentContext): AlertMessage {
  const { incident, kind, sequence, atMs } = notice;
  const { order, why } = originOfIncident(incident);
  const alerts = sorted(incident, order);
  const first = alerts[0]!;
  const startedAtMs = Math.min(...alerts.map((one) => one.startedAtMs));
  const nameOf = (name: string): string => plain(redact(name), 80);
  const linked = {
    alertId: first.alertId,
    // A link that leads nowhere is better than a secret in it.
    service: redact(first.service),
    fromMs: startedAtMs - BEFORE_MS,
    untilMs: atMs,
  };
  return {
    ...{ incidentId: incident.id, kind, sequence, atMs, startedAtMs },
    severity: severityOf(incident),
    resolved: incident.resolvedAtMs !== null,
    title: titleOf(alerts, nameOf(first.service), order.length),
    endedAtMs: incident.resolvedAtMs,
    services: order.map(nameOf),
    originWhy: plain(redact(why), 200),
    lines: alerts.slice(0, MAX_LINES).map((one) => lineOf(one, nameOf(one.service))),
    more: Math.max(0, alerts.length - MAX_LINES),
    news: notice.news.map((news) => newsLine(news, incident, nameOf(news.service))),
    evidence: cleaned(first.evidence ?? NO_EVIDENCE, redact),
    series: first.series,
    links: linksOf(pageUrl, linked),
    query: queryOf(linked, dataset),
    acknowledgedBy: incident.acknowledgedBy,
  };
}

/** Of the likely origin first, of each service the most severe first; what is over, last. */
function sorted({ alerts }: Incident, order: readonly string[]): IncidentAlert[] {
  const rank: Readonly<Record<Severity, number>> = { page: 0, ticket: 1, info: 2 };
  const anyActive = alerts.some(isActive);
  const over = (one: IncidentAlert): number => (anyActive && !isActive(one) ? 1 : 0);
  return [...alerts].sort(
    (a, b) =>
      order.indexOf(a.service) - order.indexOf(b.service) ||
      over(a) - over(b) ||
      rank[a.severity] - rank[b.severity] ||
      Number(a.evidence === null) - Number(b.evidence === null) ||
      a.startedAtMs - b.startedAtMs,
  );
}

function titleOf([first]: readonly IncidentAlert[], service: string, services: number): string {
  const what = first === undefined ? '' : sentence(first.signal, first.value, first.usual);
  const others = services - 1;
  return `${service}: ${what}${others === 0 ? '' : `, and ${others} more service${others === 1 ? '' : 's'}`}`;
}

const lineOf = (alert: IncidentAlert, service: string): ServiceLine => ({
  service,
  rule: alert.rule,
  severity: alert.severity,
  phase: alert.phase,
  startedAtMs: alert.startedAtMs,
  endedAtMs: alert.endedAtMs,
  sentence: sentence(alert.signal, alert.value, alert.usual),
});

function newsLine({ what, service, rule }: News, { alerts }: Incident, name: string): string {
  const alert = alerts.find((one) => one.service === service && one.rule === rule);
  const said = alert === undefined ? rule : sentence(alert.signal, alert.value, alert.usual);
  switch (what) {
    case 'joined':
      return `${name} fails too: ${said}`;
    case 'also':
      return `${name}, besides: ${said}`;
    case 'recovered':
      return `${name} recovered (${rule}) after ${length((alert?.endedAtMs ?? 0) - (alert?.startedAtMs ?? 0))}`;
    case 'silenced':
      return `${name}: ${rule} was silenced`;
    case 'flapping':
      return `${name}: ${rule} comes and goes; held back until it is steady`;
    case 'came back':
      return `${name} is back: ${said}`;
    case 'more severe':
      return `more severe now: ${alert?.severity ?? 'page'}`;
  }
}

function cleaned(evidence: Evidence, redact: (text: string) => string): Evidence {
  const { patterns, samples, traces, prediction, explanation } = evidence;
  const safe = (text: string, max: number): string => plain(redact(text), max);
  return {
    patterns: patterns.map(({ id, template, entries }) => ({
      id: safe(id, 40),
      template: safe(template === '' ? id : template, 160),
      entries,
    })),
    samples: samples.map((line) => safe(line, 300)),
    traces: traces.map(({ id, atMs }) => ({ id: plain(id, 64), atMs })),
    prediction: prediction && { ...prediction, why: safe(prediction.why, 300) },
    explanation: safe(explanation, 400),
  };
}
