/**
 * The two-sample Kolmogorov-Smirnov test: how far two samples lie apart, and how likely chance alone puts them so far.
 * Pure. p is exact, for ties too as SciPy's ks_2samp has it: the share of the paths from (0, 0) to (m, n) on a grid, all
 * equally likely, that anywhere lie as far from the diagonal. It is summed over the first points outside, all positive,
 * so that small probabilities are right to the last digits; m × n steps.
 * Source: J. L. Hodges, "The significance probability of the Smirnov two-sample test", Arkiv för Matematik 3, 1958.
 */
export interface KsResult {
  /** Largest distance of the empirical distributions, 0 to 1. */
  readonly statistic: number;
  readonly pValue: number;
}

/** Throws a RangeError for an empty sample; NaN is refused too. */
export function ksTest(a: readonly number[], b: readonly number[]): KsResult {
  if (a.length === 0 || b.length === 0) throw new RangeError('a sample is empty');
  if (a.some(Number.isNaN) || b.some(Number.isNaN)) throw new RangeError('a sample has NaN');
  const distance = gridDistance(a, b);
  return {
    statistic: distance / (a.length * b.length),
    pValue: probabilityOutside(a.length, b.length, distance),
  };
}

/** max |i·n − j·m| over all values, with i of `a` and j of `b` up to the value: whole numbers, so comparisons are exact. */
function gridDistance(a: readonly number[], b: readonly number[]): number {
  const [m, n] = [a.length, b.length];
  const left = Float64Array.from(a).sort();
  const right = Float64Array.from(b).sort();
  let [i, j, distance] = [0, 0, 0];
  while (i < m && j < n) {
    const value = Math.min(left[i]!, right[j]!);
    while (i < m && left[i]! <= value) i++;
    while (j < n && right[j]! <= value) j++;
    distance = Math.max(distance, Math.abs(i * n - j * m));
  }
  return distance;
}

function probabilityOutside(m: number, n: number, distance: number): number {
  if (distance === 0) return 1;
  // at[j]: probability that a path comes to (i, j) and was inside before.
  const at = new Float64Array(n + 1);
  let outside = 0;
  for (let i = 0; i <= m; i++) {
    for (let j = 0; j <= n; j++) {
      if (i === 0 && j === 0) {
        at[0] = 1;
        continue;
      }
      const left = m + n - i - j + 1;
      const right = i === 0 ? 0 : (at[j]! * (m - i + 1)) / left;
      const up = j === 0 ? 0 : (at[j - 1]! * (n - j + 1)) / left;
      const reached = right + up;
      const isOutside = Math.abs(i * n - j * m) >= distance;
      if (isOutside) outside += reached;
      at[j] = isOutside ? 0 : reached;
    }
  }
  return Math.min(1, outside);
}
