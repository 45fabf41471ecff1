/**
 * Message → pattern of a catalogue; a message that fits none has the pattern of its shape, with the id that every
 * instance gives it, and is marked as new. Nothing is cached by message; matching is linear in it.
 */
import type { Catalogue } from './catalogue.ts';
import { createFinder } from './finder.ts';
import { createShapes, type Pattern, parametersOf } from './masked.ts';
import { scan } from './scan.ts';
import { textOf } from './template.ts';
import { newWords } from './word-list.ts';

export interface Match extends Pattern {
  /** Whether the catalogue knows the pattern; false: new, to be learned. */
  readonly known: boolean;
  /** Known, and seen at most twice or in less than one message in 10,000. */
  readonly rare: boolean;
}

const RARE_COUNT = 2;
const RARE_SHARE = 1e-4;

/** Matches messages against a catalogue. */
export interface Matcher {
  /** The whole pattern. */
  (message: string): Match;
  /** The id alone: what the parser needs. */
  id(message: string): string;
}

export function createMatcher(catalogue: Catalogue): Matcher {
  const find = createFinder(catalogue.patterns);
  const shapeOf = createShapes();
  const limit = Math.max(RARE_COUNT, catalogue.messages * RARE_SHARE);
  const patterns = catalogue.patterns.map((pattern) => ({
    id: pattern.id,
    template: textOf(pattern),
    places: pattern.words.flatMap((word, i) => (word === null ? [i] : [])),
    rare: pattern.count <= limit,
  }));
  const words = newWords();
  const match = (message: string): Match => {
    scan(message, words);
    const at = find(message, words);
    if (at === -1) {
      const { id, template } = shapeOf(message, words);
      return { id, template, parameters: parametersOf(message, words), known: false, rare: false };
    }
    const { id, template, places, rare } = patterns[at]!;
    const parameters: string[] = [];
    for (const place of places) parameters.push(message.slice(words.start[place]!, words.end[place]!));
    return { id, template, parameters, known: true, rare };
  };
  const id = (message: string): string => {
    scan(message, words);
    const at = find(message, words);
    return at === -1 ? shapeOf(message, words).id : patterns[at]!.id;
  };
  return Object.assign(match, { id });
}
