/**
 * Message → its words, each marked constant or variable, in one pass over the characters with bounded look-ahead.
 * Variable are, by their shape alone: whatever holds a digit (numbers, hexadecimal, addresses, ids, dates, sizes),
 * paths, URLs, e-mail addresses, host names, quoted words, truth values, names after `for user`. Neighbouring
 * variable words (lists, dates, `4 KB`) count as one. Nothing is learned here, so every instance of a function sees
 * the same.
 *
 * Linear in the message, of which only the first line that says something, and of it MAX_CHARS characters, count:
 * the rest is one last variable.
 */
import { atom, pathAt } from './atoms.ts';
import { classOf, DIGIT, LIST, SPACE, WORD } from './characters.ts';
import { DATE, hashOf } from './known-words.ts';
import { joinNeighbours } from './neighbours.ts';
import { bracketAt, quotedAt, valueAt } from './values.ts';
import { addVariable, addWord, MAX_CHARS, VARIABLE, type Words } from './word-list.ts';

/** Fills `words` with the words of `text`. */
export function scan(text: string, words: Words): void {
  trim(text, words);
  words.count = 0;
  const limit = Math.min(words.to, words.from + MAX_CHARS);
  let rest = limit < words.to ? limit : -1;
  let plain = 0;
  for (let i = words.from; i < limit; ) {
    const code = text.charCodeAt(i);
    if (code === 0x0a && plain > 0) {
      rest = i + 1;
      break;
    }
    const next = wordAt(text, i, limit, code, words);
    if (next === i) {
      i++;
      continue;
    }
    if (words.hash[words.count - 1] !== VARIABLE) plain++;
    i = next;
  }
  if (rest !== -1) addRest(words, rest);
  joinNeighbours(text, words);
}

function trim(text: string, words: Words): void {
  let from = 0;
  let to = text.length;
  while (from < to && (classOf(text.charCodeAt(from)) & SPACE) !== 0) from++;
  while (to > from && (classOf(text.charCodeAt(to - 1)) & SPACE) !== 0) to--;
  words.from = from;
  words.to = to;
}

/** What is not looked at is one variable; a word that the limit may have cut belongs to it. */
function addRest(words: Words, from: number): void {
  let start = from;
  while (words.count > 0 && words.end[words.count - 1]! >= start) start = words.start[--words.count]!;
  addVariable(words, start, words.to);
}

/** Adds the word that starts at `i`, if one does, and returns its end; else `i`. */
function wordAt(text: string, i: number, limit: number, code: number, words: Words): number {
  if ((classOf(code) & WORD) !== 0) return atom(text, i, limit, words);
  switch (code) {
    case 0x20:
      return twoSpacesAt(text, i, limit, words);
    case 0x2f: // slash
      return pathAt(text, i, limit, words);
    case 0x2e: // ./ ../ ~/
    case 0x7e:
      return relativePathAt(text, i, limit, words);
    case 0x22: // quotes
    case 0x27:
    case 0x60:
      return quotedAt(text, i, limit, words);
    case 0x28: // brackets
    case 0x5b:
    case 0x7b:
      return bracketAt(text, i, limit, words);
    case 0x3d: // equals sign
      return valueAt(text, i, limit, words);
    case 0x3c: // less than
      if (text.startsWith('<*>', i)) return addVariable(words, i, i + 3);
      return signedAt(text, i, limit, words);
    case 0x2a: // asterisk, question mark, dash
    case 0x3f:
    case 0x2d: {
      const end = placeholderAt(text, i, limit, words);
      return end > i || code === 0x3f ? end : signedAt(text, i, limit, words);
    }
    default:
      return SIGNS.has(code) ? signedAt(text, i, limit, words) : i;
  }
}

/** Two spaces between words: a variable that was empty. Not after a sentence, not where text is in columns. */
function twoSpacesAt(text: string, i: number, limit: number, words: Words): number {
  if (text.charCodeAt(i + 1) !== 0x20 || i + 2 >= limit) return i;
  const before = text.charCodeAt(i - 1);
  if (text.charCodeAt(i + 2) === 0x20 || before === 0x20 || SENTENCE_ENDS.has(before)) return i;
  return addVariable(words, i + 1, i + 1);
}

const SENTENCE_ENDS: ReadonlySet<number> = new Set([...'.!?;'].map((sign) => sign.charCodeAt(0)));

/** `****`, `?`, `--`: stands for a value that is not known, if it stands among variables. */
function placeholderAt(text: string, i: number, limit: number, words: Words): number {
  if (i > words.from && (classOf(text.charCodeAt(i - 1)) & SPACE) === 0) return i;
  const code = text.charCodeAt(i);
  let end = i;
  while (end < limit && text.charCodeAt(end) === code) end++;
  if (end - i < (code === 0x3f ? 1 : 2)) return i;
  if (end < limit && (classOf(text.charCodeAt(end)) & LIST) === 0) return i;
  return addWord(words, i, end, hashOf(text, i, end), DATE);
}

function relativePathAt(text: string, i: number, limit: number, words: Words): number {
  let slash = i;
  while (slash < i + 2 && text.charCodeAt(slash) === text.charCodeAt(i)) slash++;
  if (text.charCodeAt(slash) !== 0x2f)
    return text.charCodeAt(i) === 0x7e ? signedAt(text, i, limit, words) : i;
  const end = pathAt(text, slash, limit, words);
  if (end === slash) return i;
  words.start[words.count - 1] = i;
  return end;
}

/** May stand before a number and belong to it: `-5`, `+1`, `<1`, `~10`, `#3`, `@0x7f`. */
const SIGNS: ReadonlySet<number> = new Set([...'+<>@#$%&'].map((sign) => sign.charCodeAt(0)));

function signedAt(text: string, i: number, limit: number, words: Words): number {
  if (i + 1 >= limit || (classOf(text.charCodeAt(i + 1)) & DIGIT) === 0) return i;
  const code = text.charCodeAt(i);
  const free = i === words.from || (classOf(text.charCodeAt(i - 1)) & SPACE) !== 0;
  if (!free && code !== 0x2d && code !== 0x2b) return i;
  const count = words.count;
  const end = atom(text, i + 1, limit, words);
  if (code === 0x3c && text.charCodeAt(end) === 0x3e) return end;
  words.start[count] = i;
  return end;
}
