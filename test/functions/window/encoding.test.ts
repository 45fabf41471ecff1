import { describe, expect, it } from 'vitest';
import type { AggregateFunction } from '../../../functions/stream/aggregate.ts';
import { encodeAccumulators, mergeParts } from '../../../functions/window/encoding.ts';

interface Sum {
  sum: number;
}

/** Merges encodings at once, and spoils the accumulator before it finds that one is corrupt. */
const sums: AggregateFunction<number, Sum, number> = {
  create: () => ({ sum: 0 }),
  add: (acc, n) => ({ sum: acc.sum + n }),
  merge: (a, b) => ({ sum: a.sum + b.sum }),
  result: ({ sum }) => sum,
  encode: ({ sum }) => sum,
  decode(encoded) {
    if (typeof encoded !== 'number') throw new Error('not a number');
    return { sum: encoded };
  },
  mergeEncoded(acc, encoded) {
    acc.sum += 1000;
    const { sum } = sums.decode(encoded);
    acc.sum += sum - 1000;
    return acc;
  },
};

const part = (...pairs: readonly (readonly [string, unknown])[]) => ({ data: JSON.stringify(pairs) });
const merge = (...parts: readonly { readonly data: string }[]) => {
  const { merged, corrupt } = mergeParts(sums, parts);
  return { sums: [...merged].map(([key, { sum }]) => [key, sum]), corrupt };
};

describe('the parts of a window', () => {
  it('merge per key, whatever the keys are', () => {
    expect(merge(part(['a', 1], ['__proto__', 2]), part(['__proto__', 3]))).toEqual({
      sums: [
        ['a', 1],
        ['__proto__', 5],
      ],
      corrupt: [],
    });
  });

  it('are left out whole when one accumulator is corrupt, and spoil nothing of the others', () => {
    const corrupt = part(['a', 10], ['b', 'x']);
    expect(merge(part(['a', 1], ['b', 2]), corrupt, part(['b', 3]))).toEqual({
      sums: [
        ['a', 1],
        ['b', 5],
      ],
      corrupt: [corrupt],
    });
  });

  it('are corrupt when they are no list of keys and accumulators', () => {
    const parts = ['', '{}', '[1]', '[["a"]]', '[[1,2]]', '[["a",1'].map((data) => ({ data }));
    expect(merge(...parts, part(['a', 1]))).toEqual({ sums: [['a', 1]], corrupt: parts });
  });

  it('are several when one document cannot hold them, by key', () => {
    const long = 'k'.repeat(100_000);
    const accumulators = new Map(['3', '1', '2', '0'].map((key) => [key + long, { sum: 1 }]));
    const parts = encodeAccumulators(sums, accumulators);
    expect(parts).toHaveLength(2);
    const { merged } = mergeParts(
      sums,
      parts.map((data) => ({ data })),
    );
    expect([...merged.keys()].map((key) => key[0])).toEqual(['0', '1', '2', '3']);
  });
});
