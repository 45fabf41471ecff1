/**
 * Values of DuckDB as text in BigQuery's forms: what the REST API's cells and exported files hold.
 * Floating-point numbers are written as Java does (`1.0E16`), which is what BigQuery's answers show.
 * Source: https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs/getQueryResults and its answers.
 */
import {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBValue,
} from '@duckdb/node-api';

const DAY_MS = 86_400_000;
const pad = (value: number, width: number): string => String(value).padStart(width, '0');

/** `2026-11-20`, from days since 1970. */
export function dateText(days: number): string {
  const date = new Date(days * DAY_MS);
  return `${pad(date.getUTCFullYear(), 4)}-${pad(date.getUTCMonth() + 1, 2)}-${pad(date.getUTCDate(), 2)}`;
}

/** `10:20:30` or `10:20:30.450000`, from microseconds since midnight. */
export function timeText(micros: number): string {
  const seconds = Math.floor(micros / 1e6);
  const part = micros % 1e6;
  const clock = `${pad(Math.floor(seconds / 3600), 2)}:${pad(Math.floor(seconds / 60) % 60, 2)}:${pad(seconds % 60, 2)}`;
  return part === 0 ? clock : `${clock}.${pad(part, 6)}`;
}

/** Date and time of day of microseconds since 1970, with `between` in the middle. */
export function datetimeText(micros: bigint, between: string): string {
  const dayMicros = BigInt(DAY_MS) * 1000n;
  let days = micros / dayMicros;
  if (micros < 0n && days * dayMicros !== micros) days -= 1n;
  return `${dateText(Number(days))}${between}${timeText(Number(micros - days * dayMicros))}`;
}

/** `2026-11-20 10:20:30.450000 UTC`. */
export const timestampText = (micros: bigint): string => `${datetimeText(micros, ' ')} UTC`;

/** `0.1`, `5.0`, `1.0E16`, `NaN`, `Infinity`. */
export function floatText(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  if (size >= 1e-3 && size < 1e7) {
    const text = String(value);
    return text.includes('.') ? text : `${text}.0`;
  }
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`;
}

/** `12.5`, without trailing zeros. */
export function decimalText(value: bigint, scale: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const part = digits.slice(digits.length - scale).replace(/0+$/, '');
  return `${value < 0n ? '-' : ''}${whole}${part === '' ? '' : `.${part}`}`;
}

/** A scalar in the form of the REST API; a TIMESTAMP in microseconds since 1970. Null stays null. */
export function cellText(value: DuckDBValue): string | null {
  if (value === null) return null;
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return String(value);
  if (value instanceof DuckDBTimestampTZValue) return String(value.micros);
  if (value instanceof DuckDBTimestampValue) return datetimeText(value.micros, 'T');
  if (value instanceof DuckDBDateValue) return dateText(value.days);
  if (value instanceof DuckDBTimeValue) return timeText(Number(value.micros));
  if (value instanceof DuckDBDecimalValue) return decimalText(value.value, value.scale);
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString('base64');
  throw new Error(`a value of DuckDB that BigQuery has not: ${value.constructor.name}`);
}
