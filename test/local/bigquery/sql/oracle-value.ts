/** Values of the oracle's protocol in the form of the tests' cells (see duckdb.ts). */

import type { Cell } from './duckdb.ts';
import type { Evaluated, ProtoType, ProtoValue } from './oracle.ts';

const text = (value: unknown): string => String(value);

/** GoogleSQL's name of a type: `INT64`, `ARRAY<STRING>`, `STRUCT<a INT64>`. */
export function typeName(type: ProtoType): string {
  const kind = text(type.typeKind).replace('TYPE_', '');
  if (kind === 'ARRAY')
    return `ARRAY<${typeName((type.arrayType as { elementType: ProtoType }).elementType)}>`;
  if (kind === 'STRUCT')
    return `STRUCT<${fieldsOf(type)
      .map((field) => typeName(field.fieldType))
      .join(', ')}>`;
  return kind === 'DOUBLE' ? 'FLOAT64' : kind;
}

const fieldsOf = (
  type: ProtoType,
): readonly { readonly fieldName: string; readonly fieldType: ProtoType }[] =>
  (type.structType as { field?: readonly { fieldName: string; fieldType: ProtoType }[] }).field ?? [];

const pad = (value: bigint | number, width: number): string => String(value).padStart(width, '0');

/** `…T10:00:00.000000Z` */
function timestamp(value: { readonly seconds?: string; readonly nanos?: number }): string {
  const seconds = Number(value.seconds ?? 0);
  const date = new Date(seconds * 1000).toISOString().slice(0, 19);
  return `${date}.${pad(Math.floor((value.nanos ?? 0) / 1000), 6)}Z`;
}

function clock(bits: bigint, nanos: number): string {
  const [hour, minute, second] = [(bits >> 12n) & 31n, (bits >> 6n) & 63n, bits & 63n];
  const fraction = nanos === 0 ? '' : `.${pad(Math.floor(nanos / 1000), 6)}`;
  return `${pad(hour, 2)}:${pad(minute, 2)}:${pad(second, 2)}${fraction}`;
}

function datetime(value: { readonly bitFieldDatetimeSeconds: string; readonly nanos?: number }): string {
  const bits = BigInt(value.bitFieldDatetimeSeconds);
  const [year, month, day] = [bits >> 26n, (bits >> 22n) & 15n, (bits >> 17n) & 31n];
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${clock(bits & 0x1ffffn, value.nanos ?? 0)}`;
}

/** Little-endian two's complement in billionths. */
function numeric(bytes: Uint8Array): string {
  let value = 0n;
  for (const [i, byte] of bytes.entries()) value |= BigInt(byte) << BigInt(8 * i);
  const value64 = BigInt.asIntN(bytes.length * 8, value);
  const digits = pad(value64 < 0n ? -value64 : value64, 10);
  const fraction = digits.slice(-9).replace(/0+$/, '');
  return `${value64 < 0n ? '-' : ''}${digits.slice(0, -9)}${fraction === '' ? '' : `.${fraction}`}`;
}

const scalars: Readonly<Record<string, (value: never) => Cell>> = {
  TYPE_INT64: (value: string) => text(value),
  TYPE_BOOL: (value: boolean) => text(value),
  TYPE_DOUBLE: (value: number) => text(value),
  TYPE_STRING: (value: string) => value,
  TYPE_BYTES: (value: Uint8Array) => Buffer.from(value).toString('base64'),
  TYPE_DATE: (value: number) => new Date(value * 86_400_000).toISOString().slice(0, 10),
  TYPE_TIMESTAMP: timestamp,
  TYPE_DATETIME: datetime,
  TYPE_TIME: (value: string) => clock(BigInt(value) >> 30n, Number(BigInt(value) & 0x3fffffffn)),
  TYPE_NUMERIC: numeric,
  TYPE_JSON: (value: string) => value,
};

export function cellOf(value: ProtoValue, type: ProtoType): Cell {
  const held = value.value === undefined ? undefined : value[text(value.value)];
  const kind = text(type.typeKind);
  if (kind === 'TYPE_ARRAY') {
    if (held === undefined) return [];
    const { elementType } = type.arrayType as { elementType: ProtoType };
    return ((held as { element?: readonly ProtoValue[] }).element ?? []).map((one) =>
      cellOf(one, elementType),
    );
  }
  if (held === undefined) return null;
  if (kind === 'TYPE_STRUCT') {
    const fields = (held as { field?: readonly ProtoValue[] }).field ?? [];
    return Object.fromEntries(
      fieldsOf(type).map((field, i) => [
        field.fieldName || `_field_${i + 1}`,
        cellOf(fields[i] ?? {}, field.fieldType),
      ]),
    );
  }
  const read = scalars[kind];
  if (!read) throw new Error(`a value of ${kind} is not read here`);
  return read(held as never);
}

export const evaluatedCell = ({ value, type }: Evaluated): Cell => cellOf(value, type);
