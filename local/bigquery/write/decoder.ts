/**
 * Rows of one connection, from protobuf into DuckDB's chunks: the writer's descriptor and the table's columns are
 * matched once, then each row is read field by field into its columns.
 * Guarantee: all rows of a request or none; where rows are wrong, each is named with its index and the reason.
 */
import { status } from '@grpc/grpc-js';
import { Batch, type Layout, type Rows } from '../rows/batch.ts';
import { type Column, finishRow, ListColumn, StructColumn } from '../rows/column.ts';
import type { ColumnSpec } from '../sql/statement.ts';
import { type FieldDescriptor, type MessageDescriptor, nestedTypes } from './descriptor.ts';
import { invalidArgument, type RowError, RowFailure, STORAGE_ERROR, WriteFailure } from './failure.ts';
import type { AppendRequest } from './request.ts';
import { PROTO, type ReadValue, readerOf, ValueError, wireTypeOf } from './value-reader.ts';
import { LENGTH, WireError, WireReader } from './wire.ts';

/** So many wrong rows of a request are named. */
const MAX_ROW_ERRORS = 100;
/** Fields up to this number are looked up in an array. */
const DENSE_FIELDS = 1_024;

type ReadField = (reader: WireReader, wireType: number, row: number) => void;

/** The fields of a message, by number. */
class Fields {
  readonly #dense: (ReadField | undefined)[] = [];
  readonly #sparse = new Map<number, ReadField>();

  set(number: number, read: ReadField): void {
    if (number < DENSE_FIELDS) this.#dense[number] = read;
    else this.#sparse.set(number, read);
  }

  /** Reads the message from the reader's place to `end`. */
  read(reader: WireReader, end: number, row: number): void {
    const outer = reader.end;
    reader.end = end;
    while (reader.at < end) {
      const tag = reader.uint32();
      const number = tag >>> 3;
      const field = number < DENSE_FIELDS ? this.#dense[number] : this.#sparse.get(number);
      if (field) field(reader, tag & 7, row);
      else reader.skip(tag & 7);
    }
    reader.end = outer;
  }
}

export class Decoder {
  readonly #batch: Batch;
  readonly #fields: Fields;

  /** `optional`: columns of the layout that need no field (all that are not REQUIRED go without anyway). */
  constructor(layout: Layout, descriptor: MessageDescriptor) {
    this.#batch = new Batch(layout);
    this.#fields = match(descriptor, { specs: layout.columns, columns: this.#batch.columns });
  }

  /** Reads the rows of a request; `between` is called after each row, before it ends. */
  decode(request: AppendRequest, complete?: (batch: Batch, index: number) => string | null): Rows {
    const batch = this.#batch;
    const reader = new WireReader(request.bytes);
    const errors: RowError[] = [];
    batch.readFrom(request.bytes);
    for (let i = 0; i < request.starts.length && errors.length < MAX_ROW_ERRORS; i++) {
      const message = this.#row(reader, request, i) ?? complete?.(batch, i) ?? this.#end();
      if (message === null) continue;
      errors.push({ index: i, code: 'FIELDS_ERROR', message });
      batch.dropRow();
    }
    if (errors.length === 0) return batch.take();
    batch.clear();
    throw new RowFailure(errors);
  }

  #row(reader: WireReader, request: AppendRequest, index: number): string | null {
    reader.at = request.starts[index]!;
    reader.end = request.ends[index]!;
    try {
      this.#fields.read(reader, reader.end, this.#batch.row);
      return null;
    } catch (error) {
      if (error instanceof ValueError) return error.message;
      if (error instanceof WireError)
        return `The row is not a message of the writer schema: ${error.message}.`;
      throw error;
    }
  }

  #end(): string | null {
    const missing = this.#batch.endRow();
    return missing === null ? null : requiredText(missing);
  }
}

const requiredText = (column: Column): string => `Field ${column.path}: Required field is missing.`;

interface Target {
  /** Types declared around the message. */
  readonly around?: ReadonlyMap<string, MessageDescriptor>;
  readonly specs: readonly ColumnSpec[];
  readonly columns: readonly Column[];
}

/** Fields of the message matched with columns by name, without regard to case. */
function match(descriptor: MessageDescriptor, { specs, columns, around }: Target, path = ''): Fields {
  const fields = new Fields();
  const nested = new Map([...(around ?? []), ...nestedTypes(descriptor)]);
  const names = new Set<string>();
  for (const field of descriptor.field) {
    const at = specs.findIndex((spec) => spec.name.toLowerCase() === field.name.toLowerCase());
    if (at < 0) {
      throw new WriteFailure(
        status.INVALID_ARGUMENT,
        `Input schema has more fields than BigQuery schema, extra fields: '${path}${field.name}'.`,
        STORAGE_ERROR.SCHEMA_MISMATCH_EXTRA_FIELDS,
      );
    }
    const spec = specs[at]!;
    names.add(spec.name);
    fields.set(field.number, fieldReader(field, { spec, column: columns[at]!, nested, path }));
  }
  const missing = specs.find((spec) => spec.mode === 'REQUIRED' && !names.has(spec.name));
  if (missing) {
    throw invalidArgument(`The required field ${path}${missing.name} is missing in the writer schema.`);
  }
  return fields;
}

interface Place {
  readonly spec: ColumnSpec;
  readonly column: Column;
  readonly nested: ReadonlyMap<string, MessageDescriptor>;
  readonly path: string;
}

const REPEATED = 3;

function fieldReader(field: FieldDescriptor, place: Place): ReadField {
  const { spec, column, path } = place;
  const repeated = field.label === REPEATED;
  if (repeated !== (spec.mode === 'REPEATED')) {
    throw mismatch(path + field.name, `mode ${spec.mode}, ${repeated ? 'repeated' : 'not repeated'}`);
  }
  const item = column instanceof ListColumn ? column.item : column;
  const read = spec.type === 'RECORD' ? structReader(field, place, item) : readerOf(spec.type, field.type);
  if (read === null) throw mismatch(path + field.name, `type ${spec.type}, protobuf type ${field.type}`);
  const named = naming(read, column.path);
  const wanted = wireTypeOf(field.type);
  if (!(column instanceof ListColumn)) {
    return (reader, wireType, row) => {
      checkWireType(wireType, wanted, column);
      named(reader, item, row);
    };
  }
  return (reader, wireType, row) => {
    if (wireType === LENGTH && wanted !== LENGTH) {
      const end = reader.span();
      while (reader.at < end) named(reader, item, column.push(row));
      return;
    }
    checkWireType(wireType, wanted, column);
    named(reader, item, column.push(row));
  };
}

function structReader(
  field: FieldDescriptor,
  { spec, nested, column }: Place,
  item: Column,
): ReadValue | null {
  const type = nested.get((field.typeName ?? '').replace(/^.*\./, ''));
  if (field.type !== PROTO.MESSAGE || type === undefined || !(item instanceof StructColumn)) return null;
  const target = { specs: spec.fields ?? [], columns: item.fields, around: nested };
  const fields = match(type, target, `${column.path}.`);
  return (reader, _column, row) => {
    const end = reader.span();
    item.at = row;
    fields.read(reader, end, row);
    const missing = finishRow(item.fields, row);
    if (missing) throw new ValueError(requiredText(missing));
  };
}

/** The reader, with the field's name in what it refuses. */
function naming(read: ReadValue, path: string): ReadValue {
  return (reader, column, row) => {
    try {
      read(reader, column, row);
    } catch (error) {
      if (!(error instanceof ValueError) || error.message.startsWith('Field ')) throw error;
      throw new ValueError(`Field ${path}: ${error.message}`);
    }
  };
}

function checkWireType(found: number, wanted: number, column: Column): void {
  if (found !== wanted)
    throw new WireError(`field ${column.path} comes in wire type ${found}, not ${wanted}`);
}

const mismatch = (name: string, what: string): WriteFailure =>
  invalidArgument(`The writer schema does not match the table: field ${name} has ${what}.`);
