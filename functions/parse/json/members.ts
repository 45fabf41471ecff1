/**
 * The members of a flat JSON object, read from the bytes of its batch: what JSON.parse gives, without the object and without
 * texts that nobody asks for. Takes records of ASCII without objects or lists inside; strings with escapes go to
 * JSON.parse by themselves. Where anything is not as it must be, or the object would not have the members in their order,
 * the answer is null, and the caller leaves the record to JSON.parse. Linear in the record. To find the members of 290
 * bytes takes 0.3 µs where JSON.parse takes 1.4; with the texts cut out and the fields filled the parser takes four fifths.
 */
import { isDigit } from '../time/calendar.ts';
import { boundNames, type MemberName, nameAt, newStart } from './member-name.ts';
import type { JsonObject } from './object.ts';

/** Members in order, until the next record is read. */
export interface Members {
  count: number;
  readonly names: MemberName[];
  /** Values; PLAIN for strings without escapes, which stand in `bytes` from `from` to `to`. */
  readonly values: unknown[];
  readonly from: number[];
  readonly to: number[];
  /** Of strings: which kinds of characters they hold, and how many digits. */
  readonly seen: number[];
  text: string;
  offset: number;
  bytes: Buffer;
}

/** In the place of a string that has not been cut out yet. */
export const PLAIN = Symbol('plain');

const members: Members = {
  ...{ count: 0, names: [], values: [], from: [], to: [], seen: [] },
  ...{ text: '', offset: 0, bytes: Buffer.alloc(0) },
};
const start = newStart();
let record = 0;

/** The value of a member. */
export function memberValue({ values, text, offset, from, to }: Members, i: number): unknown {
  const value = values[i];
  return value === PLAIN ? text.slice(from[i]! - offset, to[i]! - offset) : value;
}

/** The members as an object. */
export function objectOf(list: Members): JsonObject {
  const object: Record<string, unknown> = {};
  for (let i = 0; i < list.count; i++) object[list.names[i]!.name] = memberValue(list, i);
  return object;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const ESCAPE = 0x5c;
const CLOSE = 0x7d;

/** So many records that begin alike are left to JSON.parse when one of them had to be. */
const PAUSE = 15;

/** As `membersOf`, but does not try each time what hardly ever succeeds. */
export function readMemberList(text: string, bytes: Buffer, offset: number): Members | null {
  const at = afterBlanks(bytes, offset + 1);
  const first = bytes[at] === QUOTE ? nameAt(bytes, at + 1, start) : null;
  if (first === null) return null;
  if (first.pause > 0) {
    first.pause--;
    return null;
  }
  const list = membersOf(text, bytes, offset);
  if (list === null) first.pause = PAUSE;
  return list;
}

/** Reads the object `text`, which stands at `offset` of `bytes`; null: JSON.parse is to read it, or to refuse it. */
export function membersOf(text: string, bytes: Buffer, offset: number): Members | null {
  let name: MemberName | null = start;
  let count = 0;
  let at = afterBlanks(bytes, offset + 1);
  // Small integers are cheap for V8.
  record = (record + 1) & 0x3fffffff;
  boundNames(start);
  members.text = text;
  members.bytes = bytes;
  members.offset = offset;
  for (;;) {
    if (bytes[at] !== QUOTE) return null;
    name = nameAt(bytes, at + 1, name);
    if (name === null || name.seenIn === record || name.special) return null;
    name.seenIn = record;
    at = afterBlanks(bytes, at + 2 + name.bytes.length);
    if (bytes[at] !== COLON) return null;
    at = afterBlanks(bytes, at + 1);
    const value = bytes[at] === QUOTE ? stringAt(text, bytes, offset, at) : otherAt(text, bytes, offset, at);
    if (value === undefined) return null;
    members.names[count] = name;
    members.values[count] = value;
    members.from[count] = at + 1;
    members.seen[count] = valueSeen;
    members.to[count++] = valueEnd - 1;
    at = afterBlanks(bytes, valueEnd);
    if (bytes[at] === COMMA) at = afterBlanks(bytes, at + 1);
    else if (bytes[at] === CLOSE) break;
    else return null;
  }
  members.count = count;
  const end = offset + text.length;
  return at < end && afterBlanks(bytes, at + 1) >= end ? members : null;
}

/** Kinds of characters in a string: not of a hexadecimal number with dashes; capitals and "@". */
export const HAS_OTHER_THAN_HEX = 1;
export const HAS_CAPITAL_OR_AT = 2;
/** In `Members.seen` the number of digits stands above the kinds. */
export const DIGITS_SHIFT = 3;
const DIGIT = 4;
/** May not stand in a string as it is. */
const ENDS = 8;
const KINDS = Uint8Array.from({ length: 256 }, (_, code) => {
  if (code < 0x20 || code === QUOTE || code === ESCAPE) return ENDS;
  if (isDigit(code)) return DIGIT;
  if (code >= 0x40 && code <= 0x5a) return HAS_OTHER_THAN_HEX | HAS_CAPITAL_OR_AT;
  return (code >= 0x61 && code <= 0x66) || code === 0x2d ? 0 : HAS_OTHER_THAN_HEX;
});

function afterBlanks(bytes: Buffer, from: number): number {
  let at = from;
  for (let code = bytes[at]!; code <= 0x20; code = bytes[++at]!)
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return at;
  return at;
}

/** Where the value that was read last ends. */
let valueEnd = 0;
let valueSeen = 0;

/** PLAIN, or a string that had to be unescaped; undefined: it is none. */
function stringAt(text: string, bytes: Buffer, offset: number, start: number): unknown {
  let at = start + 1;
  let kinds = 0;
  let digits = 0;
  for (let kind = KINDS[bytes[at]!]!; kind < ENDS; kind = KINDS[bytes[++at]!]!) {
    kinds |= kind;
    digits += kind >> 2;
  }
  valueSeen = (kinds & ~DIGIT) | (digits << DIGITS_SHIFT);
  if (bytes[at] === QUOTE) {
    valueEnd = at + 1;
    return PLAIN;
  }
  valueEnd = escapedEnd(bytes, at);
  return parsed(text.slice(start - offset, valueEnd - offset));
}

/** Behind the string whose first escape is at `from`. */
function escapedEnd(bytes: Buffer, from: number): number {
  let at = from;
  for (; at < bytes.length && bytes[at] !== QUOTE; at++) {
    if (bytes[at] === ESCAPE) at++;
    else if (bytes[at]! < 0x20) return at;
  }
  return at + 1;
}

/** A number, truth value or null; undefined: none is there. */
function otherAt(text: string, bytes: Buffer, offset: number, at: number): unknown {
  const code = bytes[at]!;
  if (isDigit(code) || code === 0x2d) return numberAt(text, bytes, offset, at);
  const word = WORDS.get(code);
  if (word === undefined) return undefined;
  for (let i = 0; i < word.text.length; i++) if (bytes[at + i] !== word.text.charCodeAt(i)) return undefined;
  valueEnd = at + word.text.length;
  return word.value;
}

const WORDS: ReadonlyMap<number, { readonly text: string; readonly value: boolean | null }> = new Map(
  [
    { text: 'true', value: true },
    { text: 'false', value: false },
    { text: 'null', value: null },
  ].map((word) => [word.text.charCodeAt(0), word]),
);

const POWERS = Array.from({ length: 16 }, (_, power) => 10 ** power);
const MAX_EXACT_DIGITS = 15;

/** A number that a double holds; undefined for one whose digits it may not hold. */
function numberAt(text: string, bytes: Buffer, offset: number, start: number): number | undefined {
  const negative = bytes[start] === 0x2d;
  const first = negative ? start + 1 : start;
  let at = first;
  let digits = 0;
  for (; isDigit(bytes[at]!); at++) digits = digits * 10 + bytes[at]! - 0x30;
  if (at === first || (bytes[first] === 0x30 && at > first + 1)) return undefined;
  let count = at - first;
  let decimals = 0;
  if (bytes[at] === 0x2e) {
    const from = ++at;
    for (; isDigit(bytes[at]!); at++) digits = digits * 10 + bytes[at]! - 0x30;
    decimals = at - from;
    if (decimals === 0) return undefined;
    count += decimals;
  }
  const power = bytes[at]! | 0x20;
  if (power === 0x65) {
    at = bytes[at + 1] === 0x2b || bytes[at + 1] === 0x2d ? at + 2 : at + 1;
    if (!isDigit(bytes[at]!)) return undefined;
    while (isDigit(bytes[at]!)) at++;
  }
  valueEnd = at;
  // Both are exact, and so is the division but for one rounding: that is how a double is read.
  if (count <= MAX_EXACT_DIGITS && power !== 0x65) {
    const value = decimals === 0 ? digits : digits / POWERS[decimals]!;
    return negative ? -value : value;
  }
  const value = Number(text.slice(start - offset, at - offset));
  return value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER ? value : undefined;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}
