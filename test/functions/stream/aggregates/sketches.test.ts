import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDistinct,
  countDistinct,
  type Distinct,
  emptyDistinct,
  encodeDistinct,
  mergeDistinct,
  readDistinct,
} from '../../../../functions/stream/aggregates/distinct.ts';
import { encodeCounts, TextReader } from '../../../../functions/stream/aggregates/text-code.ts';
import {
  addTop,
  encodeTop,
  mergeTop,
  mostFrequent,
  readTop,
  type Top,
} from '../../../../functions/stream/aggregates/top.ts';

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
        const read = emptyDistinct();
        for (const part of [...parts].reverse()) {
          mergeDistinct(merged, distinctOf(part));
          readDistinct(read, new TextReader(encodeDistinct(distinctOf(part))));
        }
        const whole = encodeDistinct(distinctOf(parts.flat()));
        expect([encodeDistinct(merged), encodeDistinct(read)]).toEqual([whole, whole]);
      }),
    );
  });

  it('refuse a corrupt encoding', () => {
    const tooMany = encodeCounts([257]);
    const [beyond, rank] = [encodeCounts([1, 4096, 1]), encodeCounts([1, 1, 34])];
    for (const corrupt of ['', '"', ';', ';;', tooMany, beyond, rank])
      expect(() => readDistinct(emptyDistinct(), new TextReader(corrupt))).toThrow();
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
        const read: Top = new Map();
        for (const part of [...parts].reverse()) {
          mergeTop(merged, topOf(part));
          readTop(read, new TextReader(encodeTop(topOf(part))));
        }
        const whole = mostFrequent(topOf(parts.flat()), 5000);
        expect(mostFrequent(merged, 5000)).toEqual(whole);
        expect(mostFrequent(read, 5000)).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });

  it('refuse a corrupt encoding', () => {
    for (const corrupt of ['', '"', ';', ';<a', ';;a'])
      expect(() => readTop(new Map(), new TextReader(corrupt))).toThrow();
  });
});
