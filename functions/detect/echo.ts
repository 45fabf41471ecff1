/**
 * Echoes: a service whose answers are slow, and nothing else, while another one is in trouble and has slowed down at
 * least as much, most likely waits for that one. It is told of, but calls nobody: whoever is called for the other would
 * be called twice. Pure.
 *
 * Where the failure predictor sees an incident coming, or errors rise, the service is in trouble by itself.
 */
import { FEATURES } from '../../models/features.ts';
import { type Judgement, NO_TROUBLE } from './judgement.ts';
import { isTrouble, severityOf } from './verdict.ts';

const MEAN_CHANGE = FEATURES.indexOf('latency_mean_change');
/** Findings of less say next to nothing by themselves. */
const WEAK = 0.3;

/** Judgements of the services of one window, echoes of others lowered. */
export function withoutEchoes(judgements: readonly Judgement[]): Judgement[] {
  const troubled = judgements.filter(({ severity }) => isTrouble(severity));
  return judgements.map((one) => {
    if (!isTrouble(one.severity) || !isMerelySlow(one)) return one;
    const cause = troubled.find((other) => other !== one && slowdown(other) >= slowdown(one));
    if (cause === undefined) return one;
    const findings = one.findings.map((finding) =>
      finding.rule === 'latency'
        ? { ...finding, summary: `${finding.summary}, while ${cause.service} is in trouble` }
        : finding,
    );
    return { ...one, findings, score: NO_TROUBLE, severity: severityOf(NO_TROUBLE), category: null };
  });
}

const isMerelySlow = ({ findings, answer }: Judgement): boolean =>
  answer?.failing !== true && findings.every(({ rule, weight }) => rule === 'latency' || weight < WEAK);

const slowdown = ({ features }: Judgement): number => features[MEAN_CHANGE]!;
