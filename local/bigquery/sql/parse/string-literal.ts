/** Escapes of GoogleSQL's string, bytes and backquoted literals. Source: "Lexical structure", escape sequences. */

import type { Failures } from './position.ts';

const simple: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '?': '?',
  '"': '"',
  "'": "'",
  '`': '`',
};

const escapeSequence =
  /\\(?:([0-3][0-7]{2})|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))/g;

interface Options {
  readonly raw: boolean;
  readonly kind: 'string' | 'bytes';
  readonly failures: Failures;
  readonly offset: number;
}

const lineEnds = (text: string): string => text.replace(/\r\n?/g, '\n');

/** The value of a literal's inside. Bytes come as Latin-1 text: one character a byte. */
export function decodeString(body: string, options: Options): string {
  const { raw, kind, failures, offset } = options;
  const plain = (text: string): string =>
    kind === 'bytes' ? Buffer.from(text, 'utf8').toString('latin1') : text;
  if (raw || !body.includes('\\')) return plain(lineEnds(body));
  let out = '';
  let last = 0;
  for (const found of body.matchAll(escapeSequence)) {
    out += plain(lineEnds(body.slice(last, found.index)));
    last = found.index + found[0].length;
    const [, octal, hex, unicode4, unicode8, other] = found;
    const code = octal ? Number.parseInt(octal, 8) : Number.parseInt(hex ?? unicode4 ?? unicode8 ?? '', 16);
    if (other !== undefined) {
      const value = Object.hasOwn(simple, other) ? simple[other] : undefined;
      if (value === undefined) {
        throw failures.syntax(`Illegal escape sequence: \\${other}`, offset + found.index);
      }
      out += value;
    } else if (kind === 'bytes' && (unicode4 ?? unicode8) !== undefined) {
      throw failures.syntax(`Illegal escape sequence: ${found[0].slice(0, 2)}`, offset + found.index);
    } else if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) {
      throw failures.syntax(`Illegal escape sequence: ${found[0]}`, offset + found.index);
    } else {
      out += String.fromCodePoint(code);
    }
  }
  return out + plain(lineEnds(body.slice(last)));
}
