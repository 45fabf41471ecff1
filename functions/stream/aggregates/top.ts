/**
 * Most frequent strings, with exact counts. Bounded without depending on order: of more than 4,096 distinct
 * strings those with the smallest hash are kept, so any grouping of adds and merges keeps the same ones.
 */
import { hashed, hashString } from './string-hash.ts';
import { encodeCount, encodeText, type TextReader } from './text-code.ts';

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

/** How many texts, then each with its count. */
export function encodeTop(top: Top): string {
  const kept = trimmed(top);
  let text = encodeCount(kept.size);
  for (const [each, count] of kept) text += encodeText(each) + encodeCount(count);
  return text;
}

/** Adds what `encodeTop` wrote to `top`. Throws an Error if it is not that. */
export function readTop(top: Top, reader: TextReader): void {
  for (let left = reader.count(); left > 0; left--) {
    const text = reader.text();
    addTop(top, text, reader.count());
  }
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
