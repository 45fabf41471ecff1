/** Functions of arrays. A NULL array gives NULL. Source: GoogleSQL "Array functions". */

import type { Expr } from '../analyze/expr.ts';
import { fill, isNull } from '../analyze/expr.ts';
import { failing } from '../analyze/failure.ts';
import * as types from '../type.ts';
import { partDays, partMicros, partMonths } from './date-part.ts';
import { intervalParts } from './interval.ts';
import type { CallSite, Specials } from './signature.ts';

function arrayArgument(call: CallSite, index: number): Expr & { readonly type: { readonly kind: 'ARRAY' } } {
  const given = call.arg(index);
  const value = isNull(given) ? call.none(types.arrayOf(types.INT64)) : given;
  if (value.type.kind !== 'ARRAY') throw call.mismatch();
  return value as Expr & { readonly type: { readonly kind: 'ARRAY'; readonly element: types.Type } };
}

const elementType = (value: Expr): types.Type =>
  value.type.kind === 'ARRAY' ? value.type.element : value.type;

function length(call: CallSite): Expr {
  call.argCount(1, 1);
  return fill(types.INT64, 'len($1)', [arrayArgument(call, 0)]);
}

function reverse(call: CallSite): Expr {
  call.argCount(1, 1);
  const value = arrayArgument(call, 0);
  return fill(value.type, 'list_reverse($1)', [value]);
}

function concat(call: CallSite): Expr {
  call.argCount(1, Number.POSITIVE_INFINITY);
  const all = call.common();
  const type = all[0]!.type;
  if (type.kind !== 'ARRAY') throw call.mismatch();
  return all.reduce((joined, one) =>
    fill(type, 'CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL ELSE list_concat($1, $2) END', [joined, one]),
  );
}

function toText(call: CallSite): Expr {
  call.argCount(2, 3);
  const value = arrayArgument(call, 0);
  const kind = elementType(value).kind;
  if (kind === 'BYTES') throw call.unsupported('ARRAY_TO_STRING of BYTES');
  if (kind !== 'STRING' && value.literal?.kind !== 'emptyArray') throw call.mismatch();
  const separator = call.typed(1, 'STRING');
  if (call.count === 2) {
    const sql = `CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL ELSE coalesce(array_to_string($1, $2), '') END`;
    return fill(types.STRING, sql, [value, separator]);
  }
  const filled = `CASE WHEN $3 IS NULL THEN $1 ELSE list_transform($1, lambda x: coalesce(x, $3)) END`;
  const sql = `CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL ELSE coalesce(array_to_string(${filled}, $2), '') END`;
  return fill(types.STRING, sql, [value, separator, call.typed(2, 'STRING')]);
}

function edge(name: 'first' | 'last') {
  return (call: CallSite): Expr => {
    call.argCount(1, 1);
    const value = arrayArgument(call, 0);
    const type = elementType(value);
    const empty = failing(
      type,
      `ARRAY_${name.toUpperCase()} cannot get the ${name} element of an empty array`,
    );
    return fill(
      type,
      `CASE WHEN len($1) = 0 THEN ${empty} ELSE list_extract($1, ${name === 'first' ? 1 : -1}) END`,
      [value],
    );
  };
}

/** ARRAY_SLICE(array, from, to): positions from 0, negative ones from the end, both ends included. */
function slice(call: CallSite): Expr {
  call.argCount(3, 3);
  const value = arrayArgument(call, 0);
  const at = (mark: string): string => `CASE WHEN ${mark} < 0 THEN len($1) + ${mark} ELSE ${mark} END`;
  const sql = `CASE WHEN $1 IS NULL OR $2 IS NULL OR $3 IS NULL THEN NULL WHEN greatest(${at('$2')}, 0) > ${at('$3')} THEN [] ELSE list_slice($1, greatest(${at('$2')}, 0) + 1, ${at('$3')} + 1) END`;
  return fill(value.type, sql, [value, call.typed(1, 'INT64'), call.typed(2, 'INT64')]);
}

const mostElements = 1_048_576;

function checkedSeries(count: string, series: string, type: types.Type): string {
  const many = failing(type, `Cannot generate arrays with more than ${mostElements} elements`);
  return `CASE WHEN ${count} > ${mostElements} THEN ${many} ELSE ${series} END`;
}

function generateArray(call: CallSite): Expr {
  call.argCount(2, 3);
  const all = call.common();
  const element = all[0]!.type;
  const type = types.arrayOf(element);
  const args = call.count === 3 ? all : [...all, call.number(1, element)];
  const zero = failing(type, 'Sequence step cannot be 0.');
  const unknown = '$1 IS NULL OR $2 IS NULL OR $3 IS NULL';
  if (element.kind === 'INT64') {
    const series = checkedSeries('(CAST($2 AS HUGEINT) - $1) // $3', 'generate_series($1, $2, $3)', type);
    return fill(type, `CASE WHEN ${unknown} THEN NULL WHEN $3 = 0 THEN ${zero} ELSE ${series} END`, args);
  }
  if (element.kind !== 'FLOAT64' && element.kind !== 'NUMERIC') throw call.mismatch();
  const steps = 'CAST(floor(($2 - $1) / $3) AS BIGINT)';
  const item = `CAST($1 + i * $3 AS ${types.duckdbType(element)})`;
  const series = checkedSeries(
    '($2 - $1) / $3',
    `list_transform(range(0, greatest(${steps} + 1, 0)), lambda i: ${item})`,
    type,
  );
  return fill(type, `CASE WHEN ${unknown} THEN NULL WHEN $3 = 0 THEN ${zero} ELSE ${series} END`, args);
}

function stepOf(call: CallSite, index: number): { readonly amount: Expr; readonly unit: string } {
  const step = intervalParts(call.arg(index));
  if (!step) throw call.mismatch();
  return step;
}

function generateTimestamps(call: CallSite): Expr {
  call.argCount(3, 3);
  const { amount, unit } = stepOf(call, 2);
  const micros = partMicros[unit];
  if (!micros) throw call.fail(`${call.name} does not support the ${unit} date part`);
  const type = types.arrayOf(types.TIMESTAMP);
  const zero = failing(type, 'Sequence step cannot be 0.');
  const step = `($3 * ${micros})`;
  const series = `list_transform(generate_series(epoch_us($1), epoch_us($2), ${step}), lambda x: make_timestamptz(x))`;
  const bounded = checkedSeries(`(epoch_us($2) - epoch_us($1)) // ${step}`, series, type);
  const sql = `CASE WHEN $1 IS NULL OR $2 IS NULL OR $3 IS NULL THEN NULL WHEN $3 = 0 THEN ${zero} ELSE ${bounded} END`;
  return fill(type, sql, [call.typed(0, 'TIMESTAMP'), call.typed(1, 'TIMESTAMP'), amount]);
}

/** Each day is the one before it moved: 30 January, 29 February, 29 March. */
function generateDates(call: CallSite): Expr {
  call.argCount(2, 3);
  const step = call.count === 3 ? stepOf(call, 2) : { amount: call.number(1, types.INT64), unit: 'DAY' };
  const months = partMonths[step.unit];
  const days = partDays[step.unit];
  if (!months && !days) throw call.fail(`${call.name} does not support the ${step.unit} date part`);
  const interval = months
    ? `to_months(CAST($3 * ${months} AS INTEGER))`
    : `to_days(CAST($3 * ${days} AS INTEGER))`;
  const type = types.arrayOf(types.DATE);
  const zero = failing(type, 'Sequence step cannot be 0.');
  const series = `generate_series(CAST($1 AS TIMESTAMP), CAST($2 AS TIMESTAMP), ${interval})`;
  const bounded = checkedSeries(
    '($2 - $1) // $3',
    `list_transform(${series}, lambda x: CAST(x AS DATE))`,
    type,
  );
  const sql = `CASE WHEN $1 IS NULL OR $2 IS NULL OR $3 IS NULL THEN NULL WHEN $3 = 0 THEN ${zero} ELSE ${bounded} END`;
  return fill(type, sql, [call.typed(0, 'DATE'), call.typed(1, 'DATE'), step.amount]);
}

export const arrayFunctions: Specials = {
  ARRAY_LENGTH: length,
  ARRAY_REVERSE: reverse,
  ARRAY_CONCAT: concat,
  ARRAY_TO_STRING: toText,
  ARRAY_FIRST: edge('first'),
  ARRAY_LAST: edge('last'),
  ARRAY_SLICE: slice,
  GENERATE_ARRAY: generateArray,
  GENERATE_TIMESTAMP_ARRAY: generateTimestamps,
  GENERATE_DATE_ARRAY: generateDates,
};
