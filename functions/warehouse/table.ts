/**
 * A BigQuery table as the functions write it: its columns with the getter of each, from which both the row
 * encoder and the proto descriptor of the Storage Write API come. A test holds it against sql/schema.
 * Types in the proto: https://cloud.google.com/bigquery/docs/supported-data-types
 */
import { ProtoWriter } from './proto-writer.ts';

export type ColumnType = 'STRING' | 'BYTES' | 'INT64' | 'FLOAT64' | 'BOOL' | 'TIMESTAMP' | 'JSON';
export type ColumnMode = 'NULLABLE' | 'REQUIRED' | 'REPEATED';

/** What a column holds: text for STRING and JSON, µs since the epoch for TIMESTAMP. */
type Scalar = string | number | boolean | Uint8Array;
export type Value = Scalar | null | undefined;

/** A column of scalars, or of records when `fields` is there. */
export interface Column<Row> {
  readonly name: string;
  readonly type: ColumnType | 'STRUCT';
  readonly mode: ColumnMode;
  readonly fields?: readonly Column<never>[];
  /** The value in a row; a list for a repeated column. */
  readonly get: (row: Row) => Value | readonly unknown[];
}

export interface Table<Row> {
  readonly name: string;
  readonly columns: readonly Column<Row>[];
  /** Columns that identify a row, where rows are upserted; the highest `sequence` of a key stands. */
  readonly upsert?: { readonly sequence: (row: Row) => number };
  /** The columns of a row in one go, where that is written by hand; the same bytes. */
  readonly write?: (writer: ProtoWriter, row: Row) => void;
}

/** A column that may be NULL: `nullable('user_id', 'STRING', (e) => e.user_id)`. */
export const nullable = <Row>(name: string, type: ColumnType, get: (row: Row) => Value): Column<Row> => ({
  name,
  type,
  mode: 'NULLABLE',
  get,
});

/** A column that is never NULL. */
export const required = <Row>(name: string, type: ColumnType, get: (row: Row) => Scalar): Column<Row> => ({
  name,
  type,
  mode: 'REQUIRED',
  get,
});

/** An ARRAY of scalars. */
export const repeated = <Row>(
  name: string,
  type: ColumnType,
  get: (row: Row) => readonly Scalar[],
): Column<Row> => ({ name, type, mode: 'REPEATED', get });

/** An ARRAY of STRUCTs. */
export const repeatedStruct = <Row, Item>(
  name: string,
  fields: readonly Column<Item>[],
  get: (row: Row) => readonly Item[],
): Column<Row> => ({
  name,
  type: 'STRUCT',
  mode: 'REPEATED',
  fields: fields as readonly Column<never>[],
  get,
});

/** Writes one row; returns where in the writer it starts. */
export function writeRow<Row>(writer: ProtoWriter, table: Table<Row>, row: Row): number {
  const start = writer.length;
  if (table.write !== undefined) table.write(writer, row);
  else writeColumns(writer, table.columns, row);
  if (table.upsert !== undefined) {
    writer.string(CHANGE_TYPE.number, 'UPSERT');
    writer.string(CHANGE_SEQUENCE.number, table.upsert.sequence(row).toString(16));
  }
  return start;
}

function writeColumns<Row>(writer: ProtoWriter, columns: readonly Column<Row>[], row: Row): void {
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i]!;
    const value = column.get(row);
    if (value === null || value === undefined) continue;
    if (column.mode !== 'REPEATED') writeScalar(writer, column.type as ColumnType, i + 1, value as Scalar);
    else for (const item of value as readonly unknown[]) writeItem(writer, column, i + 1, item);
  }
}

/** Pseudo-columns of an upsert: https://cloud.google.com/bigquery/docs/change-data-capture */
export const CHANGE_TYPE = { name: '_CHANGE_TYPE', number: 1001 } as const;
export const CHANGE_SEQUENCE = { name: '_CHANGE_SEQUENCE_NUMBER', number: 1002 } as const;

function writeItem<Row>(writer: ProtoWriter, column: Column<Row>, number: number, item: unknown): void {
  if (column.fields === undefined) {
    writeScalar(writer, column.type as ColumnType, number, item as Scalar);
    return;
  }
  const inner = new ProtoWriter(256);
  writeColumns(inner, column.fields, item as never);
  writer.bytes(number, inner.slice(0));
}

/** One switch for all columns: a closure for each would be a call that nothing can be inlined into. */
function writeScalar(writer: ProtoWriter, type: ColumnType, number: number, value: Scalar): void {
  switch (type) {
    case 'STRING':
    case 'JSON':
      writer.string(number, value as string);
      return;
    case 'INT64':
    case 'TIMESTAMP':
      writer.int64(number, value as number);
      return;
    case 'FLOAT64':
      writer.double(number, value as number);
      return;
    case 'BOOL':
      writer.bool(number, value as boolean);
      return;
    case 'BYTES':
      writer.bytes(number, value as Uint8Array);
  }
}
