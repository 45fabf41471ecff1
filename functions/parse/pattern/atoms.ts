/**
 * One word of a message, from a letter or digit to where it ends, and whether it is variable: numbers, hexadecimal,
 * addresses, ids, paths, URLs, e-mail addresses, host names, truth values. Each character is read a bounded number
 * of times.
 */
import { classOf, DIGIT, HEX, JOINER, LETTER, PATH_END, SPACE, WORD } from './characters.ts';
import { HASH_SEED, hashOf, isHostName, mixCode, mixedHash, VALUE, wordKind } from './known-words.ts';
import { addVariable, addWord, VARIABLE, type Words } from './word-list.ts';

export function pathAt(text: string, i: number, limit: number, words: Words): number {
  const next = i + 1 < limit ? text.charCodeAt(i + 1) : 0;
  if ((classOf(next) & WORD) === 0 && next !== 0x2e && next !== 0x2f && next !== 0x7e) return i;
  const end = pathEnd(text, i + 1, limit);
  return end > i + 1 ? addVariable(words, i, end) : i;
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

/** Characters read ahead to know how a word goes on. */
const MAX_LOOK_AHEAD = 64;

/** Adds the word that starts with a letter or digit at `start`, and returns its end. */
export function atom(text: string, start: number, limit: number, words: Words): number {
  // Most words are of letters alone or of digits alone, and nothing joins them to what follows.
  let hash = HASH_SEED;
  let all = 0;
  let common = WORD | HEX;
  let end = start;
  for (; end < limit; end++) {
    const code = text.charCodeAt(end);
    const bits = classOf(code);
    if ((bits & WORD) === 0) break;
    all |= bits;
    common &= bits;
    hash = mixCode(hash, code);
  }
  if ((all & WORD) === WORD || !isFree(text, end, limit)) return joinedAtom(text, start, limit, words);
  if ((all & DIGIT) !== 0 || ((common & HEX) !== 0 && end - start >= 8))
    return addVariable(words, start, end);
  const mixed = mixedHash(hash);
  const kind = wordKind(text, start, end, mixed);
  return addWord(words, start, end, kind === VALUE ? VARIABLE : mixed, kind);
}

/** Whether nothing at `end` can belong to the word before it. */
function isFree(text: string, end: number, limit: number): boolean {
  return (
    end >= limit ||
    (classOf(text.charCodeAt(end)) & JOINER) === 0 ||
    end + 1 >= limit ||
    (classOf(text.charCodeAt(end + 1)) & SPACE) !== 0
  );
}

/** A word of several kinds of characters, or of pieces joined by signs. */
function joinedAtom(text: string, start: number, limit: number, words: Words): number {
  const address = addressEnd(text, start, limit);
  if (address > start) return addVariable(words, start, address);
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
      if (path > i) return addVariable(words, start, path);
      if (firstDigit === -1 || !continuesNumber(text, next, limit, hexOnly)) break;
    } else hexOnly = false;
    if (code === 0x2e) dots++;
    else if (code === 0x2f) slashes++;
    else if (code === 0x5c) slashes += 2;
    else if (code === 0x40) personal = true;
    piece = next;
    i = next - 1;
  }
  const range = rangeEnd(text, i, limit);
  if (range > i) return addVariable(words, start, range);
  if (text.startsWith('++', i) && i + 2 <= limit) i += 2;
  if (firstDigit !== -1) return addNumbered(text, start, firstDigit, i, dots, words);
  if (personal || slashes > 1) return addVariable(words, start, i);
  return addPlain(text, start, i, dots, hexOnly, words);
}

/** `node-[0-63]`: end of the range after the dash; else `i`. */
function rangeEnd(text: string, i: number, limit: number): number {
  if (text.charCodeAt(i) !== 0x2d || text.charCodeAt(i + 1) !== 0x5b) return i;
  let end = i + 2;
  for (; end < limit && end < i + 64; end++) {
    const code = text.charCodeAt(end);
    if ((classOf(code) & DIGIT) === 0 && code !== 0x2d && code !== 0x2c) break;
  }
  return end > i + 2 && text.charCodeAt(end) === 0x5d ? end + 1 : i;
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

/** `:` goes on with a word that holds a digit, or starts with a hexadecimal one where all before it was. */
function continuesNumber(text: string, next: number, limit: number, hexOnly: boolean): boolean {
  if (hexOnly && (classOf(text.charCodeAt(next)) & HEX) !== 0) return true;
  for (let i = next; i < limit && i < next + MAX_LOOK_AHEAD; i++) {
    const bits = classOf(text.charCodeAt(i));
    if ((bits & DIGIT) !== 0) return true;
    if ((bits & LETTER) === 0) return false;
  }
  return false;
}

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
  const name =
    before === 0x2d ||
    before === 0x5f ||
    before === 0x2f ||
    before === 0x5c ||
    before === 0x40 ||
    before === 0x2b;
  if (name || (before === 0x2e && dots > 1)) return addVariable(words, start, end);
  let plain = first;
  while (plain > start && (classOf(text.charCodeAt(plain - 1)) & WORD) === 0) plain--;
  addPlain(text, start, plain, 0, false, words);
  return addVariable(words, first, end);
}

function addPlain(
  text: string,
  start: number,
  end: number,
  dots: number,
  hexOnly: boolean,
  words: Words,
): number {
  if (hexOnly && end - start >= 8) return addVariable(words, start, end);
  if (dots > 0 && isHostName(text, start, end, dots)) return addVariable(words, start, end);
  const hash = hashOf(text, start, end);
  const kind = wordKind(text, start, end, hash);
  return addWord(words, start, end, kind === VALUE ? VARIABLE : hash, kind);
}
