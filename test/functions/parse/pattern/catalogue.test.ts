import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCatalogue, EMPTY, encodeCatalogue } from '../../../../functions/parse/pattern/catalogue.ts';
import { learn } from '../../../../functions/parse/pattern/learn.ts';
import { logLike, vocabulary } from './messages.ts';

const refusal = (text: string) => {
  const decoded = decodeCatalogue(text);
  return 'refused' in decoded ? decoded.refused : 'accepted';
};

describe('a catalogue as text', () => {
  it('reads back as it was written', () => {
    const messages = fc.array(fc.oneof(vocabulary, logLike), { maxLength: 40 });
    const holds = (first: readonly string[], second: readonly string[]) => {
      const catalogue = learn(second, learn(first));
      expect(decodeCatalogue(encodeCatalogue(catalogue))).toEqual({ catalogue });
    };
    fc.assert(fc.property(messages, messages, holds), { numRuns: 100 });
    expect(decodeCatalogue(encodeCatalogue(EMPTY))).toEqual({ catalogue: EMPTY });
  });

  it('is refused when a single character is changed', () => {
    const text = encodeCatalogue(learn(['disk sda is full', 'order 7 completed', 'cache miss'])).trimEnd();
    for (let at = 0; at < text.length; at++) {
      const other = text[at] === '1' ? '2' : '1';
      expect(refusal(text.slice(0, at) + other + text.slice(at + 1))).not.toBe('accepted');
    }
  });

  it('is refused when it is cut off', () => {
    const text = encodeCatalogue(learn(['disk sda is full']));
    expect(refusal(text.slice(0, -10))).toBe('not JSON');
    expect(refusal('')).toBe('not JSON');
  });

  it('is refused with the reason when the content is inconsistent', () => {
    const [pattern] = learn(['disk sda is full']).patterns;
    const twice = { ...EMPTY, patterns: [pattern!, pattern!] };
    expect(refusal(encodeCatalogue(twice))).toBe(`pattern ${pattern!.id} stands twice`);
    const copy = { ...pattern!, id: '0'.repeat(14) };
    expect(refusal(encodeCatalogue({ ...EMPTY, patterns: [pattern!, copy] }))).toBe(
      'the template of pattern 00000000000000 stands twice',
    );
    const lost = { ...EMPTY, retired: { ['1'.repeat(14)]: '2'.repeat(14) } };
    expect(refusal(encodeCatalogue(lost))).toBe(
      'pattern 11111111111111 is retired for 22222222222222, which is none',
    );
    const short = { ...EMPTY, patterns: [{ ...pattern!, gaps: ['a'] }] };
    expect(refusal(encodeCatalogue(short))).toBe('patterns.0: gaps do not fit words');
  });

  it('is refused when it is of another format', () => {
    const text = encodeCatalogue(EMPTY).replace('logweir-patterns-1', 'logweir-patterns-9');
    expect(refusal(text)).toMatch(/^format: /);
  });
});
