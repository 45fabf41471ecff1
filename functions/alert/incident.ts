/**
 * What is told together: an incident with its alerts, and the board of all that are open or were lately. Plain data,
 * one Firestore document; bounded: only the first alerts of an incident keep their evidence, and when it becomes too
 * much, the oldest incidents lose theirs.
 */
import type { Evidence } from './observation.ts';
import { type Origin, originOf } from './origin.ts';
import type { ChannelName } from './rules/config.ts';
import { type Rule, SEVERITIES, type Severity } from './rules/rule.ts';
import type { Change } from './service.ts';
import type { Silence } from './silence.ts';

/** What the sparkline shows: one number a window, oldest first. */
export interface Series {
  readonly of: 'error rate' | 'latency' | 'entries';
  readonly values: readonly number[];
}

export interface IncidentAlert {
  readonly alertId: string;
  readonly fingerprint: string;
  readonly rule: string;
  readonly signal: Rule['signal'];
  readonly service: string;
  readonly severity: Severity;
  readonly phase: 'firing' | 'flapping' | 'silenced' | 'resolved';
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  readonly value: number;
  readonly usual: number | null;
  /** null: others tell enough. */
  readonly evidence: Evidence | null;
  readonly series: Series | null;
}

export interface Incident {
  readonly id: string;
  readonly openedAtMs: number;
  /** Start of the alert that joined last, in event time. */
  readonly joinedAtMs: number;
  readonly alerts: readonly IncidentAlert[];
  readonly resolvedAtMs: number | null;
  /** Notices so far. */
  readonly sequence: number;
  /** When somebody was last told loudly. */
  readonly toldAtMs: number;
  readonly channels: readonly ChannelName[];
  readonly acknowledgedBy: string | null;
}

export interface Board {
  readonly incidents: readonly Incident[];
  readonly silences: readonly Silence[];
}

export const EMPTY_BOARD: Board = { incidents: [], silences: [] };

export const isActive = ({ phase }: IncidentAlert): boolean => phase !== 'resolved';
/** Somebody should hear of it. */
export const isLoud = ({ phase }: IncidentAlert): boolean => phase === 'firing' || phase === 'flapping';

/** The highest severity of what is going on; when all is over, of what was. */
export function severityOf({ alerts }: Pick<Incident, 'alerts'>): Severity {
  const active = alerts.filter(isActive);
  const ranks = (active.length > 0 ? active : alerts).map(({ severity }) => SEVERITIES.indexOf(severity));
  return SEVERITIES[Math.max(0, ...ranks)]!;
}

/** The services, the likely origin first. */
export const originOfIncident = ({ alerts }: Pick<Incident, 'alerts'>): Origin =>
  originOf(alerts.map(({ evidence, ...one }) => ({ ...one, traces: evidence?.traces ?? [] })));

/** Alerts of an incident that keep evidence. */
const WITH_EVIDENCE = 3;
/** Alerts that an incident tells of one by one. */
const MAX_ALERTS = 100;

/** Adds an alert, or puts it in the place of an earlier one of the same fingerprint. */
export function withAlert(incident: Incident, change: Change, series: Series | null): Incident {
  const before = incident.alerts.find(({ fingerprint }) => fingerprint === change.fingerprint);
  const full =
    before?.evidence != null || incident.alerts.filter((one) => one.evidence).length < WITH_EVIDENCE;
  const alert: IncidentAlert = {
    alertId: change.alertId,
    fingerprint: change.fingerprint,
    rule: change.rule,
    signal: change.signal,
    service: change.service,
    severity: change.severity,
    phase: change.to as IncidentAlert['phase'],
    startedAtMs: change.startedAtMs,
    endedAtMs: change.to === 'resolved' ? change.atMs : null,
    value: change.value,
    usual: change.usual,
    evidence: full ? change.evidence : null,
    series: full ? (series ?? before?.series ?? null) : null,
  };
  const alerts = before
    ? incident.alerts.map((one) => (one === before ? alert : one))
    : [...incident.alerts, alert].slice(0, MAX_ALERTS);
  return { ...incident, alerts };
}

/** A Firestore document holds 1 MiB, and an index entry of it none: what is longer loses its evidence, oldest first. */
const MAX_BOARD_CHARS = 400_000;

export function trimmed(board: Board): Board {
  let chars = JSON.stringify(board).length;
  if (chars <= MAX_BOARD_CHARS) return board;
  const incidents = board.incidents.map((incident) => {
    if (chars <= MAX_BOARD_CHARS) return incident;
    const alerts = incident.alerts.map((one) => ({ ...one, evidence: null, series: null }));
    chars -= JSON.stringify(incident.alerts).length - JSON.stringify(alerts).length;
    return { ...incident, alerts };
  });
  return { ...board, incidents };
}
