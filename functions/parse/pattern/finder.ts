/**
 * Scanned message → number of the pattern it fits. A tree of bounded depth: the text between the words (one hash)
 * leads to the frame, then only those words are looked at in which its patterns differ, constant before variable.
 * What is found is compared with the message character by character, so that a collision of hashes cannot mislead.
 * Linear in the message; nothing is allocated.
 */
import { hashOf } from './known-words.ts';
import type { Template } from './template.ts';
import { VARIABLE, type Words } from './word-list.ts';

/** -1 where no pattern fits. */
export type Finder = (message: string, words: Words) => number;

/** A place where the patterns below differ, or their end. */
interface Node {
  /** The word to look at; -1 at an end. */
  readonly place: number;
  /** Next by the hash of a constant word there. */
  readonly words: ReadonlyMap<number, Node>;
  /** Next for any word there. */
  readonly any: Node | null;
  /** At an end: what to compare (more than one only where hashes collide). */
  readonly ends: readonly Literal[];
}

/** A pattern as the constant text between its variables. */
interface Literal {
  readonly at: number;
  readonly count: number;
  /** Places of the variables. */
  readonly places: readonly number[];
  /** Text before each variable, and after the last. */
  readonly texts: readonly string[];
}

/** Finds the pattern that a scanned message fits. No two of the patterns may fit one message. */
export function createFinder(patterns: readonly Template[]): Finder {
  const byFrame = new Map<number, number[]>();
  patterns.forEach(({ gaps, words }, at) => {
    const key = gaps.reduce((hash, gap) => mixGap(hash, gap, 0, gap.length), words.length);
    const frame = byFrame.get(key);
    if (frame === undefined) byFrame.set(key, [at]);
    else frame.push(at);
  });
  const frames = new Map([...byFrame].map(([key, numbers]) => [key, nodeOf(patterns, numbers, 0)]));
  return (message, words) => {
    const root = frames.get(frameHash(message, words));
    return root === undefined ? -1 : descend(root, message, words);
  };
}

function descend(from: Node, message: string, words: Words): number {
  let node = from;
  while (node.place >= 0) {
    if (node.place >= words.count) return -1;
    const hash = words.hash[node.place]!;
    const next = hash === VARIABLE ? undefined : node.words.get(hash);
    if (next === undefined) {
      if (node.any === null) return -1;
      node = node.any;
    } else if (node.any === null) node = next;
    else {
      const at = descend(next, message, words);
      if (at !== -1) return at;
      node = node.any;
    }
  }
  for (const literal of node.ends) if (fits(message, words, literal)) return literal.at;
  return -1;
}

function nodeOf(patterns: readonly Template[], numbers: readonly number[], from: number): Node {
  const first = patterns[numbers[0]!]!.words;
  const differs = (place: number): boolean =>
    numbers.some((at) => patterns[at]!.words[place] !== first[place]);
  let place = from;
  while (place < first.length && !differs(place)) place++;
  if (numbers.length === 1 || place >= first.length) {
    return {
      place: -1,
      words: new Map(),
      any: null,
      ends: numbers.map((at) => literalOf(patterns[at]!, at)),
    };
  }
  const open: number[] = [];
  const byHash = new Map<number, number[]>();
  for (const at of numbers) {
    const word = patterns[at]!.words[place] ?? null;
    if (word === null) {
      open.push(at);
      continue;
    }
    const hash = hashOf(word, 0, word.length);
    const same = byHash.get(hash);
    if (same === undefined) byHash.set(hash, [at]);
    else same.push(at);
  }
  const words = new Map([...byHash].map(([hash, same]) => [hash, nodeOf(patterns, same, place + 1)]));
  return { place, words, any: open.length === 0 ? null : nodeOf(patterns, open, place + 1), ends: [] };
}

function literalOf({ gaps, words }: Template, at: number): Literal {
  const places: number[] = [];
  const texts: string[] = [];
  let text = gaps[0]!;
  words.forEach((word, i) => {
    if (word === null) {
      places.push(i);
      texts.push(text);
      text = gaps[i + 1]!;
    } else text += word + gaps[i + 1]!;
  });
  return { at, count: words.length, places, texts: [...texts, text] };
}

function fits(message: string, words: Words, { count, places, texts }: Literal): boolean {
  if (count !== words.count) return false;
  let done = words.from;
  for (let i = 0; i < places.length; i++) {
    const start = words.start[places[i]!]!;
    if (!isAt(message, done, start, texts[i]!)) return false;
    done = words.end[places[i]!]!;
  }
  return isAt(message, done, words.to, texts[places.length]!);
}

function isAt(message: string, from: number, to: number, text: string): boolean {
  if (to - from !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (message.charCodeAt(from + i) !== text.charCodeAt(i)) return false;
  return true;
}

function frameHash(message: string, words: Words): number {
  let hash = words.count;
  let done = words.from;
  for (let i = 0; i < words.count; i++) {
    hash = mixGap(hash, message, done, words.start[i]!);
    done = words.end[i]!;
  }
  return mixGap(hash, message, done, words.to);
}

function mixGap(seed: number, text: string, from: number, to: number): number {
  let hash = seed;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return Math.imul(hash ^ 0x1ffff, 0x01000193) & 0x3fffffff;
}
