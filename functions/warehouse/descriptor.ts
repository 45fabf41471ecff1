/**
 * The proto descriptor that tells the Storage Write API how the rows are encoded, made from the same columns as
 * the encoder. Numbers are protobuf's own (FieldDescriptorProto.Type and .Label).
 */
import { CHANGE_SEQUENCE, CHANGE_TYPE, type Column, type Table } from './table.ts';

const LABEL = { NULLABLE: 1, REQUIRED: 2, REPEATED: 3 } as const;
const TYPE = {
  FLOAT64: 1,
  INT64: 3,
  TIMESTAMP: 3,
  BOOL: 8,
  STRING: 9,
  JSON: 9,
  STRUCT: 11,
  BYTES: 12,
} as const;

interface FieldDescriptor {
  readonly name: string;
  readonly number: number;
  readonly label: number;
  readonly type: number;
  readonly typeName?: string;
}

export interface RowDescriptor {
  readonly name: string;
  readonly field: readonly FieldDescriptor[];
  readonly nestedType: readonly RowDescriptor[];
}

/** The descriptor of a table's rows. */
export function rowDescriptor(table: Table<never>): RowDescriptor {
  const descriptor = message('Row', table.columns);
  if (table.upsert === undefined) return descriptor;
  const changes = [CHANGE_TYPE, CHANGE_SEQUENCE].map((column) => ({
    ...column,
    label: LABEL.NULLABLE,
    type: TYPE.STRING,
  }));
  return { ...descriptor, field: [...descriptor.field, ...changes] };
}

function message(name: string, columns: readonly Column<never>[]): RowDescriptor {
  const field = columns.map((column, index) => ({
    name: column.name,
    number: index + 1,
    label: LABEL[column.mode],
    type: TYPE[column.type],
    ...(column.fields === undefined ? {} : { typeName: structName(column) }),
  }));
  const nestedType = columns.flatMap((column) =>
    column.fields === undefined ? [] : [message(structName(column), column.fields)],
  );
  return { name, field, nestedType };
}

const structName = (column: Column<never>): string => `Struct_${column.name}`;
