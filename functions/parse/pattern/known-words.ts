/**
 * Words with a meaning of their own: names of days and months (variable beside a number), units (part of the number
 * before them), truth values and nulls (always variable), words before a user's name. Looked up by hash, so that a
 * word of a message is cut out only when it is one of these.
 */
const PLAIN = 0;
/** Day or month, or what stands for a missing value: variable beside a variable. */
export const DATE = 1;
/** Unit, half of the day or time zone after a number. */
export const UNIT = 2;
/** true, null, NaN … */
export const VALUE = 3;
/** `user`. */
export const USER = 4;
/** What makes the word after a following `user` a name: `for user NAME`. */
export const BEFORE_USER = 5;
/** What is no name after `user`. */
export const NOT_A_NAME = 6;

/** Key whose value is prose: `msg="disk full"`. */
export const TEXT_KEY = 7;

/** The hash character by character: start with HASH_SEED, mix in each code, end with `mixedHash`. */
export const HASH_SEED = 0x811c9dc5 | 0;
export const mixCode = (hash: number, code: number): number => Math.imul(hash ^ code, 0x01000193);
export function mixedHash(hash: number): number {
  return (Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 1) & 0x3fffffff;
}

/** 31-bit hash of a piece of text (a small integer for V8): FNV-1a with a final mix. */
export function hashOf(text: string, start: number, end: number): number {
  let hash = HASH_SEED;
  for (let i = start; i < end; i++) hash = mixCode(hash, text.charCodeAt(i));
  return mixedHash(hash);
}

const KINDS: readonly (readonly [number, string])[] = [
  [DATE, 'Mon Tue Wed Thu Fri Sat Sun Monday Tuesday Wednesday Thursday Friday Saturday Sunday'],
  [DATE, 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'],
  [DATE, 'January February March April June July August September October November December'],
  [
    UNIT,
    'B kB KB MB GB TB PB KiB MiB GiB TiB Kb Mb Gb kb mb gb ns us µs ms s sec secs min mins h hrs Hz kHz MHz GHz',
  ],
  [UNIT, 'AM PM am pm UTC GMT CET CEST EST EDT CST CDT MST MDT PST PDT BST JST IST'],
  [VALUE, 'true false True False TRUE FALSE null Null NULL nil undefined NaN None localhost'],
  [USER, 'user User'],
  [BEFORE_USER, 'for invalid Invalid illegal Illegal unknown Unknown by of as'],
  [NOT_A_NAME, 'from at on in to is was has not unknown with or and'],
  [
    TEXT_KEY,
    'msg message error err reason text event cause detail details status title exception Msg Message Reason',
  ],
];

const WORDS: ReadonlyMap<number, readonly [string, number]> = new Map(
  KINDS.flatMap(([kind, words]) =>
    words.split(' ').map((word) => [hashOf(word, 0, word.length), [word, kind]]),
  ),
);

const LONGEST = 9;

/** By the low bits of the hash: whether one of the words may have it. Most words need no further look. */
const MAY_BE_KNOWN = new Uint8Array(4096);
for (const hash of WORDS.keys()) MAY_BE_KNOWN[hash & 4095] = 1;

/** Kind of the word `text[start, end)` whose hash is given. */
export function wordKind(text: string, start: number, end: number, hash: number): number {
  if (end - start > LONGEST || MAY_BE_KNOWN[hash & 4095] === 0) return PLAIN;
  const found = WORDS.get(hash);
  if (found === undefined || found[0].length !== end - start) return PLAIN;
  return text.startsWith(found[0], start) ? found[1] : PLAIN;
}

/** Ends of the names of hosts. Two-letter countries count only after two dots: `run.pl` is a script. */
const HOST_ENDS = new Set(
  'com net org edu gov mil int info biz local internal lan arpa localdomain'.split(' '),
);

/** Whether a dotted word without digits is a host name rather than the name of a class or file. */
export function isHostName(text: string, start: number, end: number, dots: number): boolean {
  const dot = text.lastIndexOf('.', end - 1);
  if (dot <= start) return false;
  const length = end - dot - 1;
  if (length === 2 && dots >= 2) return isLower(text, dot + 1) && isLower(text, dot + 2);
  return length >= 3 && length <= 11 && HOST_ENDS.has(text.slice(dot + 1, end));
}

function isLower(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x61 && code <= 0x7a;
}
