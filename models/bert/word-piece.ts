/**
 * WordPiece: a vocabulary of pieces learned from log text, and messages as numbers of pieces. A word is cut into the
 * longest pieces that are known, from the left; what goes on in a word starts with `##`. Learned by joining the most
 * frequent neighbours, over and over (Sennrich et al., 2016).
 */
import type { Random } from '../graph/random.ts';
import { wordsOf } from './words.ts';

export const PAD = 0;
export const UNKNOWN = 1;
export const CLS = 2;
export const SEP = 3;
export const MASK = 4;
const SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];

/** Longest message, in pieces, with the marks at its ends. */
export const MAX_PIECES = 64;
const MAX_WORD = 40;

export interface Tokenizer {
  /** All pieces, by number. */
  readonly pieces: readonly string[];
  /**
   * Numbers of the pieces of a message, [CLS] first and [SEP] last, at most `MAX_PIECES`. With a source of chance,
   * a share of the words is cut at other places, so that a model learns to put words together.
   */
  encode(message: string, chance?: { readonly random: Random; readonly share: number }): number[];
}

export function tokenizerOf(pieces: readonly string[]): Tokenizer {
  const numbers = new Map(pieces.map((piece, number) => [piece, number]));
  const memo = new Map<string, readonly number[]>();
  const known = (word: string): readonly number[] => {
    const found = memo.get(word) ?? cut(word, numbers);
    if (memo.size < 50_000) memo.set(word, found);
    return found;
  };
  return {
    pieces,
    encode: (message, chance) => {
      const out = [CLS];
      for (const word of wordsOf(message)) {
        const rough = chance !== undefined && chance.random.next() < chance.share;
        out.push(...(rough ? cut(word, numbers, chance.random) : known(word)));
        if (out.length >= MAX_PIECES) break;
      }
      return [...out.slice(0, MAX_PIECES - 1), SEP];
    },
  };
}

/** Longest known pieces from the left; by chance, shorter ones. */
function cut(word: string, numbers: ReadonlyMap<string, number>, random?: Random): number[] {
  if (word.length > MAX_WORD) return [UNKNOWN];
  const out: number[] = [];
  for (let from = 0; from < word.length; ) {
    let number: number | undefined;
    let to = word.length;
    if (random !== undefined && to - from > 2) to = from + 1 + random.below(to - from);
    for (; to > from; to--) {
      number = numbers.get(from === 0 ? word.slice(0, to) : `##${word.slice(from, to)}`);
      if (number !== undefined) break;
    }
    if (number === undefined) return [UNKNOWN];
    out.push(number);
    from = to;
  }
  return out;
}

/** Learns pieces from messages. Every letter is a piece, so that any word can be cut. */
export function learnPieces(messages: Iterable<string>, size: number): string[] {
  const counts = new Map<string, number>();
  for (const message of messages)
    for (const word of wordsOf(message)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const letters = [...'abcdefghijklmnopqrstuvwxyz'];
  const pieces = new Set([...SPECIAL, ...letters, ...letters.map((letter) => `##${letter}`)]);
  const words = [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([word, count]) => ({ parts: partsOf(word), count }));
  for (const { parts } of words) for (const part of parts) pieces.add(part);
  while (pieces.size < size) {
    const pair = mostFrequentPair(words);
    if (pair === null) break;
    const joined = pair[0] + pair[1].slice(2);
    pieces.add(joined);
    for (const word of words) join(word.parts, pair, joined);
  }
  return [...pieces].slice(0, size);
}

/** Placeholders and punctuation are whole, words are letters. */
const partsOf = (word: string): string[] =>
  /^[a-z]/.test(word) ? Array.from(word, (letter, at) => (at === 0 ? letter : `##${letter}`)) : [word];

function mostFrequentPair(words: readonly { parts: string[]; count: number }[]): [string, string] | null {
  const counts = new Map<string, number>();
  for (const { parts, count } of words)
    for (let at = 0; at + 1 < parts.length; at++) {
      const key = `${parts[at]} ${parts[at + 1]}`;
      counts.set(key, (counts.get(key) ?? 0) + count);
    }
  let best: string | null = null;
  let most = 1;
  for (const [key, count] of counts)
    if (count > most) {
      most = count;
      best = key;
    }
  return best === null ? null : (best.split(' ') as [string, string]);
}

function join(parts: string[], [left, right]: readonly [string, string], joined: string): void {
  for (let at = 0; at + 1 < parts.length; at++)
    if (parts[at] === left && parts[at + 1] === right) parts.splice(at, 2, joined);
}
