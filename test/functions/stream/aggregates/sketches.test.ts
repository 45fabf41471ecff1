import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDistinct,
  countDistinct,
  type Distinct,
  decodeDistinct,
  emptyDistinct,
  encodeDistinct,
  mergeDistinct,
} from '../../../../functions/stream/aggregates/distinct.ts';
import {
  addTop,
  decodeTop,
  encodeTop,
  mergeTop,
  mostFrequent,
  type Top,
} from '../../../../functions/stream/aggregates/top.ts';

const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const groups = fc.array(fc.array(fc.string({ maxLength: 3 }), { maxLength: 400 }), {
  minLength: 1,
  maxLength: 5,
});

const distinctOf = (texts: readonly string[]): Distinct => {
  const distinct = emptyDistinct();
  for (const text of texts) addDistinct(distinct, text);
  return distinct;
};

describe('distinct strings', () => {
  for (const size of [0, 1, 10, 100, 1000, 10_000, 100_000]) {
    it(`of ${size} are counted within 5 %`, () => {
      const count = countDistinct(distinctOf(Array.from({ length: size }, (_, i) => `user-${i}`)));
      expect(Math.abs(count - size)).toBeLessThanOrEqual(size * 0.05);
    });
  }

  it('are the same in any grouping, also through their encoding', () => {
    fc.assert(
      fc.property(groups, (parts) => {
        const merged = emptyDistinct();
        for (const part of [...parts].reverse())
          mergeDistinct(merged, decodeDistinct(throughJson(encodeDistinct(distinctOf(part)))));
        expect(encodeDistinct(merged)).toEqual(encodeDistinct(distinctOf(parts.flat())));
      }),
    );
  });

  it('refuse a corrupt encoding', () => {
    for (const corrupt of [null, 'AAAA', [-1], [1.5], ['a']])
      expect(() => decodeDistinct(corrupt)).toThrow(/distinct/);
  });
});

const topOf = (texts: readonly string[]): Top => {
  const top: Top = new Map();
  for (const text of texts) addTop(top, text);
  return top;
};

describe('the most frequent strings', () => {
  it('come with exact counts, equals by text', () => {
    expect(mostFrequent(topOf(['b', 'a', 'c', 'a', 'b', 'a']), 2)).toEqual([
      ['a', 3],
      ['b', 2],
    ]);
  });

  it('are the same in any grouping, also through their encoding and beyond the bound', () => {
    const many = fc
      .array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 4 })
      .map((starts) => starts.map((start) => Array.from({ length: 5000 }, (_, i) => `pattern-${start + i}`)));
    fc.assert(
      fc.property(fc.oneof(groups, many), (parts) => {
        const merged: Top = new Map();
        for (const part of [...parts].reverse())
          mergeTop(merged, decodeTop(throughJson(encodeTop(topOf(part)))));
        expect(mostFrequent(merged, 5000)).toEqual(mostFrequent(topOf(parts.flat()), 5000));
      }),
      { numRuns: 40 },
    );
  });

  it('refuse a corrupt encoding', () => {
    for (const corrupt of [null, ['a'], [1, 'a'], ['a', null]])
      expect(() => decodeTop(corrupt)).toThrow(/top/);
  });
});
