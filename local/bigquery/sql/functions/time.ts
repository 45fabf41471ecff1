/** The clock, constructors of dates and times, and their conversions to and from epochs. */

import { castTo } from '../analyze/cast.ts';
import { clockText } from '../analyze/cast-sql.ts';
import type { Expr } from '../analyze/expr.ts';
import { fill, makeExpr } from '../analyze/expr.ts';
import { failing, failingText } from '../analyze/failure.ts';
import { parseTimestamp } from '../analyze/literal.ts';
import * as types from '../type.ts';
import type { CallSite, Signatures, Specials } from './signature.ts';
import { signature } from './signature.ts';
import { toInstant, toLocal, zoneArgument } from './zone.ts';

function now(call: CallSite): Expr {
  const millis = call.env.session.context.currentTimestampMs;
  const sql =
    millis === undefined ? 'now()' : `make_timestamptz(${BigInt(Math.round(millis * 1000))}::BIGINT)`;
  return makeExpr(types.TIMESTAMP, [sql], { simple: true });
}

function clock(type: 'DATE' | 'DATETIME' | 'TIME') {
  return (call: CallSite): Expr => {
    call.argCount(0, 1);
    const local = toLocal(now(call), zoneArgument(call, 0));
    return type === 'DATETIME' ? local : fill({ kind: type }, `CAST($1 AS ${type})`, [local]);
  };
}

function currentTimestamp(call: CallSite): Expr {
  call.argCount(0, 0);
  return now(call);
}

/** NULL of NULL; else what was made, or the failure. */
function madeOr(made: string, valid: string, count: number, failure: string): string {
  const unknown = Array.from({ length: count }, (_, i) => `$${i + 1} IS NULL`).join(' OR ');
  return `CASE WHEN ${unknown} THEN NULL WHEN ${valid} THEN coalesce(${made}, ${failure}) ELSE ${failure} END`;
}

function timestamp(call: CallSite): Expr {
  call.argCount(1, 2);
  const zone = zoneArgument(call, 1);
  const value = call.arg(0);
  if (value.literal?.kind === 'string') {
    const text = parseTimestamp(value.literal.value, zone);
    if (text === null) throw call.fail(`Invalid timestamp: '${value.literal.value}'`);
    return makeExpr(types.TIMESTAMP, [text], { simple: true });
  }
  if (value.type.kind === 'TIMESTAMP' && call.count === 1) return value;
  if (value.type.kind === 'STRING') {
    if (call.count === 2) throw call.unsupported('TIMESTAMP(text, zone)');
    const cast = castTo(value, types.TIMESTAMP, false);
    if (cast) return cast;
  }
  if (value.type.kind === 'DATE' || value.type.kind === 'DATETIME') {
    return toInstant(call.typed(0, 'DATETIME'), zone);
  }
  throw call.mismatch();
}

function date(call: CallSite): Expr {
  call.argCount(1, 3);
  if (call.count === 3) {
    const parts = [0, 1, 2].map((i) => call.typed(i, 'INT64'));
    const made = 'TRY(make_date(CAST($1 AS INTEGER), CAST($2 AS INTEGER), CAST($3 AS INTEGER)))';
    const text = `'Input calculates to invalid date: ' || printf('%04d-%02d-%02d', $1, $2, $3)`;
    return fill(types.DATE, madeOr(made, '$1 BETWEEN 1 AND 9999', 3, failingText('DATE', text)), parts);
  }
  const value = call.arg(0);
  const zone = zoneArgument(call, 1);
  if (value.type.kind === 'TIMESTAMP') {
    const local = toLocal(value, zone);
    const utc = zone.kind === 'offset' && zone.minutes === 0;
    return fill(types.DATE, 'CAST($1 AS DATE)', [local], {
      origins: local.origins,
      dayOf: utc ? value : null,
    });
  }
  if (call.count === 2) throw call.mismatch();
  if (value.type.kind === 'DATETIME')
    return fill(types.DATE, 'CAST($1 AS DATE)', [value], { origins: value.origins });
  return call.typed(0, 'DATE');
}

function datetime(call: CallSite): Expr {
  if (call.count === 6) {
    const parts = [0, 1, 2, 3, 4, 5].map((i) => call.typed(i, 'INT64'));
    const ints = [1, 2, 3, 4, 5].map((i) => `$${i}`).join(', ');
    const made = `TRY(make_timestamp(${ints}, 0.0) + to_seconds($6))`;
    const text = `'Input calculates to invalid datetime: ' || printf('%04d-%02d-%02d %02d:%02d:%02d', $1, $2, $3, $4, $5, $6)`;
    const valid = '$1 BETWEEN 1 AND 9999 AND $6 BETWEEN 0 AND 60';
    return fill(types.DATETIME, madeOr(made, valid, 6, failingText('TIMESTAMP', text)), parts);
  }
  call.argCount(1, 2);
  const value = call.arg(0);
  if (value.type.kind === 'TIMESTAMP') return toLocal(value, zoneArgument(call, 1));
  if (call.count === 1) return call.typed(0, 'DATETIME');
  if (call.arg(1).type.kind === 'TIME')
    return fill(types.DATETIME, '($1 + $2)', [call.typed(0, 'DATE'), call.typed(1, 'TIME')]);
  throw call.mismatch();
}

function time(call: CallSite): Expr {
  call.argCount(1, 3);
  if (call.count === 3) {
    const parts = [0, 1, 2].map((i) => call.typed(i, 'INT64'));
    const made = 'TRY(make_time($1, $2, 0.0) + to_seconds($3))';
    const text = `'Input calculates to invalid time: ' || printf('%02d:%02d:%02d', $1, $2, $3)`;
    return fill(types.TIME, madeOr(made, '$3 BETWEEN 0 AND 60', 3, failingText('TIME', text)), parts);
  }
  const value = call.arg(0);
  if (value.type.kind === 'TIMESTAMP') {
    return fill(types.TIME, 'CAST($1 AS TIME)', [toLocal(value, zoneArgument(call, 1))]);
  }
  if (call.count === 2) throw call.mismatch();
  if (value.type.kind === 'DATETIME') return fill(types.TIME, 'CAST($1 AS TIME)', [value]);
  return call.typed(0, 'TIME');
}

const offset = '((epoch_us($1) - epoch_us($2)) // 60000000)';
const offsetText = `CASE WHEN ${offset} < 0 THEN '-' ELSE '+' END || lpad(CAST(abs(${offset}) // 60 AS VARCHAR), 2, '0') || CASE WHEN ${offset} % 60 = 0 THEN '' ELSE ':' || lpad(CAST(abs(${offset}) % 60 AS VARCHAR), 2, '0') END`;

/** Of the local time `$1` of the instant `$2`. */
const zonedText = `(${clockText('$1', '%Y-%m-%d %H:%M:%S')}) || ${offsetText}`;

/** STRING(timestamp[, zone]), STRING(date), STRING(json): the text of a value. */
function string(call: CallSite): Expr {
  call.argCount(1, 2);
  const value = call.arg(0);
  if (value.type.kind === 'JSON' && call.count === 1) {
    const wrong = failing(types.STRING, 'The provided JSON input is not a string');
    const sql = `CASE json_type($1) WHEN 'VARCHAR' THEN json_extract_string($1, '$') ELSE CASE WHEN $1 IS NULL THEN NULL ELSE ${wrong} END END`;
    return fill(types.STRING, sql, [value]);
  }
  if (!['TIMESTAMP', 'DATE', 'TIME', 'DATETIME'].includes(value.type.kind)) throw call.mismatch();
  const zone = zoneArgument(call, 1);
  if (call.count === 2 && (zone.kind === 'name' || zone.minutes !== 0)) {
    if (value.type.kind !== 'TIMESTAMP') throw call.mismatch();
    return fill(types.STRING, zonedText, [toLocal(value, zone), value]);
  }
  const cast = castTo(value, types.STRING, false);
  if (!cast) throw call.mismatch();
  return cast;
}

export const timeFunctions: Specials = {
  CURRENT_TIMESTAMP: currentTimestamp,
  CURRENT_DATE: clock('DATE'),
  CURRENT_DATETIME: clock('DATETIME'),
  CURRENT_TIME: clock('TIME'),
  TIMESTAMP: timestamp,
  DATE: date,
  DATETIME: datetime,
  TIME: time,
  STRING: string,
};

const floorSeconds = 'epoch_us($1) // 1000000 - CASE WHEN epoch_us($1) % 1000000 < 0 THEN 1 ELSE 0 END';
const floorMillis = 'epoch_us($1) // 1000 - CASE WHEN epoch_us($1) % 1000 < 0 THEN 1 ELSE 0 END';
const monotonic = { monotonic: true };

const inRange = (factor: number): string => {
  const [low, high] = [-62135596800, 253402300799].map((seconds) => BigInt(seconds) * 1_000_000n);
  const out = failing(types.TIMESTAMP, 'Timestamp value is out of allowed range');
  const most = (high! + 999_999n) / BigInt(factor);
  return `CASE WHEN $1 BETWEEN ${low! / BigInt(factor)} AND ${most} THEN make_timestamptz($1 * ${factor}) WHEN $1 IS NULL THEN NULL ELSE ${out} END`;
};

export const epochFunctions: Signatures = {
  UNIX_SECONDS: [signature('TIMESTAMP', 'INT64', `(${floorSeconds})`, monotonic)],
  UNIX_MILLIS: [signature('TIMESTAMP', 'INT64', `(${floorMillis})`, monotonic)],
  UNIX_MICROS: [signature('TIMESTAMP', 'INT64', 'epoch_us($1)', monotonic)],
  UNIX_DATE: [signature('DATE', 'INT64', `CAST($1 - DATE '1970-01-01' AS BIGINT)`, monotonic)],
  DATE_FROM_UNIX_DATE: [signature('INT64', 'DATE', `CAST(DATE '1970-01-01' + CAST($1 AS INTEGER) AS DATE)`)],
  TIMESTAMP_SECONDS: [signature('INT64', 'TIMESTAMP', inRange(1_000_000))],
  TIMESTAMP_MILLIS: [signature('INT64', 'TIMESTAMP', inRange(1_000))],
  TIMESTAMP_MICROS: [signature('INT64', 'TIMESTAMP', inRange(1))],
};
