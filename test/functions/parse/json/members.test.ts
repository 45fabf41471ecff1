import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFailure } from '../../../../functions/ingest/failure.ts';
import { membersOf, objectOf } from '../../../../functions/parse/json/members.ts';
import { createParser } from '../../../../functions/parse/parse-record.ts';
import { printEntry } from '../../../../functions/parse/print-entry.ts';

/** Reads a text that stands among others, as records do; null: left to JSON.parse. */
const read = (text: string) => {
  const list = membersOf(text, Buffer.from(`{"x":1}\n${text}\n{"y":2}\n`), 8);
  return list === null ? null : objectOf(list);
};

const ascii = (text: string): string =>
  text.replaceAll(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

const anything = fc.oneof(
  fc.double({ min: -1e9, max: 1e9, noNaN: true }),
  fc.integer(),
  fc.boolean(),
  fc.string({ unit: 'binary' }),
);
const object = fc
  .dictionary(fc.stringMatching(/^[a-zA-Z@_.-]{0,8}$/), anything, { minKeys: 1, maxKeys: 6 })
  .chain((value) =>
    fc.constantFrom(undefined, 1, '\t').map((space) => ascii(JSON.stringify(value, null, space))),
  );

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return 'none';
  }
};

describe('an object of ASCII', () => {
  it('has the members that JSON.parse gives it, in their order', () => {
    let taken = 0;
    fc.assert(
      fc.property(object, (text) => {
        const found = read(text);
        if (found === null) return;
        taken++;
        expect(JSON.stringify(found)).toBe(JSON.stringify(JSON.parse(text)));
        expect(found).toEqual(JSON.parse(text));
      }),
      { numRuns: 2000 },
    );
    expect(taken).toBeGreaterThan(1000);
  });

  it('with a name that comes twice is left to JSON.parse, however long the name and however many names there were', () => {
    const twice = (name: string): string => `{"${name}":1,"other":2,"${name}":3}`;
    expect(read(twice('n'.repeat(64)))).toBeNull();
    expect(read(twice('n'.repeat(65)))).toBeNull();
    // Names of 12,000 records, some with many; those that are known are forgotten meanwhile, also in the middle of a record.
    const many = (from: number, count: number): string =>
      `{${Array.from({ length: count }, (_, i) => `"many-${from + i}":1`).join()}}`;
    for (let i = 0; i < 12_000; i++) {
      expect(read(many(10 * i, i % 1000 === 999 ? 7000 : 1)) === null).toBe(i % 1000 === 999);
      if (i % 7 === 0) {
        expect(read(twice('usual'))).toBeNull();
        expect(read(twice(`first-${i}`))).toBeNull();
        expect(read('{"usual":1,"other":2}')).toEqual({ usual: 1, other: 2 });
      }
    }
  });

  it('that is damaged anywhere is read as JSON.parse reads it, or left to it', () => {
    const damage = fc.tuple(
      fc.nat(),
      fc.constantFrom('', '"', '\\', ',', '}', '{', ':', '0', '\n', ' ', '1,2'),
    );
    fc.assert(
      fc.property(object, damage, (text, [place, by]) => {
        const at = place % text.length;
        const damaged = `{${text.slice(1, at)}${by}${text.slice(at + 1)}`;
        const found = read(damaged);
        if (found !== null) expect(found).toEqual(parsed(damaged));
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    ['{"a":1.5,"b":-0,"c":1e3,"d":-12.25E-2,"e":0.1,"f":304.6666666666667,"g":123456789012345}'],
    ['{ "a" : true , "b":false,"c" :null, "d":"", "":"x" } '],
    ['{"a":"\\u00e4\\n\\"","e":"plain"}'],
  ])('such as %s is not left to JSON.parse', (text) => {
    expect(read(text)).toEqual(JSON.parse(text));
    expect(JSON.stringify(read(text))).toBe(JSON.stringify(JSON.parse(text)));
  });

  it.each([
    ['{"a":1,"a":2}'], // the last counts, in the place of the first
    ['{"b":1,"0":2}'], // numbers come before all other names
    ['{"__proto__":{"x":1}}'],
    ['{"a":12345678901234567890}'], // a double does not hold it
    ['{"a":{"b":1}}'],
    ['{"a":[]}'],
    ['{"\\u0061":1}'],
    ['{}'],
    ...['{"a":01}', '{"a":1.}', '{"a":.5}', '{"a":-}', '{"a":1e}', '{"a":+1}', '{"a":tru}', '{"a":"\t"}'].map(
      (t) => [t],
    ),
    ...['{"a":1}}', '{"a":1', '{"a":1,}', '{"a"}', '{"a":1} x', '{a:1}', '{"a":"b', '{"a":1},{"b":2}'].map(
      (t) => [t],
    ),
  ])('such as %s is left to JSON.parse', (text) => {
    expect(read(text)).toBeNull();
  });
});

describe('a record', () => {
  const parse = createParser({ maxDepth: 5, slowMs: 3000, maxFutureMs: 86_400_000 });
  const context = {
    batchId: 'b',
    index: 0,
    receivedAtUs: 1_795_255_200_000_000,
    attributes: {},
    latin1: false,
  };
  const name = fc.constantFrom(
    ...'timestamp level severity message msg service host status latency_ms duration user_id trace_id'.split(
      ' ',
    ),
    ...'log event text name pid time stack error err kubernetes stream @t @mt password k1 k2 k3'.split(' '),
  );
  const value: fc.Arbitrary<unknown> = fc.oneof(
    fc.constantFrom(
      '2026-11-21T10:00:00Z',
      '2026-11-21T10:00:00.123456Z',
      '2026-11-21',
      'error',
      '12ms',
      'a@b.org',
    ),
    fc.constantFrom(
      200,
      0.25,
      30,
      1_795_255_200,
      true,
      null,
      { message: 'x', status: 500 },
      { a: { b: { c: { d: 1 } } } },
    ),
    fc.constantFrom(
      ...['password=hunter2', 'Bearer abcdefghijkl123', '4111 1111 1111 1111', 'DE89370400440532013000'],
      ...['AKIAABCDEFGHIJKLMNOP', 'pass', '4111111111111111aaaa', '0a4111111111111111', '--token abcdefgh'],
      ...[4111111111111111, -4111111111111111, 0.4111111111111111],
    ),
    fc.string({ unit: 'binary-ascii' }),
  );

  it('is the same entry, redacted alike, whether it is read from the bytes of its batch or as text', () => {
    fc.assert(
      fc.property(fc.dictionary(name, value, { minKeys: 1, maxKeys: 5 }), fc.boolean(), (some, usual) => {
        const record = usual ? { level: 'info', message: 'all is well', ...some } : some;
        const text = ascii(JSON.stringify(record));
        const bytes = Buffer.from(`${text}\n`);
        const [a, b] = [parse(text, context), parse(text, { ...context, bytes, offset: 0 })];
        expect(isFailure(b) ? b : printEntry(b)).toEqual(isFailure(a) ? a : printEntry(a));
      }),
      {
        numRuns: 4000,
        examples: [
          [{ user_id: 4111111111111111 }, true],
          [{ trace_id: '0a4111111111111111' }, true],
          [{ k1: 4111111111111111 }, true],
          [{ message: 'password=hunter2' }, true],
          [{ k1: 'Bearer abcdefghijkl123' }, true],
          [{ password: 'x' }, true],
          [{ message: 'to \u0061@b.org "quoted"' }, true],
          [{ service: 'a@b.org' }, true],
          [{ k1: { k2: 'a@b.org' } }, true],
        ],
      },
    );
  });
});
