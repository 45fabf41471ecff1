/** What the models' answer adds to the findings of a window. Pure. */
import { HORIZON_MS, type WindowsAnswer } from './model-answer.ts';
import type { Finding } from './verdict.ts';

/** Unusual alone is no trouble; with a rule beside it, it may be. */
const UNUSUAL_WEIGHT = 0.25;
const LEAST_FAILING = 0.65;

export function modelFindings(answer: WindowsAnswer): Finding[] {
  const { failure, failing, anomaly, anomalous, reasons } = answer;
  const findings: Finding[] = [];
  if (failing)
    findings.push({
      rule: 'failure_predicted',
      weight: Math.min(0.99, Math.max(LEAST_FAILING, failure)),
      measure: 'failure_probability',
      unit: 'probability',
      now: failure,
      usual: null,
      summary: `an incident now or within ${HORIZON_MS / 60_000} minutes has a probability of ${failure.toFixed(2)}`,
    });
  if (anomalous)
    findings.push({
      rule: 'unusual',
      weight: UNUSUAL_WEIGHT,
      measure: 'anomaly_score',
      unit: 'score',
      now: anomaly,
      usual: null,
      summary: `an unusual window (${anomaly.toFixed(2)})${reasons.length === 0 ? '' : `: ${reasons.join(', ')}`}`,
    });
  return findings;
}
