/** Trains and measures the isolation forest. */

import { thresholdFor } from '../evaluate/measures.ts';
import { reportWindows } from '../evaluate/windows.ts';
import { FEATURES } from '../features.ts';
import { FOREST_COLUMNS } from '../forest/columns.ts';
import { forestModel } from '../forest/export.ts';
import { fitForest } from '../forest/fit.ts';
import { contaminationThreshold, createScorer } from '../forest/score.ts';
import { encodeForest } from '../forest/stored.ts';
import type { Random } from '../graph/random.ts';
import type { Measured } from './card.ts';
import type { LabelledWindow } from './labels.ts';
import { changeScore, WINDOW_BASELINE } from './window-baseline.ts';
import { rowsOf, type WindowData } from './window-data.ts';

/** scikit-learn's "contamination": the share of training windows that is taken for unusual. */
export const CONTAMINATION = 0.1;
const TREES = 100;
const SAMPLE = 256;

export interface TrainedForest {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly threshold: number;
  /** The simple baseline's threshold for the same share of false positives. */
  readonly baseline: number;
  readonly metrics: readonly Measured[];
  readonly parameters: Readonly<Record<string, string | number>>;
}

export function trainForestModel(
  data: WindowData,
  { random, falsePositiveRate }: { random: Random; falsePositiveRate: number },
): TrainedForest {
  const forest = fitForest({
    rows: rowsOf(data.train),
    columns: FEATURES.length,
    random,
    trees: TREES,
    sampleSize: SAMPLE,
    use: FOREST_COLUMNS,
  });
  const scorer = createScorer(forest);
  const score = (windows: readonly LabelledWindow[]): Float32Array => scorer.score(rowsOf(windows));
  const usual = contaminationThreshold(score(data.train), CONTAMINATION);
  const threshold = quietThreshold(data.ordinary, score(data.ordinary), falsePositiveRate);
  const baseline = quietThreshold(data.ordinary, data.ordinary.map(changeScore), falsePositiveRate);
  const scores = score(data.test);
  const changes = data.test.map(changeScore);
  const rate = `${falsePositiveRate * 100} % false positives`;
  return {
    files: new Map<string, Uint8Array>([
      ['forest.onnx', forestModel(forest)],
      ['forest.json', Buffer.from(JSON.stringify(encodeForest(forest)))],
    ]),
    threshold,
    baseline,
    metrics: [
      forestMeasure(`isolation forest at ${rate}`, data.test, scores, threshold),
      forestMeasure(
        `isolation forest at a contamination of ${CONTAMINATION * 100} %`,
        data.test,
        scores,
        usual,
      ),
      forestMeasure(`${WINDOW_BASELINE} at ${rate}`, data.test, changes, baseline),
    ],
    parameters: { trees: TREES, sample: SAMPLE, contaminationThreshold: usual, threshold, falsePositiveRate },
  };
}

/** The threshold that this share of the quiet windows of ordinary days exceeds. */
export function quietThreshold(
  windows: readonly LabelledWindow[],
  scores: ArrayLike<number>,
  falsePositiveRate: number,
): number {
  const labels = windows.map(({ label }) => label ?? Number.NaN);
  return thresholdFor(labels, scores, falsePositiveRate);
}

/** The forest looks at one window: what is only announced is neither right nor wrong. */
function presentOnly(window: LabelledWindow): LabelledWindow {
  const { label, startMs, trouble } = window;
  if (label !== 1 || trouble === null) return window;
  return { ...window, label: startMs >= trouble.startMs ? 1 : null };
}

/** Measures scores of single windows. */
export function forestMeasure(
  by: string,
  windows: readonly LabelledWindow[],
  scores: ArrayLike<number>,
  threshold: number,
): Measured {
  const { windows: rates, incidents } = reportWindows(windows.map(presentOnly), scores, threshold);
  const values = {
    accuracy: rates.accuracy,
    precision: rates.precision,
    recall: rates.recall,
    f1: rates.f1,
    falsePositiveRate: rates.falsePositiveRate,
    areaUnderCurve: rates.areaUnderCurve,
    prevalence: rates.prevalence,
    windows: rates.count,
    incidents: incidents.incidents,
    incidentF1: incidents.f1,
  };
  return { on: 'windows that are in an incident or not', by, values };
}
