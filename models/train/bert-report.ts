/** Measures a classifier of messages on sets of messages, the simple baseline beside it. */
import { trainBaseline } from '../bert/baseline.ts';
import { classify, mostLikely } from '../bert/classifier.ts';
import { CATEGORIES, generatorSources, type Labelled, messagesOf, type Source } from '../bert/corpus.ts';
import type { LabelledText } from '../bert/training.ts';
import type { Tokenizer } from '../bert/word-piece.ts';
import {
  type Bin,
  type ClassReport,
  calibrationError,
  classReport,
  reliability,
} from '../evaluate/measures.ts';
import { createRandom } from '../graph/random.ts';
import { openSession } from '../graph/runtime.ts';
import type { Measured } from './card.ts';

export const labelled = ({ text, category }: Labelled): LabelledText => ({
  text,
  label: CATEGORIES.indexOf(category),
});

/** Probabilities of each message, by a model that is opened for it. */
export async function answersOf(
  model: Uint8Array,
  tokenizer: Tokenizer,
  messages: readonly Labelled[],
): Promise<Float32Array[]> {
  const session = await openSession(model, { threads: 2 });
  const texts = messages.map(({ text }) => text);
  const answers = await classify(session, tokenizer, texts);
  await session.release();
  return answers;
}

export const reportAnswers = (messages: readonly Labelled[], answers: readonly number[]): ClassReport =>
  classReport(
    CATEGORIES,
    messages.map((message) => labelled(message).label),
    answers,
  );

export interface Measuring {
  readonly tokenizer: Tokenizer;
  /** Messages of templates that set temperature and kind of the weights, and taught nothing. */
  readonly validation: readonly Labelled[];
  /** What the baseline learns from. */
  readonly train: readonly Labelled[];
}

export interface BertReport {
  readonly metrics: Measured[];
  /** Of the confidence, on the generator's templates that were not in training. */
  readonly reliability: Bin[];
}

export async function reportBert(
  model: Uint8Array,
  { tokenizer, validation, train }: Measuring,
): Promise<BertReport> {
  const baseline = trainBaseline(train.map(labelled), {
    classes: CATEGORIES.length,
    random: createRandom(5),
  });
  const fill = (sources: readonly Source[]): Labelled[] => messagesOf(sources, 8, createRandom(12));
  const sets: readonly (readonly [string, readonly Labelled[]])[] = [
    ["the generator's templates that were not in training", fill(generatorSources('held_out'))],
    ["the generator's new error patterns, worded like nothing in training", fill(generatorSources('novel'))],
    ['validation templates, not in training', validation],
    ["templates of training, filled anew (the model's own)", fill(generatorSources('usual'))],
  ];
  const metrics: Measured[] = [];
  const bins: Bin[][] = [];
  for (const [on, messages] of sets) {
    const answers = await answersOf(model, tokenizer, messages);
    const sure = confidenceBins(messages, answers);
    bins.push(sure);
    const values = valuesOf(messages, answers.map(mostLikely));
    metrics.push({ on, by: 'BERT', values: { ...values, calibrationError: calibrationError(sure) } });
    const others = messages.map(({ text }) => baseline.predict(text));
    metrics.push({ on, by: 'TF-IDF and logistic regression (baseline)', values: valuesOf(messages, others) });
  }
  return { metrics, reliability: bins[0]! };
}

/** How often the most likely class was right, by its probability. */
function confidenceBins(messages: readonly Labelled[], answers: readonly Float32Array[]): Bin[] {
  const right = messages.map((message, at) => (mostLikely(answers[at]!) === labelled(message).label ? 1 : 0));
  return reliability(
    right,
    answers.map((answer) => Math.max(...answer)),
  );
}

function valuesOf(messages: readonly Labelled[], answers: readonly number[]): Record<string, number> {
  const { accuracy, macroF1, f1 } = reportAnswers(messages, answers);
  return { macroF1, accuracy, lowestF1: Math.min(...f1.map((one) => one.f1)), messages: messages.length };
}
