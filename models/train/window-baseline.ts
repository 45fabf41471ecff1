/** The simple baseline for windows: the largest change of a feature that tells of trouble, without any model. */
import { FEATURES, type FeatureName } from '../features.ts';
import type { LabelledWindow } from './labels.ts';

export const WINDOW_BASELINE = 'largest change of a feature (baseline)';

/** How much a feature counts; entries count when they are missing. */
const WEIGHTS: Readonly<Partial<Record<FeatureName, number>>> = {
  error_excess: 1,
  critical_excess: 1,
  http_5xx_excess: 1,
  latency_p50_change: 2,
  new_pattern_errors: 1,
  entries_change: -0.7,
};

const TERMS = Object.entries(WEIGHTS).map(([name, weight]) => ({
  column: FEATURES.indexOf(name as FeatureName),
  weight,
}));

export const changeScore = ({ features }: LabelledWindow): number =>
  Math.max(...TERMS.map(({ column, weight }) => features[column]! * weight));
