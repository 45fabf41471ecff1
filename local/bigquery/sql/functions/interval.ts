/** Dates and times moved by an INTERVAL: the operators and the …_ADD / …_SUB functions. */

import type { Expr } from '../analyze/expr.ts';
import { fill } from '../analyze/expr.ts';
import { argumentType } from '../analyze/failure.ts';
import type { Env } from '../analyze/scope.ts';
import * as types from '../type.ts';
import { dateKind, partDays, partMicros, partMonths } from './date-part.ts';
import type { CallSite, Specials } from './signature.ts';

/** The literal's own parts: amount and unit. */
export function intervalParts(expr: Expr): { readonly amount: Expr; readonly unit: string } | null {
  return expr.literal?.kind === 'interval' ? expr.literal : null;
}

/** The value moved by `sign` times the interval, for `+` and `-`. */
export function addInterval(value: Expr, interval: Expr, sign: 1 | -1, at: number, env: Env): Expr {
  const parts = intervalParts(interval);
  const { failures } = env.session;
  if (!parts) throw failures.unsupported('INTERVAL values other than literals', at);
  if (value.type.kind === 'TIMESTAMP' && partMonths[parts.unit]) {
    throw failures.invalid(
      'TIMESTAMP +/- INTERVAL is not supported for intervals with non-zero MONTH or YEAR part.',
      at,
    );
  }
  const from =
    value.type.kind === 'DATE'
      ? fill(types.DATETIME, 'CAST($1 AS TIMESTAMP)', [value], { origins: value.origins })
      : value;
  const moved = move(from, parts.amount, parts.unit, sign);
  if (!moved || value.type.kind === 'TIME') {
    throw failures.unsupported(`${argumentType(value)} with INTERVAL ${parts.unit}`, at);
  }
  return moved;
}

/** Null: that unit does not move that type. */
function move(value: Expr, amount: Expr, unit: string, sign: 1 | -1): Expr | null {
  const origins = amount.hasColumn || amount.hasSubquery ? [] : value.origins;
  const operator = sign < 0 ? '-' : '+';
  const kind = value.type.kind;
  const fixedMicros = partMicros[unit] ?? (unit === 'WEEK' ? 7 * 86_400_000_000 : undefined);
  if (kind === 'TIMESTAMP') {
    if (!fixedMicros) return null;
    const sum = `epoch_us($1) ${operator} $2 * ${fixedMicros}`;
    return fill(types.TIMESTAMP, `make_timestamptz(${sum})`, [value, amount], { origins });
  }
  if (kind === 'TIME') {
    return fixedMicros && fixedMicros < 86_400_000_000
      ? fill(types.TIME, `($1 ${operator} to_microseconds($2 * ${fixedMicros}))`, [value, amount])
      : null;
  }
  if (kind !== 'DATE' && kind !== 'DATETIME') return null;
  const calendar = partMonths[unit]
    ? `to_months(CAST($2 * ${partMonths[unit]} AS INTEGER))`
    : partDays[unit]
      ? `to_days(CAST($2 * ${partDays[unit]} AS INTEGER))`
      : null;
  if (calendar) {
    const moved = `$1 ${operator} ${calendar}`;
    return kind === 'DATE'
      ? fill(types.DATE, `CAST(${moved} AS DATE)`, [value, amount], { origins })
      : fill(types.DATETIME, `(${moved})`, [value, amount], { origins });
  }
  return kind === 'DATETIME' && fixedMicros
    ? fill(types.DATETIME, `make_timestamp(epoch_us($1) ${operator} $2 * ${fixedMicros})`, [value, amount], {
        origins,
      })
    : null;
}

const allowed: Readonly<Record<string, readonly string[]>> = {
  TIMESTAMP: ['MICROSECOND', 'MILLISECOND', 'SECOND', 'MINUTE', 'HOUR', 'DAY'],
  DATETIME: [
    'MICROSECOND',
    'MILLISECOND',
    'SECOND',
    'MINUTE',
    'HOUR',
    'DAY',
    'WEEK',
    'MONTH',
    'QUARTER',
    'YEAR',
  ],
  DATE: ['DAY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR'],
  TIME: ['MICROSECOND', 'MILLISECOND', 'SECOND', 'MINUTE', 'HOUR'],
};

function moved(own: 'TIMESTAMP' | 'DATETIME' | 'DATE' | 'TIME', sign: 1 | -1) {
  return (call: CallSite): Expr => {
    call.argCount(2, 2);
    const kind = own === 'TIME' ? own : dateKind(own, call.arg(0).type.kind);
    const value = call.typed(0, kind);
    const interval = intervalParts(call.arg(1));
    if (!interval) throw call.mismatch();
    if (!allowed[kind]?.includes(interval.unit)) {
      const when = kind === own ? '' : ` when the argument is ${kind} type`;
      throw call.fail(`${call.name} does not support the ${interval.unit} date part${when}`);
    }
    const out = move(value, interval.amount, interval.unit, sign);
    if (!out) throw call.mismatch();
    return out;
  };
}

export const intervalFunctions: Specials = Object.fromEntries(
  (['TIMESTAMP', 'DATETIME', 'DATE', 'TIME'] as const).flatMap((kind) => [
    [`${kind}_ADD`, moved(kind, 1)],
    [`${kind}_SUB`, moved(kind, -1)],
  ]),
);
