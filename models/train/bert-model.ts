/** Trains and measures the classifier of messages. */
import { trainBaseline } from '../bert/baseline.ts';
import { classify, mostLikely } from '../bert/classifier.ts';
import {
  CATEGORIES,
  generatorSources,
  type Labelled,
  messagesOf,
  phraseSources,
  type Source,
  splitSources,
} from '../bert/corpus.ts';
import { bertShape, classifierModel } from '../bert/network.ts';
import { type LabelledText, type Progress, pretrain, trainClassifier } from '../bert/training.ts';
import { learnPieces, MAX_PIECES, type Tokenizer, tokenizerOf } from '../bert/word-piece.ts';
import { type ClassReport, classReport } from '../evaluate/measures.ts';
import { createRandom, type Random } from '../graph/random.ts';
import { openSession } from '../graph/runtime.ts';
import type { Measured } from './card.ts';

const PIECES = 1500;
/** Templates kept from training to choose between int8 and float32. */
const VALIDATION = 0.08;
/** int8 is taken if it loses less than this of macro F1. */
const ALLOWED_LOSS = 0.005;

export interface BertTraining {
  readonly random: Random;
  readonly pretrainEpochs: number;
  readonly epochs: number;
  /** Messages of each template in an epoch. */
  readonly perTemplate: number;
  readonly progress: (progress: Progress) => void;
}

export interface TrainedBert {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly maxPieces: number;
  readonly data: readonly string[];
  readonly metrics: readonly Measured[];
  readonly parameters: Readonly<Record<string, string | number>>;
}

const labelled = ({ text, category }: Labelled): LabelledText => ({
  text,
  label: CATEGORIES.indexOf(category),
});

export async function trainBertModel(options: BertTraining): Promise<TrainedBert> {
  const { random, pretrainEpochs, epochs, perTemplate, progress } = options;
  const generated = generatorSources('usual');
  const [sources, held] = splitSources([...generated, ...phraseSources()], VALIDATION, random);
  const messages = (count: number): Labelled[] => messagesOf(sources, count, random);
  const tokenizer = tokenizerOf(
    learnPieces(
      messages(5).map(({ text }) => text),
      PIECES,
    ),
  );
  const common = { tokenizer, random, progress };
  const start = await pretrain({
    ...common,
    epochs: pretrainEpochs,
    messages: () => messages(perTemplate).map(({ text }) => text),
  });
  const weights = await trainClassifier({
    ...common,
    weights: start,
    classes: CATEGORIES.length,
    epochs,
    examples: () => messages(perTemplate).map(labelled),
  });
  const shape = bertShape(tokenizer.pieces.length);
  const models = [true, false].map((int8) =>
    classifierModel(weights, { shape, classes: CATEGORIES.length, int8 }),
  ) as [Uint8Array, Uint8Array];
  const validation = messagesOf(held, 5, createRandom(11));
  const [small, full] = await Promise.all(models.map((model) => reportModel(model, tokenizer, validation)));
  const int8 = small!.macroF1 >= full!.macroF1 - ALLOWED_LOSS;
  const model = int8 ? models[0] : models[1];
  return {
    files: new Map<string, Uint8Array>([
      ['bert.onnx', model],
      ['pieces.json', Buffer.from(JSON.stringify(tokenizer.pieces))],
    ]),
    maxPieces: MAX_PIECES,
    data: [
      `train: ${sources.length} templates, of the generator and of phrases that programs use, filled anew in each epoch`,
      `validation: ${held.length} templates that are not trained on; test: the generator's held-out templates`,
      'no line of a public log is in it',
    ],
    metrics: await measured(model, { tokenizer, validation, train: messages(5), int8 }),
    parameters: {
      architecture: `BERT, ${shape.layers} layers, hidden ${shape.hidden}, ${shape.heads} heads, ${shape.pieces} pieces`,
      weights: int8 ? 'int8' : 'float32',
      macroF1Int8: small!.macroF1,
      macroF1Float32: full!.macroF1,
      pretrainEpochs,
      epochs,
      perTemplate,
    },
  };
}

interface Measuring {
  readonly tokenizer: Tokenizer;
  readonly validation: readonly Labelled[];
  readonly train: readonly Labelled[];
  readonly int8: boolean;
}

async function measured(model: Uint8Array, { tokenizer, validation, train }: Measuring): Promise<Measured[]> {
  const baseline = trainBaseline(train.map(labelled), {
    classes: CATEGORIES.length,
    random: createRandom(5),
  });
  const fill = (sources: readonly Source[]): Labelled[] => messagesOf(sources, 8, createRandom(12));
  const sets: readonly (readonly [string, readonly Labelled[]])[] = [
    ["the generator's templates that were not in training", fill(generatorSources('held_out'))],
    ['validation templates, not in training', validation],
    ["templates of training, filled anew (the model's own)", fill(generatorSources('usual'))],
  ];
  const out: Measured[] = [];
  for (const [on, messages] of sets) {
    out.push({ on, by: 'BERT', values: valuesOf(await reportModel(model, tokenizer, messages), messages) });
    const answers = messages.map(({ text }) => baseline.predict(text));
    out.push({
      on,
      by: 'TF-IDF and logistic regression (baseline)',
      values: valuesOf(reportAnswers(messages, answers), messages),
    });
  }
  return out;
}

async function reportModel(
  model: Uint8Array,
  tokenizer: Tokenizer,
  messages: readonly Labelled[],
): Promise<ClassReport> {
  const session = await openSession(model, { threads: 2 });
  const answers = await classify(
    session,
    tokenizer,
    messages.map(({ text }) => text),
  );
  await session.release();
  return reportAnswers(messages, answers.map(mostLikely));
}

const reportAnswers = (messages: readonly Labelled[], answers: readonly number[]): ClassReport =>
  classReport(
    CATEGORIES,
    messages.map(({ category }) => CATEGORIES.indexOf(category)),
    answers,
  );

const valuesOf = ({ accuracy, macroF1, f1 }: ClassReport, messages: readonly Labelled[]) => ({
  macroF1,
  accuracy,
  lowestF1: Math.min(...f1.map((one) => one.f1)),
  messages: messages.length,
});
