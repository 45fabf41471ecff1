import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addMoment,
  emptyMoments,
  encodeMoments,
  type Moments,
  mean,
  mergeMoments,
  readMoments,
  variance,
} from '../../../../functions/stream/aggregates/moments.ts';
import { TextReader } from '../../../../functions/stream/aggregates/text-code.ts';

const value = fc.oneof(fc.integer({ min: 0, max: 10_000_000 }), fc.integer({ min: 0, max: 2 ** 43 }));

const of = (values: readonly number[]): Moments => {
  const moments = emptyMoments();
  for (const one of values) addMoment(moments, one);
  return moments;
};

/** By definition, in whole numbers: n·Σx² − (Σx)², over n². */
function exactVariance(values: readonly number[]): number {
  const n = BigInt(values.length);
  const sum = values.reduce((total, one) => total + BigInt(one), 0n);
  const squares = values.reduce((total, one) => total + BigInt(one) ** 2n, 0n);
  return Number(n * squares - sum * sum) / Number(n * n);
}

describe('moments', () => {
  it('are exact, whatever the size of the numbers', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 200 }), (values) => {
        const moments = of(values);
        expect(variance(moments)).toBe(exactVariance(values));
        expect(mean(moments)).toBe(values.reduce((a, b) => a + b, 0) / values.length);
        expect([moments.count, moments.min, moments.max]).toEqual([
          values.length,
          Math.min(...values),
          Math.max(...values),
        ]);
      }),
    );
  });

  it('are the same to the last bit in any grouping, also through their encoding', () => {
    fc.assert(
      fc.property(fc.array(fc.array(value, { maxLength: 20 }), { minLength: 1, maxLength: 8 }), (groups) => {
        const merged = emptyMoments();
        const read = emptyMoments();
        for (const group of [...groups].reverse()) {
          mergeMoments(merged, of(group));
          expect(readMoments(read, new TextReader(encodeMoments(of(group))))).toBe(group.length);
        }
        expect(merged).toEqual(of(groups.flat()));
        expect(read).toEqual(merged);
      }),
    );
  });

  it('of nothing are null, and a corrupt encoding is refused', () => {
    expect([mean(emptyMoments()), variance(emptyMoments())]).toEqual([null, null]);
    // The last one's minimum lies above its maximum.
    for (const corrupt of ['', '"', '[', ';;;', ';<:<=<'])
      expect(() => readMoments(emptyMoments(), new TextReader(corrupt))).toThrow();
  });
});
