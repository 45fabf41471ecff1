/**
 * Seeded randomness: sfc32 (Chris Doty-Humphrey, public domain), fast and of good quality, and tables that turn a
 * draw into a normal deviate or a weighted choice with one look-up.
 */

/** A stream of random numbers that its seed words determine. */
export class Random {
  #a = 0;
  #b = 0;
  #c = 0;
  #counter = 1;

  /** Starts the stream that belongs to these words anew. */
  seed(a: number, b: number, c = 0): this {
    this.#a = scramble(a ^ 0x9e3779b9);
    this.#b = scramble(b ^ 0x85ebca6b);
    this.#c = scramble(c ^ 0xc2b2ae35);
    this.#counter = 1;
    for (let i = 0; i < 8; i++) this.word();
    return this;
  }

  /** 32 random bits, as an unsigned integer. */
  word(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** In [0, 1). */
  unit(): number {
    return this.word() / 2 ** 32;
  }

  /** A whole number in [0, count). */
  below(count: number): number {
    return Math.floor((this.word() / 2 ** 32) * count);
  }

  /** A whole number in [from, to]. */
  between(from: number, to: number): number {
    return from + this.below(to - from + 1);
  }

  /** A rank in [0, count), by Zipf's law: rank r about in proportion to 1 / (r + 1). */
  zipf(count: number): number {
    return Math.floor((count + 1) ** this.unit()) - 1;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** Mean 0, standard deviation 1. */
  normal(): number {
    return NORMAL[this.word() >>> 19]!;
  }

  /** How many events happen when `mean` do on average. */
  poisson(mean: number): number {
    if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = this.unit(); product > limit; product *= this.unit()) count++;
    return count;
  }
}

/** Mixes the bits of a word (MurmurHash3's finaliser). */
export function scramble(word: number): number {
  let h = word | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}

/** Quantiles of the normal distribution at the middles of 8,192 equal parts. */
const NORMAL = Float64Array.from({ length: 8192 }, (_, i) => normalQuantile((i + 0.5) / 8192));

/** Acklam's rational approximation, relative error below 1.2e-9. */
function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p));
    return (
      (((((-7.784894002430293e-3 * q - 0.3223964580411365) * q - 2.400758277161838) * q - 2.549732539343734) *
        q +
        4.374664141464968) *
        q +
        2.938163982698783) /
      ((((7.784695709041462e-3 * q + 0.3224671290700398) * q + 2.445134137142996) * q + 3.754408661907416) *
        q +
        1)
    );
  }
  const q = p - 0.5;
  const r = q * q;
  return (
    ((((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r + 138.357751867269) * r -
      30.66479806614716) *
      r +
      2.506628277459239) *
      q) /
    (((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r + 66.80131188771972) * r -
      13.28068155288572) *
      r +
      1)
  );
}

const TABLE_BITS = 14;

/** Indices of the weights, drawn in proportion to them, to a resolution of 1/16,384. */
export function weighted(weights: ArrayLike<number>): (random: Random) => number {
  const size = 1 << TABLE_BITS;
  const table = new Uint32Array(size);
  const total = Array.from(weights).reduce((sum, weight) => sum + weight, 0);
  let reached = 0;
  let index = 0;
  for (let i = 0; i < size; i++) {
    while (index < weights.length - 1 && (reached + weights[index]!) / total <= (i + 0.5) / size) {
      reached += weights[index++]!;
    }
    table[i] = index;
  }
  return (random) => table[random.word() >>> (32 - TABLE_BITS)]!;
}

const HEX4 = Array.from({ length: 0x10000 }, (_, i) => i.toString(16).padStart(4, '0'));

/** `words` × 8 hexadecimal digits. */
export function hex(random: Random, words: number): string {
  let text = '';
  for (let i = 0; i < words; i++) {
    const word = random.word();
    text += HEX4[word >>> 16]! + HEX4[word & 0xffff]!;
  }
  return text;
}
