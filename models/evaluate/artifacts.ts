/**
 * Measures the models of a set on logs of the generator that no training used: other seeds, services and days, and the
 * templates that it holds out.
 */
import { readArtifacts } from '../artifact.ts';
import { classify, mostLikely } from '../bert/classifier.ts';
import { CATEGORIES, generatorSources, messagesOf } from '../bert/corpus.ts';
import { tokenizerOf } from '../bert/word-piece.ts';
import { createScorer } from '../forest/score.ts';
import { decodeForest } from '../forest/stored.ts';
import { createRandom } from '../graph/random.ts';
import { openSession } from '../graph/runtime.ts';
import { predict } from '../lstm/training.ts';
import type { Measured } from '../train/card.ts';
import { forestMeasure } from '../train/forest-model.ts';
import { type LabelledWindow, labelledWindows } from '../train/labels.ts';
import { lstmMeasure } from '../train/lstm-model.ts';
import { evaluationScenarios } from '../train/scenarios.ts';
import { simulate } from '../train/simulation.ts';
import type { ModelName } from '../train/train.ts';
import { rowsOf } from '../train/window-data.ts';
import { classReport } from './measures.ts';

export interface EvaluateOptions {
  readonly seed: number;
  readonly artifactsDir: string;
  readonly report: (line: string) => void;
}

export async function evaluateArtifacts(name: ModelName, options: EvaluateOptions): Promise<Measured[]> {
  const set = await readArtifacts(options.artifactsDir);
  const { manifest, files } = set;
  if (name === 'bert') return [await measureBert(set, options.seed)];
  const windows = play(options);
  if (name === 'lstm') {
    const session = await openSession(files.get(manifest.lstm.file.name)!, { threads: 2 });
    const scores = await predict(
      session,
      windows.map(({ sequence }) => sequence),
    );
    await session.release();
    return [lstmMeasure('LSTM', windows, scores, manifest.lstm.threshold)];
  }
  const forest = decodeForest(JSON.parse(String(files.get(manifest.forest.trees.name))));
  const scores = createScorer(forest).score(rowsOf(windows));
  return [forestMeasure('isolation forest', windows, scores, manifest.forest.threshold)];
}

function play({ seed, report }: EvaluateOptions): LabelledWindow[] {
  return evaluationScenarios(seed).flatMap((scenario, index, all) => {
    const windows = simulate(scenario).flatMap(labelledWindows);
    report(`scenario ${index + 1} of ${all.length}: ${windows.length} windows`);
    return windows;
  });
}

async function measureBert(
  { manifest, files }: Awaited<ReturnType<typeof readArtifacts>>,
  seed: number,
): Promise<Measured> {
  const { bert } = manifest;
  const tokenizer = tokenizerOf(JSON.parse(String(files.get(bert.pieces.name))) as string[]);
  const session = await openSession(files.get(bert.file.name)!, { threads: 2 });
  const messages = messagesOf(generatorSources('held_out'), 20, createRandom(seed));
  const answers = await classify(
    session,
    tokenizer,
    messages.map(({ text }) => text),
  );
  await session.release();
  const { accuracy, macroF1, f1 } = classReport(
    bert.categories,
    messages.map(({ category }) => CATEGORIES.indexOf(category)),
    answers.map(mostLikely),
  );
  const byClass = Object.fromEntries(f1.map((one) => [`F1 ${one.class}`, one.f1]));
  return {
    on: "the generator's templates that were not in training",
    by: 'BERT',
    values: { macroF1, accuracy, messages: messages.length, ...byClass },
  };
}
