/**
 * Is this JSON, and in BigQuery's canonical form (no white space, members in order of their names, no escapes)? Told
 * from the bytes, with no value made of it: a JSON column takes tens of thousands of texts a second.
 * Takes what JSON.parse takes, in valid UTF-8, up to `MAX_DEPTH` levels.
 * Source: https://www.rfc-editor.org/rfc/rfc8259, https://cloud.google.com/bigquery/quotas#json
 */
import { isUtf8 } from 'node:buffer';

/** BigQuery's limit of nesting. */
const MAX_DEPTH = 500;

const SPACE = 1;
const DIGIT = 2;
const kinds = new Uint8Array(256);
for (const code of Buffer.from(' \t\n\r')) kinds[code] = SPACE;
for (const code of Buffer.from('0123456789')) kinds[code] = DIGIT;

const codeOf = (text: string): number => text.charCodeAt(0);
const QUOTE = codeOf('"');
const BACKSLASH = codeOf('\\');
const OPEN = codeOf('{');
const CLOSE = codeOf('}');
const OPEN_LIST = codeOf('[');
const CLOSE_LIST = codeOf(']');
const COLON = codeOf(':');
const COMMA = codeOf(',');
const MINUS = codeOf('-');
const DOT = codeOf('.');

const ESCAPES = new Set(Buffer.from('"\\/bfnrt'));

/** What the bytes from `start` to `end` are; 'unordered': canonical but for the order of members, and repeated names. */
export function scanJson(
  bytes: Buffer,
  start: number,
  end: number,
): 'invalid' | 'canonical' | 'unordered' | 'other' {
  const scan = new Scan(bytes, start, end);
  if (!scan.document()) return 'invalid';
  if (scan.beyondAscii && !isUtf8(bytes.subarray(start, end))) return 'invalid';
  if (!scan.canonical) return 'other';
  return scan.ordered ? 'canonical' : 'unordered';
}

class Scan {
  beyondAscii = false;
  /** But for the order of members. */
  canonical = true;
  ordered = true;
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;

  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  document(): boolean {
    if (!this.#value(0)) return false;
    this.#space();
    return this.#at === this.#end;
  }

  #value(depth: number): boolean {
    this.#space();
    const code = this.#peek();
    if (code === QUOTE) return this.#string();
    if (code === OPEN) return depth < MAX_DEPTH && this.#object(depth + 1);
    if (code === OPEN_LIST) return depth < MAX_DEPTH && this.#list(depth + 1);
    if (code === MINUS || kinds[code] === DIGIT) return this.#number();
    return this.#word('true') || this.#word('false') || this.#word('null');
  }

  #object(depth: number): boolean {
    this.#at++;
    this.#space();
    if (this.#take(CLOSE)) return true;
    let before = 0;
    let beforeEnd = 0;
    for (;;) {
      this.#space();
      const name = this.#at;
      if (this.#peek() !== QUOTE || !this.#string()) return false;
      if (before > 0 && !this.#ascending(before, beforeEnd, name)) this.ordered = false;
      before = name;
      beforeEnd = this.#at - 1;
      this.#space();
      if (!this.#take(COLON) || !this.#value(depth)) return false;
      this.#space();
      if (this.#take(CLOSE)) return true;
      if (!this.#take(COMMA)) return false;
    }
  }

  #list(depth: number): boolean {
    this.#at++;
    this.#space();
    if (this.#take(CLOSE_LIST)) return true;
    for (;;) {
      if (!this.#value(depth)) return false;
      this.#space();
      if (this.#take(CLOSE_LIST)) return true;
      if (!this.#take(COMMA)) return false;
    }
  }

  #string(): boolean {
    const bytes = this.#bytes;
    const end = this.#end;
    let at = this.#at + 1;
    while (at < end) {
      const code = bytes[at++]!;
      if (code === QUOTE) {
        this.#at = at;
        return true;
      }
      if (code < 0x20) return false;
      if (code >= 0x80) this.beyondAscii = true;
      if (code !== BACKSLASH) continue;
      this.canonical = false;
      const escaped = bytes[at++]!;
      if (escaped === 0x75 && at <= end) {
        if (!/^[0-9a-fA-F]{4}$/.test(bytes.toString('latin1', at, Math.min(at + 4, end)))) return false;
        at += 4;
      } else if (at > end || !ESCAPES.has(escaped)) return false;
    }
    return false;
  }

  #number(): boolean {
    const minus = this.#take(MINUS);
    const zero = this.#peek() === 0x30;
    const whole = this.#digits();
    if (whole === 0 || (zero && whole > 1)) return false;
    let part = 0;
    if (this.#take(DOT)) {
      part = this.#digits();
      if (part === 0) return false;
      this.canonical &&= this.#bytes[this.#at - 1] !== 0x30;
    }
    // What a double holds exactly, and JavaScript writes without an exponent.
    if (whole + part > 15 || (zero && (part > 6 || (minus && part === 0)))) this.canonical = false;
    if ((this.#peek() | 0x20) !== 0x65) return true;
    this.canonical = false;
    this.#at++;
    if (this.#peek() === MINUS || this.#peek() === 0x2b) this.#at++;
    return this.#digits() > 0;
  }

  #digits(): number {
    const start = this.#at;
    while (this.#at < this.#end && kinds[this.#bytes[this.#at]!] === DIGIT) this.#at++;
    return this.#at - start;
  }

  #word(word: string): boolean {
    for (let i = 0; i < word.length; i++) {
      if (this.#at + i >= this.#end || this.#bytes[this.#at + i] !== word.charCodeAt(i)) return false;
    }
    this.#at += word.length;
    return true;
  }

  #space(): void {
    if (kinds[this.#peek()] !== SPACE) return;
    this.canonical = false;
    while (kinds[this.#peek()] === SPACE) this.#at++;
  }

  /** Does the name from `a` to `aEnd` come before the one at `b`, which ends here? */
  #ascending(a: number, aEnd: number, b: number): boolean {
    const bEnd = this.#at - 1;
    for (let i = 1; a + i < aEnd && b + i < bEnd; i++) {
      const difference = this.#bytes[a + i]! - this.#bytes[b + i]!;
      if (difference !== 0) return difference < 0;
    }
    return aEnd - a < bEnd - b;
  }

  /** The next byte; 0 at the end. */
  #peek(): number {
    return this.#at < this.#end ? this.#bytes[this.#at]! : 0;
  }

  #take(code: number): boolean {
    if (this.#peek() !== code) return false;
    this.#at++;
    return true;
  }
}
