import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addQuantile,
  emptyQuantiles,
  encodeQuantiles,
  mergeQuantiles,
  type Quantiles,
  quantile,
  readQuantiles,
} from '../../../../functions/stream/aggregates/quantiles.ts';
import { encodeCounts, TextReader } from '../../../../functions/stream/aggregates/text-code.ts';

const value = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 0, max: 5_000_000 }),
  fc.integer({ min: 0, max: 2 ** 43 }),
);

const of = (values: readonly number[]): Quantiles => {
  const quantiles = emptyQuantiles();
  for (const one of values) addQuantile(quantiles, one);
  return quantiles;
};

describe('quantiles', () => {
  it('lie within 1 % of the value of that rank', () => {
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 300 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, q) => {
          const sorted = values.toSorted((a, b) => a - b);
          const exact = sorted[Math.floor(q * (values.length - 1))]!;
          expect(Math.abs(quantile(of(values), q)! - exact)).toBeLessThanOrEqual(exact * 0.010001);
        },
      ),
    );
  });

  it('are the same in any grouping, also through their encoding', () => {
    fc.assert(
      fc.property(fc.array(fc.array(value, { maxLength: 20 }), { minLength: 1, maxLength: 8 }), (groups) => {
        const merged = emptyQuantiles();
        const read = emptyQuantiles();
        for (const group of [...groups].reverse()) {
          mergeQuantiles(merged, of(group));
          expect(readQuantiles(read, new TextReader(encodeQuantiles(of(group))))).toBe(group.length);
        }
        const whole = of(groups.flat());
        expect(encodeQuantiles(merged)).toEqual(encodeQuantiles(whole));
        expect(encodeQuantiles(read)).toEqual(encodeQuantiles(whole));
        for (const q of [0, 0.5, 0.99, 1]) expect(quantile(merged, q)).toBe(quantile(whole, q));
      }),
    );
  });

  it('of nothing are null, and a corrupt encoding is refused', () => {
    expect(quantile(emptyQuantiles(), 0.5)).toBeNull();
    const far = encodeCounts([0, 1, 1601, 1]);
    for (const corrupt of ['', ':', ':;', ':;:', '"', far])
      expect(() => readQuantiles(emptyQuantiles(), new TextReader(corrupt))).toThrow();
  });
});
