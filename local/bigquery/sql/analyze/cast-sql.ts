/**
 * CAST by pair of types, as DuckDB text. `FAIL(x)` stands for the failure in place of a value: an error for CAST,
 * NULL for SAFE_CAST; `|` is the value. Texts are checked before DuckDB reads them, since DuckDB reads more than GoogleSQL does
 * ('1.5' as an integer, 'yes' as a boolean, hour 24). Source: GoogleSQL "Conversion functions".
 */

import type { ScalarKind } from '../type.ts';
import { quoteText } from './literal.ts';

const digits = String.raw`\s*[+-]?\d+\s*`;
const hex = String.raw`\s*[+-]?0[xX][0-9a-fA-F]{1,16}\s*`;
const float = String.raw`(?i)\s*[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf|infinity|nan)\s*`;
const decimal = String.raw`\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*`;
const day = String.raw`\d{4}-\d{1,2}-\d{1,2}`;
const clock = String.raw`(?:[01]?\d|2[0-3]):[0-5]?\d:[0-5]?\d(?:\.\d{1,6})?`;

const matches = (pattern: string): string => `regexp_full_match($1, ${quoteText(pattern)})`;
const year = `NOT starts_with($1, '0000')`;

/** Text of a double: 15 digits if they are enough, else 17, as Google's own printing does. */
export const floatToText = `CASE WHEN isnan($1) THEN 'nan' WHEN isinf($1) THEN CASE WHEN $1 > 0 THEN 'inf' ELSE '-inf' END WHEN $1 = 0 THEN '0' WHEN CAST(printf('%.15g', $1) AS DOUBLE) = $1 THEN printf('%.15g', $1) ELSE printf('%.17g', $1) END`;

/** Date and time with 0, 3 or 6 digits of fraction, whichever is enough. `$1` is of DuckDB's TIMESTAMP or TIMESTAMPTZ. */
export function clockText(value: string, format: string, suffix = ''): string {
  const micros = `epoch_us(${value})`;
  const print = (fraction: string): string => `strftime(${value}, '${format}${fraction}${suffix}')`;
  return `CASE WHEN ${micros} % 1000000 = 0 THEN ${print('')} WHEN ${micros} % 1000 = 0 THEN ${print('.%g')} ELSE ${print('.%f')} END`;
}

const utc = 'make_timestamp(epoch_us($1))';
const dayClock = '%Y-%m-%d %H:%M:%S';
const timeOnDay = `(DATE '2000-01-01' + $1)`;

/** Text of a NUMERIC, without zeros that say nothing. */
export const numericToText = `CASE WHEN $1 = 0 THEN '0' ELSE rtrim(rtrim(CAST($1 AS VARCHAR), '0'), '.') END`;

const bad = (what: string): string => `FAIL(Bad ${what} value: |)`;

const hexDigits = `regexp_replace($1, '[\\s+-]|0[xX]', '', 'g')`;
const hexValue = `(CAST(TRY_CAST('0x' || ${hexDigits} AS UBIGINT) AS HUGEINT) * CASE WHEN contains($1, '-') THEN -1 ELSE 1 END)`;

const textToInt = `CASE WHEN $1 IS NULL THEN NULL WHEN ${matches(digits)} THEN coalesce(TRY_CAST($1 AS BIGINT), ${bad('int64')}) WHEN ${matches(hex)} THEN coalesce(TRY_CAST(${hexValue} AS BIGINT), ${bad('int64')}) ELSE ${bad('int64')} END`;

const textToTimestamp = `CASE WHEN ${matches(`${day}(?:[ T]${clock}(?:Z| UTC|[+-]\\d\\d(?::?[0-5]\\d)?)?)?`)} AND ${year} THEN coalesce(TRY_CAST($1 AS TIMESTAMPTZ), FAIL(Invalid timestamp: '|')) WHEN ${matches(`${day}[ Tt]${clock}(?:[zZ]|[+-]\\d(?::[0-5]\\d)?)?`)} AND ${year} THEN coalesce(TRY_CAST(regexp_replace(replace(upper($1), ' ', 'T'), '([+-])(\\d(?::\\d\\d)?)$', '\\10\\2') AS TIMESTAMPTZ), FAIL(Invalid timestamp: '|')) WHEN $1 IS NULL THEN NULL WHEN ${matches(`${day}[ Tt]${clock} [A-Za-z].*`)} THEN UNSUPPORTED(time zone names in text that is cast to TIMESTAMP) ELSE FAIL(Invalid timestamp: '|') END`;

/** DuckDB's cast where the text has the form, the failure where not, or where the cast fails (31 February). */
const checked = (condition: string, type: string, failure: string): string =>
  `CASE WHEN $1 IS NULL THEN NULL WHEN ${condition} THEN coalesce(TRY_CAST($1 AS ${type}), ${failure}) ELSE ${failure} END`;

const inInt = `abs($1) < 9223372036854775808`;

export const castSql: Readonly<Record<string, Partial<Record<ScalarKind, string>>>> = {
  INT64: {
    FLOAT64: 'CAST($1 AS DOUBLE)',
    NUMERIC: 'CAST($1 AS DECIMAL(38,9))',
    STRING: 'CAST($1 AS VARCHAR)',
    BOOL: '($1 <> 0)',
  },
  FLOAT64: {
    INT64: `CASE WHEN $1 IS NULL THEN NULL WHEN NOT isfinite($1) THEN FAIL(Illegal conversion of non-finite floating point number to an integer: |) WHEN ${inInt} THEN CAST(round($1) AS BIGINT) ELSE FAIL(int64 out of range: |) END`,
    NUMERIC: `CASE WHEN $1 IS NULL THEN NULL WHEN abs($1) < 1e29::DOUBLE THEN CAST(printf('%.25f', $1) AS DECIMAL(38,9)) ELSE FAIL(numeric out of range: |) END`,
    STRING: floatToText,
  },
  NUMERIC: {
    INT64: 'CAST($1 AS BIGINT)',
    FLOAT64: 'CAST($1 AS DOUBLE)',
    STRING: numericToText,
  },
  BOOL: { INT64: 'CAST($1 AS BIGINT)', STRING: 'CAST($1 AS VARCHAR)' },
  STRING: {
    INT64: textToInt,
    FLOAT64: checked(matches(float), 'DOUBLE', bad('double')),
    NUMERIC: checked(matches(decimal), 'DECIMAL(38,9)', 'FAIL(Invalid NUMERIC value: |)'),
    BOOL: `CASE WHEN $1 IS NULL THEN NULL WHEN lower($1) = 'true' THEN TRUE WHEN lower($1) = 'false' THEN FALSE ELSE ${bad('bool')} END`,
    BYTES: 'encode($1)',
    DATE: checked(`${matches(day)} AND ${year}`, 'DATE', "FAIL(Invalid date: '|')"),
    TIME: checked(matches(clock), 'TIME', 'FAIL(Invalid time string "|")'),
    DATETIME: checked(
      `${matches(`${day}(?:[ T]${clock})?`)} AND ${year}`,
      'TIMESTAMP',
      'FAIL(Invalid datetime string "|")',
    ),
    TIMESTAMP: textToTimestamp,
  },
  BYTES: {
    STRING:
      'CASE WHEN $1 IS NULL THEN NULL ELSE coalesce(TRY(decode($1)), FAIL(Invalid cast of bytes to UTF8 string)) END',
  },
  DATE: {
    STRING: `strftime($1, '%Y-%m-%d')`,
    DATETIME: 'CAST($1 AS TIMESTAMP)',
    TIMESTAMP: 'make_timestamptz(epoch_us(CAST($1 AS TIMESTAMP)))',
  },
  TIME: { STRING: clockText(timeOnDay, '%H:%M:%S') },
  DATETIME: {
    STRING: clockText('$1', dayClock),
    DATE: 'CAST($1 AS DATE)',
    TIME: 'CAST($1 AS TIME)',
    TIMESTAMP: 'make_timestamptz(epoch_us($1))',
  },
  TIMESTAMP: {
    STRING: clockText(utc, dayClock, '+00'),
    DATE: `CAST(${utc} AS DATE)`,
    TIME: `CAST(${utc} AS TIME)`,
    DATETIME: utc,
  },
};

/** Casts that keep order: a filter on the result is one on the column. */
export const monotonicCasts = new Set([
  'TIMESTAMP:DATE',
  'TIMESTAMP:DATETIME',
  'DATE:TIMESTAMP',
  'DATE:DATETIME',
  'DATETIME:DATE',
  'DATETIME:TIMESTAMP',
]);
