/** EXTRACT. Weeks begin on Sunday unless WEEK(day) says otherwise; week 0 is before the first such day of the year. */

import type { Expr } from '../analyze/expr.ts';
import { fill } from '../analyze/expr.ts';
import { analyze, required } from '../analyze/expression.ts';
import { argumentType } from '../analyze/failure.ts';
import { parseZone } from '../analyze/literal.ts';
import type { Env } from '../analyze/scope.ts';
import type { Expression } from '../parse/tree.ts';
import type { Type } from '../type.ts';
import * as types from '../type.ts';
import type { DatePart } from './date-part.ts';
import { datePart, timeParts } from './date-part.ts';
import { toLocal, utcZone } from './zone.ts';

const plain: Readonly<Record<string, string>> = {
  MICROSECOND: 'microsecond($1) % 1000000',
  MILLISECOND: 'millisecond($1) % 1000',
  SECOND: 'second($1)',
  MINUTE: 'minute($1)',
  HOUR: 'hour($1)',
  DAY: 'day($1)',
  DAYOFWEEK: 'dayofweek($1) + 1',
  DAYOFYEAR: 'dayofyear($1)',
  ISOWEEK: 'weekofyear($1)',
  ISOYEAR: 'isoyear($1)',
  MONTH: 'month($1)',
  QUARTER: 'quarter($1)',
  YEAR: 'year($1)',
};

function partSql(part: DatePart): string {
  const weekday = `(dayofweek($1) + ${7 - part.weekStart}) % 7`;
  const sql = part.name === 'WEEK' ? `(dayofyear($1) + 6 - ${weekday}) // 7` : plain[part.name];
  return `CAST(${sql} AS BIGINT)`;
}

const whole: Readonly<Record<string, Type>> = {
  DATE: types.DATE,
  TIME: types.TIME,
  DATETIME: types.DATETIME,
};

export function analyzeExtract(node: Extract<Expression, { kind: 'extract' }>, env: Env): Expr {
  const { failures } = env.session;
  const part = datePart(node.part);
  const value = analyze(node.value, env);
  if (!part) {
    const name = node.part.kind === 'name' ? node.part.name : 'expression';
    throw failures.invalid(`A valid date part name is required but found ${name}`, node.part.at);
  }
  const kind = value.type.kind;
  if (!['TIMESTAMP', 'DATETIME', 'DATE', 'TIME'].includes(kind)) {
    if (kind === 'INTERVAL') throw failures.unsupported('EXTRACT from INTERVAL', node.at);
    throw failures.invalid(`EXTRACT does not support arguments of type: ${argumentType(value)}`, node.at);
  }
  const refused =
    (kind === 'DATE' && (timeParts.includes(part.name) || whole[part.name])) ||
    (kind === 'TIME' && !timeParts.includes(part.name)) ||
    (kind === 'DATETIME' && part.name === 'DATETIME');
  if (refused)
    throw failures.invalid(`EXTRACT from ${kind} does not support the ${part.name} date part`, node.part.at);
  const local = kind === 'TIMESTAMP' ? toLocal(value, zoneOf(node, env)) : value;
  if (node.zone && kind !== 'TIMESTAMP') {
    throw failures.invalid(`EXTRACT from ${kind} does not support AT TIME ZONE`, node.at);
  }
  return extractPart(local, value, part, node.zone === null);
}

function extractPart(local: Expr, value: Expr, part: DatePart, utc: boolean): Expr {
  const type = whole[part.name];
  if (!type) return fill(types.INT64, partSql(part), [local]);
  if (type.kind === 'DATETIME') return local;
  const origins = type.kind === 'DATE' ? local.origins : [];
  const dayOf = type.kind === 'DATE' && utc && value.type.kind === 'TIMESTAMP' ? value : null;
  return fill(type, `CAST($1 AS ${type.kind})`, [local], { origins, dayOf });
}

function zoneOf(node: Extract<Expression, { kind: 'extract' }>, env: Env) {
  if (!node.zone) return utcZone;
  const given = required(
    analyze(node.zone, env),
    types.STRING,
    node.zone.at,
    env,
    'AT TIME ZONE needs a STRING',
  );
  const text = given.literal?.kind === 'string' ? given.literal.value : given.parameterText;
  if (text === null) throw env.session.failures.unsupported('time zone that is not a literal', node.zone.at);
  const zone = parseZone(text);
  if (!zone) throw env.session.failures.invalid(`Invalid time zone: ${text}`, node.zone.at);
  return zone;
}
