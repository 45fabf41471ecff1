/**
 * …_TRUNC, …_DIFF, …_BUCKET, LAST_DAY. TIMESTAMP_DIFF and the diffs of hours and less count whole units, toward
 * zero; DATE_DIFF and the diffs of days and more count boundaries crossed. Fixed lengths go by epoch arithmetic,
 * which is right before 1970 too and far faster than date_trunc on TIMESTAMPTZ.
 */

import type { Expr } from '../analyze/expr.ts';
import { fill } from '../analyze/expr.ts';
import * as types from '../type.ts';
import type { DateKind, DatePart } from './date-part.ts';
import { dateKind, datePart, dateParts, partMicros, partText, timeParts } from './date-part.ts';
import { intervalParts } from './interval.ts';
import type { CallSite, Specials } from './signature.ts';
import { toInstant, toLocal, zoneArgument } from './zone.ts';

type Temporal = 'TIMESTAMP' | 'DATETIME' | 'DATE' | 'TIME';

function partOf(call: CallSite, index: number, allowed: readonly string[]): DatePart {
  const part = datePart(call.tree(index));
  if (!part) throw call.fail(`A valid date part argument is required for ${call.name}`);
  if (!allowed.includes(part.name))
    throw call.fail(`${call.name} does not support the ${partText(part)} date part`);
  return part;
}

const floorMicros = (value: string, size: number, origin = 0): string => {
  const from = origin === 0 ? value : `(${value} - (${origin}))`;
  return size === 1 ? value : `${value} - ((${from} % ${size} + ${size}) % ${size})`;
};

/** The first day of the part that has the day `$1` (DATE or TIMESTAMP), as DuckDB text of type DATE. */
function dateTruncSql(part: DatePart): string {
  switch (part.name) {
    case 'DAY':
      return 'CAST($1 AS DATE)';
    case 'WEEK':
    case 'ISOWEEK':
      return `CAST(CAST($1 AS DATE) - CAST((dayofweek($1) + ${7 - part.weekStart}) % 7 AS INTEGER) AS DATE)`;
    case 'ISOYEAR':
      return `CAST(date_trunc('week', make_date(CAST(isoyear($1) AS INTEGER), 1, 4)) AS DATE)`;
    default:
      return `CAST(date_trunc('${part.name.toLowerCase()}', $1) AS DATE)`;
  }
}

function timestampTrunc(call: CallSite): Expr {
  call.argCount(2, 3);
  const value = call.typed(0, 'TIMESTAMP');
  const part = partOf(call, 1, [...timeParts, ...dateParts]);
  const zone = zoneArgument(call, 2);
  const origins = value.origins;
  const size = partMicros[part.name];
  const utc = zone.kind === 'offset' && zone.minutes === 0;
  if (size && (utc || size < partMicros.HOUR!)) {
    return fill(types.TIMESTAMP, `make_timestamptz(${floorMicros('epoch_us($1)', size)})`, [value], {
      origins,
    });
  }
  const local = toLocal(value, zone);
  if (part.name === 'HOUR') {
    const past = '(epoch_us($2) % 3600000000 + 3600000000) % 3600000000';
    return fill(types.TIMESTAMP, `make_timestamptz(epoch_us($1) - (${past}))`, [value, local], { origins });
  }
  const cut = datetimeTruncOf(local, part);
  return { ...toInstant(cut, zone), origins };
}

function datetimeTruncOf(value: Expr, part: DatePart): Expr {
  const size = partMicros[part.name];
  const { origins } = value;
  if (size)
    return fill(types.DATETIME, `make_timestamp(${floorMicros('epoch_us($1)', size)})`, [value], { origins });
  return fill(types.DATETIME, `CAST(${dateTruncSql(part)} AS TIMESTAMP)`, [value], { origins });
}

function datetimeTrunc(call: CallSite): Expr {
  call.argCount(2, 2);
  return datetimeTruncOf(call.typed(0, 'DATETIME'), partOf(call, 1, [...timeParts, ...dateParts]));
}

function dateTrunc(call: CallSite): Expr {
  call.argCount(2, 2);
  const value = call.typed(0, 'DATE');
  return fill(types.DATE, dateTruncSql(partOf(call, 1, dateParts)), [value], { origins: value.origins });
}

const truncs = { TIMESTAMP: timestampTrunc, DATETIME: datetimeTrunc, DATE: dateTrunc };

const trunc =
  (own: DateKind) =>
  (call: CallSite): Expr =>
    truncs[dateKind(own, call.arg(0).type.kind)](call);

function timeTrunc(call: CallSite): Expr {
  call.argCount(2, 2);
  const value = call.typed(0, 'TIME');
  const part = partOf(call, 1, timeParts);
  const micros = floorMicros('epoch_us($1)', partMicros[part.name] ?? 1);
  return fill(types.TIME, `CAST(make_timestamp(${micros}) AS TIME)`, [value]);
}

/** Boundaries between two days: how often the part begins in between. */
function dayDiffSql(part: DatePart): string {
  const months = '((year($1) - year($2)) * 12 + (month($1) - month($2)))';
  const first = (of: string): string => dateTruncSql(part).replaceAll('$1', () => of);
  switch (part.name) {
    case 'DAY':
      return 'CAST(CAST($1 AS DATE) - CAST($2 AS DATE) AS BIGINT)';
    case 'WEEK':
    case 'ISOWEEK':
      return `CAST((${first('$1')} - ${first('$2')}) // 7 AS BIGINT)`;
    case 'MONTH':
      return `CAST(${months} AS BIGINT)`;
    case 'QUARTER':
      return 'CAST((year($1) - year($2)) * 4 + (quarter($1) - quarter($2)) AS BIGINT)';
    case 'ISOYEAR':
      return 'CAST(isoyear($1) - isoyear($2) AS BIGINT)';
    default:
      return 'CAST(year($1) - year($2) AS BIGINT)';
  }
}

const unitDiff = (size: number): string => `((epoch_us($1) - epoch_us($2)) // ${size})`;

/** Boundaries of an hour, minute, … between two local times. */
const boundaryDiff = (size: number): string => {
  const floor = (of: string): string => floorMicros(`epoch_us(${of})`, size);
  return `(((${floor('$1')}) - (${floor('$2')})) // ${size})`;
};

function diff(own: Temporal) {
  return (call: CallSite): Expr => {
    call.argCount(3, 3);
    const kind = own === 'TIME' ? own : dateKind(own, call.arg(0).type.kind);
    const args = [call.typed(0, kind), call.typed(1, kind)];
    const allowed = {
      TIMESTAMP: [...timeParts, 'DAY'],
      DATETIME: [...timeParts, ...dateParts],
      DATE: dateParts,
      TIME: timeParts,
    };
    const part = partOf(call, 2, allowed[kind]);
    const size = partMicros[part.name];
    if (kind === 'TIMESTAMP') return fill(types.INT64, unitDiff(size ?? 1), args);
    if (timeParts.includes(part.name)) return fill(types.INT64, boundaryDiff(size ?? 1), args);
    return fill(types.INT64, dayDiffSql(part), args);
  };
}

const bucketOrigin = -631_152_000_000_000;

function bucket(kind: 'TIMESTAMP' | 'DATETIME' | 'DATE') {
  return (call: CallSite): Expr => {
    call.argCount(2, 3);
    const value = call.typed(0, kind);
    const interval = intervalParts(call.arg(1));
    const amount = interval?.amount.literal?.kind === 'int' ? interval.amount.literal.value : null;
    const unit = interval
      ? (partMicros[interval.unit] ?? (interval.unit === 'WEEK' ? 7 * partMicros.DAY! : undefined))
      : undefined;
    if (!interval) throw call.mismatch();
    if (!unit || amount === null)
      throw call.unsupported(
        `${call.name} by INTERVAL ${interval.unit} or by an amount that is not a literal`,
      );
    if (amount <= 0n) throw call.fail(`${call.name} requires a positive bucket width INTERVAL`);
    const size = Number(amount) * unit;
    if (kind === 'DATE' && interval.unit !== 'DAY' && interval.unit !== 'WEEK')
      throw call.fail(`DATE_BUCKET does not support the ${interval.unit} date part`);
    const make = (micros: string): string =>
      kind === 'DATE'
        ? `CAST(make_timestamp(${micros}) AS DATE)`
        : `${kind === 'TIMESTAMP' ? 'make_timestamptz' : 'make_timestamp'}(${micros})`;
    const at = (mark: string): string =>
      kind === 'DATE' ? `epoch_us(CAST(${mark} AS TIMESTAMP))` : `epoch_us(${mark})`;
    const origins = value.origins;
    if (call.count === 2) {
      return fill({ kind }, make(floorMicros(at('$1'), size, bucketOrigin % size)), [value], { origins });
    }
    const from = `(${at('$1')} - ${at('$2')})`;
    return fill({ kind }, make(`${at('$1')} - ((${from} % ${size} + ${size}) % ${size})`), [
      value,
      call.typed(2, kind),
    ]);
  };
}

function lastDay(call: CallSite): Expr {
  call.argCount(1, 2);
  const given = call.arg(0);
  const value = given.type.kind === 'DATETIME' ? given : call.typed(0, 'DATE');
  const part = call.count === 2 ? partOf(call, 1, dateParts) : { name: 'MONTH', weekStart: 0 };
  const first = dateTruncSql(part);
  const last: Readonly<Record<string, string>> = {
    DAY: first,
    WEEK: `CAST(${first} + 6 AS DATE)`,
    ISOWEEK: `CAST(${first} + 6 AS DATE)`,
    MONTH: `CAST(${first} + INTERVAL 1 MONTH - INTERVAL 1 DAY AS DATE)`,
    QUARTER: `CAST(${first} + INTERVAL 3 MONTH - INTERVAL 1 DAY AS DATE)`,
    YEAR: `CAST(${first} + INTERVAL 1 YEAR - INTERVAL 1 DAY AS DATE)`,
  };
  const sql = last[part.name];
  if (!sql) throw call.unsupported(`LAST_DAY of ${part.name}`);
  return fill(types.DATE, sql, [value]);
}

export const stepFunctions: Specials = {
  TIMESTAMP_TRUNC: trunc('TIMESTAMP'),
  DATETIME_TRUNC: trunc('DATETIME'),
  DATE_TRUNC: trunc('DATE'),
  TIME_TRUNC: timeTrunc,
  TIMESTAMP_DIFF: diff('TIMESTAMP'),
  DATETIME_DIFF: diff('DATETIME'),
  DATE_DIFF: diff('DATE'),
  TIME_DIFF: diff('TIME'),
  TIMESTAMP_BUCKET: bucket('TIMESTAMP'),
  DATETIME_BUCKET: bucket('DATETIME'),
  DATE_BUCKET: bucket('DATE'),
  LAST_DAY: lastDay,
};
