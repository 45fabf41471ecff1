/**
 * Classes of characters for the scanner of messages, as bits in one table: a look-up a character, no regular
 * expression. Characters beyond ASCII count as letters, except the white space among them.
 */
export const LETTER = 1;
export const DIGIT = 2;
export const HEX = 4;
export const SPACE = 8;
/** May stand inside a word between two letters or digits: `10.0.0.1:80`, `task-7`, `a@b.org`. */
export const JOINER = 16;
/** Ends a path that is not quoted. */
export const PATH_END = 32;
/** May stand between the members of a list. */
export const LIST = 64;

/** Letter or digit. */
export const WORD = LETTER | DIGIT;

const CLASSES = classes();

/** The class bits of a character code. */
export const classOf = (code: number): number =>
  code < 128 ? CLASSES[code]! : isWideSpace(code) ? SPACE | PATH_END | LIST : LETTER;

function isWideSpace(code: number): boolean {
  if (code < 0x1680) return code === 0xa0;
  if (code >= 0x2000 && code <= 0x200a) return true;
  return WIDE_SPACES.includes(code);
}

const WIDE_SPACES = [0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000, 0xfeff];

function classes(): Uint8Array {
  const table = new Uint8Array(128);
  const add = (characters: string, bits: number): void => {
    for (const c of characters) table[c.charCodeAt(0)]! |= bits;
  };
  add('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_', LETTER);
  add('0123456789', DIGIT);
  add('0123456789abcdefABCDEF', HEX);
  add(' \t\n\r\v\f', SPACE | PATH_END | LIST);
  add('.-/\\#@$%+~&*!?^`:', JOINER);
  add('"\'()[]{}<>|;,', PATH_END);
  add(',', LIST);
  return table;
}
