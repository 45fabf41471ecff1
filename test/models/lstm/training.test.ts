import { describe, expect, it } from 'vitest';
import { areaUnderCurve } from '../../../models/evaluate/measures.ts';
import { FEATURES } from '../../../models/features.ts';
import { createRandom } from '../../../models/graph/random.ts';
import { openSession } from '../../../models/graph/runtime.ts';
import { calibrate } from '../../../models/lstm/calibration.ts';
import { predict, type Sequences, standardOf, trainPredictor } from '../../../models/lstm/training.ts';

const shape = { steps: 5, features: FEATURES.length, units: 8, dense: 4 };
const ERRORS = FEATURES.indexOf('error_excess');

/** Sequences of noise; in a fifth of them errors rise over the last steps. */
function sequences(count: number, seed: number): Sequences {
  const random = createRandom(seed);
  const labels = Array.from({ length: count }, () => (random.next() < 0.2 ? 1 : 0));
  const values = labels.map((label) => {
    const one = Float32Array.from({ length: shape.steps * shape.features }, () => random.normal());
    for (let step = 2; step < shape.steps; step++) one[step * shape.features + ERRORS]! += label * step;
    return one;
  });
  return { values, labels };
}

const train = (seed: number, epochs = 40) =>
  trainPredictor({
    train: sequences(600, 1),
    validation: sequences(1500, 2),
    random: createRandom(seed),
    epochs,
    falsePositiveRate: 0.05,
    shape,
    batch: 32,
  });

describe('the failure predictor', () => {
  it('learns to tell rising errors, keeps to the false-positive rate, and its probabilities mean what they say', async () => {
    const { model, threshold, epochs } = await train(3);
    expect(epochs.kept).toBeLessThanOrEqual(epochs.run);
    const test = sequences(500, 9);
    const answers = await predict(await openSession(model), test.values, shape);
    expect(areaUnderCurve(test.labels, answers)).toBeGreaterThan(0.97);
    const quiet = answers.filter((_, at) => test.labels[at] === 0);
    expect(quiet.filter((p) => p > threshold).length / quiet.length).toBeLessThan(0.1);
    const mean = answers.reduce((sum, p) => sum + p, 0) / answers.length;
    expect(Math.abs(mean - 0.2)).toBeLessThan(0.05);
  });

  it('is the same, to the last byte, from the same seed', async () => {
    const [one, same, other] = [await train(3, 2), await train(3, 2), await train(4, 2)];
    expect(Buffer.compare(one.model, same.model)).toBe(0);
    expect(Buffer.compare(one.model, other.model)).not.toBe(0);
  });
});

describe('calibration', () => {
  it('finds the line that logits were bent by', () => {
    const random = createRandom(4);
    const logits = Array.from({ length: 20_000 }, () => random.normal() * 3);
    const labels = logits.map((logit) => (random.next() < 1 / (1 + Math.exp(-(0.5 * logit - 1))) ? 1 : 0));
    const { slope, offset } = calibrate(logits, labels);
    expect(Math.abs(slope - 0.5)).toBeLessThan(0.05);
    expect(Math.abs(offset + 1)).toBeLessThan(0.1);
  });

  it('changes nothing where only one class is known', () => {
    expect(calibrate([1, 2, 3], [0, 0, 0])).toEqual({ slope: 1, offset: 0 });
  });
});

describe('standardisation', () => {
  it('takes mean and deviation of each feature, and does not divide by a constant one', () => {
    const { mean, deviation } = standardOf([Float32Array.of(1, 5, 3, 5)], 2);
    expect([...mean]).toEqual([2, 5]);
    expect(deviation[0]).toBeCloseTo(1);
    expect(deviation[1]).toBeCloseTo(1e-3);
  });
});
