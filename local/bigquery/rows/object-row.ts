/**
 * Rows as objects, from `insertAll`, NDJSON or Avro → a batch: fields matched with columns by name, without regard
 * to case; every value checked.
 */
import type { ColumnSpec } from '../sql/statement.ts';
import type { Batch } from './batch.ts';
import { badValue, CellError, putScalar } from './cell-value.ts';
import { type Column, finishRow, ListColumn, StructColumn, type TextColumn } from './column.ts';
import { DIGITS, jsonTextOf } from './exact-json.ts';

export interface ObjectRowOptions {
  /** A JSON column takes any value as it is; otherwise text that holds JSON. */
  readonly jsonAsValue: boolean;
  readonly ignoreUnknown: boolean;
}

export class ObjectRows {
  readonly #batch: Batch;
  readonly #options: ObjectRowOptions;
  readonly #columns: Names;

  /** `specs` are those of the batch's columns, in their order. */
  constructor(batch: Batch, specs: readonly ColumnSpec[], options: ObjectRowOptions) {
    this.#batch = batch;
    this.#options = options;
    this.#columns = namesOf(specs, batch.columns);
  }

  /** Adds a row; where it is wrong it is left out, and the reason returned. */
  add(row: unknown, complete?: (batch: Batch) => void): CellError | null {
    const batch = this.#batch;
    try {
      if (row instanceof Error) throw new CellError('', row.message);
      if (!isObject(row)) throw new CellError('', 'The row is not a JSON object.');
      this.#fields(row, this.#columns, batch.row, '');
      complete?.(batch);
      const missing = batch.endRow();
      if (missing === null) return null;
      throw new CellError(missing.path, `Missing required field: ${missing.path}.`);
    } catch (error) {
      if (!(error instanceof CellError)) throw error;
      batch.dropRow();
      return error;
    }
  }

  #fields(row: Readonly<Record<string, unknown>>, names: Names, at: number, path: string): void {
    for (const [name, value] of Object.entries(row)) {
      const target = names.get(name.toLowerCase());
      if (!target) {
        if (this.#options.ignoreUnknown) continue;
        throw new CellError(path + name, `no such field: ${path}${name}.`);
      }
      this.#value(target, value, at);
    }
  }

  #value(target: Target, value: unknown, row: number): void {
    const { column, spec } = target;
    if (!(column instanceof ListColumn)) {
      if (value !== null && value !== undefined) this.#one(target, column, value, row);
      return;
    }
    if (value === null || value === undefined) return;
    if (!Array.isArray(value)) {
      throw new CellError(column.path, `Field ${spec.name} is repeated; an array is expected.`);
    }
    for (const item of value as unknown[]) {
      if (item === null)
        throw new CellError(column.path, `Only optional fields can be set to NULL. Field: ${column.path}`);
      this.#one(target, column.item, item, column.push(row));
    }
  }

  #one(target: Target, column: Column, value: unknown, row: number): void {
    const { spec, fields } = target;
    if (column instanceof StructColumn) {
      if (!isObject(value)) throw new CellError(column.path, `This field: ${spec.name} is not a record.`);
      column.at = row;
      this.#fields(value, fields, row, `${column.path}.`);
      const missing = finishRow(column.fields, row);
      if (missing) throw new CellError(missing.path, `Missing required field: ${missing.path}.`);
      return;
    }
    const slot = { column, row, heap: this.#batch.heap };
    if (spec.type === 'JSON' && this.#options.jsonAsValue) {
      putScalar(slot, 'JSON', jsonTextOf(value));
      return;
    }
    if (value instanceof Uint8Array) {
      if (spec.type !== 'BYTES') throw badValue(column, spec.type, 'bytes');
      (column as TextColumn).setBytes(row, slot.heap, value);
      return;
    }
    if (Array.isArray(value)) {
      throw new CellError(column.path, `Array specified for non-repeated field: ${spec.name}.`);
    }
    if (typeof value === 'object') {
      throw new CellError(column.path, `This field: ${spec.name} is not a record.`);
    }
    const digits = typeof value === 'string' && value.startsWith(DIGITS);
    putScalar(
      slot,
      spec.type,
      digits ? value.slice(DIGITS.length) : (value as string | number | bigint | boolean),
    );
  }
}

interface Target {
  readonly spec: ColumnSpec;
  readonly column: Column;
  readonly fields: Names;
}
type Names = ReadonlyMap<string, Target>;

function namesOf(specs: readonly ColumnSpec[], columns: readonly Column[]): Names {
  return new Map(
    specs.map((spec, i) => {
      const column = columns[i]!;
      const item = column instanceof ListColumn ? column.item : column;
      const fields = item instanceof StructColumn ? namesOf(spec.fields ?? [], item.fields) : new Map();
      return [spec.name.toLowerCase(), { spec, column, fields }];
    }),
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
