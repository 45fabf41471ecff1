/** Card numbers (issuer, length and Luhn's check) and IBANs (country, length and ISO 7064's check). */
import { isDigitCode, isWordCode, type Rule } from './rule.ts';

const CARD = /[2-6]\d{3}(?:([ -])\d{4}\1\d{4}\1\d{1,4}(?:\1\d{1,3})?|([ -])\d{6}\2\d{4,5}|\d{9,15})/g;

export const card: Rule = {
  name: 'card',
  find(text, add) {
    CARD.lastIndex = 0;
    for (let match = CARD.exec(text); match !== null; match = CARD.exec(text)) {
      const start = match.index;
      const end = start + match[0].length;
      if (isFree(text, start, end) && isCard(match[0].replaceAll(/[ -]/g, ''))) add(start, end);
      else CARD.lastIndex = digitsEnd(text, start);
    }
  },
  normalize: (value) => value.replaceAll(/[ -]/g, ''),
};

/** A number inside a word, an id or a longer number is none of a card. */
function isFree(text: string, start: number, end: number): boolean {
  const before = text.charCodeAt(start - 1);
  const after = text.charCodeAt(end);
  if (isWordCode(before) || isWordCode(after)) return false;
  if ((after === 0x2e || after === 0x2d || after === 0x3a) && isWordCode(text.charCodeAt(end + 1)))
    return false;
  // "." "-" "/" "#" "+" before: a fraction, an id, a path.
  return (
    !(
      before === 0x2e ||
      before === 0x2d ||
      before === 0x2f ||
      before === 0x23 ||
      before === 0x2b ||
      before === 0x3a
    ) ||
    (before === 0x3a && text.charCodeAt(start - 2) !== 0x3a && !isDigitCode(text.charCodeAt(start - 2)))
  );
}

function digitsEnd(text: string, start: number): number {
  let end = start + 1;
  while (isDigitCode(text.charCodeAt(end))) end++;
  return end;
}

/** Issuers and the lengths of their numbers. */
const ISSUERS: readonly (readonly [RegExp, readonly number[]])[] = [
  [/^4/, [13, 16, 19]],
  [/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]],
  [/^3[47]/, [15]],
  [/^(?:6011|64[4-9]|65|62)/, [16, 17, 18, 19]],
  [/^35(?:2[89]|[3-8])/, [16, 17, 18, 19]],
  [/^(?:30[0-5]|36|38|39)/, [14, 16]],
  [/^220[0-4]/, [16]],
  [/^(?:5018|5020|5038|5893|6304|6759|676[123])/, [13, 14, 15, 16, 17, 18, 19]],
];

function isCard(digits: string): boolean {
  return (
    ISSUERS.some(([prefix, lengths]) => prefix.test(digits) && lengths.includes(digits.length)) &&
    luhn(digits)
  );
}

function luhn(digits: string): boolean {
  let sum = 0;
  for (let i = digits.length - 1, double = false; i >= 0; i--, double = !double) {
    const digit = digits.charCodeAt(i) - 0x30;
    sum += double ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit;
  }
  return sum % 10 === 0 && /[1-9]/.test(digits.slice(1));
}

/** Lengths by country. Source: SWIFT IBAN registry. */
const IBAN_LENGTHS: Readonly<Record<string, number>> = Object.fromEntries(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ' +
    'ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 ' +
    'LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 ' +
    'QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
  )
    .split(' ')
    .map((one) => [one.slice(0, 2), Number(one.slice(2))]),
);

const IBAN_START = /[A-Z]{2}\d{2}/g;

export const iban: Rule = {
  name: 'iban',
  find(text, add) {
    IBAN_START.lastIndex = 0;
    for (let match = IBAN_START.exec(text); match !== null; match = IBAN_START.exec(text)) {
      const length = IBAN_LENGTHS[match[0].slice(0, 2)];
      if (length === undefined || isWordCode(text.charCodeAt(match.index - 1))) continue;
      const read = readIban(text, match.index, length);
      if (read !== null && remainder(read.value) === 1) {
        add(match.index, read.end);
        IBAN_START.lastIndex = read.end;
      }
    }
  },
  normalize: (value) => value.replaceAll(' ', ''),
};

/** `length` letters and digits from `start`, with single blanks between groups of four or none. */
function readIban(text: string, start: number, length: number): { value: string; end: number } | null {
  let value = '';
  let end = start;
  const grouped = text.charCodeAt(start + 4) === 0x20;
  while (value.length < length) {
    const code = text.charCodeAt(end);
    const blank = grouped && code === 0x20 && value.length % 4 === 0 && value.length > 0;
    if (!blank) {
      if (!isDigitCode(code) && !(code >= 0x41 && code <= 0x5a)) return null;
      value += text[end];
    }
    end++;
  }
  return isWordCode(text.charCodeAt(end)) ? null : { value, end };
}

/** The number that an IBAN is, modulo 97. */
function remainder(value: string): number {
  let rest = 0;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt((i + 4) % value.length);
    rest = isDigitCode(code) ? (rest * 10 + code - 0x30) % 97 : (rest * 100 + code - 55) % 97;
  }
  return rest;
}
