/** Trains and measures the classifier of messages. */
import { mostLikely } from '../bert/classifier.ts';
import { CATEGORIES, type Labelled, messagesOf, splitSources, trainingSources } from '../bert/corpus.ts';
import { bertShape, classifierModel } from '../bert/network.ts';
import { temperatureOf } from '../bert/temperature.ts';
import { type Progress, pretrain, trainClassifier } from '../bert/training.ts';
import { learnPieces, MAX_PIECES, type Tokenizer, tokenizerOf } from '../bert/word-piece.ts';
import type { Weights } from '../graph/parameters.ts';
import { createRandom, type Random } from '../graph/random.ts';
import { answersOf, labelled, reportAnswers, reportBert } from './bert-report.ts';
import type { Measured, ModelCard } from './card.ts';

const PIECES = 1500;
/** Templates kept from training, to choose between int8 and float32 and to set the temperature. */
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
  readonly reliability: NonNullable<ModelCard['reliability']>;
}

export async function trainBertModel(options: BertTraining): Promise<TrainedBert> {
  const { random, pretrainEpochs, epochs, perTemplate, progress } = options;
  const [sources, held] = splitSources(trainingSources(), VALIDATION, random);
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
  const validation = messagesOf(held, 5, createRandom(11));
  const { model, chosen } = await chooseModel(weights, tokenizer, validation);
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
    ...(await reportBert(model, { tokenizer, validation, train: messages(5) })),
    parameters: {
      architecture: `BERT, ${shape.layers} layers, hidden ${shape.hidden}, ${shape.heads} heads, ${shape.pieces} pieces`,
      ...chosen,
      pretrainEpochs,
      epochs,
      perTemplate,
    },
  };
}

/** int8 or float32 weights, by their F1 on the validation messages; then the temperature, by the same. */
async function chooseModel(weights: Weights, tokenizer: Tokenizer, validation: readonly Labelled[]) {
  const build = (int8: boolean, temperature = 1): Uint8Array =>
    classifierModel(weights, {
      shape: bertShape(tokenizer.pieces.length),
      classes: CATEGORIES.length,
      int8,
      temperature,
    });
  const small = await answersOf(build(true), tokenizer, validation);
  const full = await answersOf(build(false), tokenizer, validation);
  const f1 = (answers: readonly Float32Array[]): number =>
    reportAnswers(validation, answers.map(mostLikely)).macroF1;
  const int8 = f1(small) >= f1(full) - ALLOWED_LOSS;
  const labels = validation.map((message) => labelled(message).label);
  const temperature = temperatureOf(int8 ? small : full, labels);
  return {
    model: build(int8, temperature),
    chosen: {
      weights: int8 ? 'int8' : 'float32',
      macroF1Int8: f1(small),
      macroF1Float32: f1(full),
      temperature,
    },
  };
}
