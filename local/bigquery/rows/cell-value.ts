/**
 * Values as JSON, CSV and Avro bring them → columns of a batch: text in BigQuery's forms, numbers, booleans. What a
 * column cannot hold is refused with the words of BigQuery's own errors.
 * Source: https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-json#details_of_loading_json_data
 */
import { canonicalJson } from '../sql/analyze/json-text.ts';
import type { BigQueryType } from '../sql/statement.ts';
import type { Column, NumberColumn, TextColumn } from './column.ts';
import type { Heap } from './heap.ts';
import {
  inRange,
  parseDate,
  parseDatetime,
  parseNumeric,
  parseTime,
  parseTimestamp,
  secondsToMicros,
} from './parse.ts';

/** A value that its column cannot have; `location` is the field's path. */
export class CellError extends Error {
  readonly location: string;

  constructor(location: string, message: string) {
    super(message);
    this.location = location;
  }
}

/** Where a value goes. */
export interface Slot {
  readonly column: Column;
  readonly row: number;
  readonly heap: Heap;
}

type Put = (slot: Slot, value: string) => boolean;

const number = ({ column }: Slot): NumberColumn => column as NumberColumn;
const text = ({ column }: Slot): TextColumn => column as TextColumn;

const INT64_MIN = -(2n ** 63n);
const INT64_END = 2n ** 63n;

/** Text of a scalar into its column; false where the text is no such value. */
const PUT: Readonly<Partial<Record<BigQueryType, Put>>> = {
  STRING: (slot, value) => {
    text(slot).setText(slot.row, slot.heap, value);
    return true;
  },
  BYTES: (slot, value) => {
    if (!/^[A-Za-z0-9+/_-]*={0,2}\s*$/.test(value)) return false;
    text(slot).setBytes(slot.row, slot.heap, Buffer.from(value, 'base64'));
    return true;
  },
  JSON: (slot, value) => {
    const canonical = canonicalJson(value);
    if (canonical === null) return false;
    text(slot).setText(slot.row, slot.heap, canonical);
    return true;
  },
  INTEGER: (slot, value) => {
    if (!/^\s*[+-]?\d+\s*$/.test(value)) return false;
    const whole = BigInt(value.trim().replace(/^\+/, ''));
    if (whole < INT64_MIN || whole >= INT64_END) return false;
    number(slot).setBigInt64(slot.row, whole);
    return true;
  },
  FLOAT: (slot, value) => {
    const double = parseFloat64(value.trim());
    if (double === null) return false;
    number(slot).setDouble(slot.row, double);
    return true;
  },
  BOOLEAN: (slot, value) => {
    if (!/^(?:true|false|t|f|yes|no|y|n|1|0)$/i.test(value)) return false;
    number(slot).setBool(slot.row, /^[ty1]/i.test(value));
    return true;
  },
  NUMERIC: (slot, value) => {
    const decimal = parseNumeric(value);
    if (decimal !== null) number(slot).setBigInt128(slot.row, decimal);
    return decimal !== null;
  },
  TIMESTAMP: (slot, value) => putMicros(slot, timestampOf(value.trim())),
  DATETIME: (slot, value) => putMicros(slot, parseDatetime(value.trim())),
  TIME: (slot, value) => putMicros(slot, parseTime(value.trim())),
  DATE: (slot, value) => {
    const days = parseDate(value.trim());
    if (days !== null) number(slot).setInt32(slot.row, days);
    return days !== null;
  },
};

/** Puts a scalar; throws a CellError where it does not fit. */
export function putScalar(slot: Slot, type: BigQueryType, value: string | number | bigint | boolean): void {
  if (type === 'BOOLEAN' && typeof value === 'boolean') {
    number(slot).setBool(slot.row, value);
    return;
  }
  if (type === 'FLOAT' && typeof value === 'number') {
    number(slot).setDouble(slot.row, value);
    return;
  }
  // A whole number written with a fraction or an exponent, `1e3`, is still a whole number.
  const whole = type === 'INTEGER' && typeof value === 'number' && Number.isInteger(value);
  const given = whole ? String(BigInt(value)) : String(value);
  if (!PUT[type]?.(slot, given)) throw badValue(slot.column, type, given);
}

const NAMES: Readonly<Partial<Record<BigQueryType, string>>> = {
  INTEGER: 'integer',
  FLOAT: 'double',
  BOOLEAN: 'boolean',
  STRING: 'string',
  BYTES: 'bytes',
};

const SHOWN = 60;

export function badValue(column: Column, type: BigQueryType, given: string): CellError {
  const shown = given.length > SHOWN ? `${given.slice(0, SHOWN)}…` : given;
  const name = NAMES[type] ?? type.toLowerCase();
  return new CellError(column.path, `Cannot convert value to ${name} (bad value): ${shown}`);
}

function putMicros(slot: Slot, micros: bigint | null): boolean {
  if (micros !== null) number(slot).setBigInt64(slot.row, micros);
  return micros !== null;
}

/** A number is seconds since 1970. */
function timestampOf(value: string): bigint | null {
  if (!/^[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?$/.test(value)) return parseTimestamp(value);
  const exact = /^([+-]?)(\d{1,12})(?:\.(\d{0,6}))?$/.exec(value);
  if (!exact) return secondsToMicros(Number(value));
  const micros = BigInt(exact[2]!) * 1_000_000n + BigInt((exact[3] ?? '').padEnd(6, '0'));
  return inRange(exact[1] === '-' ? -micros : micros);
}

function parseFloat64(value: string): number | null {
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(value)) return Number(value);
  if (/^nan$/i.test(value)) return Number.NaN;
  const infinite = /^([+-]?)inf(?:inity)?$/i.exec(value);
  if (!infinite) return null;
  return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
