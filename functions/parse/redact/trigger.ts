/**
 * Whether a text can hold anything that a rule redacts: a cheap test that lets most texts pass untouched. It may
 * say yes in vain, never no in vain: every rule's matches contain one of these marks. Words are found by Wu and
 * Manber's skip table over four characters, letters in any case; most positions are skipped.
 */

/** Parts of the names that stand before secrets: something that separates must follow. Four characters each. */
const NAMES =
  'pass ?pwd secr toke cred cook oriz _key -key ikey skey tkey ekey nkey gkey ?cvv ?cvc ?ssn'.split(' ');
/** Beginnings of secrets themselves; "?" for any one character in front. */
const MARKS = (
  'bear key- ---- ?eyj akia asia abia acca aiza ya29 gocs ghp_ gho_ ghu_ ghs_ ghr_ b_pa glpa xoxa xoxb xoxp xoxe xoxr xoxs xapp ' +
  'slac k_li k_te whse ?sg. npm_ pypi ?sk- dop_ doo_ dor_ ?hf_ dapi ltai sig= ?:aa'
).split(' ');

/** Two characters, letters in one case, as an index. */
const slot = (first: number, second: number): number =>
  (((first | 0x20) & 127) << 7) | ((second | 0x20) & 127);

const SKIP = new Uint8Array(1 << 14).fill(3);
/** By the last three characters, hashed: whether a mark may end so. */
const MAY_END = new Uint8Array(1 << 12);
/** By its four characters: whether a mark is a name. */
const KNOWN = new Map<number, boolean>();

const ending = (b: number, c: number, d: number): number =>
  (((b | 0x20) << 6) ^ ((c | 0x20) << 3) ^ (d | 0x20)) & 4095;
const pack = (a: number, b: number, c: number, d: number): number =>
  (((a * 128 + b) * 128 + c) * 128 + d) | 0;
const lower = (code: number): number => (code >= 0x41 && code <= 0x5a ? code + 32 : code);

for (const mark of [...NAMES, ...MARKS]) {
  const codes = [...mark].map((character) => character.charCodeAt(0));
  const wild = mark.startsWith('?');
  KNOWN.set(pack(wild ? 0 : codes[0]!, codes[1]!, codes[2]!, codes[3]!), NAMES.includes(mark));
  for (let first = 0; first < 128; first++) {
    if (!wild && first !== codes[0]!) continue;
    const at = slot(first, codes[1]!);
    SKIP[at] = Math.min(SKIP[at]!, 2);
  }
  SKIP[slot(codes[1]!, codes[2]!)] = Math.min(SKIP[slot(codes[1]!, codes[2]!)]!, 1);
  SKIP[slot(codes[2]!, codes[3]!)] = 0;
  MAY_END[ending(codes[1]!, codes[2]!, codes[3]!)] = 1;
}

function hasMark(text: string): boolean {
  const last = text.length - 1;
  // The first window ends at index 2, for a mark with any character in front.
  for (let i = 1; i < last; ) {
    const c = text.charCodeAt(i);
    const d = text.charCodeAt(i + 1);
    const skip = SKIP[(((c | 0x20) & 127) << 7) | ((d | 0x20) & 127)]!;
    if (skip > 0) i += skip;
    else {
      if (MAY_END[ending(text.charCodeAt(i - 1), c, d)] === 1 && isMark(text, i, lower(c), lower(d)))
        return true;
      i++;
    }
  }
  return false;
}

/** Whether a mark may stand in a piece of ASCII: most that have none are known by three characters. */
export function hasMarkIn(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from + 1; i < to - 1; ) {
    const c = bytes[i]!;
    const d = bytes[i + 1]!;
    const skip = SKIP[(((c | 0x20) & 127) << 7) | ((d | 0x20) & 127)]!;
    if (skip > 0) i += skip;
    else if (MAY_END[ending(bytes[i - 1]!, c, d)] === 1) return true;
    else i++;
  }
  return false;
}

function isMark(text: string, i: number, c: number, d: number): boolean {
  if (c > 127 || d > 127) return false;
  const b = lower(text.charCodeAt(i - 1));
  if (!(b < 128)) return false;
  const a = i >= 2 ? lower(text.charCodeAt(i - 2)) : 128;
  const isName = KNOWN.get(pack(0, b, c, d)) ?? (a < 128 ? KNOWN.get(pack(a, b, c, d)) : undefined);
  return isName === false || (isName === true && isSeparated(text, i + 2));
}

/** How far behind the part of a name its separator may be: "…pass" + "phrase", a quote, blanks. */
const REACH = 32;

/** A name is followed by `:`, `=` or a quote, or is an option (`--password x`). */
function isSeparated(text: string, from: number): boolean {
  const end = Math.min(text.length, from + REACH);
  for (let i = from; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x3a || code === 0x3d || code === 0x22 || code === 0x27) return true;
  }
  for (let i = from; i > 0 && i > from - 2 * REACH; i--) {
    if (text.charCodeAt(i) === 0x2d && text.charCodeAt(i - 1) === 0x2d) return true;
  }
  return false;
}

const CARD = /[2-6]\d{3}[ -]?\d{4}(?:[ -]?\d{4}|\d{2}[ -]?\d)/;
const IBAN = /[A-Z]{2}\d{2} ?[A-Z0-9]{4} ?[A-Z0-9]{4}/;

/** Twilio's keys begin with two letters only. */
const TWILIO = /SK[\da-f]{32}/;
const hasTwilioKey = (text: string): boolean => text.includes('SK') && TWILIO.test(text);
const EMAIL = /@[\w\u0080-\uffff-]{1,63}(?:\.[\w\u0080-\uffff-]{1,63}){0,40}\.[A-Za-z\u0080-\uffff]{2}/;

/** An "@" before a host, or behind a URL's password. */
const hasAddress = (text: string): boolean =>
  text.includes('@') && (text.includes('://') || EMAIL.test(text));

/** Of `pwd=x`. */
const SHORTEST = 5;

/** Whether a text needs the rules. */
export const mayHoldSecret = (text: string): boolean =>
  text.length >= SHORTEST &&
  (hasMark(text) || hasAddress(text) || CARD.test(text) || IBAN.test(text) || hasTwilioKey(text));

/** Names and ids below this length hold no secret but an address. */
export const SHORTEST_SECRET = 10;
/** Ids of hexadecimal digits and dashes are looked at by no rule from this length on; shorter ones may be a card's number. */
export const HEX_ID = 20;

/** Cheap: ids of hexadecimal digits and dashes, and short names, hold nothing that is redacted. */
export function mayBeSecretId(text: string): boolean {
  if (text.length < SHORTEST_SECRET) return text.includes('@');
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const isHex = (code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x66) || code === 0x2d;
    if (!isHex) return true;
  }
  return text.length < HEX_ID;
}

/** Whether a text can hold an IP address. */
export const mayHoldAddress = (text: string): boolean => /\d\.\d|[\da-fA-F:]:[\da-fA-F:]/.test(text);
