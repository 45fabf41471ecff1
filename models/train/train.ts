/**
 * Trains the models and writes the set of artifacts: one model or all, the others staying as they are. The same seed
 * gives the same set on the same kind of machine. Nothing is written before everything is trained and measured.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ArtifactSet, describeFile, type Manifest, readArtifacts, writeArtifacts } from '../artifact.ts';
import { CATEGORIES } from '../bert/corpus.ts';
import type { Progress } from '../bert/training.ts';
import { FEATURES, SEQUENCE } from '../features.ts';
import { createRandom } from '../graph/random.ts';
import { trainBertModel } from './bert-model.ts';
import { cardMarkdown, type ModelCard } from './card.ts';
import { trainForestModel } from './forest-model.ts';
import { HORIZON_MS, type LabelledWindow } from './labels.ts';
import { trainLstmModel } from './lstm-model.ts';
import { referenceOf } from './reference.ts';
import { type WindowData, windowData } from './window-data.ts';

export const MODELS = ['forest', 'lstm', 'bert'] as const;
export type ModelName = (typeof MODELS)[number];

export interface TrainOptions {
  readonly models: readonly ModelName[];
  readonly seed: number;
  readonly outDir: string;
  /** Time of the training, for version and cards. */
  readonly now: Date;
  /** Windows of the services themselves, which are learned beside the generator's; `quiet` are kept for thresholds. */
  readonly own?: { readonly train: readonly LabelledWindow[]; readonly quiet: readonly LabelledWindow[] };
  /** Below 1: less data and fewer epochs, for a trial. 1 by default. */
  readonly scale?: number;
  readonly report?: (line: string) => void;
  /** Loss of an epoch. */
  readonly progress?: (model: ModelName, progress: EpochProgress) => void;
}

export interface EpochProgress {
  readonly stage: string;
  readonly epoch: number;
  readonly epochs: number;
  readonly loss: number;
}

/** Shares of the quiet windows of ordinary days that may be flagged, for the thresholds. */
const FALSE_POSITIVES = { forest: 0.005, lstm: 0.0002 };
const LSTM_EPOCHS = 10;
const BERT_EPOCHS = { pretrainEpochs: 10, epochs: 8, perTemplate: 12 };

interface Made {
  readonly files: Map<string, Uint8Array>;
  readonly cards: ModelCard[];
  manifest: Partial<Manifest>;
}

/** Throws ArtifactError if only some models are trained and the folder has no whole set for the others. */
export async function trainModels(options: TrainOptions): Promise<readonly ModelCard[]> {
  const { models, outDir, seed, now, scale = 1, report = () => undefined } = options;
  const whole = MODELS.every((name) => models.includes(name));
  const before = whole ? null : await readArtifacts(outDir);
  const made: Made = { files: new Map(before?.files), cards: [], manifest: { ...before?.manifest } };
  if (models.includes('forest') || models.includes('lstm')) {
    const data = withOwn(windowData(seed, { scale, report }), options.own);
    await trainOnWindows(data, made, options);
    const reference = await referenceOf(data, made.files, seed);
    made.files.set('reference.json', Buffer.from(JSON.stringify(reference)));
    made.manifest.reference = { file: fileOf(made, 'reference.json') };
  }
  if (models.includes('bert')) await trainOnMessages(made, options);
  const manifest: Manifest = {
    ...(made.manifest as Manifest),
    version: versionOf(options),
    trainedAt: now.toISOString(),
    seed,
    features: [...FEATURES],
    sequence: SEQUENCE,
  };
  const others = await keptCards(options);
  const cards = new Map([
    ...others,
    ...made.cards.flatMap((card) => [
      [`${card.model}.card.json`, `${JSON.stringify(card, null, 2)}\n`] as const,
      [`${card.model}.card.md`, cardMarkdown(card)] as const,
    ]),
  ]);
  const files = new Map([...made.files].map(([name, content]) => [name, Buffer.from(content)]));
  const set: ArtifactSet = { manifest, files };
  await writeArtifacts(outDir, set, cards);
  return made.cards;
}

/** With fewer, the generator's ordinary days say what is usual. */
const MIN_OWN = 200;

function withOwn(data: WindowData, own: TrainOptions['own']): WindowData {
  if (own === undefined) return data;
  return {
    ...data,
    train: [...data.train, ...own.train],
    ordinary: own.quiet.length >= MIN_OWN ? own.quiet : data.ordinary,
    description: [...data.description, `beside them ${own.train.length} windows of the services themselves`],
  };
}

/** The cards of the models that stay. */
async function keptCards({ models, outDir }: TrainOptions): Promise<[string, string][]> {
  const names = MODELS.filter((name) => !models.includes(name)).flatMap((name) => [
    `${name}.card.json`,
    `${name}.card.md`,
  ]);
  const found = names.map(async (name): Promise<[string, string][]> => {
    const text = await readFile(join(outDir, name), 'utf8').catch(() => null);
    return text === null ? [] : [[name, text]];
  });
  return (await Promise.all(found)).flat();
}

const versionOf = ({ now, seed }: TrainOptions): string =>
  `${now.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}-${seed}`;

const fileOf = ({ files }: Made, name: string) => describeFile(name, files.get(name)!);

async function trainOnWindows(data: WindowData, made: Made, options: TrainOptions): Promise<void> {
  const { models, seed, scale = 1, report = () => undefined } = options;
  const random = createRandom(seed);
  const forest = trainForestModel(data, { random, falsePositiveRate: FALSE_POSITIVES.forest });
  if (models.includes('forest')) {
    report('forest: trained');
    for (const [name, content] of forest.files) made.files.set(name, content);
    made.manifest.forest = {
      file: fileOf(made, 'forest.onnx'),
      trees: fileOf(made, 'forest.json'),
      threshold: forest.threshold,
      baseline: forest.baseline,
    };
    made.cards.push(cardOf(options, 'forest', { data: data.description, ...forest }));
  }
  if (!models.includes('lstm')) return;
  const epochs = Math.max(1, Math.round(LSTM_EPOCHS * scale));
  const lstm = await trainLstmModel(data, {
    random,
    epochs,
    falsePositiveRate: FALSE_POSITIVES.lstm,
    progress: (epoch, loss, validationLoss) => {
      options.progress?.('lstm', {
        stage: `validation loss ${validationLoss.toFixed(4)}`,
        epoch,
        epochs,
        loss,
      });
    },
  });
  for (const [name, content] of lstm.files) made.files.set(name, content);
  const { threshold, baseline } = lstm;
  made.manifest.lstm = { file: fileOf(made, 'lstm.onnx'), threshold, horizonMs: HORIZON_MS, baseline };
  made.cards.push(cardOf(options, 'lstm', { data: data.description, ...lstm }));
}

async function trainOnMessages(made: Made, options: TrainOptions): Promise<void> {
  const { seed, scale = 1 } = options;
  const scaled = (epochs: number): number => Math.max(1, Math.round(epochs * scale));
  const bert = await trainBertModel({
    random: createRandom(seed + 1),
    pretrainEpochs: scaled(BERT_EPOCHS.pretrainEpochs),
    epochs: scaled(BERT_EPOCHS.epochs),
    perTemplate: scaled(BERT_EPOCHS.perTemplate),
    progress: (progress: Progress) => options.progress?.('bert', progress),
  });
  for (const [name, content] of bert.files) made.files.set(name, content);
  made.manifest.bert = {
    file: fileOf(made, 'bert.onnx'),
    pieces: fileOf(made, 'pieces.json'),
    categories: [...CATEGORIES],
    maxPieces: bert.maxPieces,
  };
  made.cards.push(cardOf(options, 'bert', bert));
}

type CardParts = Pick<ModelCard, 'data' | 'metrics' | 'parameters' | 'reliability'>;

const PURPOSE: Readonly<Record<ModelName, string>> = {
  forest: 'Says how unusual a window of a service is, from 16 features of the window.',
  lstm: 'Gives the probability that a service is in an incident or will be within five minutes, from its last 20 windows of ten seconds.',
  bert: 'Says which of 13 categories a log message belongs to: twelve kinds of failure, or normal.',
};

const LIMITS: Readonly<Record<ModelName, readonly string[]>> = {
  forest: [
    'Trained on generated logs alone. Windows of ten seconds.',
    'Sees one window: what grows slowly, and what is silent, others see better.',
  ],
  lstm: [
    'Trained on generated logs alone: lead times are shown on incidents of the generator, whose first signs are known.',
    'An incident that nothing announces cannot be foreseen; strictAccuracy counts those windows as missed.',
    'Always saying "no incident" would have an accuracy of 1 − prevalence.',
  ],
  bert: [
    'English messages. Learned from templates and phrases, not from the public data sets.',
    'Messages of a kind it never saw are often taken for another category; the confidence is then lower, not always.',
  ],
};

function cardOf({ seed, now, ...options }: TrainOptions, model: ModelName, parts: CardParts): ModelCard {
  const { data, metrics, parameters, reliability } = parts;
  return {
    model,
    version: versionOf({ seed, now, ...options }),
    trainedAt: now.toISOString(),
    seed,
    purpose: PURPOSE[model],
    data,
    parameters,
    metrics,
    limits: LIMITS[model],
    ...(reliability && { reliability }),
  };
}
