import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeCount,
  encodeCounts,
  encodeText,
  TextReader,
} from '../../../../functions/stream/aggregates/text-code.ts';

const count = fc.oneof(fc.nat({ max: 40 }), fc.nat(), fc.maxSafeNat());

describe('whole numbers as text', () => {
  it('come back as they were, in their order, with any text between them', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(count, fc.string({ unit: 'binary' }))), (items) => {
        const reader = new TextReader(items.map(([n, text]) => encodeCount(n) + encodeText(text)).join(''));
        expect(items.map(() => [reader.count(), reader.text()])).toEqual(items);
        expect(reader.done).toBe(true);
      }),
    );
  });

  it('hold no character that JSON or UTF-8 would make longer', () => {
    fc.assert(
      fc.property(fc.array(count), (counts) => {
        const text = encodeCounts(counts);
        expect(JSON.stringify(text)).toBe(`"${text}"`);
        expect(Buffer.byteLength(text)).toBe(text.length);
      }),
    );
  });

  it('take one character up to 31, two up to 1,023', () => {
    expect([0, 31, 32, 1023, 1024].map((n) => encodeCount(n).length)).toEqual([1, 1, 2, 2, 3]);
  });

  it('are refused when they end too early, are too large or are something else', () => {
    for (const corrupt of ['', ']', '"', ']]]', 'é', `${'|'.repeat(10)}|Y`])
      expect(() => new TextReader(corrupt).count()).toThrow();
    expect(() => new TextReader(`${encodeCount(3)}ab`).text()).toThrow('text ends too early');
  });
});
