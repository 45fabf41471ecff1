import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addQuantile,
  decodeQuantiles,
  emptyQuantiles,
  encodeQuantiles,
  mergeQuantiles,
  type Quantiles,
  quantile,
} from '../../../../functions/stream/aggregates/quantiles.ts';

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
        for (const group of [...groups].reverse())
          mergeQuantiles(merged, decodeQuantiles(JSON.parse(JSON.stringify(encodeQuantiles(of(group))))));
        const whole = of(groups.flat());
        expect(encodeQuantiles(merged)).toEqual(encodeQuantiles(whole));
        for (const q of [0, 0.5, 0.99, 1]) expect(quantile(merged, q)).toBe(quantile(whole, q));
      }),
    );
  });

  it('of nothing are null, and a corrupt encoding is refused', () => {
    expect(quantile(emptyQuantiles(), 0.5)).toBeNull();
    for (const corrupt of [null, {}, [1, 2], [-1], [0, 5, -1], [0, 1e6, 1], ['0', 1, 1]])
      expect(() => decodeQuantiles(corrupt)).toThrow(/quantiles/);
  });
});
