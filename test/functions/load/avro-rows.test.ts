import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import avro from 'avsc';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openContainer } from '../../../functions/archive/avro-container.ts';
import { ByteSource } from '../../../functions/archive/byte-source.ts';
import { avroSchema, BlockWriter, containerHead } from '../../../functions/load/avro-rows.ts';
import { entriesOf } from '../../../functions/load/rescue.ts';
import {
  nullable,
  repeated,
  repeatedStruct,
  required,
  type Table,
} from '../../../functions/warehouse/table.ts';
import { logEntries } from '../../../functions/warehouse/tables.ts';
import { longType } from '../../../local/bigquery/jobs/avro-long.ts';
import { logEntry } from '../../log-entry.ts';

interface Row {
  readonly text: string;
  readonly count: number;
  readonly share: number;
  readonly yes: boolean;
  readonly raw: Uint8Array;
  readonly maybe: string | null;
  readonly seen: number | null;
  readonly words: readonly string[];
}

const TABLE: Table<Row> = {
  name: 'rows',
  columns: [
    required('text', 'STRING', (row) => row.text),
    required('count', 'INT64', (row) => row.count),
    required('share', 'FLOAT64', (row) => row.share),
    required('yes', 'BOOL', (row) => row.yes),
    required('raw', 'BYTES', (row) => row.raw),
    nullable('maybe', 'JSON', (row) => row.maybe),
    nullable('seen', 'TIMESTAMP', (row) => row.seen),
    repeated('words', 'STRING', (row) => row.words),
  ],
};

const container = <R>(table: Table<R>, batches: readonly (readonly R[])[]): Buffer => {
  const sync = randomBytes(16);
  const writer = new BlockWriter(table);
  return Buffer.concat([
    containerHead(table as Table<never>, sync),
    ...batches.flatMap((rows) => writer.blocks(rows, sync)),
  ]);
};

/** avsc's own numbers end at 2^52. */
const exactLong = (schema: unknown) => {
  const type = typeof schema === 'object' && schema !== null ? (schema as { type: unknown }).type : schema;
  return type === 'long' ? longType : undefined;
};

/** The reference: avsc, reading by the schema in the file. */
async function read(bytes: Buffer): Promise<Record<string, unknown>[]> {
  const decoder = new avro.streams.BlockDecoder({
    parseHook: (schema) => avro.Type.forSchema(schema, { wrapUnions: false, typeHook: exactLong }),
  });
  const rows: Record<string, unknown>[] = [];
  for await (const row of Readable.from([bytes]).pipe(decoder)) rows.push(row);
  return rows;
}

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ minLength: 40, maxLength: 200 }),
  fc.string({ unit: 'grapheme', minLength: 60, maxLength: 70 }),
);
const anyRow: fc.Arbitrary<Row> = fc.record({
  text,
  count: fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.constantFrom(0, -1, 2 ** 52, -(2 ** 52), 2 ** 28)),
  share: fc.double({ noNaN: true }),
  yes: fc.boolean(),
  raw: fc.uint8Array({ maxLength: 200 }),
  maybe: fc.option(text),
  seen: fc.option(fc.integer({ min: 0, max: 4e15 })),
  words: fc.array(text, { maxLength: 4 }),
});

describe('rows as an Avro file', () => {
  it('are read by another implementation as they were written, whatever they hold, however they came in batches', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(anyRow, { maxLength: 5 }), { maxLength: 4 }), async (batches) => {
        const rows = await read(container(TABLE, batches));
        const plain = rows.map(({ count, seen, raw, ...row }) => ({
          ...{ ...row, count: Number(count), seen: seen === null ? null : Number(seen) },
          raw: [...(raw as Buffer)],
        }));
        expect(plain).toEqual(batches.flat().map((row) => ({ ...row, raw: [...row.raw] })));
      }),
      { numRuns: 200 },
    );
  });

  it('are blocks that end long before the 16 MB that BigQuery takes', async () => {
    const rows = Array.from({ length: 30 }, (_, i) =>
      logEntry({ insert_id: `b-${i}`, message: 'x'.repeat(5e5) }),
    );
    const source = new ByteSource(Readable.from([container(logEntries, [rows])]));
    const sizes: number[] = [];
    let count = 0;
    for await (const block of (await openContainer(source)).blocks()) {
      sizes.push(block.bytes.length);
      count += block.count;
    }
    expect(count).toBe(30);
    expect(sizes.length).toBeGreaterThan(3);
    expect(Math.max(...sizes)).toBeLessThan(16e6);
  });

  it('that could not be written leave nothing behind in the next batch', async () => {
    const writer = new BlockWriter(TABLE);
    const sync = randomBytes(16);
    const row: Row = {
      ...{ text: 'a', count: 1, share: 2, yes: true, raw: new Uint8Array(), maybe: null, seen: null },
      words: ['w'],
    };
    expect(() => writer.blocks([row, { ...row, words: null as never }], sync)).toThrow(TypeError);
    const bytes = Buffer.concat([
      containerHead(TABLE as Table<never>, sync),
      ...writer.blocks([{ ...row, text: 'b' }], sync),
    ]);
    expect((await read(bytes)).map(({ text }) => text)).toEqual(['b']);
  });

  it('tell BigQuery the types of log_entries: times, JSON, what may be NULL, lists', () => {
    const { fields } = avroSchema(logEntries as Table<never>) as {
      fields: { name: string; type: unknown }[];
    };
    const typeOf = (name: string): unknown => fields.find((field) => field.name === name)?.type;
    expect(typeOf('insert_id')).toBe('string');
    expect(typeOf('timestamp')).toEqual({ type: 'long', logicalType: 'timestamp-micros' });
    expect(typeOf('labels')).toEqual(['null', { type: 'string', sqlType: 'JSON' }]);
    expect(typeOf('latency_ms')).toEqual(['null', 'double']);
    expect(typeOf('anomaly_reasons')).toEqual({ type: 'array', items: 'string' });
  });

  it('are not made of a table with records in it', () => {
    const table: Table<{ readonly pairs: readonly never[] }> = {
      name: 't',
      columns: [repeatedStruct('pairs', [], ({ pairs }) => pairs)],
    };
    expect(() => avroSchema(table as Table<never>)).toThrow(/column pairs holds records/);
  });

  it('become log entries again, all of their fields', async () => {
    const entries = [
      logEntry({
        insert_id: 'b-0',
        severity: 500,
        latency_ms: 1.5,
        http_status: 503,
        anomaly_reasons: ['severity'],
      }),
      logEntry({ insert_id: 'b-1', timestamp: 1_795_168_800_000_001, user_id: 'ü', labels: '{"a":[1]}' }),
    ];
    expect(await entriesOf(container(logEntries, [entries]))).toEqual(entries);
  });

  it('are refused as damaged wherever a file was cut off or is something else', async () => {
    const bytes = container(logEntries, [[logEntry(), logEntry({ insert_id: 'b-1' })]]);
    for (const end of [3, 100, bytes.length - 30, bytes.length - 1])
      await expect(entriesOf(bytes.subarray(0, end))).rejects.toThrow(
        expect.objectContaining({ name: 'DamagedFile' }),
      );
    await expect(entriesOf(Buffer.from('{"not":"avro"}'))).rejects.toThrow(/not an Avro file/);
  });
});
