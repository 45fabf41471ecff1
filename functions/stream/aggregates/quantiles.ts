/**
 * Quantiles within 1 % by DDSketch (Masson, Rim and Lee, VLDB 2019), with the mapping and the dense store of
 * @datadog/sketches-js. Buckets hold whole counts, so merging is exact in any order. Values are whole numbers
 * from 0 to 2^43 (as µs: 100 days), which takes at most 1,500 buckets: nothing ever collapses.
 */
import { LogarithmicMapping } from '@datadog/sketches-js/dist/ddsketch/mapping/index.js';
import { DenseStore } from '@datadog/sketches-js/dist/ddsketch/store/index.js';

const RELATIVE_ACCURACY = 0.01;
const MAX_KEY = 1600;

const mapping = new LogarithmicMapping(RELATIVE_ACCURACY);

export interface Quantiles {
  /** How often zero came; it has no logarithm. */
  zeros: number;
  store: DenseStore | null;
}

export const emptyQuantiles = (): Quantiles => ({ zeros: 0, store: null });

/** Adds one whole number from 0 to 2^43. */
export function addQuantile(quantiles: Quantiles, value: number): void {
  if (value === 0) quantiles.zeros++;
  else addToBucket(quantiles, mapping.key(value), 1);
}

/** Adds `b` to `a`. */
export function mergeQuantiles(a: Quantiles, b: Quantiles): void {
  a.zeros += b.zeros;
  for (const [key, count] of buckets(b)) addToBucket(a, key, count);
}

/** The value at `q` in [0, 1], within 1 %; null of nothing. */
export function quantile({ zeros, store }: Quantiles, q: number): number | null {
  const rank = q * (zeros + (store?.count ?? 0) - 1);
  if (rank < 0) return null;
  return rank < zeros || store === null ? 0 : mapping.value(store.keyAtRank(rank - zeros));
}

/** A flat list: zeros, bucket, count, bucket, count, …; empty of nothing. */
export function encodeQuantiles(quantiles: Quantiles): readonly number[] {
  if (quantiles.zeros === 0 && quantiles.store === null) return [];
  const encoded = [quantiles.zeros];
  for (const [key, count] of buckets(quantiles)) encoded.push(key, count);
  return encoded;
}

/** Throws an Error if it is not what `encodeQuantiles` wrote. */
export function decodeQuantiles(encoded: unknown): Quantiles {
  const quantiles = emptyQuantiles();
  if (!Array.isArray(encoded)) throw new Error('quantiles are not a list');
  if (encoded.length === 0) return quantiles;
  if (encoded.length % 2 === 0 || !isCount(encoded[0])) throw new Error('quantiles have a corrupt head');
  quantiles.zeros = encoded[0] as number;
  for (let i = 1; i < encoded.length; i += 2) {
    const [key, count] = [encoded[i], encoded[i + 1]];
    if (!isCount(key) || key > MAX_KEY || !isCount(count)) throw new Error('quantiles have a corrupt bucket');
    addToBucket(quantiles, key, count);
  }
  return quantiles;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function* buckets({ store }: Quantiles): Generator<readonly [key: number, count: number]> {
  if (store === null) return;
  for (let i = 0; i < store.bins.length; i++) {
    const count = store.bins[i]!;
    if (count > 0) yield [i + store.offset, count];
  }
}

function addToBucket(quantiles: Quantiles, key: number, count: number): void {
  quantiles.store ??= new DenseStore();
  quantiles.store.add(key, count);
}
