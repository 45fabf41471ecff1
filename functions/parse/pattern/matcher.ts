/**
 * Message → pattern of a catalogue. A tree of fixed depth: the text between the words (one hash) leads to the frame,
 * then each word, constant or variable, one level down; what is found is compared with the message character by
 * character, so that a collision of hashes cannot mislead. No two patterns fit one message, so the first found is the
 * only one. A message that fits none has the pattern of its shape, with the id every instance gives it.
 *
 * Nothing is cached by message; reading it is linear.
 */
import type { Catalogue, CataloguePattern } from './catalogue.ts';
import { hashOf } from './known-words.ts';
import { idOf, type Pattern, parametersOf, templateOf } from './masked.ts';
import { scan } from './scan.ts';
import { type Template, textOf } from './template.ts';
import { newWords, VARIABLE, type Words } from './word-list.ts';

export interface Match extends Pattern {
  /** Whether the catalogue knows the pattern; false: new, to be learned. */
  readonly known: boolean;
  /** Known, and seen at most twice or in less than one message in 10,000. */
  readonly rare: boolean;
}

const RARE_COUNT = 2;
const RARE_SHARE = 1e-4;

/** Matches messages against a catalogue. */
export function createMatcher(catalogue: Catalogue): (message: string) => Match {
  const find = createFinder(catalogue.patterns);
  const limit = Math.max(RARE_COUNT, catalogue.messages * RARE_SHARE);
  const found = catalogue.patterns.map((pattern) => ({
    id: pattern.id,
    template: textOf(pattern),
    places: placesOf(pattern),
    rare: pattern.count <= limit,
  }));
  const words = newWords();
  return (message) => {
    scan(message, words);
    const at = find(message, words);
    if (at === -1) {
      const template = templateOf(message, words);
      const parameters = parametersOf(message, words);
      return { id: idOf(template), template, parameters, known: false, rare: false };
    }
    const { id, template, places, rare } = found[at]!;
    const parameters = places.map((i) => message.slice(words.start[i]!, words.end[i]!));
    return { id, template, parameters, known: true, rare };
  };
}

interface Node {
  /** Next level by the hash of a constant word. */
  words: Map<number, Node> | null;
  /** Next level for any word. */
  any: Node | null;
  /** Patterns that end here (more than one only where hashes collide). */
  ends: number[];
}

/** Finds the number of the pattern that a scanned message fits; -1 for none. */
export function createFinder(
  patterns: readonly CataloguePattern[],
): (message: string, words: Words) => number {
  const frames = new Map<number, Node>();
  patterns.forEach((pattern, at) => {
    addTo(frames, pattern, at);
  });
  const fits = (message: string, words: Words, at: number): boolean =>
    fitsTemplate(message, words, patterns[at]!);
  return (message, words) => {
    const root = frames.get(frameHash(message, words));
    return root === undefined ? -1 : descend(root, 0, message, words, fits);
  };
}

function descend(
  node: Node,
  depth: number,
  message: string,
  words: Words,
  fits: (message: string, words: Words, at: number) => boolean,
): number {
  if (depth === words.count) return node.ends.find((at) => fits(message, words, at)) ?? -1;
  const hash = words.hash[depth]!;
  const next = hash === VARIABLE ? undefined : node.words?.get(hash);
  if (next !== undefined) {
    const at = descend(next, depth + 1, message, words, fits);
    if (at !== -1) return at;
  }
  return node.any === null ? -1 : descend(node.any, depth + 1, message, words, fits);
}

function addTo(frames: Map<number, Node>, pattern: CataloguePattern, at: number): void {
  const key = pattern.gaps.reduce((hash, gap) => mixGap(hash, gap, 0, gap.length), pattern.words.length);
  let node = childOf(frames, key);
  for (const word of pattern.words) {
    if (word === null) {
      node.any ??= newNode();
      node = node.any;
    } else {
      node.words ??= new Map();
      node = childOf(node.words, hashOf(word, 0, word.length));
    }
  }
  node.ends.push(at);
}

function childOf(nodes: Map<number, Node>, key: number): Node {
  const found = nodes.get(key);
  if (found !== undefined) return found;
  const node = newNode();
  nodes.set(key, node);
  return node;
}

const newNode = (): Node => ({ words: null, any: null, ends: [] });

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

function fitsTemplate(message: string, words: Words, { gaps, words: constants }: Template): boolean {
  if (constants.length !== words.count) return false;
  let done = words.from;
  for (let i = 0; i < constants.length; i++) {
    const gap = gaps[i]!;
    const start = words.start[i]!;
    const end = words.end[i]!;
    if (start - done !== gap.length || !message.startsWith(gap, done)) return false;
    const word = constants[i]!;
    if (word !== null && (end - start !== word.length || !message.startsWith(word, start))) return false;
    done = end;
  }
  const last = gaps[constants.length]!;
  return words.to - done === last.length && message.startsWith(last, done);
}

function placesOf(pattern: Template): number[] {
  return pattern.words.flatMap((word, i) => (word === null ? [i] : []));
}
