/** Errors that carry BigQuery's words, and DuckDB text that fails with them when a row makes it so. */

import type { Type } from '../type.ts';
import { duckdbType, typeText } from '../type.ts';
import type { Expr } from './expr.ts';
import { isNull } from './expr.ts';
import { quoteText } from './literal.ts';

/** Marks messages of ours inside DuckDB's errors. */
export const failureMark = 'BQ!';

/**
 * Text that fails with a message when it is computed. A failing cast, not DuckDB's error(): that one is volatile,
 * which forbids TRY and keeps filters from being pushed down. `text` is DuckDB text of type VARCHAR.
 */
export function failing(type: Type | string, message: string): string {
  const name = typeof type === 'string' ? type : duckdbType(type);
  const text = quoteText(`${failureMark}${message}${failureMark}`);
  if (name === 'VARCHAR') return `CAST(CAST(${text} AS INTEGER) AS VARCHAR)`;
  return `CAST(CAST(${text} AS INTEGER)${name === 'BIGINT' || name === 'DOUBLE' || name === 'BOOLEAN' ? '' : '::VARCHAR'} AS ${name})`;
}

/** A failure whose words depend on the row: `text` is DuckDB text. */
export function failingText(type: string, text: string): string {
  return `CAST(CAST('${failureMark}' || ${text} || '${failureMark}' AS INTEGER)::VARCHAR AS ${type})`;
}

const regexpFailures =
  /^Invalid Input Error: ((?:missing|unexpected|no argument for|invalid|bad|trailing) [^:]*(?:: .*)?)$/;

/** BigQuery's words for an error of DuckDB that a row made: a message of ours inside it, or one that is known. */
export function failureMessage(duckdbMessage: string): string | null {
  const ours = duckdbMessage.split(failureMark)[1];
  if (ours !== undefined) return ours;
  const line = duckdbMessage.split('\n')[0] ?? '';
  const overflow = /Overflow in \w+ of INT64 \((.*)\)!/.exec(line)?.[1];
  if (overflow !== undefined) return `int64 overflow: ${overflow}`;
  if (/is out of range for the destination type INT64/.test(line) && line.includes('INT128'))
    return 'int64 overflow';
  const regexp = regexpFailures.exec(line)?.[1];
  return regexp === undefined ? null : `Cannot parse regular expression: ${regexp}`;
}

/** How BigQuery names the type of an argument. */
export const argumentType = (expr: Expr): string => (isNull(expr) ? 'NULL' : typeText(expr.type));
