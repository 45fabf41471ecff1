/**
 * Most frequent strings, with exact counts. Bounded without depending on order: of more than 4,096 distinct
 * strings those with the smallest hash are kept, so any grouping of adds and merges keeps the same ones.
 */
import { hashed, hashString } from './string-hash.ts';

const LIMIT = 4096;

export type Top = Map<string, number>;

/** Adds one string, `count` times. */
export function addTop(top: Top, text: string, count = 1): void {
  top.set(text, (top.get(text) ?? 0) + count);
  // Trimmed at twice the limit, so that trimming costs little each; `trimmed` settles the rest.
  if (top.size > 2 * LIMIT) keepSmallest(top);
}

/** Adds `b` to `a`. */
export function mergeTop(a: Top, b: Top): void {
  for (const [text, count] of b) addTop(a, text, count);
}

/** The `n` most frequent, most frequent first, equals by text. */
export function mostFrequent(top: Top, n: number): readonly (readonly [string, number])[] {
  return [...trimmed(top)].sort(([a, i], [b, k]) => k - i || (a < b ? -1 : 1)).slice(0, n);
}

/** A flat list: text, count, text, count, … */
export const encodeTop = (top: Top): readonly (string | number)[] => [...trimmed(top)].flat();

/** Throws an Error if it is not what `encodeTop` wrote. */
export function decodeTop(encoded: unknown): Top {
  if (!Array.isArray(encoded) || encoded.length % 2 !== 0) throw new Error('top is not a list of pairs');
  const top: Top = new Map();
  for (let i = 0; i < encoded.length; i += 2) {
    const [text, count] = [encoded[i], encoded[i + 1]];
    if (typeof text !== 'string' || !Number.isSafeInteger(count)) throw new Error('top has a corrupt pair');
    top.set(text, count);
  }
  return top;
}

function trimmed(top: Top): Top {
  if (top.size <= LIMIT) return top;
  const copy = new Map(top);
  keepSmallest(copy);
  return copy;
}

function keepSmallest(top: Top): void {
  const byHash = [...top.keys()].map((text) => {
    hashString(text);
    return { text, hash: hashed.high * 2 ** 21 + (hashed.low >>> 11) };
  });
  byHash.sort((a, b) => a.hash - b.hash || (a.text < b.text ? -1 : 1));
  for (const { text } of byHash.slice(LIMIT)) top.delete(text);
}
