/**
 * Measures the classifier's method on public logs in loghub's layout (DIR/SYSTEM/*_structured*.csv with Content,
 * EventTemplate, and Level or Label): pieces and masked pre-training on all messages without their labels, then
 * classification, in folds by template, so that no template is on both sides. A TF-IDF baseline stands beside it. (The
 * project's own messages as further examples made both worse: their wording of levels is another.) Nothing that is
 * learned here is kept.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { trainBaseline } from '../bert/baseline.ts';
import { classify, mostLikely } from '../bert/classifier.ts';
import { messagesOf, trainingSources } from '../bert/corpus.ts';
import { bertShape, classifierModel } from '../bert/network.ts';
import { type Progress, pretrain, trainClassifier } from '../bert/training.ts';
import { learnPieces, type Tokenizer, tokenizerOf } from '../bert/word-piece.ts';
import type { Weights } from '../graph/parameters.ts';
import { createRandom, type Random } from '../graph/random.ts';
import { openSession } from '../graph/runtime.ts';
import { readCsv } from './csv.ts';
import { type ClassReport, classReport } from './measures.ts';

interface Line {
  readonly text: string;
  readonly template: string;
  readonly level: string | null;
  readonly alert: boolean | null;
}

interface Task {
  readonly name: string;
  readonly classes: readonly string[];
  readonly examples: readonly Example[];
}

interface Example {
  readonly text: string;
  readonly template: string;
  readonly label: number;
}

export interface MessageMeasure {
  readonly task: string;
  readonly split: 'templates not in training' | 'lines not in training, templates known';
  readonly by: string;
  readonly report: ClassReport;
  readonly messages: number;
  readonly templates: number;
}

export interface MessagesOptions {
  readonly seed: number;
  readonly folds?: number;
  readonly pretrainEpochs?: number;
  readonly epochs?: number;
  readonly progress?: (progress: Progress) => void;
}

const PIECES = 2500;
/** Lines of one template that are learned from or asked about; more are the same again. */
const PER_TEMPLATE = 12;
const LEVELS = ['information', 'warning', 'error'];
const [INFORMATION, WARNING, ERROR] = [0, 1, 2] as const;
const LEVEL_OF: Readonly<Record<string, number>> = {
  INFO: INFORMATION,
  NOTICE: INFORMATION,
  DEBUG: INFORMATION,
  WARN: WARNING,
  WARNING: WARNING,
  ERROR: ERROR,
  SEVERE: ERROR,
  FATAL: ERROR,
};

export async function evaluateMessages(dir: string, options: MessagesOptions): Promise<MessageMeasure[]> {
  const { seed, folds = 5, pretrainEpochs = 20, progress } = options;
  const systems = await readSystems(dir);
  const random = createRandom(seed);
  const lines = systems.flatMap(({ lines: own }) => own);
  const ownTexts = messagesOf(trainingSources(), 3, random);
  const texts = [...thinned(lines, random).map(({ text }) => text), ...ownTexts.map(({ text }) => text)];
  const tokenizer = tokenizerOf(learnPieces(texts, PIECES));
  const start = await pretrain({
    messages: () => texts,
    tokenizer,
    random,
    epochs: pretrainEpochs,
    ...(progress && { progress }),
  });
  const out: MessageMeasure[] = [];
  for (const task of tasksOf(systems, random))
    for (const byTemplate of [true, false])
      out.push(...(await measure(task, { byTemplate, folds, tokenizer, start, random, options })));
  return out;
}

interface Measuring {
  readonly byTemplate: boolean;
  readonly folds: number;
  readonly tokenizer: Tokenizer;
  readonly start: Weights;
  readonly random: Random;
  readonly options: MessagesOptions;
}

/** Every example is asked about once, by a model that did not learn from it. */
async function measure(task: Task, measuring: Measuring): Promise<MessageMeasure[]> {
  const { byTemplate, folds, random } = measuring;
  const { classes, examples } = task;
  const foldOf = foldsOf(examples, { byTemplate, folds, random });
  const answers = { bert: new Int32Array(examples.length), baseline: new Int32Array(examples.length) };
  for (let fold = 0; fold < folds; fold++) {
    const train = examples.filter((_, at) => foldOf[at] !== fold);
    const asked = examples.flatMap((_, at) => (foldOf[at] === fold ? [at] : []));
    const found = await answerFold(
      train,
      asked.map((at) => examples[at]!.text),
      { classes: classes.length, ...measuring },
    );
    const { loss } = found;
    measuring.options.progress?.({ stage: 'classification', epoch: fold + 1, epochs: folds, loss });
    for (const [index, at] of asked.entries()) {
      answers.bert[at] = found.bert[index]!;
      answers.baseline[at] = found.baseline[index]!;
    }
  }
  const truth = examples.map(({ label }) => label);
  const shared = {
    task: task.name,
    split: byTemplate ? 'templates not in training' : 'lines not in training, templates known',
    messages: examples.length,
    templates: new Set(examples.map(({ template }) => template)).size,
  } as const;
  return [
    { ...shared, by: 'BERT', report: classReport(classes, truth, answers.bert) },
    {
      ...shared,
      by: 'TF-IDF and logistic regression (baseline)',
      report: classReport(classes, truth, answers.baseline),
    },
  ];
}

async function answerFold(
  train: readonly Example[],
  texts: readonly string[],
  { classes, tokenizer, start, random, options }: Measuring & { classes: number },
): Promise<{ bert: number[]; baseline: number[]; loss: number }> {
  let loss = 0;
  const weights = await trainClassifier({
    examples: () => train,
    classes,
    weights: start,
    tokenizer,
    random,
    epochs: options.epochs ?? 25,
    progress: (one) => {
      loss = one.loss;
    },
  });
  const shape = bertShape(tokenizer.pieces.length);
  const session = await openSession(classifierModel(weights, { shape, classes }), { threads: 2 });
  const bert = (await classify(session, tokenizer, texts)).map(mostLikely);
  await session.release();
  const baseline = trainBaseline(train, { classes, random });
  return { bert, baseline: texts.map(baseline.predict), loss };
}

/** Folds with the same share of each class, by template (all lines of one in one fold) or by line. */
export function foldsOf(
  examples: readonly Example[],
  { byTemplate, folds, random }: { byTemplate: boolean; folds: number; random: Random },
): number[] {
  const key = ({ template }: Example, at: number): string => (byTemplate ? template : String(at));
  const labels = new Map(examples.map((example, at) => [key(example, at), example.label]));
  const keys = [...labels.keys()];
  const order = random.shuffle(keys.map((_, index) => index)).map((index) => keys[index]!);
  order.sort((a, b) => labels.get(a)! - labels.get(b)!);
  const fold = new Map(order.map((one, place) => [one, place % folds]));
  return examples.map((example, at) => fold.get(key(example, at))!);
}

function tasksOf(systems: readonly { name: string; lines: readonly Line[] }[], random: Random): Task[] {
  const alerts = systems.flatMap(({ name, lines }) => {
    const labelled = thinned(
      lines.filter(({ alert }) => alert !== null),
      random,
    );
    if (labelled.length === 0) return [];
    const examples = labelled.map(({ text, template, alert }) => ({ text, template, label: alert ? 1 : 0 }));
    return [{ name: `${name}: alert or not`, classes: ['no alert', 'alert'], examples }];
  });
  const levelled = systems
    .flatMap(({ lines }) => thinned(lines, random))
    .flatMap(({ text, template, level }) => {
      const label = LEVEL_OF[(level ?? '').toUpperCase()];
      return label === undefined ? [] : [{ text, template, label }];
    });
  const name = 'severity, all systems that tell it';
  return [...alerts, { name, classes: LEVELS, examples: levelled }];
}

/** At most `PER_TEMPLATE` different lines of each template. */
function thinned(lines: readonly Line[], random: Random): Line[] {
  const distinct = [...new Map(lines.map((line) => [`${line.template}\n${line.text}`, line])).values()];
  const counts = new Map<string, number>();
  return random
    .shuffle(distinct.map((_, index) => index))
    .map((index) => distinct[index]!)
    .filter(({ template }) => {
      const count = (counts.get(template) ?? 0) + 1;
      counts.set(template, count);
      return count <= PER_TEMPLATE;
    });
}

async function readSystems(dir: string): Promise<{ name: string; lines: Line[] }[]> {
  const names = (await readdir(dir, { withFileTypes: true })).filter((one) => one.isDirectory());
  const systems: { name: string; lines: Line[] }[] = [];
  for (const { name } of names) {
    const files = (await readdir(join(dir, name))).filter((file) => /structured.*\.csv$/.test(file));
    if (files[0] === undefined) continue;
    const rows = readCsv(await readFile(join(dir, name, files[0]), 'utf8'));
    const lines = rows.map(({ Content = '', EventTemplate = '', Level, Label }) => ({
      text: Content,
      template: `${name} ${EventTemplate}`,
      level: Level ?? null,
      alert: Label === undefined ? null : Label !== '-',
    }));
    systems.push({ name, lines });
  }
  if (systems.length === 0) throw new Error(`${dir} has no SYSTEM/*_structured*.csv`);
  return systems.sort((a, b) => (a.name < b.name ? -1 : 1));
}
