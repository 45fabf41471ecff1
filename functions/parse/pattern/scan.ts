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
import { classOf, DIGIT, HEX, JOINER, LETTER, LIST, PATH_END, SPACE, WORD } from './characters.ts';
import {
  BEFORE_USER,
  DATE,
  hashOf,
  isHostName,
  NOT_A_NAME,
  PLAIN,
  UNIT,
  USER,
  VALUE,
  wordKind,
} from './words.ts';

/** Characters of a message that make its pattern. */
export const MAX_CHARS = 4096;

/** Marks a variable word in `Words.hash`. */
export const VARIABLE = -1;

/** The words of one message, in order; the text between them is constant. Reused from message to message. */
export interface Words {
  count: number;
  readonly start: Int32Array;
  readonly end: Int32Array;
  /** Hash of a constant word, VARIABLE for a variable one. */
  readonly hash: Int32Array;
  /** Kind of a constant word (words.ts). */
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
  add(words, start, words.to, VARIABLE, PLAIN);
}

function add(words: Words, start: number, end: number, hash: number, kind: number): number {
  const i = words.count++;
  words.start[i] = start;
  words.end[i] = end;
  words.hash[i] = hash;
  words.kind[i] = kind;
  return end;
}

/** Adds the word that starts at `i`, if one does, and returns its end; else `i`. */
function wordAt(text: string, i: number, limit: number, code: number, words: Words): number {
  const bits = classOf(code);
  if ((bits & WORD) !== 0) return atom(text, i, limit, words);
  if (code === 0x2f) return pathAt(text, i, limit, words);
  if (code === 0x2d || code === 0x2b) {
    const next = i + 1 < limit ? classOf(text.charCodeAt(i + 1)) : 0;
    if ((next & DIGIT) === 0) return i;
    const end = atom(text, i + 1, limit, words);
    words.start[words.count - 1] = i;
    return end;
  }
  if (code === 0x22 || code === 0x27) return quotedAt(text, i, limit, code, words);
  if (code === 0x3c && text.startsWith('*>', i + 1)) return add(words, i, i + 3, VARIABLE, PLAIN);
  if (code === 0x28 || code === 0x5b || code === 0x7b) return emptyAt(text, i, limit, code, words);
  if (code === 0x3d) return emptyValueAt(text, i, limit, words);
  return i;
}

/** ` ()`: an empty variable between the brackets; not the `()` of a call. */
function emptyAt(text: string, i: number, limit: number, open: number, words: Words): number {
  const close = open === 0x28 ? 0x29 : open + 2;
  if (i + 1 >= limit || text.charCodeAt(i + 1) !== close) return i;
  if (i === words.from || (classOf(text.charCodeAt(i - 1)) & SPACE) === 0) return i;
  add(words, i + 1, i + 1, VARIABLE, PLAIN);
  return i + 2;
}

/** `key= `: an empty variable after the sign. */
function emptyValueAt(text: string, i: number, limit: number, words: Words): number {
  if (words.count === 0 || words.end[words.count - 1] !== i) return i;
  if (i + 1 < limit && (classOf(text.charCodeAt(i + 1)) & SPACE) === 0) return i;
  return add(words, i + 1, i + 1, VARIABLE, PLAIN);
}

/** `'word'` or `"word"`: what stands between quotes, without white space, is variable. */
function quotedAt(text: string, i: number, limit: number, quote: number, words: Words): number {
  let end = i + 1;
  for (; end < limit; end++) {
    const code = text.charCodeAt(end);
    if (code === quote) break;
    if ((classOf(code) & SPACE) !== 0) return i;
  }
  if (end >= limit || end === i + 1) return i;
  if (end + 1 < limit && (classOf(text.charCodeAt(end + 1)) & WORD) !== 0) return i;
  add(words, i + 1, end, VARIABLE, PLAIN);
  return end + 1;
}

function pathAt(text: string, i: number, limit: number, words: Words): number {
  const next = i + 1 < limit ? text.charCodeAt(i + 1) : 0;
  if ((classOf(next) & WORD) === 0 && next !== 0x2e && next !== 0x2f && next !== 0x7e) return i;
  const end = pathEnd(text, i + 1, limit);
  return end > i + 1 ? add(words, i, end, VARIABLE, PLAIN) : i;
}

/** End of a path or URL: at white space, quotes, brackets; without the punctuation of the sentence after it. */
function pathEnd(text: string, from: number, limit: number): number {
  let end = from;
  while (end < limit && (classOf(text.charCodeAt(end)) & PATH_END) === 0) end++;
  while (end > from) {
    const code = text.charCodeAt(end - 1);
    if (code !== 0x3a && code !== 0x2e && code !== 0x21 && code !== 0x3f && code !== 0x3d) break;
    end--;
  }
  return end;
}

/** A word that starts with a letter or digit at `start`. */
function atom(text: string, start: number, limit: number, words: Words): number {
  const address = addressEnd(text, start, limit);
  if (address > start) return add(words, start, address, VARIABLE, PLAIN);
  let firstDigit = -1;
  let piece = start;
  let dots = 0;
  let slashes = 0;
  let hexOnly = true;
  let personal = false;
  let i = start;
  for (; i < limit; i++) {
    const code = text.charCodeAt(i);
    const bits = classOf(code);
    if ((bits & WORD) !== 0) {
      if ((bits & DIGIT) !== 0 && firstDigit === -1) firstDigit = piece;
      if ((bits & HEX) === 0) hexOnly = false;
      continue;
    }
    if ((bits & JOINER) === 0) break;
    const next = joined(text, i, limit, firstDigit !== -1);
    if (next === i) break;
    if (code === 0x3a) {
      const path = pathAfterColon(text, start, i, limit);
      if (path > i) return add(words, start, path, VARIABLE, PLAIN);
      if (firstDigit === -1 || !continuesNumber(text, next, hexOnly)) break;
    } else hexOnly = false;
    if (code === 0x2e) dots++;
    else if (code === 0x2f) slashes++;
    else if (code === 0x5c) slashes += 2;
    else if (code === 0x40) personal = true;
    piece = next;
    i = next - 1;
  }
  if (firstDigit !== -1) return addNumbered(text, start, firstDigit, i, dots, words);
  if (personal || slashes > 1) return add(words, start, i, VARIABLE, PLAIN);
  return addWord(text, start, i, dots, hexOnly, words);
}

/** Where the word goes on after a joiner at `i`; `i` where it ends there. */
function joined(text: string, i: number, limit: number, numbered: boolean): number {
  let next = i + 1;
  if (numbered || text.charCodeAt(i) === 0x3a) {
    while (next < limit && next < i + 4 && (classOf(text.charCodeAt(next)) & JOINER) !== 0) next++;
  } else if (text.charCodeAt(next) === 0x2d && (classOf(text.charCodeAt(next + 1)) & DIGIT) !== 0) next++;
  return next < limit && (classOf(text.charCodeAt(next)) & WORD) !== 0 ? next : i;
}

/** `scheme://…` and `C:\…`: end of the whole; else the place of the colon. */
function pathAfterColon(text: string, start: number, colon: number, limit: number): number {
  const next = text.charCodeAt(colon + 1);
  const url = next === 0x2f && text.charCodeAt(colon + 2) === 0x2f;
  const drive = colon === start + 1 && (next === 0x5c || next === 0x2f);
  return url || drive ? pathEnd(text, colon + 1, limit) : colon;
}

/** `:` goes on with a digit, or with a hexadecimal one where all before it was. */
const continuesNumber = (text: string, next: number, hexOnly: boolean): boolean => {
  const bits = classOf(text.charCodeAt(next));
  return (bits & DIGIT) !== 0 || (hexOnly && (bits & HEX) !== 0);
};

/** MAC and IPv6 addresses, which may start with letters; `start` where there is none. At most 45 characters. */
function addressEnd(text: string, start: number, limit: number): number {
  let i = start;
  while (i < limit && i < start + 5 && (classOf(text.charCodeAt(i)) & HEX) !== 0) i++;
  if (i === start || i === start + 5 || text.charCodeAt(i) !== 0x3a) return start;
  let colons = 0;
  let digits = 0;
  let end = start;
  for (i = start; i < limit && i < start + 45; i++) {
    const code = text.charCodeAt(i);
    const bits = classOf(code);
    if ((bits & HEX) !== 0) {
      end = i + 1;
      if ((bits & DIGIT) !== 0) digits++;
    } else if (code === 0x3a) colons++;
    else break;
  }
  if (i < limit && (classOf(text.charCodeAt(i)) & LETTER) !== 0) return start;
  return colons >= 3 && digits > 0 ? end : start;
}

/** A word with digits: variable, without a plain word before a dot, `#` and the like (`core.17`, `enable....0`). */
function addNumbered(
  text: string,
  start: number,
  first: number,
  end: number,
  dots: number,
  words: Words,
): number {
  const before = first > start ? text.charCodeAt(first - 1) : 0x2d;
  const name = before === 0x2d || before === 0x5f || before === 0x2f || before === 0x5c || before === 0x40;
  if (name || (before === 0x2e && dots > 1)) return add(words, start, end, VARIABLE, PLAIN);
  let plain = first;
  while (plain > start && (classOf(text.charCodeAt(plain - 1)) & WORD) === 0) plain--;
  addWord(text, start, plain, 0, false, words);
  return add(words, first, end, VARIABLE, PLAIN);
}

function addWord(
  text: string,
  start: number,
  end: number,
  dots: number,
  hexOnly: boolean,
  words: Words,
): number {
  if (hexOnly && end - start >= 8) return add(words, start, end, VARIABLE, PLAIN);
  if (dots > 0 && isHostName(text, start, end, dots)) return add(words, start, end, VARIABLE, PLAIN);
  const hash = hashOf(text, start, end);
  const kind = wordKind(text, start, end, hash);
  return add(words, start, end, kind === VALUE ? VARIABLE : hash, kind);
}

/** Marks words that are variable beside others, and makes neighbouring variable words one. */
function joinNeighbours(text: string, words: Words): void {
  const { start, end, hash, kind } = words;
  for (let i = words.count - 1; i >= 0; i--) {
    if (kind[i] === DATE && isBesideVariable(text, words, i)) hash[i] = VARIABLE;
    else if (kind[i] === USER && isNamed(text, words, i)) hash[i + 1] = VARIABLE;
  }
  let kept = 0;
  for (let i = 0; i < words.count; i++) {
    if (hash[i] === VARIABLE) start[i] = withPadding(text, i === 0 ? words.from : end[i - 1]!, start[i]!);
    const last = kept - 1;
    if (last >= 0 && hash[last] === VARIABLE) {
      const unit = kind[i] === UNIT && hash[i] !== VARIABLE && start[i]! - end[last]! <= 1;
      if ((unit || hash[i] === VARIABLE) && isListGap(text, end[last]!, start[i]!)) {
        end[last] = end[i]!;
        continue;
      }
    }
    start[kept] = start[i]!;
    end[kept] = end[i]!;
    hash[kept] = hash[i]!;
    kind[kept++] = kind[i]!;
  }
  words.count = kept;
}

/** Numbers in columns are padded: white space of more than one character before a variable belongs to it. */
function withPadding(text: string, after: number, start: number): number {
  let from = start;
  while (from > after && (classOf(text.charCodeAt(from - 1)) & SPACE) !== 0) {
    if (text.charCodeAt(from - 1) === 0x0a) break;
    from--;
  }
  return start - from > 1 ? from : start;
}

function isBesideVariable(text: string, words: Words, i: number): boolean {
  const { start, end, hash } = words;
  if (i + 1 < words.count && hash[i + 1] === VARIABLE && isListGap(text, end[i]!, start[i + 1]!)) return true;
  return i > 0 && hash[i - 1] === VARIABLE && isListGap(text, end[i - 1]!, start[i]!);
}

function isNamed(text: string, words: Words, i: number): boolean {
  const { start, end, kind } = words;
  if (i === 0 || i + 1 >= words.count) return false;
  const before = kind[i - 1] === BEFORE_USER && start[i]! === end[i - 1]! + 1;
  return before && kind[i + 1] !== NOT_A_NAME && start[i + 1]! === end[i]! + 1 && text[end[i]!] === ' ';
}

/** Only white space and commas, at least one of them. */
function isListGap(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if ((classOf(text.charCodeAt(i)) & LIST) === 0) return false;
  return true;
}
