/**
 * What the warehouse is told: a row of `alerts` for the state of each alert, rows of `alert_events` for each transition
 * and each delivery. Rows go through the outbox like messages, so that they are written at least once; the upsert key
 * and event_id make that once.
 */
import { nullable, required, type Table } from '../warehouse/table.ts';
import type { IncidentAlert } from './incident.ts';
import { sentence } from './message/number.ts';
import type { Phase } from './policy.ts';
import type { Change } from './service.ts';

/** Times in ms since the epoch. */
export interface AlertRow {
  readonly alertId: string;
  readonly fingerprint: string;
  readonly groupId: string | null;
  readonly rule: string;
  readonly service: string;
  readonly severity: string;
  readonly state: string;
  readonly startedAtMs: number;
  readonly updatedAtMs: number;
  readonly resolvedAtMs: number | null;
  readonly value: number;
  readonly usual: number | null;
  readonly summary: string;
  /** Text of a JSON object. */
  readonly evidence: string;
  readonly acknowledgedBy: string | null;
}

/** Of changes at one time the later phase stands. */
const ORDER: readonly string[] = ['ok', 'pending', 'silenced', 'firing', 'flapping', 'resolved'];

export const alerts: Table<AlertRow> = {
  name: 'alerts',
  upsert: { sequence: (row) => row.updatedAtMs * 8 + Math.max(0, ORDER.indexOf(row.state)) },
  columns: [
    required('alert_id', 'STRING', (row) => row.alertId),
    required('fingerprint', 'STRING', (row) => row.fingerprint),
    nullable('group_id', 'STRING', (row) => row.groupId),
    required('rule', 'STRING', (row) => row.rule),
    required('service', 'STRING', (row) => row.service),
    required('severity', 'STRING', (row) => row.severity),
    required('state', 'STRING', (row) => row.state),
    required('started_at', 'TIMESTAMP', (row) => row.startedAtMs * 1000),
    required('updated_at', 'TIMESTAMP', (row) => row.updatedAtMs * 1000),
    nullable('resolved_at', 'TIMESTAMP', (row) =>
      row.resolvedAtMs === null ? null : row.resolvedAtMs * 1000,
    ),
    nullable('value', 'FLOAT64', (row) => row.value),
    nullable('usual', 'FLOAT64', (row) => row.usual),
    required('summary', 'STRING', (row) => row.summary),
    nullable('evidence', 'JSON', (row) => row.evidence),
    nullable('acknowledged_by', 'STRING', (row) => row.acknowledgedBy),
  ],
};

export interface AlertEvent {
  readonly eventId: string;
  readonly alertId: string;
  readonly changedAtMs: number;
  readonly from: string | null;
  readonly to: string;
  readonly reason: string;
  readonly channel: string | null;
  readonly delivery: 'sent' | 'retried' | 'failed' | null;
}

export const alertEvents: Table<AlertEvent> = {
  name: 'alert_events',
  columns: [
    required('event_id', 'STRING', (row) => row.eventId),
    required('alert_id', 'STRING', (row) => row.alertId),
    required('changed_at', 'TIMESTAMP', (row) => row.changedAtMs * 1000),
    nullable('from_state', 'STRING', (row) => row.from),
    required('to_state', 'STRING', (row) => row.to),
    required('reason', 'STRING', (row) => row.reason),
    nullable('channel', 'STRING', (row) => row.channel),
    nullable('delivery', 'STRING', (row) => row.delivery),
  ],
};

/** Rows of one commit. */
export interface Rows {
  readonly alerts: readonly AlertRow[];
  readonly events: readonly AlertEvent[];
}

/** The row of an alert after a change. */
export const rowOf = (change: Change, groupId: string | null, acknowledgedBy: string | null): AlertRow => ({
  alertId: change.alertId,
  fingerprint: change.fingerprint,
  groupId,
  rule: change.rule,
  service: change.service,
  severity: change.severity,
  state: change.to,
  startedAtMs: change.startedAtMs,
  updatedAtMs: change.atMs,
  resolvedAtMs: change.to === 'resolved' ? change.atMs : null,
  value: change.value,
  usual: change.usual,
  summary: `${change.service}: ${sentence(change.signal, change.value, change.usual)}`,
  evidence: JSON.stringify(change.evidence),
  acknowledgedBy,
});

/** A row of an alert that did not change, but was taken by somebody. */
export const takenRow = (alert: IncidentAlert, groupId: string, by: string, nowMs: number): AlertRow => ({
  ...{
    alertId: alert.alertId,
    fingerprint: alert.fingerprint,
    groupId,
    rule: alert.rule,
    service: alert.service,
  },
  ...{ severity: alert.severity, state: alert.phase, startedAtMs: alert.startedAtMs, updatedAtMs: nowMs },
  resolvedAtMs: alert.endedAtMs,
  value: alert.value,
  usual: alert.usual,
  summary: `${alert.service}: ${sentence(alert.signal, alert.value, alert.usual)}`,
  evidence: JSON.stringify(alert.evidence),
  acknowledgedBy: by,
});

/** The events of a change: one that leaves `pending` tells when it became that, which nobody was told of then. */
export function eventsOf(change: Change): AlertEvent[] {
  const { alertId, atMs, from, to, reason, startedAtMs } = change;
  const event = (at: number, before: Phase, after: Phase, why: string): AlertEvent => ({
    eventId: `${alertId}.${before}.${after}.${at.toString(36)}`,
    ...{ alertId, changedAtMs: at, from: before, to: after, reason: why, channel: null, delivery: null },
  });
  return from === 'pending'
    ? [event(startedAtMs, 'ok', 'pending', 'breach'), event(atMs, from, to, reason)]
    : [event(atMs, from, to, reason)];
}
