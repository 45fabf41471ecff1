/**
 * Count, mean, variance, minimum and maximum of whole numbers ≥ 0 (a measurement in its smallest unit), exact: the
 * sums are integers, so that the results are the same to the last bit in whatever order they were added and merged.
 * The sum of squares is kept as high · 2^52 + low, low in [0, 2^52): two doubles that hold integers exactly.
 */
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

export const encodeMoments = (m: Moments): readonly number[] =>
  m.count === 0 ? [] : [m.count, m.sum, m.squaresHigh, m.squaresLow, m.min, m.max];

/** Throws an Error if it is not what `encodeMoments` wrote. */
export function decodeMoments(encoded: unknown): Moments {
  if (!Array.isArray(encoded) || !encoded.every(Number.isFinite))
    throw new Error('moments are not a list of numbers');
  if (encoded.length === 0) return emptyMoments();
  if (encoded.length !== 6) throw new Error(`moments have ${encoded.length} numbers, not 6`);
  const [count, sum, squaresHigh, squaresLow, min, max] = encoded as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return { count, sum, squaresHigh, squaresLow, min, max };
}

function carry(moments: Moments, high: number, low: number): void {
  const total = moments.squaresLow + low;
  const over = total >= LIMB;
  moments.squaresLow = over ? total - LIMB : total;
  moments.squaresHigh += high + (over ? 1 : 0);
}
