/** Incidents as verdicts: two services that fail in the same traces, one upstream of the other, and recover. */
import type { VerdictMessage } from '../../functions/detect/verdict.ts';
import { sampleVerdict } from '../functions/alert/sample-verdict.ts';

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
      sampleVerdict(service, {
        startMs: startMs + APART_MS * incident + (from + i) * WINDOW_MS,
        windowMs: WINDOW_MS,
        rate: phase === 'bad' ? 0.6 - place / 10 : 0.01,
        traceId: `trace-of-incident-${incident}`,
      }),
    ),
  );
}
