/**
 * Quantiles within 1 % by DDSketch (Masson, Rim and Lee, VLDB 2019), with the mapping of @datadog/sketches-js. Buckets
 * hold whole counts, so merging is exact in any order. Values are whole numbers from 0 to 2^43 (as µs: 100 days),
 * which takes at most 1,500 buckets: nothing ever collapses. Memory: from the lowest bucket that is used to the highest.
 */
import { LogarithmicMapping } from '@datadog/sketches-js/dist/ddsketch/mapping/index.js';
import { encodeCount, type TextReader } from './text-code.ts';

const RELATIVE_ACCURACY = 0.01;
const MAX_KEY = 1600;
/** Buckets that are made at first, about the first value. */
const ROOM = 128;

const mapping = new LogarithmicMapping(RELATIVE_ACCURACY);

export interface Quantiles {
  /** How often zero came; it has no logarithm. */
  zeros: number;
  /** How often another value came. */
  count: number;
  /** The bucket of `counts[0]`. */
  first: number;
  counts: number[];
}

export const emptyQuantiles = (): Quantiles => ({ zeros: 0, count: 0, first: 0, counts: [] });

/** Adds one whole number from 0 to 2^43. */
export function addQuantile(quantiles: Quantiles, value: number): void {
  if (value === 0) quantiles.zeros++;
  else addToBucket(quantiles, mapping.key(value), 1);
}

/** Adds `b` to `a`. */
export function mergeQuantiles(a: Quantiles, b: Quantiles): void {
  a.zeros += b.zeros;
  b.counts.forEach((count, i) => {
    if (count > 0) addToBucket(a, b.first + i, count);
  });
}

/** The value at `q` in [0, 1], within 1 %; null of nothing. */
export function quantile({ zeros, count, first, counts }: Quantiles, q: number): number | null {
  const rank = q * (zeros + count - 1);
  if (rank < 0) return null;
  if (rank < zeros || count === 0) return 0;
  let before = zeros;
  let last = 0;
  for (let i = 0; i < counts.length; i++) {
    if (counts[i] === 0) continue;
    last = i;
    before += counts[i]!;
    if (before > rank) break;
  }
  return mapping.value(first + last);
}

/** Zeros, how many buckets are not empty, and of each the distance to the one before and its count. */
export function encodeQuantiles({ zeros, first, counts }: Quantiles): string {
  let buckets = 0;
  let text = '';
  let before = 0;
  for (let i = 0; i < counts.length; i++) {
    if (counts[i] === 0) continue;
    const bucket = first + i;
    text += encodeCount(bucket - before) + encodeCount(counts[i]!);
    before = bucket;
    buckets++;
  }
  return encodeCount(zeros) + encodeCount(buckets) + text;
}

/** Adds what `encodeQuantiles` wrote to `quantiles`; returns how many values that were. Throws an Error if it is not that. */
export function readQuantiles(quantiles: Quantiles, reader: TextReader): number {
  const zeros = reader.count();
  quantiles.zeros += zeros;
  let values = zeros;
  let bucket = 0;
  for (let left = reader.count(); left > 0; left--) {
    bucket += reader.count();
    if (bucket > MAX_KEY) throw new Error('quantiles have a corrupt bucket');
    const count = reader.count();
    addToBucket(quantiles, bucket, count);
    values += count;
  }
  return values;
}

function addToBucket(quantiles: Quantiles, bucket: number, count: number): void {
  let i = bucket - quantiles.first;
  if (i < 0 || i >= quantiles.counts.length) {
    grow(quantiles, bucket);
    i = bucket - quantiles.first;
  }
  quantiles.counts[i]! += count;
  quantiles.count += count;
}

/** Makes room for a bucket: at least as many more as there are, so that growing is rare. */
function grow(quantiles: Quantiles, bucket: number): void {
  const { first, counts } = quantiles;
  const size = counts.length;
  if (size === 0) {
    quantiles.first = Math.max(0, bucket - ROOM / 2);
    quantiles.counts = zeros(ROOM);
    return;
  }
  const below = bucket < first ? Math.min(first, Math.max(first - bucket, size)) : 0;
  const above = Math.max(0, bucket - first - size + 1);
  quantiles.first = first - below;
  quantiles.counts = [...zeros(below), ...counts, ...zeros(above === 0 ? 0 : Math.max(above, size))];
}

const zeros = (length: number): number[] => new Array<number>(length).fill(0);
