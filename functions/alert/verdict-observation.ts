/** The border to the detector: a verdict as its topic carries it → an observation in the policy's own words. Pure. */
import type { VerdictMessage } from '../detect/verdict.ts';
import { bounded, type Evidence, type Observation, type Signal, type SignalName } from './observation.ts';

type Finding = VerdictMessage['findings'][number];

export function observationOf(verdict: VerdictMessage): Observation {
  const { service, window } = verdict;
  const entries = measureOf(verdict, 'entries')?.now ?? 0;
  const errorRate = measureOf(verdict, 'error_rate')?.now ?? 0;
  return bounded({
    service,
    startMs: Date.parse(window.start),
    endMs: Date.parse(window.end),
    revision: window.revision,
    entries,
    errors: Math.round(errorRate * entries),
    signals: signalsOf(verdict, entries),
    evidence: evidenceOf(verdict),
  });
}

function signalsOf(verdict: VerdictMessage, entries: number): Observation['signals'] {
  const { findings, models } = verdict;
  const found = (rule: Finding['rule']): Finding | undefined => findings.find((one) => one.rule === rule);
  const decided = (rule: Finding['rule']): Signal => {
    const finding = found(rule);
    return signal(finding?.now ?? 0, finding?.usual ?? null, finding !== undefined);
  };
  const signals: Partial<Record<SignalName, Signal>> = {
    degradation: decided('degradation'),
    silence: decided('silence'),
    // The finding is of the first window alone; the pattern stays new for a while.
    new_pattern: signal(
      measureOf(verdict, 'new_pattern_errors')?.now ?? 0,
      null,
      found('new_error_pattern') !== undefined,
    ),
  };
  const errors = measureOf(verdict, 'error_rate');
  if (errors?.now != null)
    signals.error_rate = {
      ...signal(errors.now, errors.usual, found('error_rate') !== undefined),
      deviations: errors.usual === null ? null : deviations(errors.now, errors.usual, entries),
    };
  const latency = measureOf(verdict, 'latency_mean');
  if (latency?.now != null) {
    const finding = found('latency');
    // Unusually fast is no alarm.
    const slow = finding !== undefined && finding.now > (finding.usual ?? Number.POSITIVE_INFINITY);
    signals.latency = signal(latency.now, finding?.usual ?? latency.usual, slow);
  }
  if (models.anomalyScore !== null)
    signals.anomaly = signal(models.anomalyScore, null, found('unusual') !== undefined);
  if (models.failureProbability !== null)
    signals.failure = signal(models.failureProbability, null, found('failure_predicted') !== undefined);
  return signals;
}

const signal = (now: number, usual: number | null, decided: boolean): Signal => ({
  ...{ now, usual, decided },
  deviations: null,
});

/** How far a share is from the usual one, in standard deviations of what chance gives. */
function deviations(rate: number, usual: number, entries: number): number {
  return (entries * (rate - usual)) / Math.sqrt(entries * usual * (1 - usual) + 1);
}

function evidenceOf(verdict: VerdictMessage): Evidence {
  const { models, samples, traceIds, patterns, findings } = verdict;
  const texts = new Map(samples.map(({ patternId, message }) => [patternId, message]));
  const times = new Map<string, number>();
  for (const { traceId, time } of samples) {
    const atMs = Date.parse(time);
    if (traceId !== null && atMs < (times.get(traceId) ?? Number.POSITIVE_INFINITY)) times.set(traceId, atMs);
  }
  const predicted = findings.find(({ rule }) => rule === 'failure_predicted');
  return {
    patterns: patterns.map(({ patternId, entries }) => ({
      id: patternId,
      // Until the warehouse tells the template (history.ts), a message of the pattern says more than its id.
      template: texts.get(patternId) ?? '',
      entries,
    })),
    samples: samples.map(({ time, severity, message }) => `${time.slice(11, 23)} ${severity} ${message}`),
    traces: traceIds.map((id) => ({ id, atMs: times.get(id) ?? null })),
    prediction:
      predicted === undefined || models.failureProbability === null
        ? null
        : {
            probability: models.failureProbability,
            horizonMs: models.horizonMs,
            why: models.anomalyReasons.join(', '),
          },
    explanation: verdict.summary.startsWith(`${verdict.service}: `)
      ? verdict.summary.slice(verdict.service.length + 2)
      : verdict.summary,
  };
}

const measureOf = ({ measures }: VerdictMessage, name: string) => measures.find((one) => one.name === name);
