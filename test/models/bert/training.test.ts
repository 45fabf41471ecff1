import { beforeAll, describe, expect, it } from 'vitest';
import { trainBaseline } from '../../../models/bert/baseline.ts';
import { classify, mostLikely } from '../../../models/bert/classifier.ts';
import {
  CATEGORIES,
  generatorSources,
  messagesOf,
  phraseSources,
  splitSources,
} from '../../../models/bert/corpus.ts';
import { bertShape, classifierModel } from '../../../models/bert/network.ts';
import { quantize } from '../../../models/bert/quantization.ts';
import { pretrain, trainClassifier } from '../../../models/bert/training.ts';
import { learnPieces, type Tokenizer, tokenizerOf } from '../../../models/bert/word-piece.ts';
import type { Weights } from '../../../models/graph/parameters.ts';
import { createRandom } from '../../../models/graph/random.ts';
import { openSession } from '../../../models/graph/runtime.ts';

const SUBJECTS = ['service', 'worker', 'gateway', 'broker', 'node', 'client'];
const TEXTS = [
  ['connection refused by', 'connection reset by', 'lost connection to'],
  ['out of memory in', 'heap exhausted in', 'memory limit reached in'],
];

const examples = TEXTS.flatMap((texts, label) =>
  texts.flatMap((text) => SUBJECTS.map((subject) => ({ text: `${text} ${subject}`, label }))),
);

describe('a classifier trained from nothing', () => {
  let tokenizer: Tokenizer;
  let weights: Weights;
  const losses: number[] = [];

  beforeAll(async () => {
    const random = createRandom(4);
    const messages = examples.map(({ text }) => text);
    tokenizer = tokenizerOf(learnPieces(messages, 150));
    const batch = { batch: 12, length: 12 };
    const common = { tokenizer, random, batch };
    const progress = ({ loss }: { loss: number }): number => losses.push(loss);
    const start = await pretrain({ ...common, messages: () => messages, epochs: 2, progress });
    weights = await trainClassifier({
      ...common,
      examples: () => examples,
      classes: 2,
      weights: start,
      epochs: 8,
      progress,
    });
  });

  it('tells its classes apart, in words it did not see together, in float32 and in int8', async () => {
    expect(losses.at(-1)).toBeLessThan(losses[2]!);
    const shape = bertShape(tokenizer.pieces.length);
    for (const int8 of [false, true]) {
      const model = classifierModel(weights, { shape, classes: 2, int8 });
      const session = await openSession(model);
      const asked = [
        'connection refused by the other broker',
        'memory exhausted in worker 7',
        'reset connection',
      ];
      const answers = await classify(session, tokenizer, asked);
      expect(answers.map(mostLikely)).toEqual([0, 1, 0]);
      for (const answer of answers) expect(answer[0]! + answer[1]!).toBeCloseTo(1);
    }
  });

  it('answers the same for a message alone and beside longer ones', async () => {
    const shape = bertShape(tokenizer.pieces.length);
    const session = await openSession(classifierModel(weights, { shape, classes: 2 }));
    const [alone] = await classify(session, tokenizer, ['connection lost']);
    const [beside] = await classify(session, tokenizer, [
      'connection lost',
      `out of memory ${'in node '.repeat(20)}`,
    ]);
    expect(beside![0]).toBeCloseTo(alone![0]!, 5);
  });
});

describe('int8 weights', () => {
  it('differ from what they stand for by half a step of their column at most', () => {
    const random = createRandom(1);
    const matrix = Float32Array.from({ length: 60 }, (_, at) => random.normal() * (1 + (at % 6)));
    const { values, scales } = quantize(matrix, 10, 6);
    for (const [at, value] of matrix.entries())
      expect(Math.abs(values[at]! * scales[at % 6]! - value)).toBeLessThanOrEqual(scales[at % 6]! / 2 + 1e-6);
  });
});

describe('the TF-IDF baseline', () => {
  it('tells the same classes apart', () => {
    const baseline = trainBaseline(examples, { classes: 2, random: createRandom(1) });
    expect(['connection to node refused', 'heap memory reached'].map(baseline.predict)).toEqual([0, 1]);
  });
});

describe('the corpus', () => {
  it('has many templates of every category, fills them anew each time, and says the category', () => {
    const sources = [...generatorSources('usual'), ...phraseSources()];
    for (const category of CATEGORIES)
      expect(sources.filter((source) => source.category === category).length).toBeGreaterThan(35);
    const messages = messagesOf(sources, 2, createRandom(3));
    expect(messages.every(({ text }) => text !== '' && !/\{\w+\}/.test(text))).toBe(true);
    expect(messagesOf(sources, 2, createRandom(3))).toEqual(messages);
  });

  it('trains on no template that is held out', () => {
    const trained = new Set(
      [...generatorSources('usual'), ...phraseSources()].map(({ template }) => template),
    );
    const held = generatorSources('held_out');
    expect(held.length).toBeGreaterThan(80);
    expect(held.filter(({ template }) => trained.has(template))).toEqual([]);
  });

  it('splits by template, a share of each category', () => {
    const sources = generatorSources('usual');
    const [kept, held] = splitSources(sources, 0.2, createRandom(3));
    expect(kept.length + held.length).toBe(sources.length);
    expect(new Set(held.map(({ category }) => category)).size).toBe(CATEGORIES.length);
  });
});
