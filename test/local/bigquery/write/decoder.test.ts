import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowDescriptor } from '../../../../functions/warehouse/descriptor.ts';
import {
  nullable,
  repeated,
  repeatedStruct,
  required,
  type Table,
} from '../../../../functions/warehouse/table.ts';
import { encode } from '../../../../functions/warehouse/warehouse.ts';
import { Layout } from '../../../../local/bigquery/rows/batch.ts';
import type { ColumnSpec } from '../../../../local/bigquery/sql/statement.ts';
import { Decoder } from '../../../../local/bigquery/write/decoder.ts';
import { RowFailure } from '../../../../local/bigquery/write/failure.ts';
import type { AppendRequest } from '../../../../local/bigquery/write/request.ts';
import { readAppendRequest } from '../../../../local/bigquery/write/request.ts';
import { WireError } from '../../../../local/bigquery/write/wire.ts';

interface Row {
  readonly id: string;
  readonly n: number | null;
  readonly tags: readonly string[];
  readonly steps: readonly { readonly name: string; readonly ms: number }[];
}

const TABLE: Table<Row> = {
  name: 't',
  columns: [
    required('id', 'STRING', (row) => row.id),
    nullable('n', 'INT64', (row) => row.n),
    repeated('tags', 'STRING', (row) => row.tags),
    repeatedStruct(
      'steps',
      [
        nullable('name', 'STRING', (step: { name: string; ms: number }) => step.name),
        nullable('ms', 'FLOAT64', (step: { name: string; ms: number }) => step.ms),
      ],
      (row) => row.steps,
    ),
  ],
};

const SPECS: readonly ColumnSpec[] = [
  { name: 'id', type: 'STRING', mode: 'REQUIRED' },
  { name: 'n', type: 'INTEGER', mode: 'NULLABLE' },
  { name: 'tags', type: 'STRING', mode: 'REPEATED' },
  {
    name: 'steps',
    type: 'RECORD',
    mode: 'REPEATED',
    fields: [
      { name: 'name', type: 'STRING', mode: 'NULLABLE' },
      { name: 'ms', type: 'FLOAT', mode: 'NULLABLE' },
    ],
  },
];

const layout = new Layout(SPECS);
const decoder = (): Decoder => new Decoder(layout, rowDescriptor(TABLE as Table<never>) as never);

function requestOf(rows: readonly Uint8Array[]): AppendRequest {
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  for (const row of rows) {
    starts.push(at);
    at += row.length;
    ends.push(at);
  }
  return {
    bytes: Buffer.concat(rows),
    writeStream: '',
    offset: null,
    descriptor: null,
    starts,
    ends,
    arrow: false,
  };
}

const row = fc.record({
  id: fc.string(),
  n: fc.option(fc.maxSafeInteger()),
  tags: fc.array(fc.string()),
  steps: fc.array(fc.record({ name: fc.string({ maxLength: 30 }), ms: fc.double({ noNaN: true }) })),
});

describe('rows from the wire', () => {
  it('are counted, whatever their number and size', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 50 }), (rows) => {
        const [chunk] = [...encode(TABLE, rows)];
        const decoded = decoder().decode(requestOf(chunk!.rows));
        expect(decoded.count).toBe(rows.length);
        decoded.release();
      }),
      { numRuns: 100 },
    );
  });

  it('that are cut, turned or invented are refused by their index, and the next request is read all the same', () => {
    const one = decoder();
    const good = [...encode(TABLE, [{ id: 'good', n: 1, tags: ['x'], steps: [] }])][0]!.rows[0]!;
    fc.assert(
      fc.property(row, fc.uint8Array({ maxLength: 60 }), fc.nat(), (valid, noise, at) => {
        const bytes = [...encode(TABLE, [valid])][0]!.rows[0]!;
        const cut = bytes.subarray(0, at % (bytes.length + 1));
        for (const bad of [noise, cut, Buffer.concat([cut, noise])]) {
          try {
            one.decode(requestOf([good, bad, good])).release();
          } catch (error) {
            expect(error).toBeInstanceOf(RowFailure);
            expect((error as RowFailure).rows.map(({ index }) => index)).toEqual([1]);
          }
          const again = one.decode(requestOf([good, good]));
          expect(again.count).toBe(2);
          again.release();
        }
      }),
      { numRuns: 500 },
    );
  });

  it('come in requests that may be nonsense too', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          readAppendRequest(Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
