/**
 * JSON whose whole numbers keep their digits: those beyond 2^53 become marked text, and numbers again when a value is
 * written as JSON. (Node 20 can neither read nor write a number as its text.)
 */

/** Digits that a double may not hold, outside of strings. */
const LONG = /"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g;

/** Marks a number that is kept as its digits; a character for private use, so that no text is taken for it. */
export const DIGITS = '\uE000#';

/** Parses; throws a SyntaxError where the text is no JSON. */
export function parseExact(text: string): unknown {
  return JSON.parse(/\d{16}/.test(text) ? text.replace(LONG, keepDigits) : text);
}

const keepDigits = (token: string): string => (token.startsWith('"') ? token : `"${DIGITS}${token}"`);

/** Such a value as JSON text. */
export const jsonTextOf = (value: unknown): string =>
  JSON.stringify(value).replace(/"\uE000#(-?\d+)"/g, '$1');
