/**
 * The simple baseline for messages: TF-IDF of words and of pairs of words, and a logistic regression for each class
 * (softmax, L2, gradient descent with a step for each feature). What BERT must beat.
 */
import type { Random } from '../graph/random.ts';
import type { LabelledText } from './training.ts';
import { wordsOf } from './words.ts';

type Sparse = readonly (readonly [feature: number, value: number])[];

const RATE = 0.3;
const DECAY = 1e-5;

export interface Baseline {
  predict(text: string): number;
}

export function trainBaseline(
  texts: readonly LabelledText[],
  { classes, random, epochs = 6 }: { classes: number; random: Random; epochs?: number },
): Baseline {
  const features = new Map<string, number>();
  const documents: number[] = [];
  const termsOf = (text: string): Map<string, number> => {
    const words = wordsOf(text);
    const counts = new Map<string, number>();
    for (const term of [...words, ...words.slice(1).map((word, at) => `${words[at]} ${word}`)])
      counts.set(term, (counts.get(term) ?? 0) + 1);
    return counts;
  };
  for (const { text } of texts)
    for (const term of termsOf(text).keys()) {
      const feature = features.get(term) ?? features.size;
      features.set(term, feature);
      documents[feature] = (documents[feature] ?? 0) + 1;
    }
  const vectorOf = (text: string): Sparse => {
    const vector: [number, number][] = [];
    for (const [term, count] of termsOf(text)) {
      const feature = features.get(term);
      if (feature !== undefined)
        vector.push([feature, count * (1 + Math.log((1 + texts.length) / (1 + documents[feature]!)))]);
    }
    const norm = Math.hypot(...vector.map(([, value]) => value)) || 1;
    return vector.map(([feature, value]) => [feature, value / norm] as const);
  };
  const model = new SoftmaxRegression(features.size, classes);
  const vectors = texts.map(({ text, label }) => ({ vector: vectorOf(text), label }));
  const order = vectors.map((_, index) => index);
  for (let epoch = 0; epoch < epochs; epoch++)
    for (const index of random.shuffle(order)) model.learn(vectors[index]!.vector, vectors[index]!.label);
  return { predict: (text) => model.predict(vectorOf(text)) };
}

/** AdaGrad: each weight has a step of its own. */
class SoftmaxRegression {
  readonly #weights: Float64Array;
  readonly #squares: Float64Array;
  readonly #classes: number;

  constructor(features: number, classes: number) {
    this.#weights = new Float64Array((features + 1) * classes);
    this.#squares = new Float64Array((features + 1) * classes).fill(1e-6);
    this.#classes = classes;
  }

  learn(vector: Sparse, label: number): void {
    const scores = this.#scores(vector);
    const highest = Math.max(...scores);
    const powers = scores.map((score) => Math.exp(score - highest));
    const sum = powers.reduce((a, b) => a + b, 0);
    for (let one = 0; one < this.#classes; one++) {
      const miss = powers[one]! / sum - (one === label ? 1 : 0);
      for (const [feature, value] of [[-1, 1] as const, ...vector]) {
        const at = (feature + 1) * this.#classes + one;
        const gradient = miss * value + DECAY * this.#weights[at]!;
        this.#squares[at]! += gradient * gradient;
        this.#weights[at]! -= (RATE * gradient) / Math.sqrt(this.#squares[at]!);
      }
    }
  }

  predict(vector: Sparse): number {
    const scores = this.#scores(vector);
    return scores.indexOf(Math.max(...scores));
  }

  #scores(vector: Sparse): number[] {
    return Array.from({ length: this.#classes }, (_, one) => {
      let score = this.#weights[one]!;
      for (const [feature, value] of vector)
        score += value * this.#weights[(feature + 1) * this.#classes + one]!;
      return score;
    });
  }
}
