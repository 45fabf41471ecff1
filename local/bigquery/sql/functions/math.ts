/**
 * Mathematical functions. What is no number fails as in GoogleSQL (LN(0), overflow to infinity), except where the
 * function says otherwise (IEEE_DIVIDE, SAFE_DIVIDE). ROUND and TRUNC of FLOAT64 go by the decimal digits that the
 * double really has: 0.15 is a little less than 0.15, so ROUND(0.15, 1) is 0.1.
 */

import type { Expr } from '../analyze/expr.ts';
import { fill, makeExpr } from '../analyze/expr.ts';
import { failing, failingText } from '../analyze/failure.ts';
import * as types from '../type.ts';
import type { CallSite, Signatures, Specials } from './signature.ts';
import { signature } from './signature.ts';

/** A number as it stands in messages. */
const numberInMessage = (sql: string): string => `regexp_replace(CAST(${sql} AS VARCHAR), '\\.0$', '')`;

const message = (name: string, count: number): string => {
  const args = Array.from({ length: count }, (_, i) => numberInMessage(`$${i + 1}`)).join(` || ', ' || `);
  return `'Floating point error in function: ${name}(' || ${args} || ')'`;
};

/** The result, unless it is no number while the arguments are. */
function finite(name: string, sql: string, count = 1): string {
  const args = Array.from({ length: count }, (_, i) => `isfinite($${i + 1})`).join(' AND ');
  const failed = failingText('DOUBLE', message(name, count));
  return `CASE WHEN ${args} AND NOT isfinite(${sql}) THEN ${failed} ELSE ${sql} END`;
}

/** The function where `condition` holds; the failure elsewhere. */
function within(name: string, condition: string, sql: string, count = 1): string {
  return `CASE WHEN NOT (${condition}) THEN ${failingText('DOUBLE', message(name, count))} ELSE ${sql} END`;
}

const float = (sql: string) => [signature('FLOAT64', 'FLOAT64', sql)];

const ln = within('LN', '$1 > 0', 'ln($1)');
const logOf = within('LOG', '$1 > 0 AND $2 > 0 AND $2 <> 1', '(ln($1) / ln($2))', 2);
const sqrt = `CASE WHEN $1 < 0 THEN ${failingText('DOUBLE', `'Argument to SQRT cannot be negative: ' || ${numberInMessage('$1')}`)} ELSE sqrt($1) END`;
const power = `CASE WHEN ($1 < 0 AND isfinite($1) AND isfinite($2) AND $2 <> trunc($2)) OR (isfinite($1) AND isfinite($2) AND NOT isfinite(pow($1, $2))) THEN ${failingText('DOUBLE', message('POW', 2))} ELSE pow($1, $2) END`;

const overflow = (text: string): string => failingText('BIGINT', `'int64 overflow: ' || ${text}`);
const byZero = (text: string): string => failingText('BIGINT', `'division by zero: ' || ${text}`);

const decimal = (sql: string): string => `CAST(${sql} AS DECIMAL(38,9))`;

export const mathFunctions: Signatures = {
  ABS: [
    signature(
      'INT64',
      'INT64',
      `CASE WHEN $1 = -9223372036854775808 THEN ${overflow(`'ABS(-9223372036854775808)'`)} ELSE abs($1) END`,
    ),
    signature('NUMERIC', 'NUMERIC', 'abs($1)'),
    signature('FLOAT64', 'FLOAT64', 'abs($1)'),
  ],
  SIGN: [
    signature('INT64', 'INT64', 'CAST(sign($1) AS BIGINT)'),
    signature('NUMERIC', 'NUMERIC', decimal('sign($1)')),
    signature('FLOAT64', 'FLOAT64', `CASE WHEN isnan($1) THEN $1 ELSE CAST(sign($1) AS DOUBLE) END`),
  ],
  CEIL: [
    signature('INT64', 'FLOAT64', 'CAST($1 AS DOUBLE)'),
    signature('NUMERIC', 'NUMERIC', decimal('ceil($1)')),
    signature('FLOAT64', 'FLOAT64', 'ceil($1)'),
  ],
  CEILING: [
    signature('INT64', 'FLOAT64', 'CAST($1 AS DOUBLE)'),
    signature('NUMERIC', 'NUMERIC', decimal('ceil($1)')),
    signature('FLOAT64', 'FLOAT64', 'ceil($1)'),
  ],
  FLOOR: [
    signature('INT64', 'FLOAT64', 'CAST($1 AS DOUBLE)'),
    signature('NUMERIC', 'NUMERIC', decimal('floor($1)')),
    signature('FLOAT64', 'FLOAT64', 'floor($1)'),
  ],
  SQRT: float(sqrt),
  CBRT: float('cbrt($1)'),
  EXP: float(finite('EXP', 'exp($1)')),
  LN: float(ln),
  LOG: [signature('FLOAT64', 'FLOAT64', ln), signature('FLOAT64, FLOAT64', 'FLOAT64', logOf)],
  LOG10: float(within('LOG10', '$1 > 0', 'log10($1)')),
  POW: [signature('FLOAT64, FLOAT64', 'FLOAT64', power)],
  POWER: [signature('FLOAT64, FLOAT64', 'FLOAT64', power)],
  SIN: float(within('SIN', 'isfinite($1) OR isnan($1)', 'sin($1)')),
  COS: float(within('COS', 'isfinite($1) OR isnan($1)', 'cos($1)')),
  TAN: float(within('TAN', 'isfinite($1) OR isnan($1)', 'tan($1)')),
  ASIN: float(within('ASIN', 'abs($1) <= 1 OR isnan($1)', 'asin($1)')),
  ACOS: float(within('ACOS', 'abs($1) <= 1 OR isnan($1)', 'acos($1)')),
  ATAN: float('atan($1)'),
  ATAN2: [signature('FLOAT64, FLOAT64', 'FLOAT64', 'atan2($1, $2)')],
  SINH: float(finite('SINH', 'sinh($1)')),
  COSH: float(finite('COSH', 'cosh($1)')),
  TANH: float('tanh($1)'),
  ASINH: float('asinh($1)'),
  COT: float(within('COT', '$1 <> 0', '(1 / tan($1))')),
  CSC: float(within('CSC', '$1 <> 0', '(1 / sin($1))')),
  SEC: float('(1 / cos($1))'),
  COTH: float(within('COTH', '$1 <> 0', '(1 / tanh($1))')),
  CSCH: float(within('CSCH', '$1 <> 0', '(1 / sinh($1))')),
  SECH: float('(1 / cosh($1))'),
  ACOSH: float(within('ACOSH', '$1 >= 1 OR isnan($1)', 'acosh($1)')),
  ATANH: float(within('ATANH', 'abs($1) < 1 OR isnan($1)', 'atanh($1)')),
  IS_NAN: [signature('FLOAT64', 'BOOL', 'isnan($1)')],
  IS_INF: [signature('FLOAT64', 'BOOL', 'isinf($1)')],
  IEEE_DIVIDE: [signature('FLOAT64, FLOAT64', 'FLOAT64', '($1 / $2)')],
  MOD: [
    signature(
      'INT64, INT64',
      'INT64',
      `CASE WHEN $2 = 0 AND $1 IS NOT NULL THEN ${byZero(`'MOD(' || CAST($1 AS VARCHAR) || ', 0)'`)} WHEN $2 = -1 THEN 0 * $1 // 1 ELSE $1 % $2 END`,
    ),
    signature(
      'NUMERIC, NUMERIC',
      'NUMERIC',
      `CASE WHEN $2 = 0 AND $1 IS NOT NULL THEN ${failing('DECIMAL(38,9)', 'division by zero')} ELSE ${decimal('$1 % $2')} END`,
    ),
  ],
  DIV: [
    signature(
      'INT64, INT64',
      'INT64',
      `CASE WHEN $2 = 0 AND $1 IS NOT NULL THEN ${byZero(`CAST($1 AS VARCHAR) || ' / 0'`)} ELSE $1 // $2 END`,
    ),
  ],
  BIT_COUNT: [signature('INT64', 'INT64', 'CAST(bit_count($1) AS BIGINT)')],
  SAFE_ADD: [
    signature('INT64, INT64', 'INT64', 'TRY_CAST(CAST($1 AS HUGEINT) + $2 AS BIGINT)'),
    signature('NUMERIC, NUMERIC', 'NUMERIC', 'TRY($1 + $2)'),
    signature('FLOAT64, FLOAT64', 'FLOAT64', safeFloat('$1 + $2')),
  ],
  SAFE_SUBTRACT: [
    signature('INT64, INT64', 'INT64', 'TRY_CAST(CAST($1 AS HUGEINT) - $2 AS BIGINT)'),
    signature('NUMERIC, NUMERIC', 'NUMERIC', 'TRY($1 - $2)'),
    signature('FLOAT64, FLOAT64', 'FLOAT64', safeFloat('$1 - $2')),
  ],
  SAFE_MULTIPLY: [
    signature('INT64, INT64', 'INT64', 'TRY_CAST(CAST($1 AS HUGEINT) * $2 AS BIGINT)'),
    signature('NUMERIC, NUMERIC', 'NUMERIC', `TRY(${decimal('$1 * $2')})`),
    signature('FLOAT64, FLOAT64', 'FLOAT64', safeFloat('$1 * $2')),
  ],
  SAFE_NEGATE: [
    signature('INT64', 'INT64', 'TRY_CAST(-CAST($1 AS HUGEINT) AS BIGINT)'),
    signature('NUMERIC', 'NUMERIC', '(-$1)'),
    signature('FLOAT64', 'FLOAT64', '(-$1)'),
  ],
  SAFE_DIVIDE: [
    signature(
      'FLOAT64, FLOAT64',
      'FLOAT64',
      `CASE WHEN $2 = 0 OR (isfinite($1) AND isfinite($2) AND NOT isfinite($1 / $2)) THEN NULL ELSE $1 / $2 END`,
    ),
  ],
};

function safeFloat(sql: string): string {
  return `CASE WHEN isfinite($1) AND isfinite($2) AND NOT isfinite(${sql}) THEN NULL ELSE ${sql} END`;
}

const exactly = 4_503_599_627_370_496;

/** Digits after the point, as a power of ten; the product may be a neighbour of the true one. */
function roundSql(digits: number): string {
  if (digits === 0) return 'round($1)';
  const scale = `'1e${Math.abs(digits)}'::DOUBLE`;
  if (digits < 0) {
    const scaled = `($1 / ${scale})`;
    const low = `abs(${scaled}) % 1 = 0.5 AND abs($1) < abs(${scaled}) * ${scale}`;
    return `CASE WHEN NOT isfinite($1) THEN $1 WHEN ${low} THEN trunc(${scaled}) * ${scale} ELSE round(${scaled}) * ${scale} END`;
  }
  const scaled = `($1 * ${scale})`;
  const plain = `round(${scaled}) / ${scale}`;
  const half = `abs(${scaled}) % 1 = 0.5`;
  const digitsText = `printf('%.${digits + 60}f', abs($1))`;
  const rest = `substr(${digitsText}, strpos(${digitsText}, '.') + ${digits + 1})`;
  const byText = `CASE WHEN ${rest} >= '5' THEN ${plain} ELSE trunc(${scaled}) / ${scale} END`;
  const large = `CAST(printf('%.${digits}f', $1) AS DOUBLE)`;
  return `CASE WHEN NOT isfinite($1) THEN $1 WHEN abs(${scaled}) >= ${exactly} THEN ${large} WHEN ${half} THEN ${byText} ELSE ${plain} END`;
}

function truncSql(digits: number): string {
  if (digits === 0) return 'trunc($1)';
  if (digits < 0) {
    const scale = `'1e${-digits}'::DOUBLE`;
    return `CASE WHEN NOT isfinite($1) THEN $1 ELSE trunc($1 / ${scale}) * ${scale} END`;
  }
  const text = `printf('%.${digits + 60}f', $1)`;
  return `CASE WHEN NOT isfinite($1) THEN $1 ELSE CAST(substr(${text}, 1, strpos(${text}, '.') + ${digits}) AS DOUBLE) END`;
}

function cut(name: 'round' | 'trunc') {
  return (call: CallSite): Expr => {
    call.argCount(1, 2);
    const value = call.arg(0);
    const given = call.count === 2 ? call.typed(1, 'INT64').literal : null;
    if (call.count === 2 && given?.kind !== 'int')
      throw call.unsupported(`${call.name} to a number of digits that is not a literal`);
    const digits = given?.kind === 'int' ? Number(given.value) : 0;
    if (Math.abs(digits) > 22) throw call.unsupported(`${call.name} to ${digits} digits`);
    if (value.type.kind === 'NUMERIC') {
      const sql = name === 'round' ? `round($1, ${digits})` : truncNumeric(digits);
      return fill(types.NUMERIC, decimal(sql), [value]);
    }
    return fill(types.FLOAT64, name === 'round' ? roundSql(digits) : truncSql(digits), [
      call.typed(0, 'FLOAT64'),
    ]);
  };
}

function truncNumeric(digits: number): string {
  if (digits >= 9) return '$1';
  const scale = 10n ** BigInt(Math.abs(digits));
  return digits > 0 ? `$1 - $1 % (1::DECIMAL(38,9) / ${scale})::DECIMAL(38,9)` : `$1 - $1 % ${scale}`;
}

/** GREATEST and LEAST: NULL where one is NULL, NaN where one is NaN. */
function extreme(name: 'greatest' | 'least') {
  return (call: CallSite): Expr => {
    call.argCount(1, 9);
    const all = call.common();
    const type = all[0]!.type;
    if (['ARRAY', 'STRUCT', 'JSON', 'INTERVAL'].includes(type.kind)) throw call.mismatch();
    const marks = all.map((_, i) => `$${i + 1}`);
    const anyNull = marks.map((mark) => `${mark} IS NULL`).join(' OR ');
    const anyNan = marks.map((mark) => `isnan(${mark})`).join(' OR ');
    const nan = type.kind === 'FLOAT64' ? ` WHEN ${anyNan} THEN 'nan'::DOUBLE` : '';
    return fill(type, `CASE WHEN ${anyNull} THEN NULL${nan} ELSE ${name}(${marks.join(', ')}) END`, all, {
      origins: [],
    });
  };
}

function random(call: CallSite): Expr {
  call.argCount(0, 0);
  return makeExpr(types.FLOAT64, ['random()'], { volatile: true });
}

/** Index of the first bound above the point. */
function rangeBucket(call: CallSite): Expr {
  call.argCount(2, 2);
  const bounds = call.arg(1);
  if (bounds.type.kind !== 'ARRAY') throw call.mismatch();
  const kind = bounds.type.element.kind as 'INT64';
  const point = call.typed(0, kind);
  const none = `$1 IS NULL OR $2 IS NULL${(kind as string) === 'FLOAT64' ? ' OR isnan($1)' : ''}`;
  const sql = `CASE WHEN ${none} THEN NULL ELSE CAST(len(list_filter($2, lambda b: b <= $1)) AS BIGINT) END`;
  return fill(types.INT64, sql, [point, bounds]);
}

export const mathSpecials: Specials = {
  ROUND: cut('round'),
  TRUNC: cut('trunc'),
  GREATEST: extreme('greatest'),
  LEAST: extreme('least'),
  RAND: random,
  RANGE_BUCKET: rangeBucket,
};
