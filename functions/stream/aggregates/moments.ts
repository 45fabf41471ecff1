/**
 * Count, mean, variance, minimum and maximum of whole numbers ≥ 0 (a measurement in its smallest unit), exact: the
 * sums are integers, so that the results are the same to the last bit in whatever order they were added and merged.
 * The sum of squares is kept as high · 2^52 + low, low in [0, 2^52): two doubles that hold integers exactly.
 */
import { encodeCount, encodeCounts, type TextReader } from './text-code.ts';

export interface Moments {
  count: number;
  sum: number;
  squaresHigh: number;
  squaresLow: number;
  min: number;
  max: number;
}

const LIMB = 2 ** 52;
const LIMB_BITS = 52n;
/** Below it a square is under 2^52 and stays exact in a double. */
const SMALL = 2 ** 26;

export const emptyMoments = (): Moments => ({
  count: 0,
  sum: 0,
  squaresHigh: 0,
  squaresLow: 0,
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
});

/** Adds one whole number from 0 to 2^43 (as µs: 100 days). */
export function addMoment(moments: Moments, value: number): void {
  moments.count++;
  moments.sum += value;
  if (value < moments.min) moments.min = value;
  if (value > moments.max) moments.max = value;
  if (value < SMALL) carry(moments, 0, value * value);
  else {
    const square = BigInt(value) ** 2n;
    carry(moments, Number(square >> LIMB_BITS), Number(BigInt.asUintN(52, square)));
  }
}

/** Adds `b` to `a`. */
export function mergeMoments(a: Moments, b: Moments): void {
  a.count += b.count;
  a.sum += b.sum;
  a.min = Math.min(a.min, b.min);
  a.max = Math.max(a.max, b.max);
  carry(a, b.squaresHigh, b.squaresLow);
}

/** Mean; null of nothing. */
export const mean = (moments: Moments): number | null =>
  moments.count === 0 ? null : moments.sum / moments.count;

/** Population variance, rounded once at the end; null of nothing. */
export function variance({ count, sum, squaresHigh, squaresLow }: Moments): number | null {
  if (count === 0) return null;
  const squares = (BigInt(squaresHigh) << LIMB_BITS) + BigInt(squaresLow);
  const spread = BigInt(count) * squares - BigInt(sum) ** 2n;
  return Number(spread) / Number(BigInt(count) ** 2n);
}

export const encodeMoments = (m: Moments): string =>
  m.count === 0 ? encodeCount(0) : encodeCounts([m.count, m.sum, m.squaresHigh, m.squaresLow, m.min, m.max]);

/** Adds what `encodeMoments` wrote to `moments`; returns the count of it. Throws an Error if it is not that. */
export function readMoments(moments: Moments, reader: TextReader): number {
  const count = reader.count();
  if (count === 0) return 0;
  moments.count += count;
  moments.sum += reader.count();
  const squaresHigh = reader.count();
  const squaresLow = reader.count();
  const min = reader.count();
  const max = reader.count();
  if (squaresLow >= LIMB || min > max) throw new Error('moments are corrupt');
  carry(moments, squaresHigh, squaresLow);
  if (min < moments.min) moments.min = min;
  if (max > moments.max) moments.max = max;
  return count;
}

function carry(moments: Moments, high: number, low: number): void {
  const total = moments.squaresLow + low;
  const over = total >= LIMB;
  moments.squaresLow = over ? total - LIMB : total;
  moments.squaresHigh += high + (over ? 1 : 0);
}
