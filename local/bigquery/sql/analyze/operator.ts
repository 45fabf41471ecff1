/** Arithmetic, bits, concatenation, NOT. Source: GoogleSQL "Operators". Overflow of INT64 is DuckDB's error too. */

import { addInterval } from '../functions/interval.ts';
import { asText } from '../functions/text.ts';
import type { BinaryOperator, Expression } from '../parse/tree.ts';
import type { Type } from '../type.ts';
import * as types from '../type.ts';
import { coerce, coercionDistance, commonType } from './coerce.ts';
import type { Expr } from './expr.ts';
import { fill, isNull } from './expr.ts';
import { analyze, integer, required } from './expression.ts';
import { argumentType, failing, failingText } from './failure.ts';
import { floatLiteral } from './literal.ts';
import type { Env } from './scope.ts';

type Binary = Extract<Expression, { kind: 'binary' }>;

export function analyzeUnary(node: Extract<Expression, { kind: 'unary' }>, env: Env): Expr {
  if (node.operator === '-' && node.value.kind === 'integer')
    return integer(node.value.text, node.at, env, true);
  const value = operand(node.operator, node.value, env);
  if (node.operator === 'NOT') {
    const message = `No matching signature for operator NOT for argument types: ${argumentType(value)}. Supported signature: NOT BOOL`;
    return fill(types.BOOL, '(NOT $1)', [required(value, types.BOOL, node.at, env, message)]);
  }
  if (node.operator === '-' && value.literal?.kind === 'float') return floatLiteral(-value.literal.value);
  const allowed = node.operator === '~' ? ['INT64'] : ['INT64', 'NUMERIC', 'FLOAT64'];
  if (!allowed.includes(value.type.kind)) {
    throw env.session.failures.invalid(
      `No matching signature for operator ${node.operator} for argument type: ${argumentType(value)}`,
      node.at,
    );
  }
  return node.operator === '+' ? value : fill(value.type, `(${node.operator} $1)`, [value]);
}

/** Operators refuse a NULL that is written out. */
export function operand(operator: string, node: Expression, env: Env): Expr {
  const value = analyze(node, env);
  if (isNull(value))
    throw env.session.failures.invalid(`Operands of ${operator} cannot be literal NULL`, node.at);
  return value;
}

export function analyzeBinary(node: Binary, env: Env): Expr {
  const left = operand(node.operator, node.left, env);
  const right = operand(node.operator, node.right, env);
  if (node.operator === '||') return concatenate(left, right, node, env);
  if (node.operator === '+' || node.operator === '-') {
    const moved = temporal(left, right, node, env);
    if (moved) return moved;
  }
  if (node.operator === '<<' || node.operator === '>>') {
    return shift(node.operator, left, right, node, env);
  }
  return arithmetic(node.operator, left, right, node, env);
}

const word = '18446744073709551616::UHUGEINT';

/** Shifts of 64 bits, without sign, by way of 128 bits. */
function shift(operator: '<<' | '>>', left: Expr, right: Expr, node: Binary, env: Env): Expr {
  if (left.type.kind === 'BYTES') throw env.session.failures.unsupported(`BYTES ${operator} INT64`, node.at);
  if (left.type.kind !== 'INT64' || right.type.kind !== 'INT64')
    throw mismatch(operator, left, right, node.at, env);
  const unsigned = `CAST((CAST($1 AS HUGEINT) + CASE WHEN $1 < 0 THEN 18446744073709551616::HUGEINT ELSE 0 END) AS UHUGEINT)`;
  const power = 'CAST(pow(2, $2) AS UHUGEINT)';
  const moved = operator === '<<' ? `(${unsigned} * ${power}) % ${word}` : `${unsigned} // ${power}`;
  const signed = `CAST(CAST(${moved} AS HUGEINT) - CASE WHEN ${moved} >= 9223372036854775808::UHUGEINT THEN 18446744073709551616::HUGEINT ELSE 0 END AS BIGINT)`;
  const negative = failing(types.INT64, 'Bitwise shift by negative offset.');
  return fill(
    types.INT64,
    `CASE WHEN $2 < 0 THEN ${negative} WHEN $2 >= 64 THEN CASE WHEN $1 IS NOT NULL THEN 0 END ELSE ${signed} END`,
    [left, right],
  );
}

function mismatch(operator: string, left: Expr, right: Expr, at: number, env: Env): Error {
  const given = `${argumentType(left)}, ${argumentType(right)}`;
  return env.session.failures.invalid(
    `No matching signature for operator ${operator} for argument types: ${given}`,
    at,
  );
}

const numbers = ['INT64', 'NUMERIC', 'FLOAT64'];

function arithmetic(operator: BinaryOperator, left: Expr, right: Expr, node: Binary, env: Env): Expr {
  const type = commonType([left, right]);
  const whole = operator === '&' || operator === '|' || operator === '^';
  if (!type || !(whole ? ['INT64'] : numbers).includes(type.kind))
    throw mismatch(operator, left, right, node.at, env);
  if (operator === '/') return divide(left, right, type, node, env);
  const [a, b] = both(left, right, type, node, env);
  if (operator === '^') return fill(type, 'xor($1, $2)', [a, b]);
  if (type.kind === 'NUMERIC' && operator === '*') {
    // A whole number is multiplied as one: with nine zeros after its point the product would not fit 38 digits.
    if (left.type.kind === 'INT64' || right.type.kind === 'INT64') {
      const [of, times] = left.type.kind === 'INT64' ? [b, left] : [a, right];
      return fill(type, 'CAST(($1 * CAST($2 AS DECIMAL(19,0))) AS DECIMAL(38,9))', [of, times]);
    }
    return fill(type, 'CAST(($1 * $2) AS DECIMAL(38,9))', [a, b]);
  }
  return fill(type, `($1 ${operator} $2)`, [a, b]);
}

export function both(
  left: Expr,
  right: Expr,
  type: Type,
  node: { readonly at: number },
  env: Env,
): readonly [Expr, Expr] {
  const a = coerce(left, type);
  const b = coerce(right, type);
  const bad = a === 'bad' ? left : b === 'bad' ? right : null;
  if (bad?.literal?.kind === 'string') {
    const text = `Could not cast literal "${bad.literal.value}" to type ${types.typeText(type)}`;
    throw env.session.failures.invalid(text, node.at);
  }
  if (!a || !b || a === 'bad' || b === 'bad') throw mismatch('', left, right, node.at, env);
  return [a, b];
}

/** Exact, in billionths, half away from zero. */
function divideNumeric([a, b]: readonly [Expr, Expr]): Expr {
  const units = (of: string): string => `CAST(replace(CAST(${of} AS VARCHAR), '.', '') AS HUGEINT)`;
  const size = `((abs(${units('$1')}) * 2000000000 // abs(${units('$2')}) + 1) // 2)`;
  const sign = `CASE WHEN ($1 < 0) <> ($2 < 0) THEN '-' ELSE '' END`;
  const text = `${sign} || CAST(${size} // 1000000000 AS VARCHAR) || '.' || lpad(CAST(${size} % 1000000000 AS VARCHAR), 9, '0')`;
  const zero = failingText(
    'DECIMAL(38,9)',
    `'division by zero: ' || rtrim(rtrim(CAST($1 AS VARCHAR), '0'), '.') || ' / 0'`,
  );
  const sql = `CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL WHEN $2 = 0 THEN ${zero} ELSE CAST(${text} AS DECIMAL(38,9)) END`;
  return fill(types.NUMERIC, sql, [a, b]);
}

function divide(left: Expr, right: Expr, type: Type, node: Binary, env: Env): Expr {
  if (type.kind === 'NUMERIC') return divideNumeric(both(left, right, type, node, env));
  const [a, b] = both(left, right, types.FLOAT64, node, env);
  if (b.literal?.kind === 'float' && b.literal.value !== 0) return fill(types.FLOAT64, '($1 / $2)', [a, b]);
  const zero = failingText(
    'DOUBLE',
    `'division by zero: ' || regexp_replace(CAST($1 AS VARCHAR), '\\.0$', '') || ' / 0'`,
  );
  return fill(
    types.FLOAT64,
    `CASE WHEN $2 = 0 THEN CASE WHEN $1 IS NULL THEN NULL ELSE ${zero} END ELSE $1 / $2 END`,
    [a, b],
  );
}

function concatenate(a: Expr, b: Expr, node: Binary, env: Env): Expr {
  const left = b.type.kind === 'STRING' ? (asText(a) ?? a) : a;
  const right = a.type.kind === 'STRING' ? (asText(b) ?? b) : b;
  for (const type of [types.STRING, types.BYTES]) {
    if (coercionDistance(left, type) === null || coercionDistance(right, type) === null) continue;
    return fill(type, '($1 || $2)', both(left, right, type, node, env));
  }
  const type = commonType([left, right]);
  if (type?.kind !== 'ARRAY') throw mismatch('||', left, right, node.at, env);
  const args = both(left, right, type, node, env);
  return fill(type, 'CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL ELSE list_concat($1, $2) END', args);
}

/** DATE ± days, and dates and times ± INTERVAL. */
function temporal(left: Expr, right: Expr, node: Binary, env: Env): Expr | null {
  const sign = node.operator === '-' ? -1 : 1;
  if (right.type.kind === 'INTERVAL') return addInterval(left, right, sign, node.at, env);
  if (left.type.kind === 'INTERVAL' && sign > 0) return addInterval(right, left, sign, node.at, env);
  const days = (date: Expr, count: Expr): Expr =>
    fill(types.DATE, `CAST($1 ${node.operator} CAST($2 AS INTEGER) AS DATE)`, [date, count]);
  if (left.type.kind === 'DATE' && right.type.kind === 'INT64') return days(left, right);
  if (right.type.kind === 'DATE' && left.type.kind === 'INT64' && sign > 0) return days(right, left);
  const kinds = [left.type.kind, right.type.kind];
  if (sign < 0 && kinds.every((kind) => ['DATE', 'DATETIME', 'TIMESTAMP', 'TIME'].includes(kind))) {
    throw env.session.failures.unsupported(`${kinds[0]} - ${kinds[1]}; use ${kinds[0]}_DIFF`, node.at);
  }
  return null;
}
