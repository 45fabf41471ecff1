/**
 * Values that their surroundings mark as variable: a word in quotes, an empty pair of brackets, what stands after
 * `key=`. Look-ahead is bounded, or ends at the next quote, so that the whole stays linear.
 */
import { pathAt } from './atoms.ts';
import { classOf, DIGIT, LETTER, PATH_END, SPACE, WORD } from './characters.ts';
import { hashOf, TEXT_KEY } from './known-words.ts';
import { addVariable, addWord, type Words } from './word-list.ts';

/** Longest value with brackets or white space inside. */
const MAX_VALUE_CHARS = 128;

/**
 * `'word'`, `"word"`, `` `word' ``: what stands between quotes is variable when it is one word or a path, and
 * constant as a whole when it is several plain words. Not the key of JSON.
 */
export function quotedAt(text: string, i: number, limit: number, words: Words): number {
  if (i > words.from && (classOf(text.charCodeAt(i - 1)) & WORD) !== 0) return i;
  const end = closingQuote(text, i, limit);
  if (end === -1 || text.charCodeAt(end + 1) === 0x3a) return i;
  const content = contentOf(text, i + 1, end);
  if (content === STRUCTURED) return i;
  if (content === PROSE) addWord(words, i + 1, end, hashOf(text, i + 1, end), 0);
  else addVariable(words, i + 1, end);
  return end + 1;
}

/** Place of the quote that closes the one at `i`, where no word goes on after it; -1 where none does. */
function closingQuote(text: string, i: number, limit: number): number {
  const open = text.charCodeAt(i);
  if ((classOf(text.charCodeAt(i + 1)) & SPACE) !== 0) return -1;
  const last = Math.min(limit, i + MAX_VALUE_CHARS);
  let end = i + 1;
  for (; end < last; end++) {
    const code = text.charCodeAt(end);
    if (code === open || (open === 0x60 && code === 0x27)) break;
  }
  if (end >= last) return -1;
  return end + 1 < limit && (classOf(text.charCodeAt(end + 1)) & WORD) !== 0 ? -1 : end;
}

const ONE_WORD = 0;
/** Several plain words. */
const PROSE = 1;
/** Text with a structure of its own. */
const STRUCTURED = 2;

function contentOf(text: string, from: number, to: number): number {
  let spaced = false;
  let structured = false;
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    const bits = classOf(code);
    if ((bits & SPACE) !== 0) spaced = true;
    else if ((bits & LETTER) === 0 && code !== 0x2d && code !== 0x2e) structured = true;
  }
  if (!spaced || isPath(text, from)) return ONE_WORD;
  return structured ? STRUCTURED : PROSE;
}

/** Text in quotes that starts as a path, white space or not. */
const isPath = (text: string, from: number): boolean =>
  text.charCodeAt(from) === 0x2f ||
  (text.charCodeAt(from + 1) === 0x3a && text.charCodeAt(from + 2) === 0x5c);

/**
 * `()`, `[]`, `{}`: an empty variable between the brackets; not the `()` of a call. `(run-parts /etc/cron.hourly)`: a
 * command between them is one variable, however many words it has.
 */
export function bracketAt(text: string, i: number, limit: number, words: Words): number {
  const open = text.charCodeAt(i);
  const close = open === 0x28 ? 0x29 : open + 2;
  if (i > words.from && (classOf(text.charCodeAt(i - 1)) & WORD) !== 0) return i;
  const end = i + 1 < limit && text.charCodeAt(i + 1) === close ? i + 1 : commandEnd(text, i, limit);
  return end === -1 ? i : addVariable(words, i + 1, end) + 1;
}

/** Longest command between brackets. */
const MAX_COMMAND_CHARS = 256;

/** Place of the bracket that ends the command after the one at `i`; -1 where no command stands: several words, a path among them. */
function commandEnd(text: string, i: number, limit: number): number {
  if (text.charCodeAt(i) !== 0x28) return -1;
  const last = Math.min(limit, i + MAX_COMMAND_CHARS);
  let spaced = false;
  let path = false;
  for (let end = i + 1; end < last; end++) {
    const code = text.charCodeAt(end);
    if (code === 0x29) return spaced && path ? end : -1;
    // Brackets and colons are of a sentence.
    if (code === 0x28 || code === 0x0a || (code === 0x3a && text.charCodeAt(end + 1) === 0x20)) return -1;
    if (code === 0x20) spaced = true;
    else if (code === 0x2f && startsPath(text, i, end)) path = true;
  }
  return -1;
}

const startsPath = (text: string, open: number, at: number): boolean =>
  (at === open + 1 || text.charCodeAt(at - 1) === 0x20) && (classOf(text.charCodeAt(at + 1)) & LETTER) !== 0;

/**
 * After `key=`: nothing is an empty variable; text in quotes is variable, unless the key says that it is prose
 * (`msg="…"`); an object such as `Name{…}` is one word.
 */
export function valueAt(text: string, i: number, limit: number, words: Words): number {
  const last = words.count - 1;
  if (last < 0 || words.end[last] !== i) return i;
  const from = i + 1;
  const code = from < limit ? text.charCodeAt(from) : 0x20;
  if ((classOf(code) & SPACE) !== 0) return addVariable(words, from, from);
  if (code === 0x22 || code === 0x27) {
    const close = words.kind[last] === TEXT_KEY ? -1 : closingQuote(text, from, limit);
    if (close === -1) return from;
    addVariable(words, from + 1, close);
    return close + 1;
  }
  if (code === 0x2f) return Math.max(from, pathAt(text, from, limit, words));
  return objectAt(text, from, limit, words);
}

/** `Name{…}`, `[…]`: one word up to the bracket that closes it, variable if a digit is in it. */
function objectAt(text: string, from: number, limit: number, words: Words): number {
  const last = Math.min(limit, from + MAX_VALUE_CHARS);
  let depth = 0;
  let bracket = false;
  let digit = false;
  let end = from;
  for (; end < last; end++) {
    const code = text.charCodeAt(end);
    if (code === 0x28 || code === 0x5b || code === 0x7b) {
      depth++;
      bracket = true;
    } else if (code === 0x29 || code === 0x5d || code === 0x7d) {
      if (depth === 0) break;
      depth--;
    } else if (depth === 0 && (classOf(code) & PATH_END) !== 0) break;
    if ((classOf(code) & DIGIT) !== 0) digit = true;
  }
  if (!bracket || depth !== 0 || (end === last && last < limit)) return from;
  return digit ? addVariable(words, from, end) : addWord(words, from, end, hashOf(text, from, end), 0);
}
