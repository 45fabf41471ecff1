/** A verdict as the detector publishes it: a share of errors in a window, with a line and a trace as evidence. */
import type { VerdictMessage } from '../../../functions/detect/verdict.ts';

export interface Asked {
  readonly startMs: number;
  readonly windowMs: number;
  /** Share of errors, 0 to 1; above 0.1 is trouble. */
  readonly rate: number;
  readonly traceId?: string;
  /** A line of the log. */
  readonly line?: string;
}

export function sampleVerdict(service: string, asked: Asked): VerdictMessage {
  const { startMs, windowMs, rate, traceId = 't1', line = 'db is gone' } = asked;
  const iso = (ms: number): string => new Date(ms).toISOString();
  const bad = rate > 0.1;
  const error: VerdictMessage['findings'][number] = {
    ...{ rule: 'error_rate', weight: 0.9, measure: 'error_rate', unit: 'share' },
    ...{ now: rate, usual: 0.01, summary: `${service}: many errors` },
  };
  return {
    ...{ version: 1, id: `${service}-${startMs}`, job: 'service_health', service },
    window: { start: iso(startMs), end: iso(startMs + windowMs), revision: 1, incomplete: false },
    ...{ judgedAt: iso(startMs + windowMs), severity: bad ? 'page' : 'ok', score: bad ? 0.95 : 0 },
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
      ? [{ time: iso(startMs + 9), severity: 'ERROR', message: line, patternId: 'p1', traceId }]
      : [],
    traceIds: bad ? [traceId] : [],
  };
}
