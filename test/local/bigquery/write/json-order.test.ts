import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../../local/bigquery/sql/analyze/json-text.ts';
import { orderMembers } from '../../../../local/bigquery/write/json-order.ts';
import { scanJson } from '../../../../local/bigquery/write/json-scan.ts';

/** The text in order, or null where it is left to others. */
function ordered(text: string): string | null {
  const bytes = Buffer.from(`x${text}y`);
  const done = orderMembers(bytes, 1);
  expect([bytes[0], bytes.at(-1)]).toEqual([0x78, 0x79]);
  return done ? bytes.toString('utf8', 1, bytes.length - 1) : null;
}

describe('members of JSON objects in order of their names', () => {
  it.each([
    ['{"b":1,"a":2}', '{"a":2,"b":1}'],
    ['{"a!":1,"a":2,"":3}', '{"":3,"a":2,"a!":1}'],
    [
      '{"é":1,"z":{"y":[{"b":"}","a":","}],"x":null},"a":-1.5}',
      '{"a":-1.5,"z":{"x":null,"y":[{"a":",","b":"}"}]},"é":1}',
    ],
    ['[{"b":{},"a":[]},true]', '[{"a":[],"b":{}},true]'],
    ['{"a":1,"b":2,"a":3}', null],
    ['{"c":{"b":1,"b":2},"a":0}', null],
  ])('%s', (text, expected) => {
    expect(ordered(text)).toBe(expected);
  });

  it('leaves an object with thousands of members to others, and takes hundreds', () => {
    const text = (count: number): string =>
      JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${count - i}`, i])));
    expect(ordered(text(5_000))).toBeNull();
    expect(ordered(text(200))).toBe(canonicalJson(text(200)));
  });

  it('gives what reading and writing the text would give', () => {
    const key = fc.stringMatching(/^[a-eé!]{0,3}$/);
    const tree = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(1, true, null, 'x,}', 'é'),
        tie('object'),
        fc.array(tie('value')),
      ),
      object: fc.dictionary(key, tie('value'), { minKeys: 2, maxKeys: 6 }),
    })).object;
    let seen = 0;
    fc.assert(
      fc.property(tree, (value) => {
        const text = JSON.stringify(value);
        const bytes = Buffer.from(text);
        if (scanJson(bytes, 0, bytes.length) !== 'unordered') return;
        seen++;
        expect(ordered(text)).toBe(canonicalJson(text));
      }),
      { numRuns: 2_000 },
    );
    expect(seen).toBeGreaterThan(100);
  });
});
