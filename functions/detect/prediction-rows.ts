/** A judgement → rows of `predictions`: one for each model that answered, for the rules, and for the verdict. Pure. */
import { FEATURES } from '../../models/features.ts';
import type { PredictionRow } from '../warehouse/prediction-table.ts';
import { explanationOf, isTold, type Judgement } from './judgement.ts';
import { HORIZON_MS } from './model-answer.ts';
import { isTrouble, scoreOf, severityOf, TROUBLE_SCORE } from './verdict.ts';

/** The rows of a judgement. A service that said nothing, and need not have, has none. */
export function predictionRows(judgement: Judgement, predictedAtMs: number): PredictionRow[] {
  const { service, startMs, revision, stats, answer, severity, score, decidedBy } = judgement;
  if (stats === null && severity === 'ok' && !isTold(judgement)) return [];
  const common = {
    service,
    window_start: startMs * 1000,
    model_version: null,
    revision,
    predicted_at: predictedAtMs * 1000,
    threshold: null,
    horizon_s: null,
    category: null,
    decided_by: decidedBy,
    explanation: null,
  };
  const ruleScore = scoreOf(judgement.ruleFindings);
  const rows: PredictionRow[] = [
    {
      ...common,
      ...{ model: 'verdict', score, threshold: TROUBLE_SCORE, positive: isTrouble(severity) },
      category: judgement.category,
      explanation: explanationOf(judgement),
    },
    {
      ...common,
      ...{ model: 'rules', score: ruleScore, threshold: TROUBLE_SCORE },
      positive: isTrouble(severityOf(ruleScore)),
    },
  ];
  if (answer === null) return rows;
  const versioned = { ...common, model_version: judgement.modelVersion };
  rows.push(
    {
      ...versioned,
      ...{ model: 'forest', score: answer.anomaly, positive: answer.anomalous },
      threshold: answer.thresholds?.anomaly ?? null,
      explanation: JSON.stringify({ reasons: answer.reasons, features: featuresOf(judgement) }),
    },
    {
      ...versioned,
      ...{ model: 'lstm', score: answer.failure, positive: answer.failing, horizon_s: HORIZON_MS / 1000 },
      threshold: answer.thresholds?.failure ?? null,
    },
  );
  if (judgement.category !== null)
    rows.push({ ...versioned, model: 'bert', score: null, positive: true, category: judgement.category });
  return rows;
}

/** By name: what drift compares. */
const featuresOf = ({ features }: Judgement): Record<string, number> =>
  Object.fromEntries(FEATURES.map((name, i) => [name, Number(features[i]!.toPrecision(5))]));
