/**
 * When is a word a variable? Templates that are equal but for one place (or two) are the evidence: how many different
 * words stand there, what they look like, and what stands around them. The rule is one for all logs. It prefers a
 * pattern too many to one too few: two events under one id cannot be told apart any more, while a variable that was
 * not recognised shows itself as more words come.
 */

/** What is known of a place in templates that are otherwise equal. */
export interface Place {
  /** Different constant words there. */
  readonly values: readonly string[];
  /** Whether a template has a variable there already. */
  readonly variable: boolean;
  /** Text before the place. */
  readonly gapBefore: string;
  /** Constant word before the place, '' where none. */
  readonly wordBefore: string;
  /** Text after the place. */
  readonly gapAfter: string;
  /** 0 for the first word. */
  readonly index: number;
}

const AFTER = new Set(
  'for from to by user host of in on at as with named called name service server client file module'.split(
    ' ',
  ),
);

/** Different words needed at a place to call it variable, when `context` other words are equal. */
export function needed(place: Place, context: number): number {
  const { values, variable, wordBefore, index } = place;
  const near = isEnclosed(place) || AFTER.has(wordBefore.toLowerCase());
  if (variable) return neededBesideVariable(index, context, near);
  if (wordBefore === '' && isPlural(values)) return 2;
  const names =
    share(values, isName) >= (near ? 0.5 : 0.65) || (context > 5 && share(values, isState) >= 0.65);
  let least = names ? 3 : 6;
  if (context > 4) least--;
  if (context > 7) least--;
  if (context < 3) least += 3 - context;
  if (near) least--;
  if (index === 0) least += names ? 2 : context > 4 ? 1 : context > 2 ? 3 : 6;
  return Math.max(least, names ? 2 : 4);
}

/** A word where other messages have a variable is a value of it, unless the sentence is too short to tell. */
function neededBesideVariable(index: number, context: number, near: boolean): number {
  if (index === 0) return context > 3 ? 1 : 4;
  return near || context > 2 ? 1 : 4 - context;
}

const isEnclosed = ({ gapBefore, gapAfter }: Place): boolean =>
  /[=:"'([{<]\s?$/.test(gapBefore) || /^["')\]}>]/.test(gapAfter);

function share(values: readonly string[], test: (value: string) => boolean): number {
  let count = 0;
  for (const value of values) if (test(value)) count++;
  return count / values.length;
}

/** Looks like the name of a thing rather than a word of a sentence: `dataSource`, `a.b.C`, `MAX_SIZE`, `my file`. */
const isName = (value: string): boolean => !/^\p{L}?\p{Ll}*(-\p{Ll}+)*$|^\p{Lu}+$/u.test(value);

/** `second`, `seconds`: after a number the same word. */
function isPlural(values: readonly string[]): boolean {
  const [one, many] = [...values].sort((a, b) => a.length - b.length);
  return values.length === 2 && (many === `${one}s` || many === `${one}es`);
}

/** Looks like a constant of a program: `LOOKING`. In a long sentence that is a value. */
const isState = (value: string): boolean => /^[A-Z_]{2,}$/.test(value);
