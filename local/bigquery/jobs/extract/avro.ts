/**
 * Avro object container files with BigQuery's types: nullable columns as unions with null, DATE, TIME, TIMESTAMP and
 * NUMERIC as logical types, DATETIME and JSON as text.
 * Source: https://cloud.google.com/bigquery/docs/exporting-data#avro_export_details
 */
import { open } from 'node:fs/promises';
import {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  type DuckDBListValue,
  type DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimeValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import { cellText } from '../../rows/text.ts';
import type { BigQueryType, ColumnSpec } from '../../sql/statement.ts';
import { AvroContainer, AvroWriter } from './avro-writer.ts';
import { type Extraction, eachChunk } from './extraction.ts';

export async function writeAvro(extraction: Extraction): Promise<void> {
  const { columns } = extraction;
  const container = new AvroContainer(extraction.compression === 'DEFLATE');
  const writer = new AvroWriter();
  const file = await open(extraction.path, 'w');
  try {
    await file.writeFile(container.header(recordSchema('Root', columns)));
    await eachChunk(extraction, async (chunk) => {
      for (const row of chunk.getRows()) writeRecord(writer, columns, row);
      await file.writeFile(container.block(chunk.rowCount, writer.take()));
    });
  } finally {
    await file.close();
  }
}

const SCHEMAS: Readonly<Record<Exclude<BigQueryType, 'RECORD'>, unknown>> = {
  STRING: 'string',
  JSON: { type: 'string', sqlType: 'JSON' },
  BYTES: 'bytes',
  INTEGER: 'long',
  FLOAT: 'double',
  BOOLEAN: 'boolean',
  TIMESTAMP: { type: 'long', logicalType: 'timestamp-micros' },
  DATE: { type: 'int', logicalType: 'date' },
  TIME: { type: 'long', logicalType: 'time-micros' },
  DATETIME: { type: 'string', sqlType: 'DATETIME' },
  NUMERIC: { type: 'bytes', logicalType: 'decimal', precision: 38, scale: 9 },
  BIGNUMERIC: { type: 'bytes', logicalType: 'decimal', precision: 38, scale: 9 },
};

const recordSchema = (name: string, columns: readonly ColumnSpec[]): object => ({
  type: 'record',
  name,
  fields: columns.map((column) => ({
    name: column.name,
    type: fieldSchema(column, `${name}_${column.name}`),
    ...(column.description === undefined ? {} : { doc: column.description }),
  })),
});

function fieldSchema(column: ColumnSpec, path: string): unknown {
  const one = column.type === 'RECORD' ? recordSchema(path, column.fields ?? []) : SCHEMAS[column.type];
  if (column.mode === 'REPEATED') return { type: 'array', items: one };
  return column.mode === 'REQUIRED' ? one : ['null', one];
}

function writeRecord(
  writer: AvroWriter,
  columns: readonly ColumnSpec[],
  values: readonly DuckDBValue[],
): void {
  columns.forEach((column, i) => {
    const value = values[i] ?? null;
    if (column.mode === 'REPEATED') writeArray(writer, column, value as DuckDBListValue | null);
    else if (column.mode === 'REQUIRED') writeValue(writer, column, value);
    else {
      writer.long(value === null ? 0n : 1n);
      if (value !== null) writeValue(writer, column, value);
    }
  });
}

function writeArray(writer: AvroWriter, column: ColumnSpec, list: DuckDBListValue | null): void {
  const items = list?.items ?? [];
  if (items.length > 0) writer.long(BigInt(items.length));
  for (const item of items) writeValue(writer, column, item);
  writer.long(0n);
}

function writeValue(writer: AvroWriter, column: ColumnSpec, value: DuckDBValue): void {
  if (column.type === 'RECORD') {
    const entries = Object.values((value as DuckDBStructValue).entries);
    writeRecord(writer, column.fields ?? [], entries);
  } else if (typeof value === 'bigint') writer.long(value);
  else if (typeof value === 'boolean') writer.boolean(value);
  else if (typeof value === 'number') writer.double(value);
  else if (value instanceof DuckDBTimestampTZValue || value instanceof DuckDBTimeValue) {
    writer.long(value.micros);
  } else if (value instanceof DuckDBDateValue) writer.long(BigInt(value.days));
  else if (value instanceof DuckDBBlobValue) writer.bytes(value.bytes);
  else if (value instanceof DuckDBDecimalValue) writer.bytes(bigEndian(value.value));
  else writer.string(cellText(value) ?? '');
}

function bigEndian(value: bigint): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeBigInt64BE(BigInt.asIntN(64, value >> 64n));
  bytes.writeBigUInt64BE(BigInt.asUintN(64, value), 8);
  return bytes;
}
