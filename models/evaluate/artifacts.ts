/**
 * Measures the models of a set on logs of the generator that no training used: other seeds, services and days, and the
 * templates that it holds out. The simple baseline stands beside each.
 */
import { type ArtifactSet, readArtifacts } from '../artifact.ts';
import { trainBaseline } from '../bert/baseline.ts';
import { classify, mostLikely } from '../bert/classifier.ts';
import { CATEGORIES, generatorSources, type Labelled, messagesOf, trainingSources } from '../bert/corpus.ts';
import { tokenizerOf } from '../bert/word-piece.ts';
import { createScorer } from '../forest/score.ts';
import { decodeForest } from '../forest/stored.ts';
import { createRandom } from '../graph/random.ts';
import { openSession } from '../graph/runtime.ts';
import { predict } from '../lstm/training.ts';
import type { Measured } from '../train/card.ts';
import { forestMeasure } from '../train/forest-model.ts';
import { type LabelledWindow, labelledWindows } from '../train/labels.ts';
import { lstmMeasure, reliabilityOf } from '../train/lstm-model.ts';
import { evaluationScenarios } from '../train/scenarios.ts';
import { simulate } from '../train/simulation.ts';
import type { ModelName } from '../train/train.ts';
import { changeScore, WINDOW_BASELINE } from '../train/window-baseline.ts';
import { rowsOf } from '../train/window-data.ts';
import { calibrationError, classReport } from './measures.ts';

export interface EvaluateOptions {
  readonly seed: number;
  readonly artifactsDir: string;
  readonly report: (line: string) => void;
}

export async function evaluateArtifacts(name: ModelName, options: EvaluateOptions): Promise<Measured[]> {
  const set = await readArtifacts(options.artifactsDir);
  if (name === 'bert') return measureBert(set, options.seed);
  return measureWindows(name, set, evaluationWindows(options));
}

/** Measures a window model; the first is the model, the baseline stands after it. */
export const measureWindows = async (
  name: 'lstm' | 'forest',
  set: ArtifactSet,
  windows: readonly LabelledWindow[],
): Promise<Measured[]> => (name === 'lstm' ? measureLstm(set, windows) : measureForest(set, windows));

/** Windows of days that no training used. `scale` below 1: shorter days, for a trial. */
export function evaluationWindows({
  seed,
  report,
  scale = 1,
}: Pick<EvaluateOptions, 'seed' | 'report'> & { readonly scale?: number }): LabelledWindow[] {
  return evaluationScenarios(seed, scale).flatMap((scenario, index, all) => {
    const windows = simulate(scenario).flatMap(labelledWindows);
    report(`scenario ${index + 1} of ${all.length}: ${windows.length} windows`);
    return windows;
  });
}

async function measureLstm(
  { manifest, files }: ArtifactSet,
  windows: readonly LabelledWindow[],
): Promise<Measured[]> {
  const { file, threshold, baseline } = manifest.lstm;
  const session = await openSession(files.get(file.name)!, { threads: 2 });
  const scores = await predict(
    session,
    windows.map(({ sequence }) => sequence),
  );
  await session.release();
  const own = lstmMeasure('LSTM', windows, scores, threshold);
  const calibration = calibrationError(reliabilityOf(windows, scores));
  const measured = [{ ...own, values: { ...own.values, calibrationError: calibration } }];
  if (baseline === undefined) return measured;
  return [...measured, lstmMeasure(WINDOW_BASELINE, windows, windows.map(changeScore), baseline)];
}

function measureForest({ manifest, files }: ArtifactSet, windows: readonly LabelledWindow[]): Measured[] {
  const { trees, threshold, baseline } = manifest.forest;
  const forest = decodeForest(JSON.parse(String(files.get(trees.name))));
  const scores = createScorer(forest).score(rowsOf(windows));
  const measured = [forestMeasure('isolation forest', windows, scores, threshold)];
  if (baseline === undefined) return measured;
  return [...measured, forestMeasure(WINDOW_BASELINE, windows, windows.map(changeScore), baseline)];
}

const MESSAGES = [
  ['held_out', "the generator's templates that were not in training"],
  ['novel', "the generator's new error patterns, worded like nothing in training"],
] as const;

async function measureBert({ manifest, files }: ArtifactSet, seed: number): Promise<Measured[]> {
  const { bert } = manifest;
  const tokenizer = tokenizerOf(JSON.parse(String(files.get(bert.pieces.name))) as string[]);
  const session = await openSession(files.get(bert.file.name)!, { threads: 2 });
  const baseline = trainBaseline(
    messagesOf(trainingSources(), 5, createRandom(seed)).map(({ text, category }) => ({
      text,
      label: CATEGORIES.indexOf(category),
    })),
    { classes: CATEGORIES.length, random: createRandom(seed) },
  );
  const measured: Measured[] = [];
  for (const [set, on] of MESSAGES) {
    const messages = messagesOf(generatorSources(set), 20, createRandom(seed));
    const texts = messages.map(({ text }) => text);
    const answers = (await classify(session, tokenizer, texts)).map(mostLikely);
    measured.push({ on, by: 'BERT', values: valuesOf(messages, answers) });
    const by = 'TF-IDF and logistic regression (baseline)';
    measured.push({ on, by, values: valuesOf(messages, texts.map(baseline.predict)) });
  }
  await session.release();
  return measured;
}

function valuesOf(messages: readonly Labelled[], answers: readonly number[]): Record<string, number> {
  const truth = messages.map(({ category }) => CATEGORIES.indexOf(category));
  const { accuracy, macroF1, f1 } = classReport(CATEGORIES, truth, answers);
  const byClass = Object.fromEntries(f1.map((one) => [`F1 ${one.class}`, one.f1]));
  const most = Math.max(...f1.map(({ count }) => count)) / messages.length;
  return { macroF1, accuracy, messages: messages.length, mostFrequentClass: most, ...byClass };
}
