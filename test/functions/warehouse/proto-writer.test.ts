import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowDescriptor } from '../../../functions/warehouse/descriptor.ts';
import {
  nullable,
  repeated,
  repeatedStruct,
  required,
  type Table,
} from '../../../functions/warehouse/table.ts';
import { encode } from '../../../functions/warehouse/warehouse.ts';

interface Row {
  readonly text: string;
  readonly count: number;
  readonly share: number;
  readonly yes: boolean;
  readonly raw: Uint8Array;
  readonly maybe: string | null;
  readonly words: readonly string[];
  readonly pairs: readonly { readonly id: string; readonly n: number }[];
}

const TABLE: Table<Row> = {
  name: 'rows',
  columns: [
    required('text', 'STRING', (row) => row.text),
    required('count', 'INT64', (row) => row.count),
    required('share', 'FLOAT64', (row) => row.share),
    required('yes', 'BOOL', (row) => row.yes),
    required('raw', 'BYTES', (row) => row.raw),
    nullable('maybe', 'STRING', (row) => row.maybe),
    repeated('words', 'STRING', (row) => row.words),
    repeatedStruct(
      'pairs',
      [
        required('id', 'STRING', (pair: { id: string; n: number }) => pair.id),
        required('n', 'INT64', (pair: { id: string; n: number }) => pair.n),
      ],
      (row) => row.pairs,
    ),
  ],
};

/** The reference: protobufjs, reading by the very descriptor that goes to BigQuery. */
function reference(table: Table<never>): { decode(bytes: Uint8Array): Record<string, unknown> } {
  const load = createRequire(import.meta.url);
  const protobuf = load('protobufjs') as typeof import('protobufjs');
  const { FileDescriptorSet } = load('protobufjs/ext/descriptor') as {
    FileDescriptorSet: { fromObject(object: object): unknown };
  };
  const set = FileDescriptorSet.fromObject({
    file: [{ name: 'row.proto', syntax: 'proto2', messageType: [rowDescriptor(table)] }],
  });
  const fromDescriptor = (
    protobuf.Root as unknown as { fromDescriptor(set: unknown): import('protobufjs').Root }
  ).fromDescriptor;
  const type = fromDescriptor.call(protobuf.Root, set).lookupType('Row');
  return { decode: (bytes) => type.toObject(type.decode(bytes), { longs: Number, arrays: true }) };
}

const text = fc.string({ unit: 'binary', maxLength: 200 });
const row: fc.Arbitrary<Row> = fc.record({
  text,
  count: fc.maxSafeInteger(),
  share: fc.double({ noNaN: true }),
  yes: fc.boolean(),
  raw: fc.uint8Array({ maxLength: 300 }),
  maybe: fc.option(text),
  words: fc.array(text, { maxLength: 4 }),
  pairs: fc.array(fc.record({ id: text, n: fc.maxSafeInteger() }), { maxLength: 4 }),
});

describe('rows in wire format', () => {
  const decoder = reference(TABLE as Table<never>);

  it('read back by protobufjs as they were written, whatever they hold', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 10 }), (rows) => {
        const encoded = [...encode(TABLE, rows)].flatMap((chunk) => chunk.rows);
        expect(encoded).toHaveLength(rows.length);
        encoded.forEach((bytes, i) => {
          const { maybe, ...others } = rows[i]!;
          const expected = { ...others, raw: Buffer.from(others.raw), ...(maybe === null ? {} : { maybe }) };
          const read = decoder.decode(bytes);
          expect({ ...read, raw: Buffer.from(read.raw as Uint8Array) }).toEqual(expected);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('of long text that is not ASCII keep their length right', () => {
    for (const length of [42, 43, 48, 49, 127, 128, 5461, 16_383, 16_384]) {
      const value = 'é'.repeat(length);
      const blank = {
        count: 0,
        share: 0,
        yes: false,
        raw: new Uint8Array(),
        maybe: null,
        words: [],
        pairs: [],
      };
      const [chunk] = [...encode(TABLE, [{ ...blank, text: value }])];
      expect(decoder.decode(chunk!.rows[0]!).text).toBe(value);
    }
  });

  it('go in several requests when they are too much for one', () => {
    const big = {
      count: 0,
      share: 0,
      yes: false,
      raw: new Uint8Array(1_500_000),
      maybe: null,
      words: [],
      pairs: [],
    };
    const chunks = [
      ...encode(
        TABLE,
        Array.from({ length: 9 }, (_, i) => ({ ...big, text: `${i}` })),
      ),
    ];
    expect(chunks.map((chunk) => chunk.first)).toEqual([0, 3, 6]);
    expect(chunks.flatMap((chunk) => chunk.rows.map((bytes) => decoder.decode(bytes).text))).toEqual(
      Array.from({ length: 9 }, (_, i) => `${i}`),
    );
  });
});
