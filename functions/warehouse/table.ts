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
  /** Writes the column's value as field `number`; nothing for NULL. */
  readonly write: (writer: ProtoWriter, number: number, row: Row) => void;
}

export interface Table<Row> {
  readonly name: string;
  readonly columns: readonly Column<Row>[];
  /** Columns that identify a row, where rows are upserted; the highest `sequence` of a key stands. */
  readonly upsert?: { readonly sequence: (row: Row) => number };
}

/** A column that may be NULL: `nullable('user_id', 'STRING', (e) => e.user_id)`. */
export const nullable = <Row>(name: string, type: ColumnType, get: (row: Row) => Value): Column<Row> =>
  scalar(name, type, 'NULLABLE', get);

/** A column that is never NULL. */
export const required = <Row>(name: string, type: ColumnType, get: (row: Row) => Scalar): Column<Row> =>
  scalar(name, type, 'REQUIRED', get);

/** An ARRAY of scalars. */
export const repeated = <Row>(
  name: string,
  type: ColumnType,
  get: (row: Row) => readonly Scalar[],
): Column<Row> => {
  const put = PUT[type];
  return {
    name,
    type,
    mode: 'REPEATED',
    write(writer, number, row) {
      for (const value of get(row)) put(writer, number, value);
    },
  };
};

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
  write(writer, number, row) {
    for (const item of get(row)) {
      const inner = new ProtoWriter(256);
      writeColumns(inner, fields, item);
      writer.bytes(number, inner.slice(0));
    }
  },
});

/** Writes one row; returns where in the writer it starts. */
export function writeRow<Row>(writer: ProtoWriter, table: Table<Row>, row: Row): number {
  const start = writer.length;
  writeColumns(writer, table.columns, row);
  if (table.upsert !== undefined) {
    writer.string(CHANGE_TYPE.number, 'UPSERT');
    writer.string(CHANGE_SEQUENCE.number, table.upsert.sequence(row).toString(16));
  }
  return start;
}

function writeColumns<Row>(writer: ProtoWriter, columns: readonly Column<Row>[], row: Row): void {
  for (let i = 0; i < columns.length; i++) columns[i]!.write(writer, i + 1, row);
}

/** Pseudo-columns of an upsert: https://cloud.google.com/bigquery/docs/change-data-capture */
export const CHANGE_TYPE = { name: '_CHANGE_TYPE', number: 1001 } as const;
export const CHANGE_SEQUENCE = { name: '_CHANGE_SEQUENCE_NUMBER', number: 1002 } as const;

const PUT: Readonly<Record<ColumnType, (writer: ProtoWriter, number: number, value: Scalar) => void>> = {
  STRING: (writer, number, value) => writer.string(number, value as string),
  JSON: (writer, number, value) => writer.string(number, value as string),
  BYTES: (writer, number, value) => writer.bytes(number, value as Uint8Array),
  INT64: (writer, number, value) => writer.int64(number, value as number),
  TIMESTAMP: (writer, number, value) => writer.int64(number, value as number),
  FLOAT64: (writer, number, value) => writer.double(number, value as number),
  BOOL: (writer, number, value) => writer.bool(number, value as boolean),
};

function scalar<Row>(
  name: string,
  type: ColumnType,
  mode: ColumnMode,
  get: (row: Row) => Value,
): Column<Row> {
  const put = PUT[type];
  return {
    name,
    type,
    mode,
    write(writer, number, row) {
      const value = get(row);
      if (value !== null && value !== undefined) put(writer, number, value);
    },
  };
}
