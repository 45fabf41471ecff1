/**
 * The words of one message as columns of numbers, reused from message to message: nothing is allocated per word.
 */

/** Characters of a message that make its pattern. */
export const MAX_CHARS = 4096;

/** Marks a variable word in `Words.hash`. */
export const VARIABLE = -1;

/** Words in order; the text between them is constant. */
export interface Words {
  count: number;
  readonly start: Int32Array;
  readonly end: Int32Array;
  /** Hash of a constant word, VARIABLE for a variable one. */
  readonly hash: Int32Array;
  /** Kind of a constant word (known-words.ts). */
  readonly kind: Uint8Array;
  /** Where the message starts and ends without the white space around it. */
  from: number;
  to: number;
}

export function newWords(): Words {
  const size = MAX_CHARS + 2;
  return {
    count: 0,
    start: new Int32Array(size),
    end: new Int32Array(size),
    hash: new Int32Array(size),
    kind: new Uint8Array(size),
    from: 0,
    to: 0,
  };
}

/** Adds a word and returns its end. */
export function addWord(words: Words, start: number, end: number, hash: number, kind: number): number {
  const i = words.count++;
  words.start[i] = start;
  words.end[i] = end;
  words.hash[i] = hash;
  words.kind[i] = kind;
  return end;
}

/** Adds a variable word and returns its end. */
export const addVariable = (words: Words, start: number, end: number): number =>
  addWord(words, start, end, VARIABLE, 0);
