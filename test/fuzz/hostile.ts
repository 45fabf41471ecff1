/**
 * Records as nobody should write them: the cases of every format, cut, mixed and spoilt; JSON whose fields have the
 * right names and the wrong values; bytes; long repetitions.
 */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { FIELD_OF } from '../../functions/parse/fields.ts';

const FOLDER = new URL('../cases/formats/', import.meta.url);

/** Inputs of all cases of formats. */
export const inputs: readonly string[] = readdirSync(FOLDER).flatMap((file) =>
  (
    JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as { cases: readonly { input: string }[] }
  ).cases.map((one) => one.input),
);

const input = fc.constantFrom(...inputs);

/** A record with a word in it that must not get lost. */
export interface Marked {
  readonly text: string;
  readonly marker: string;
}

const marker = fc.stringMatching(/^qx[a-z]{8}$/);

const marked: fc.Arbitrary<Marked> = fc
  .tuple(input, fc.nat(10_000), marker)
  .map(([text, at, word]) => ({ text: spliced(text, at % (text.length + 1), word), marker: word }));

/** Inserts a word, but not into an escape sequence, which it would end. */
function spliced(text: string, at: number, word: string): string {
  const slash = text.lastIndexOf('\\', at);
  const place = slash >= 0 && at - slash <= 5 ? slash : at;
  return text.slice(0, place) + word + text.slice(place);
}

const cut = fc
  .tuple(input, fc.nat(10_000), input, fc.nat(10_000))
  .map(([a, i, b, j]) => a.slice(0, i % (a.length + 1)) + b.slice(j % (b.length + 1)));

const SEEDS = [
  ...['[', '{"a":', '"', '\\', '<', '(', '=', 'a=', '|', ' - ', ': ', '\t', '\n', '\u0000', '\u001b[31m'],
  ...[
    '@',
    'a@b.',
    'token=',
    'password="',
    '://',
    '4',
    '4111 ',
    'eyJ',
    '-----BEGIN ',
    '1.',
    ':',
    '0',
    'x ',
    '\tat a.b(C.java:1)\n',
  ],
  ...[
    '2026-11-20 ',
    'Nov 20 10:00:00 ',
    '<13>',
    'INFO ',
    '[INFO]',
    '[x]',
    'GET ',
    'Caused by: ',
    '\ud83d',
    'é',
    '  File "',
  ],
];

const repeated = fc
  .tuple(
    fc.array(fc.constantFrom(...SEEDS), { minLength: 1, maxLength: 3 }),
    fc.constantFrom('', ...inputs.slice(0, 40)),
  )
  .map(([seeds, head]) => head + seeds.join('').repeat(Math.ceil(10_000 / seeds.join('').length)));

const time = fc.constantFrom<unknown>(
  ...[
    '2026-11-20T10:00:00Z',
    1795168800,
    1e40,
    -1,
    0,
    '0000-00-00',
    '99999-01-01T00:00:00Z',
    null,
    {},
    { seconds: 'x' },
  ],
);
const value = fc.oneof(
  time,
  fc.jsonValue({ maxDepth: 3 }),
  input,
  fc.constantFrom<unknown>('ERROR', 50, 'loud', '1.5s', 200, '503', 'a@example.com', Number.MAX_SAFE_INTEGER),
);
const name = fc.oneof(
  fc.constantFrom(
    ...FIELD_OF.keys(),
    '__proto__',
    'constructor',
    'toString',
    'kubernetes',
    'labels',
    'password',
  ),
  fc.constantFrom(
    'resourceLogs',
    'jsonPayload',
    'resource',
    'insertId',
    'timestamp_source',
    'httpRequest',
    '',
  ),
  fc.string({ maxLength: 8 }),
);
const json = fc
  .array(fc.tuple(name, value), { maxLength: 12 })
  .map(
    (members) =>
      `{${members.map(([key, one]) => `${JSON.stringify(key)}:${JSON.stringify(one) ?? 'null'}`).join(',')}}`,
  );

const text = fc.oneof(
  { weight: 4, arbitrary: cut },
  { weight: 3, arbitrary: json },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 120 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 200 }) },
  { weight: 1, arbitrary: repeated },
);

/** One run: a few records of one batch, some of them marked. */
export const records: fc.Arbitrary<readonly Marked[]> = fc.array(
  fc.oneof(
    { weight: 2, arbitrary: marked },
    { weight: 3, arbitrary: text.map((one) => ({ text: one, marker: '' })) },
  ),
  { minLength: 1, maxLength: 4 },
);
