/**
 * Whether a text can hold anything that a rule redacts: a cheap test that lets most texts pass untouched. It may
 * say yes in vain, never no in vain: every rule's matches contain one of these marks. Words are found by Wu and
 * Manber's skip table over four characters, letters in any case; most positions are skipped.
 */

/** Four characters each, "?" for any one in front. */
const MARKS = (
  'pass ?pwd secr toke cred cook bear oriz _key -key ikey skey tkey ekey key- ?cvv ?ssn ' +
  '---- ?eyj akia asia abia acca aiza ya29 gocs ghp_ gho_ ghu_ ghs_ ghr_ b_pa glpa xoxa xoxb xoxp xoxe xoxr xoxs xapp ' +
  'slac k_li k_te whse ?sg. npm_ pypi ?sk- dop_ ?hf_ dapi ltai sig= ?:aa'
).split(' ');

const BITS = 5;
const SIZE = 1 << (2 * BITS);
const slot = (first: number, second: number): number => ((first & 31) << BITS) | (second & 31);

const SKIP = new Uint8Array(SIZE).fill(3);
const KNOWN = new Set<number>();

const pack = (a: number, b: number, c: number, d: number): number =>
  (((a * 128 + b) * 128 + c) * 128 + d) | 0;
const lower = (code: number): number => (code >= 0x41 && code <= 0x5a ? code + 32 : code);

for (const mark of MARKS) {
  const codes = [...mark].map((character) => character.charCodeAt(0));
  const wild = mark.startsWith('?');
  KNOWN.add(pack(wild ? 0 : codes[0]!, codes[1]!, codes[2]!, codes[3]!));
  for (let first = 0; first < 32; first++) {
    if (!wild && first !== (codes[0]! & 31)) continue;
    const at = slot(first, codes[1]!);
    SKIP[at] = Math.min(SKIP[at]!, 2);
  }
  SKIP[slot(codes[1]!, codes[2]!)] = Math.min(SKIP[slot(codes[1]!, codes[2]!)]!, 1);
  SKIP[slot(codes[2]!, codes[3]!)] = 0;
}

function hasMark(text: string): boolean {
  const last = text.length - 1;
  // The first window ends at index 2, for a mark with any character in front.
  for (let i = 1; i < last; ) {
    const c = text.charCodeAt(i);
    const d = text.charCodeAt(i + 1);
    const skip = SKIP[((c & 31) << BITS) | (d & 31)]!;
    if (skip > 0) i += skip;
    else {
      if (isMark(text, i, lower(c), lower(d))) return true;
      i++;
    }
  }
  return false;
}

function isMark(text: string, i: number, c: number, d: number): boolean {
  if (c > 127 || d > 127) return false;
  const b = lower(text.charCodeAt(i - 1));
  if (!(b < 128)) return false;
  if (KNOWN.has(pack(0, b, c, d))) return true;
  const a = i >= 2 ? lower(text.charCodeAt(i - 2)) : 128;
  return a < 128 && KNOWN.has(pack(a, b, c, d));
}

const CARD = /[2-6]\d{3}[ -]?\d{4}(?:[ -]?\d{4}|\d{2}[ -]?\d)/;
const IBAN = /[A-Z]{2}\d{2} ?[A-Z0-9]{4} ?[A-Z0-9]{4}/;

/** Whether a text needs the rules. */
export const mayHoldSecret = (text: string): boolean =>
  text.length >= 6 && (text.includes('@') || hasMark(text) || CARD.test(text) || IBAN.test(text));

/** Whether a text can hold an IP address. */
export const mayHoldAddress = (text: string): boolean => /\d\.\d|[\da-fA-F:]:[\da-fA-F:]/.test(text);
