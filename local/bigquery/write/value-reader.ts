/**
 * One value, from the wire into its column: which protobuf types a BigQuery type takes, and how.
 * Source: https://cloud.google.com/bigquery/docs/supported-data-types
 */
import { isUtf8 } from 'node:buffer';
import type { Column, NumberColumn, TextColumn } from '../rows/column.ts';
import {
  END_TIMESTAMP_US,
  MAX_DAY,
  MIN_DAY,
  MIN_TIMESTAMP_US,
  parseDate,
  parseDatetime,
  parseNumeric,
  parseTime,
  parseTimestamp,
} from '../rows/parse.ts';
import { canonicalJson } from '../sql/analyze/json-text.ts';
import type { BigQueryType } from '../sql/statement.ts';
import { civilDatetime, civilTime } from './civil-time.ts';
import { orderMembers } from './json-order.ts';
import { scanJson } from './json-scan.ts';
import { FIXED32, FIXED64, LENGTH, VARINT, type WireReader } from './wire.ts';

/** Numbers of `FieldDescriptorProto.Type`. */
export const PROTO = {
  DOUBLE: 1,
  FLOAT: 2,
  INT64: 3,
  UINT64: 4,
  INT32: 5,
  FIXED64: 6,
  FIXED32: 7,
  BOOL: 8,
  STRING: 9,
  GROUP: 10,
  MESSAGE: 11,
  BYTES: 12,
  UINT32: 13,
  ENUM: 14,
  SFIXED32: 15,
  SFIXED64: 16,
  SINT32: 17,
  SINT64: 18,
} as const;

/** Reads the value at the reader's place into a row of the column. */
export type ReadValue = (reader: WireReader, column: Column, row: number) => void;

/** A value that its column cannot have. */
export class ValueError extends Error {}

/** The wire type in which a protobuf type comes. */
export function wireTypeOf(proto: number): number {
  switch (proto) {
    case PROTO.DOUBLE:
    case PROTO.FIXED64:
    case PROTO.SFIXED64:
      return FIXED64;
    case PROTO.FLOAT:
    case PROTO.FIXED32:
    case PROTO.SFIXED32:
      return FIXED32;
    case PROTO.STRING:
    case PROTO.BYTES:
    case PROTO.MESSAGE:
      return LENGTH;
    default:
      return VARINT;
  }
}

/** How a value of the protobuf type becomes one of the BigQuery type; null where it cannot. */
export function readerOf(type: BigQueryType, proto: number): ReadValue | null {
  if (proto === PROTO.STRING) return TEXTS[type] ?? null;
  if (proto === PROTO.BYTES) return type === 'BYTES' ? bytesValue : null;
  if (proto === PROTO.DOUBLE || proto === PROTO.FLOAT) return type === 'FLOAT' ? floatOf(proto) : null;
  const integer = INTEGERS[proto];
  return integer ? (NUMBERS[type]?.(integer) ?? null) : null;
}

type ReadInteger = (reader: WireReader) => void;

const zigzag = (reader: WireReader): void => {
  reader.varint();
  const sign = -(reader.low & 1);
  const low = ((reader.low >>> 1) | (reader.high << 31)) ^ sign;
  reader.high = (reader.high >>> 1) ^ sign;
  reader.low = low;
};
const unsigned = (reader: WireReader): void => {
  if (reader.high < 0) throw new ValueError('Value out of range of INT64.');
};

/** Integers of all kinds, into the reader's `low` and `high`. */
const INTEGERS: Readonly<Record<number, ReadInteger>> = {
  [PROTO.INT64]: (reader) => reader.varint(),
  [PROTO.INT32]: (reader) => reader.varint(),
  [PROTO.UINT32]: (reader) => reader.varint(),
  [PROTO.BOOL]: (reader) => reader.varint(),
  [PROTO.SINT32]: zigzag,
  [PROTO.SINT64]: zigzag,
  [PROTO.SFIXED64]: (reader) => reader.fixed64(),
  [PROTO.UINT64]: (reader) => {
    reader.varint();
    unsigned(reader);
  },
  [PROTO.FIXED64]: (reader) => {
    reader.fixed64();
    unsigned(reader);
  },
  [PROTO.FIXED32]: (reader) => {
    reader.low = reader.fixed32();
    reader.high = 0;
  },
  [PROTO.SFIXED32]: (reader) => {
    reader.low = reader.fixed32();
    reader.high = reader.low >> 31;
  },
};

const bigInt = (reader: WireReader): bigint => (BigInt(reader.high) << 32n) | BigInt(reader.low >>> 0);

const numbers = (column: Column): NumberColumn => column as NumberColumn;
const texts = (column: Column): TextColumn => column as TextColumn;

const MIN_HIGH = Number(MIN_TIMESTAMP_US >> 32n);
const END_HIGH = Number(END_TIMESTAMP_US >> 32n);

const NUMBERS: Readonly<Partial<Record<BigQueryType, (read: ReadInteger) => ReadValue>>> = {
  INTEGER: (read) => (reader, column, row) => {
    read(reader);
    numbers(column).setInt64(row, reader.low, reader.high);
  },
  BOOLEAN: (read) => (reader, column, row) => {
    read(reader);
    numbers(column).setBool(row, reader.low !== 0 || reader.high !== 0);
  },
  TIMESTAMP: (read) => (reader, column, row) => {
    read(reader);
    const { high } = reader;
    // Only at the edges does it take all 64 bits to tell.
    if (high <= MIN_HIGH || high >= END_HIGH) {
      const micros = bigInt(reader);
      if (micros < MIN_TIMESTAMP_US || micros >= END_TIMESTAMP_US) {
        throw new ValueError(`Timestamp value is out of range: ${micros} microseconds.`);
      }
    }
    numbers(column).setInt64(row, reader.low, high);
  },
  DATE: (read) => (reader, column, row) => {
    read(reader);
    const days = bigInt(reader);
    if (days < MIN_DAY || days > MAX_DAY) throw new ValueError(`Date value is out of range: ${days} days.`);
    numbers(column).setInt32(row, Number(days));
  },
  TIME: (read) => (reader, column, row) => {
    read(reader);
    const micros = civilTime(bigInt(reader));
    if (micros === null) throw new ValueError('Invalid packed TIME value.');
    numbers(column).setBigInt64(row, micros);
  },
  DATETIME: (read) => (reader, column, row) => {
    read(reader);
    const micros = civilDatetime(bigInt(reader));
    if (micros === null) throw new ValueError('Invalid packed DATETIME value.');
    numbers(column).setBigInt64(row, micros);
  },
  NUMERIC: (read) => (reader, column, row) => {
    read(reader);
    numbers(column).setBigInt128(row, bigInt(reader) * 1_000_000_000n);
  },
};

const floatOf =
  (proto: number): ReadValue =>
  (reader, column, row) => {
    numbers(column).setDouble(row, proto === PROTO.DOUBLE ? reader.double() : reader.float());
  };

const bytesValue: ReadValue = (reader, column, row) => {
  const end = reader.span();
  texts(column).setSpan(row, reader.bytes, reader.at, end);
  reader.at = end;
};

/** ASCII is told by looking; anything else asks. */
function checkUtf8(bytes: Buffer, start: number, end: number): void {
  for (let i = start; i < end; i++) {
    if (bytes[i]! < 0x80) continue;
    if (!isUtf8(bytes.subarray(i, end))) throw new ValueError('String value is not valid UTF-8.');
    return;
  }
}

const stringValue: ReadValue = (reader, column, row) => {
  const end = reader.span();
  checkUtf8(reader.bytes, reader.at, end);
  texts(column).setSpan(row, reader.bytes, reader.at, end);
  reader.at = end;
};

const jsonValue: ReadValue = (reader, column, row) => {
  const { bytes } = reader;
  const end = reader.span();
  const start = reader.at;
  const kind = scanJson(bytes, start, end);
  if (kind === 'invalid') throw new ValueError('Invalid JSON value.');
  const ordered = kind === 'canonical' || (kind === 'unordered' && orderMembers(bytes, start));
  const size = ordered ? end - start : canonicalInPlace(bytes, start, end);
  texts(column).setSpan(row, bytes, start, start + size);
  reader.at = end;
};

/** Writes the canonical text over the text; where it is longer (1e20 in digits), the text stays. Returns its size. */
function canonicalInPlace(bytes: Buffer, start: number, end: number): number {
  const text = canonicalJson(bytes.toString('utf8', start, end));
  if (text === null) throw new ValueError('Invalid JSON value.');
  return Buffer.byteLength(text) <= end - start ? bytes.write(text, start) : end - start;
}

/** Values that come as text and are stored as numbers. */
function parsed<T>(
  type: BigQueryType,
  parse: (text: string) => T | null,
  set: (column: NumberColumn, row: number, value: T) => void,
): ReadValue {
  return (reader, column, row) => {
    const end = reader.span();
    const value = parse(reader.bytes.toString('utf8', reader.at, end));
    if (value === null) throw new ValueError(`Invalid ${type} value.`);
    set(numbers(column), row, value);
    reader.at = end;
  };
}

const TEXTS: Readonly<Partial<Record<BigQueryType, ReadValue>>> = {
  STRING: stringValue,
  BYTES: bytesValue,
  JSON: jsonValue,
  DATE: parsed('DATE', parseDate, (column, row, days) => column.setInt32(row, days)),
  TIME: parsed('TIME', parseTime, (column, row, micros) => column.setBigInt64(row, micros)),
  DATETIME: parsed('DATETIME', parseDatetime, (column, row, micros) => column.setBigInt64(row, micros)),
  TIMESTAMP: parsed('TIMESTAMP', parseTimestamp, (column, row, micros) => column.setBigInt64(row, micros)),
  NUMERIC: parsed('NUMERIC', parseNumeric, (column, row, value) => column.setBigInt128(row, value)),
};
