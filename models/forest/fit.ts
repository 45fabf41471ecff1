/**
 * Grows an Isolation Forest as scikit-learn does: each tree from its own sample without replacement, a random column
 * that is not constant, a threshold uniform between its extremes, to the depth ⌈log₂ sample⌉. Deterministic for a seed;
 * works in place on typed arrays: 100 trees take milliseconds.
 */
import type { Random } from '../graph/random.ts';
import { type Forest, LEAF, type Tree } from './tree.ts';

export interface ForestOptions {
  /** Row by row, `columns` values each; finite. */
  readonly rows: Float32Array;
  readonly columns: number;
  readonly random: Random;
  /** 100 by default. */
  readonly trees?: number;
  /** 256 by default, or all rows if they are fewer. */
  readonly sampleSize?: number;
  /** Columns that trees may split by; all by default. */
  readonly use?: readonly number[];
}

/** Throws if there are no rows or a value is not finite. */
export function fitForest(options: ForestOptions): Forest {
  const { rows, columns, random, trees = 100, sampleSize = 256 } = options;
  const count = rows.length / columns;
  if (count < 1 || !Number.isInteger(count))
    throw new Error(`an isolation forest needs rows of ${columns} columns; ${rows.length} values are not`);
  const wrong = rows.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0)
    throw new Error(`column ${wrong % columns} of row ${Math.floor(wrong / columns)} is not finite`);
  const size = Math.min(sampleSize, count);
  const order = Int32Array.from({ length: count }, (_, row) => row);
  const use = options.use ?? Array.from({ length: columns }, (_, column) => column);
  const grower = new Grower({ rows, columns, random, use }, size);
  return {
    trees: Array.from({ length: trees }, () => grower.grow(order)),
    sampleSize: size,
    columns,
  };
}

class Grower {
  readonly #rows: Float32Array;
  readonly #columns: number;
  readonly #size: number;
  readonly #random: Random;
  readonly #limit: number;
  readonly #sample: Int32Array;
  readonly #candidates: Int32Array;
  #feature: number[] = [];
  #threshold: number[] = [];
  #left: number[] = [];
  #right: number[] = [];
  #samples: number[] = [];

  constructor({ rows, columns, random, use }: ForestOptions & { use: readonly number[] }, size: number) {
    this.#rows = rows;
    this.#columns = columns;
    this.#size = size;
    this.#random = random;
    this.#limit = Math.ceil(Math.log2(Math.max(size, 2)));
    this.#sample = new Int32Array(size);
    this.#candidates = Int32Array.from(use);
  }

  grow(order: Int32Array): Tree {
    for (let at = 0; at < this.#size; at++) {
      const other = at + this.#random.below(order.length - at);
      const row = order[other]!;
      order[other] = order[at]!;
      order[at] = row;
      this.#sample[at] = row;
    }
    this.#feature = [];
    this.#threshold = [];
    this.#left = [];
    this.#right = [];
    this.#samples = [];
    this.#node(0, this.#size, 0);
    return {
      feature: Int32Array.from(this.#feature),
      threshold: Float64Array.from(this.#threshold),
      left: Int32Array.from(this.#left),
      right: Int32Array.from(this.#right),
      samples: Int32Array.from(this.#samples),
    };
  }

  /** Grows the node of the sample's rows from..to, answers its number. */
  #node(from: number, to: number, depth: number): number {
    const id = this.#feature.length;
    this.#feature.push(LEAF);
    this.#threshold.push(0);
    this.#left.push(-1);
    this.#right.push(-1);
    this.#samples.push(to - from);
    if (depth >= this.#limit || to - from <= 1) return id;
    const column = this.#split(id, from, to);
    if (column < 0) return id;
    const middle = this.#partition(from, to, column, this.#threshold[id]!);
    this.#feature[id] = column;
    this.#left[id] = this.#node(from, middle, depth + 1);
    this.#right[id] = this.#node(middle, to, depth + 1);
    return id;
  }

  /** Draws columns until one is not constant; sets the threshold. −1: all are constant. */
  #split(id: number, from: number, to: number): number {
    const candidates = this.#candidates;
    for (let drawn = 0; drawn < candidates.length; drawn++) {
      const other = drawn + this.#random.below(candidates.length - drawn);
      const column = candidates[other]!;
      candidates[other] = candidates[drawn]!;
      candidates[drawn] = column;
      let low = Number.POSITIVE_INFINITY;
      let high = Number.NEGATIVE_INFINITY;
      for (let at = from; at < to; at++) {
        const value = this.#rows[this.#sample[at]! * this.#columns + column]!;
        if (value < low) low = value;
        if (value > high) high = value;
      }
      if (high <= low) continue;
      const threshold = low + this.#random.next() * (high - low);
      this.#threshold[id] = threshold < high ? threshold : low;
      return column;
    }
    return -1;
  }

  #partition(from: number, to: number, column: number, threshold: number): number {
    const sample = this.#sample;
    let low = from;
    let high = to - 1;
    while (low <= high) {
      const row = sample[low]!;
      if (this.#rows[row * this.#columns + column]! <= threshold) low++;
      else {
        sample[low] = sample[high]!;
        sample[high] = row;
        high--;
      }
    }
    return low;
  }
}
