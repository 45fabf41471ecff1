/**
 * Rows of a table as an Avro object container that BigQuery loads: the schema from the table's columns, rows in blocks
 * from the same getters as the Storage Write API's. Blocks are not compressed: bytes that lie in a bucket for a minute
 * cost less than the processor that would shrink them.
 * What BigQuery wants: required columns as plain types and others as unions with null, `timestamp-micros` with
 * useAvroLogicalTypes, JSON as a string with `sqlType`, blocks of at most 16 MB.
 * Source: https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-avro, https://cloud.google.com/bigquery/quotas
 */
import type { Column, ColumnType, Table } from '../warehouse/table.ts';
import { AvroWriter } from './avro-writer.ts';

/** A block ends with the row that takes it there; BigQuery reads blocks side by side. */
const BLOCK_BYTES = 2 * 1024 * 1024;
const MAGIC = Buffer.from('Obj\x01', 'latin1');

const TYPES: Readonly<Record<ColumnType, unknown>> = {
  STRING: 'string',
  BYTES: 'bytes',
  INT64: 'long',
  FLOAT64: 'double',
  BOOL: 'boolean',
  TIMESTAMP: { type: 'long', logicalType: 'timestamp-micros' },
  JSON: { type: 'string', sqlType: 'JSON' },
};

/** The schema of a table's rows. Throws for a table with records in it: nothing loads one. */
export function avroSchema(table: Table<never>): object {
  const fields = table.columns.map((column) => {
    const type = TYPES[scalarType(column)];
    if (column.mode === 'REPEATED') return { name: column.name, type: { type: 'array', items: type } };
    return { name: column.name, type: column.mode === 'NULLABLE' ? ['null', type] : type };
  });
  return { type: 'record', name: 'Row', fields };
}

function scalarType({ name, type }: Column<never>): ColumnType {
  if (type === 'STRUCT') throw new TypeError(`column ${name} holds records, which are not loaded`);
  return type;
}

/** What begins a container of a table's rows whose blocks end in `sync`, 16 bytes that nobody can foresee. */
export function containerHead(table: Table<never>, sync: Buffer): Buffer {
  const writer = new AvroWriter(4096);
  writer.raw(MAGIC);
  writer.long(2);
  writer.string('avro.codec');
  writer.string('null');
  writer.string('avro.schema');
  writer.string(JSON.stringify(avroSchema(table)));
  writer.long(0);
  writer.raw(sync);
  return writer.take();
}

/** Rows as blocks, in pieces to be written one after the other. Keeps a buffer: one for a table is enough. */
export class BlockWriter<Row> {
  readonly #columns: readonly Column<Row>[];
  readonly #rows = new AvroWriter();
  readonly #head = new AvroWriter(32);

  constructor(table: Table<Row>) {
    this.#columns = table.columns;
  }

  blocks(rows: readonly Row[], sync: Buffer): Buffer[] {
    const pieces: Buffer[] = [];
    let count = 0;
    const end = (): void => {
      this.#head.long(count);
      this.#head.long(this.#rows.length);
      pieces.push(this.#head.take(), this.#rows.take(), sync);
      count = 0;
    };
    try {
      for (const row of rows) {
        writeRow(this.#rows, this.#columns, row);
        count++;
        if (this.#rows.length >= BLOCK_BYTES) end();
      }
      if (count > 0) end();
      return pieces;
    } finally {
      // Half a row of a batch that failed is in no other.
      this.#rows.clear();
    }
  }
}

function writeRow<Row>(writer: AvroWriter, columns: readonly Column<Row>[], row: Row): void {
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i]!;
    const value = column.get(row);
    if (column.mode === 'REPEATED') writeItems(writer, column, value as readonly unknown[]);
    else if (column.mode === 'REQUIRED') writeScalar(writer, column.type, value);
    else if (value === null || value === undefined) writer.long(0);
    else {
      writer.long(1);
      writeScalar(writer, column.type, value);
    }
  }
}

function writeItems<Row>(writer: AvroWriter, { type }: Column<Row>, items: readonly unknown[]): void {
  if (items.length > 0) {
    writer.long(items.length);
    for (const item of items) writeScalar(writer, type, item);
  }
  writer.long(0);
}

/** One switch for all columns, as in ../warehouse/table.ts. */
function writeScalar(writer: AvroWriter, type: Column<never>['type'], value: unknown): void {
  switch (type) {
    case 'STRING':
    case 'JSON':
      writer.string(value as string);
      return;
    case 'INT64':
    case 'TIMESTAMP':
      writer.long(value as number);
      return;
    case 'FLOAT64':
      writer.double(value as number);
      return;
    case 'BOOL':
      writer.bool(value as boolean);
      return;
    case 'BYTES':
      writer.bytes(value as Uint8Array);
  }
}
