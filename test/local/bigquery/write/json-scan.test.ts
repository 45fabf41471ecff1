import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../../local/bigquery/sql/analyze/json-text.ts';
import { scanJson } from '../../../../local/bigquery/write/json-scan.ts';

const scan = (text: string | Uint8Array): string => {
  const inner = Buffer.from(text);
  const bytes = Buffer.concat([Buffer.from('["'), inner, Buffer.from('}"]')]);
  return scanJson(bytes, 2, 2 + inner.length);
};

const parses = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe('reading JSON as bytes', () => {
  it.each([
    ['{"a":1,"b":[true,null,-0.5]}', 'canonical'],
    ['{}', 'canonical'],
    ['"é"', 'canonical'],
    ['{"b":1,"a":2}', 'unordered'],
    ['{"b":1,"a":"\\n"}', 'other'],
    ['{"a":1,"a":2}', 'unordered'],
    ['{"a": 1}', 'other'],
    ['"\\u00e9"', 'other'],
    ['1e5', 'other'],
    ['1.50', 'other'],
    ['', 'invalid'],
    ['{"a":1', 'invalid'],
    ['{"a":01}', 'invalid'],
    ["{'a':1}", 'invalid'],
    ['[1,]', 'invalid'],
    ['nul', 'invalid'],
    ['"\\x"', 'invalid'],
    ['"tab\there"', 'invalid'],
    ['"\\u12"', 'invalid'],
    ['1 2', 'invalid'],
    ['NaN', 'invalid'],
  ])('%s is %s', (text, kind) => {
    expect(scan(text)).toBe(kind);
  });

  it('refuses text that is not UTF-8, and more than 500 levels', () => {
    expect(scan(Uint8Array.of(0x22, 0xff, 0x22))).toBe('invalid');
    expect(scan('['.repeat(500) + ']'.repeat(500))).toBe('canonical');
    expect(scan('['.repeat(501) + ']'.repeat(501))).toBe('invalid');
    expect(scan('['.repeat(100_000))).toBe('invalid');
  });

  it('takes what JSON.parse takes, and calls canonical only what is', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.string({ maxLength: 2 }), (text, at, inserted) => {
        const place = at % (text.length + 1);
        for (const one of [text, text.slice(0, place), text.slice(0, place) + inserted + text.slice(place)]) {
          const kind = scan(one);
          expect(kind !== 'invalid').toBe(parses(one));
          if (kind === 'canonical') expect(canonicalJson(one)).toBe(one);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
