/**
 * Words that are variable because of the word beside them: days and months beside numbers, names after `for user`,
 * units after a number. Neighbouring variable words become one, so that lists of any length are one pattern.
 */
import { classOf, DIGIT, LIST, SPACE } from './characters.ts';
import { BEFORE_USER, DATE, NOT_A_NAME, UNIT, USER } from './known-words.ts';
import { VARIABLE, type Words } from './word-list.ts';

/** Marks words that are variable beside others, and makes neighbouring variable words one. */
export function joinNeighbours(text: string, words: Words): void {
  const { start, end, hash, kind } = words;
  for (let i = words.count - 1; i >= 0; i--) {
    if (kind[i] === DATE && isBesideVariable(text, words, i)) hash[i] = VARIABLE;
    else if (kind[i] === USER && isNamed(text, words, i)) hash[i + 1] = VARIABLE;
  }
  let kept = 0;
  for (let i = 0; i < words.count; i++) {
    if (hash[i] === VARIABLE) start[i] = withPadding(text, i === 0 ? words.from : end[i - 1]!, start[i]!);
    if (kept > 0 && hash[kept - 1] === VARIABLE && continues(text, words, kept - 1, i)) {
      end[kept - 1] = end[i]!;
      continue;
    }
    start[kept] = start[i]!;
    end[kept] = end[i]!;
    hash[kept] = hash[i]!;
    kind[kept++] = kind[i]!;
  }
  words.count = kept;
}

/** Whether word `i` belongs to the variable before it: the next of a list, a unit, a port. */
function continues(text: string, { start, end, hash, kind }: Words, last: number, i: number): boolean {
  const from = end[last]!;
  const to = start[i]!;
  if (hash[i] !== VARIABLE) {
    if (to - from > 1 || !isListGap(text, from, to)) return false;
    return kind[i] === UNIT || (isPath(text, start[last]!) && hasSlash(text, to, end[i]!));
  }
  if (to - from === 1 && text.charCodeAt(from) === 0x3a && from > start[last]!)
    return isNumber(text, to, end[i]!);
  return isListGap(text, from, to);
}

/** `/opt/My App/bin`, `C:\\My Files\\x`: a path may have spaces in it. */
const isPath = (text: string, start: number): boolean =>
  text.charCodeAt(start) === 0x2f ||
  (text.charCodeAt(start + 1) === 0x3a && text.charCodeAt(start + 2) === 0x5c);

function hasSlash(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (text.charCodeAt(i) === 0x2f || text.charCodeAt(i) === 0x5c) return true;
  return false;
}

function isNumber(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if ((classOf(text.charCodeAt(i)) & DIGIT) === 0) return false;
  return to > from;
}

/** Numbers in columns are padded: all but one character of white space before a variable belong to it. */
function withPadding(text: string, after: number, start: number): number {
  let from = start;
  while (from > after && (classOf(text.charCodeAt(from - 1)) & SPACE) !== 0) {
    if (text.charCodeAt(from - 1) === 0x0a) break;
    from--;
  }
  return start - from > 1 ? from + 1 : start;
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
