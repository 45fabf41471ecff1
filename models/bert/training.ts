/**
 * Trains BERT from nothing: pieces learned from the messages, then masked pieces guessed, then categories told.
 * Deterministic for a seed.
 */
import type { Weights } from '../graph/parameters.ts';
import type { Random } from '../graph/random.ts';
import { createTrainer } from '../graph/trainer.ts';
import { guessesOf, labelledBatch, maskedBatch } from './batches.ts';
import { type BatchShape, bertShape, categoryLoss, maskedLoss } from './network.ts';
import type { Tokenizer } from './word-piece.ts';

export interface Progress {
  readonly stage: 'pre-training' | 'classification';
  readonly epoch: number;
  readonly epochs: number;
  readonly loss: number;
}

interface Common {
  readonly tokenizer: Tokenizer;
  readonly random: Random;
  readonly epochs: number;
  readonly batch?: BatchShape;
  readonly progress?: (progress: Progress) => void;
}

const BATCH: BatchShape = { batch: 64, length: 32 };
const RATE = 1e-3;
/** Words that are cut into other pieces than usual while training. */
const ROUGH = 0.15;
const MASKED = 0.1;
const WARM_UP = 0.05;

/** Rises for a twentieth of the steps, then falls to 0 like a cosine. */
const rateAt = (step: number, steps: number): number => {
  const done = step / steps;
  return (
    RATE *
    (done < WARM_UP ? done / WARM_UP : 0.5 * (1 + Math.cos((Math.PI * (done - WARM_UP)) / (1 - WARM_UP))))
  );
};

/** Pre-training. `messages` gives the messages of an epoch, anew each time. */
export async function pretrain({
  messages,
  tokenizer,
  random,
  epochs,
  batch: shape = BATCH,
  progress,
}: Common & { readonly messages: () => readonly string[] }): Promise<Weights> {
  const pieces = tokenizer.pieces.length;
  const seed = random.below(1 << 20);
  const trainer = await createTrainer({
    random,
    loss: (graph, declare) =>
      maskedLoss(graph, declare, { ...shape, shape: bertShape(pieces), guesses: guessesOf(shape), seed }),
  });
  for (let epoch = 0; epoch < epochs; epoch++) {
    const texts = messages();
    const order = random.shuffle(texts.map((_, index) => index));
    const perEpoch = Math.ceil(order.length / shape.batch);
    let loss = 0;
    for (let at = 0; at < perEpoch; at++) {
      const rows = order.slice(at * shape.batch, (at + 1) * shape.batch);
      const encoded = rows.map((index) => tokenizer.encode(texts[index]!, { random, share: ROUGH }));
      const feeds = await maskedBatch(encoded, { shape, pieces, random });
      loss += await trainer.step(feeds, rateAt(epoch * perEpoch + at, epochs * perEpoch));
    }
    progress?.({ stage: 'pre-training', epoch: epoch + 1, epochs, loss: loss / perEpoch });
  }
  const weights = trainer.weights();
  await trainer.close();
  return weights;
}

export interface LabelledText {
  readonly text: string;
  readonly label: number;
}

/** Classification, from pre-trained weights. Classes weigh in with the root of how rare they are. */
export async function trainClassifier({
  examples,
  classes,
  weights,
  tokenizer,
  random,
  epochs,
  batch: shape = BATCH,
  progress,
}: Common & {
  readonly examples: () => readonly LabelledText[];
  readonly classes: number;
  readonly weights: Weights;
}): Promise<Weights> {
  const seed = random.below(1 << 20);
  const trainer = await createTrainer({
    random,
    weights,
    loss: (graph, declare) =>
      categoryLoss(graph, declare, { ...shape, shape: bertShape(tokenizer.pieces.length), classes, seed }),
  });
  for (let epoch = 0; epoch < epochs; epoch++) {
    const texts = examples();
    const weightOf = classWeights(texts, classes);
    const order = random.shuffle(texts.map((_, index) => index));
    const perEpoch = Math.ceil(order.length / shape.batch);
    let loss = 0;
    for (let at = 0; at < perEpoch; at++) {
      const rows = order.slice(at * shape.batch, (at + 1) * shape.batch).map((index) => texts[index]!);
      const batch = rows.map(({ text, label }) => ({
        pieces: tokenizer.encode(text, { random, share: ROUGH }),
        label,
        weight: weightOf[label]!,
      }));
      const feeds = await labelledBatch(batch, { shape, masked: MASKED, random });
      loss += await trainer.step(feeds, rateAt(epoch * perEpoch + at, epochs * perEpoch));
    }
    progress?.({ stage: 'classification', epoch: epoch + 1, epochs, loss: loss / perEpoch });
  }
  const trained = trainer.weights();
  await trainer.close();
  return trained;
}

function classWeights(texts: readonly LabelledText[], classes: number): Float64Array {
  const counts = new Float64Array(classes);
  for (const { label } of texts) counts[label]!++;
  return counts.map((count) => (count === 0 ? 0 : Math.sqrt(texts.length / (classes * count))));
}
