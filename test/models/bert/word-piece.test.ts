import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLS, learnPieces, MAX_PIECES, SEP, tokenizerOf, UNKNOWN } from '../../../models/bert/word-piece.ts';
import { MAX_CHARACTERS, wordsOf } from '../../../models/bert/words.ts';
import { createRandom } from '../../../models/graph/random.ts';

describe('the words of a message', () => {
  it.each([
    ['connect to 10.1.2.3:5432 failed', 'connect to <ip> failed'],
    ['java.lang.OutOfMemoryError: Java heap space', 'java . lang . out of memory error : java heap space'],
    ['DEADLINE_EXCEEDED after 3,200.5 ms', 'deadline exceeded after <n> ms'],
    ['id 7f3a9c21be at 0xDEADBEEF', 'id <hex> at <hex>'],
    ['GET https://example.com/a?b=1 took 12ms', 'get <url> took <n> ms'],
    ['cannot read /var/log/app/x.log', 'cannot read <path>'],
    ['user 0b9f2c1e-1111-4222-8333-1234567890ab left', 'user <id> left'],
    ['HTTPServer parseURL2', 'http server parse url <n>'],
    ['   ', ''],
  ])('of %j are %j', (message, words) => {
    expect(wordsOf(message).join(' ')).toBe(words);
  });

  it('are found quickly in any text, however long and strange', () => {
    const started = performance.now();
    for (const text of ['a'.repeat(1e6), '/'.repeat(1e6), '1.'.repeat(1e6), '<n>'.repeat(1e5)]) wordsOf(text);
    expect(performance.now() - started).toBeLessThan(2000);
    expect(wordsOf('a'.repeat(1e6))[0]).toHaveLength(MAX_CHARACTERS);
  });
});

describe('pieces learned from messages', () => {
  const messages = ['connection refused', 'connection reset', 'connection closed', 'memory exhausted'];
  const tokenizer = tokenizerOf(learnPieces(messages, 120));
  const pieces = (message: string): string[] =>
    tokenizer.encode(message).map((one) => tokenizer.pieces[one]!);

  it('hold frequent words whole and cut the others', () => {
    expect(pieces('connection')).toEqual(['[CLS]', 'connection', '[SEP]']);
    expect(pieces('conned').slice(1, -1).join('').replaceAll('##', '')).toBe('conned');
    expect(pieces('conned').length).toBeGreaterThan(3);
  });

  it('can put any message together again, whatever its words', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{1,20}( [a-z]{1,20}){0,5}$/), (message) => {
        const found = pieces(message).slice(1, -1);
        if (found.length < MAX_PIECES - 2) expect(found.join(' ').replaceAll(' ##', '')).toBe(message);
      }),
    );
  });

  it('name what is no letter and was never seen unknown, and cut long messages', () => {
    expect(tokenizer.encode('§')).toEqual([CLS, UNKNOWN, SEP]);
    const long = tokenizer.encode('memory '.repeat(500));
    expect(long).toHaveLength(MAX_PIECES);
    expect(long.at(-1)).toBe(SEP);
  });

  it('are cut at other places by chance, and still spell the word', () => {
    const random = createRandom(2);
    const spellings = new Set(
      Array.from({ length: 30 }, () => tokenizer.encode('connection', { random, share: 1 }).join()),
    );
    expect(spellings.size).toBeGreaterThan(5);
    for (const spelling of spellings) {
      const found = spelling.split(',').slice(1, -1);
      expect(found.map((one) => tokenizer.pieces[Number(one)]!.replace('##', '')).join('')).toBe(
        'connection',
      );
    }
  });
});
