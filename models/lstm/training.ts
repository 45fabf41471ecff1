/**
 * Trains the failure predictor: Adam, class weights, early stopping on data it does not learn from, then calibration
 * and a threshold for a stated false-positive rate on that same data. Deterministic for a seed.
 */

import { thresholdFor } from '../evaluate/measures.ts';
import { FEATURES } from '../features.ts';
import type { Weights } from '../graph/parameters.ts';
import type { Random } from '../graph/random.ts';
import { floatsOf, openSession, tensors } from '../graph/runtime.ts';
import { createTrainer, type Trainer } from '../graph/trainer.ts';
import { calibrate } from './calibration.ts';
import { PREDICTOR, type PredictorShape, predictorLoss, predictorModel, type Standard } from './network.ts';

/** Sequences, oldest window first, each steps × features values, and whether an incident was near (1) or not (0). */
export interface Sequences {
  readonly values: readonly Float32Array[];
  readonly labels: readonly number[];
}

export interface PredictorTraining {
  readonly train: Sequences;
  readonly validation: Sequences;
  readonly random: Random;
  readonly epochs: number;
  /** Share of quiet windows that may be flagged, on the validation data. */
  readonly falsePositiveRate: number;
  readonly shape?: PredictorShape;
  readonly batch?: number;
  readonly progress?: (epoch: number, loss: number, validationLoss: number) => void;
}

export interface Predictor {
  readonly model: Uint8Array;
  /** Probability above which a window is flagged. */
  readonly threshold: number;
  /** Epochs that were run, and the one that was kept. */
  readonly epochs: { readonly run: number; readonly kept: number };
}

const RATE = 1e-3;
/** Of the negative sequences, those that an epoch learns from, drawn anew each time. */
const NEGATIVES = 0.5;
const PATIENCE = 5;
/** Of the sequences, how many are learned without knowing of new patterns: not every caller does. */
const WITHOUT_PATTERNS = 0.3;
/** Deviation of the noise that is added to what is learned from, in standard deviations of the feature. */
const NOISE = 0.1;
const NEW_PATTERNS = FEATURES.indexOf('new_pattern_errors');

export async function trainPredictor(options: PredictorTraining): Promise<Predictor> {
  const { train, validation, random, epochs, shape = PREDICTOR, batch = 256, progress } = options;
  const standard = standardOf(train.values, shape.features);
  const seed = random.below(1 << 20);
  const trainer = await createTrainer({
    random,
    loss: (graph, declare) => predictorLoss(graph, declare, { shape, batch, seed }),
  });
  let best = { loss: Number.POSITIVE_INFINITY, epoch: 0, weights: trainer.weights() };
  let epoch = 0;
  while (epoch < epochs && epoch - best.epoch < PATIENCE) {
    epoch++;
    const rate = RATE * (0.05 + 0.475 * (1 + Math.cos((Math.PI * (epoch - 1)) / epochs)));
    const loss = await runEpoch(trainer, { train, standard, shape, batch, random, rate });
    const weights = trainer.weights();
    const logits = await logitsOf(weights, { shape, standard }, validation.values);
    const validationLoss = meanLoss(logits, validation.labels);
    progress?.(epoch, loss, validationLoss);
    if (validationLoss < best.loss) best = { loss: validationLoss, epoch, weights };
  }
  await trainer.close();
  const logits = await logitsOf(best.weights, { shape, standard }, validation.values);
  const calibration = calibrate(logits, validation.labels);
  const probabilities = logits.map((logit) => sigmoid(calibration.slope * logit + calibration.offset));
  return {
    model: predictorModel(best.weights, { shape, standard, calibration }),
    threshold: thresholdFor(validation.labels, probabilities, options.falsePositiveRate),
    epochs: { run: epoch, kept: best.epoch },
  };
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

interface Epoch {
  readonly train: Sequences;
  readonly standard: Standard;
  readonly shape: PredictorShape;
  readonly batch: number;
  readonly random: Random;
  readonly rate: number;
}

async function runEpoch(
  trainer: Trainer,
  { train, standard, shape, batch, random, rate }: Epoch,
): Promise<number> {
  const make = await tensors();
  const positives = train.labels.reduce((sum, label) => sum + label, 0);
  const negatives = (train.labels.length - positives) * NEGATIVES;
  const weightOf = [1, Math.sqrt(negatives / Math.max(1, positives))] as const;
  const order = random.shuffle(
    train.labels.flatMap((label, index) => (label === 1 || random.next() < NEGATIVES ? [index] : [])),
  );
  let loss = 0;
  let steps = 0;
  for (let from = 0; from < order.length; from += batch, steps++) {
    const rows = order.slice(from, from + batch);
    const weight = new Float32Array(batch);
    const target = new Float32Array(batch);
    for (const [row, index] of rows.entries()) {
      target[row] = train.labels[index]!;
      weight[row] = weightOf[train.labels[index] === 1 ? 1 : 0];
    }
    const x = stepMajor(
      rows.map((index) => train.values[index]!),
      { shape, standard, batch, random },
    );
    const feeds = {
      x: make.floats(x, [shape.steps, batch, shape.features]),
      target: make.floats(target, [batch, 1]),
      weight: make.floats(weight, [batch, 1]),
    };
    loss += await trainer.step(feeds, rate);
  }
  return loss / steps;
}

/** Standardised values in the order [steps, batch, features]. */
function stepMajor(
  rows: readonly Float32Array[],
  { shape, standard, batch, random }: Omit<Epoch, 'train' | 'rate'>,
): Float32Array {
  const { steps, features } = shape;
  const x = new Float32Array(steps * batch * features);
  for (const [row, values] of rows.entries()) {
    const blind = random.next() < WITHOUT_PATTERNS;
    for (let step = 0; step < steps; step++)
      for (let feature = 0; feature < features; feature++) {
        const value = blind && feature === NEW_PATTERNS ? 0 : values[step * features + feature]!;
        x[(step * batch + row) * features + feature] =
          (value - standard.mean[feature]!) / standard.deviation[feature]! + NOISE * random.normal();
      }
  }
  return x;
}

export function standardOf(values: readonly Float32Array[], features: number): Standard {
  const sum = new Float64Array(features);
  const squares = new Float64Array(features);
  let count = 0;
  for (const one of values)
    for (let at = 0; at < one.length; at += features, count++)
      for (let feature = 0; feature < features; feature++) {
        const value = one[at + feature]!;
        sum[feature]! += value;
        squares[feature]! += value * value;
      }
  const mean = Float32Array.from(sum, (total) => total / Math.max(1, count));
  const deviation = Float32Array.from(squares, (total, feature) =>
    Math.max(1e-3, Math.sqrt(Math.max(0, total / Math.max(1, count) - mean[feature]! ** 2))),
  );
  return { mean, deviation };
}

/** Logits before calibration. */
async function logitsOf(
  weights: Weights,
  { shape, standard }: { shape: PredictorShape; standard: Standard },
  values: readonly Float32Array[],
): Promise<Float64Array> {
  const calibration = { slope: 1, offset: 0 };
  const session = await openSession(predictorModel(weights, { shape, standard, calibration }), {
    threads: 2,
  });
  const probabilities = await predict(session, values, shape);
  await session.release();
  return Float64Array.from(probabilities, (p) => {
    const bounded = Math.min(1 - 1e-7, Math.max(1e-7, p));
    return Math.log(bounded / (1 - bounded));
  });
}

type Session = Awaited<ReturnType<typeof openSession>>;

/** Probabilities of any number of sequences, some at a time. */
export async function predict(
  session: Session,
  values: readonly Float32Array[],
  { steps, features }: PredictorShape = PREDICTOR,
): Promise<Float32Array> {
  const make = await tensors();
  const out = new Float32Array(values.length);
  const batch = 512;
  for (let from = 0; from < values.length; from += batch) {
    const rows = values.slice(from, from + batch);
    const x = new Float32Array(rows.length * steps * features);
    for (const [row, one] of rows.entries()) x.set(one, row * steps * features);
    const results = await session.run({ x: make.floats(x, [rows.length, steps, features]) });
    out.set(floatsOf(results, 'p'), from);
  }
  return out;
}

function meanLoss(logits: Float64Array, labels: readonly number[]): number {
  let loss = 0;
  for (const [at, logit] of logits.entries())
    loss += Math.log1p(Math.exp(-Math.abs(logit))) + Math.max(0, labels[at] === 1 ? -logit : logit);
  return loss / Math.max(1, labels.length);
}
