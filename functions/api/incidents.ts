/** Incidents, silences and evidence as the API shows them. Pure. */
import { z } from 'zod';
import {
  type Board,
  type IncidentAlert,
  originOfIncident,
  type Incident as Stored,
  severityOf,
} from '../alert/incident.ts';
import { sentence } from '../alert/message/number.ts';
import type { Evidence as StoredEvidence } from '../alert/observation.ts';
import type { Silence as StoredSilence } from '../alert/silence.ts';
import { type Principal, sees } from './auth/principal.ts';
import { parsedJson } from './explanation.ts';
import type { Evidence, Incident, Silence } from './schema/alerts.ts';

const iso = (ms: number): string => new Date(ms).toISOString();
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

/** Of each incident the alerts that somebody sees; incidents without one are left out. */
export function seenBy({ incidents }: Pick<Board, 'incidents'>, principal: Principal): Stored[] {
  if (principal.tenant === null) return [...incidents];
  return incidents
    .map((one) => ({ ...one, alerts: one.alerts.filter(({ service }) => sees(principal, service)) }))
    .filter(({ alerts }) => alerts.length > 0);
}

/** Newest first. */
export const incidentsOf = (board: Board, principal: Principal): Incident[] =>
  seenBy(board, principal)
    .sort((a, b) => b.openedAtMs - a.openedAtMs)
    .map(incidentOf);

function incidentOf(stored: Stored): Incident {
  const { order, why } = originOfIncident(stored);
  return {
    incident_id: stored.id,
    opened_at: iso(stored.openedAtMs),
    resolved_at: isoOrNull(stored.resolvedAtMs),
    severity: severityOf(stored),
    acknowledged_by: stored.acknowledgedBy,
    services: [...order],
    origin_why: why,
    channels: [...stored.channels],
    alerts: stored.alerts.map(alertOf),
  };
}

const alertOf = (alert: IncidentAlert): Incident['alerts'][number] => ({
  alert_id: alert.alertId,
  rule: alert.rule,
  service: alert.service,
  severity: alert.severity,
  state: alert.phase,
  started_at: iso(alert.startedAtMs),
  ended_at: isoOrNull(alert.endedAtMs),
  value: alert.value,
  usual: alert.usual,
  sentence: sentence(alert.signal, alert.value, alert.usual),
  evidence: alert.evidence === null ? null : shown(alert.evidence),
  series: alert.series === null ? null : { of: alert.series.of, values: [...alert.series.values] },
});

const shown = ({ patterns, samples, traces, prediction, explanation }: StoredEvidence): Evidence => ({
  patterns: patterns.map((one) => ({ ...one })),
  samples: [...samples],
  traces: traces.map(({ id, atMs }) => ({ id, at: isoOrNull(atMs) })),
  prediction: prediction && {
    probability: prediction.probability,
    horizon_s: prediction.horizonMs / 1000,
    why: prediction.why,
  },
  explanation,
});

/** As functions/alert/rows.ts writes it. */
const stored = z.object({
  patterns: z.array(z.object({ id: z.string(), template: z.string(), entries: z.number() })),
  samples: z.array(z.string()),
  traces: z.array(z.object({ id: z.string(), atMs: z.number().nullable() })),
  prediction: z.object({ probability: z.number(), horizonMs: z.number(), why: z.string() }).nullable(),
  explanation: z.string(),
});

/** null: there is none, or it is none that can be read. */
export function evidenceOf(json: string | null): Evidence | null {
  const parsed = stored.safeParse(parsedJson(json));
  return parsed.success ? shown(parsed.data) : null;
}

export const silenceOf = ({ id, match, fromMs, untilMs, author, comment }: StoredSilence): Silence => ({
  silence_id: id,
  match: Object.fromEntries(
    Object.entries(match).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  ),
  from: iso(fromMs),
  until: iso(untilMs),
  ...{ author, comment },
});
