import { describe, expect, it } from 'vitest';
import { temperatureOf } from '../../../models/bert/temperature.ts';
import { createRandom } from '../../../models/graph/random.ts';

const softmax = (scores: readonly number[]): Float32Array => {
  const powers = scores.map(Math.exp);
  const sum = powers.reduce((a, b) => a + b, 0);
  return Float32Array.from(powers, (power) => power / sum);
};

/** Labels drawn from the probabilities of scores; the model states those of the scores times `sureness`. */
function drawn(sureness: number): { probabilities: Float32Array[]; labels: number[] } {
  const random = createRandom(4);
  const scores = Array.from({ length: 4000 }, () => [0, 1, 2].map(() => 1.5 * random.normal()));
  const labels = scores.map((row) => {
    const p = softmax(row);
    const at = random.next();
    return at < p[0]! ? 0 : at < p[0]! + p[1]! ? 1 : 2;
  });
  return { probabilities: scores.map((row) => softmax(row.map((score) => score * sureness))), labels };
}

describe('the temperature', () => {
  it.each([0.5, 1, 3])('undoes a sureness of %d', (sureness) => {
    const { probabilities, labels } = drawn(sureness);
    expect(Math.abs(Math.log(temperatureOf(probabilities, labels) / sureness))).toBeLessThan(0.1);
  });

  it('is 1 without messages', () => {
    expect(temperatureOf([], [])).toBe(1);
  });
});
