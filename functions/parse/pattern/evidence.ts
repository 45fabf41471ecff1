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
  if (place.values.length === 0) return 0;
  const names = share(place.values, isName);
  let least = names > 0.6 ? 3 : 6;
  if (isEnclosed(place)) least--;
  if (AFTER.has(place.wordBefore.toLowerCase())) least--;
  if (place.variable) least -= context > 4 ? 4 : 3;
  if (place.index === 0) least += names > 0.6 ? 2 : 6;
  if (context < 3) least += 3 - context;
  return Math.max(least, place.variable ? 1 : 2);
}

const isEnclosed = ({ gapBefore, gapAfter }: Place): boolean =>
  /[=:"'([{<]\s?$/.test(gapBefore) || /^["')\]}>]/.test(gapAfter);

function share(values: readonly string[], test: (value: string) => boolean): number {
  let count = 0;
  for (const value of values) if (test(value)) count++;
  return count / values.length;
}

/** Looks like the name of a thing rather than a word of a sentence: `dataSource`, `eth-up`, `a.b.C`, `MAX_SIZE`. */
const isName = (value: string): boolean => !/^\p{L}?\p{Ll}*$|^\p{Lu}+$/u.test(value);
