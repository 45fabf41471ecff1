/**
 * Drift: do windows of today still look like those that the models learned from? Each feature, and each model's scores,
 * by a two-sample test against the reference that is stored with the models; p below 0.05 / number of tests (Bonferroni)
 * counts. Pure. The hour of the day is left out: a sample that is not of whole days always differs in it.
 */
import type { DriftRow } from '../warehouse/detect-tables.ts';
import { ksTest } from './ks.ts';

/** Values by feature, and scores by model. */
export interface Sample {
  readonly features: Readonly<Record<string, readonly number[]>>;
  readonly scores: Readonly<Record<string, readonly number[]>>;
}

/** What one test found. */
export type DriftTest = Omit<DriftRow, 'reportId' | 'reportedAtMs' | 'modelVersion'>;

const SIGNIFICANCE = 0.05;
/** With fewer windows nothing is said. */
export const MIN_ROWS = 100;
const UNTESTED = new Set(['hour_sine', 'hour_cosine']);

/** Tests of all that both samples have; none when a sample is too small. */
export function driftTests(reference: Sample, current: Sample): DriftTest[] {
  const pairs = [
    ...Object.keys(reference.features)
      .filter((name) => !UNTESTED.has(name))
      .map((name) => ({
        ...{ model: 'forest', feature: name },
        ...{ before: reference.features[name], now: current.features[name] },
      })),
    ...Object.keys(reference.scores).map((model) => ({
      ...{ model, feature: 'score', before: reference.scores[model], now: current.scores[model] },
    })),
  ].flatMap(({ before, now, ...rest }) =>
    before !== undefined && now !== undefined && before.length >= MIN_ROWS && now.length >= MIN_ROWS
      ? [{ ...rest, before, now }]
      : [],
  );
  const significance = SIGNIFICANCE / Math.max(1, pairs.length);
  return pairs.map(({ model, feature, before, now }) => {
    const { statistic, pValue } = ksTest(before, now);
    return {
      ...{ model, feature, statistic, pValue, significance, drifted: pValue < significance },
      ...{ referenceRows: before.length, currentRows: now.length },
    };
  });
}

/** What drifted, as one text: two alarms of the same features of the same models are the same. */
export const driftedFeatures = (tests: readonly DriftTest[]): string[] =>
  tests.flatMap(({ model, feature, drifted }) => (drifted ? `${model} ${feature}` : [])).sort();
