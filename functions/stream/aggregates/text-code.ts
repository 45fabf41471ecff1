/**
 * Whole numbers and texts as one short text of printable ASCII without quotes and backslashes, so that JSON and
 * UTF-8 leave it as it is: five bits a character, the lowest first, as in the mappings of source maps. Small numbers,
 * which most counts are, take one character, and reading them one comparison; decoding was most of what closing a
 * window costs.
 */
const LAST = 58;
const MORE = 93;
const BASE = 32;
const FAST = 2 ** 30;

/** From `:` to `Y` a last digit, from `]` to `|` one that others follow. */
const lastDigit = Array.from({ length: BASE }, (_, digit) => String.fromCharCode(LAST + digit));
const moreDigit = Array.from({ length: BASE }, (_, digit) => String.fromCharCode(MORE + digit));

/** A whole number from 0 to 2^53 − 1. */
export function encodeCount(count: number): string {
  if (count < BASE) return lastDigit[count]!;
  let text = '';
  let rest = count;
  for (; rest >= FAST; rest = Math.floor(rest / BASE)) text += moreDigit[rest % BASE]!;
  for (; rest >= BASE; rest >>>= 5) text += moreDigit[rest & 31]!;
  return text + lastDigit[rest]!;
}

/** Several, one after the other. */
export function encodeCounts(counts: readonly number[]): string {
  let text = '';
  for (const count of counts) text += encodeCount(count);
  return text;
}

/** Any text, after its length. */
export const encodeText = (text: string): string => encodeCount(text.length) + text;

/** Reads what was encoded, in its order. Throws an Error when it is something else. */
export class TextReader {
  readonly #text: string;
  #at: number;

  constructor(text: string, from = 0) {
    this.#text = text;
    this.#at = from;
  }

  count(): number {
    const code = this.#text.charCodeAt(this.#at++);
    return code >= LAST && code < LAST + BASE ? code - LAST : this.#longCount(code - MORE);
  }

  text(): string {
    const end = this.count() + this.#at;
    if (end > this.#text.length) throw new Error('text ends too early');
    const text = this.#text.slice(this.#at, end);
    this.#at = end;
    return text;
  }

  /** Whether all is read. */
  get done(): boolean {
    return this.#at === this.#text.length;
  }

  #longCount(first: number): number {
    let value = first;
    let scale = BASE;
    if (!(first >= 0 && first < BASE)) throw new Error('a digit is not one');
    for (;;) {
      const code = this.#text.charCodeAt(this.#at++);
      if (code >= LAST && code < LAST + BASE) value += (code - LAST) * scale;
      else if (code >= MORE && code < MORE + BASE) value += (code - MORE) * scale;
      else throw new Error('a digit is not one');
      if (value > Number.MAX_SAFE_INTEGER) throw new Error('a number is too large');
      if (code < MORE) return value;
      scale *= BASE;
    }
  }
}
