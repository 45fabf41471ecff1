/** Incidents as verdicts: two services that fail in the same traces, one upstream of the other, and recover. */
import type { VerdictMessage } from '../../functions/detect/verdict.ts';

/** Recoveries count as soon as windows say so; incidents that begin more than a second apart are two. */
export const ALERTS = JSON.stringify({
  rules: [
    { name: 'error_spike', clearAfter: '3s', staleAfter: '2h' },
    ...['latency', 'degradation', 'new_error_pattern', 'predicted_failure', 'anomaly'].map((name) => ({
      name,
      enabled: false,
    })),
  ],
  groupWithin: '1s',
  oldest: '2h',
});

const WINDOW_MS = 1_000;
/** An incident may be seen to begin with any of its bad windows, as they come in any order. */
export const APART_MS = 10_000;
const BAD = 4;
const GOOD = 6;

export const servicesOf = (incident: number): readonly [string, string] => [
  `back-${incident}`,
  `front-${incident}`,
];

/** Verdicts of one incident, `bad` while it lasts or `good` after it. */
export function verdictsOf(incident: number, startMs: number, phase: 'bad' | 'good'): VerdictMessage[] {
  const [from, until] = phase === 'bad' ? [0, BAD] : [BAD, BAD + GOOD];
  return servicesOf(incident).flatMap((service, place) =>
    Array.from({ length: until - from }, (_, i) =>
      verdict(service, startMs + APART_MS * incident + (from + i) * WINDOW_MS, {
        rate: phase === 'bad' ? 0.6 - place / 10 : 0.01,
        traceId: `trace-of-incident-${incident}`,
      }),
    ),
  );
}

interface Told {
  readonly rate: number;
  readonly traceId: string;
}

function verdict(service: string, startMs: number, { rate, traceId }: Told): VerdictMessage {
  const iso = (ms: number): string => new Date(ms).toISOString();
  const bad = rate > 0.1;
  const error: VerdictMessage['findings'][number] = {
    ...{ rule: 'error_rate', weight: 0.9, measure: 'error_rate', unit: 'share' },
    ...{ now: rate, usual: 0.01, summary: `${service}: many errors` },
  };
  return {
    ...{ version: 1, id: `${service}-${startMs}`, job: 'service_health', service },
    window: { start: iso(startMs), end: iso(startMs + WINDOW_MS), revision: 1, incomplete: false },
    ...{ judgedAt: iso(startMs + WINDOW_MS), severity: bad ? 'page' : 'ok', score: bad ? 0.95 : 0 },
    ...{ recovered: !bad, decidedBy: 'model', category: bad ? 'database' : null },
    models: {
      ...{ version: 'm1', failureProbability: null, horizonMs: 300_000 },
      ...{ anomalyScore: null, anomalyReasons: [] },
    },
    findings: bad ? [error] : [],
    summary: bad ? `${service}: many errors` : `${service}: as usual`,
    measures: [
      { name: 'entries', unit: 'entries', now: 200, usual: 200 },
      { name: 'error_rate', unit: 'share', now: rate, usual: 0.01 },
    ],
    patterns: bad ? [{ patternId: 'p1', entries: 120, isNew: false, category: 'database' }] : [],
    samples: bad
      ? [{ time: iso(startMs + 9), severity: 'ERROR', message: 'db is gone', patternId: 'p1', traceId }]
      : [],
    traceIds: bad ? [traceId] : [],
  };
}
