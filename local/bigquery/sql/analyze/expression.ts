/**
 * Expressions: each node of the tree becomes typed DuckDB text with GoogleSQL's meaning. Every text is an operand
 * (a name, a call, or in parentheses), so that it can stand anywhere.
 */

import { analyzeExtract } from '../functions/extract.ts';
import type { Expression } from '../parse/tree.ts';
import * as types from '../type.ts';
import { analyzeCall } from './call.ts';
import { analyzeCast } from './cast.ts';
import { coerce } from './coerce.ts';
import {
  analyzeBetween,
  analyzeIn,
  analyzeIs,
  analyzeLike,
  analyzeLogical,
  compare,
  isDistinct,
} from './condition.ts';
import { analyzeArray, analyzeCase, analyzeStruct } from './constructor.ts';
import type { Expr } from './expr.ts';
import { makeExpr, nullExpr } from './expr.ts';
import { argumentType } from './failure.ts';
import { intervalText } from './interval-text.ts';
import { canonicalJson } from './json-text.ts';
import {
  boolLiteral,
  bytesLiteral,
  floatLiteral,
  intLiteral,
  parseNumeric,
  quoteText,
  stringLiteral,
  temporalLiteral,
} from './literal.ts';
import { analyzeDot, analyzeIndex, analyzeName, analyzeParameter } from './name.ts';
import { analyzeBinary, analyzeUnary, operand } from './operator.ts';
import type { Env } from './scope.ts';
import { analyzeSubquery } from './subquery.ts';

export function analyze(node: Expression, env: Env): Expr {
  env.session.step(node);
  switch (node.kind) {
    case 'integer':
      return integer(node.text, node.at, env);
    case 'float':
      return float(node.text, node.at, env);
    case 'string':
      return stringLiteral(node.text);
    case 'bytes':
      return bytesLiteral(node.text);
    case 'boolean':
      return boolLiteral(node.value);
    case 'null':
      return nullExpr;
    case 'typed':
      return typed(node, env);
    case 'interval':
      return interval(node, env);
    case 'name':
      return analyzeName(node, env);
    case 'dot':
      return analyzeDot(node, env);
    case 'index':
      return analyzeIndex(node, env);
    case 'parameter':
      return analyzeParameter(node, env);
    case 'system':
      throw env.session.failures.unsupported(`system variable @@${node.name}`, node.at);
    case 'unary':
      return analyzeUnary(node, env);
    case 'binary':
      return comparisons.has(node.operator) ? comparison(node, env) : analyzeBinary(node, env);
    case 'logical':
      return analyzeLogical(node, env);
    case 'between':
      return analyzeBetween(node, env);
    case 'in':
      return analyzeIn(node, env);
    case 'like':
      return analyzeLike(node, env);
    case 'is':
      return analyzeIs(node, env);
    case 'distinct':
      return isDistinct(analyze(node.left, env), analyze(node.right, env), node, env);
    case 'case':
      return analyzeCase(node, env);
    case 'cast':
      return analyzeCast(node, env);
    case 'extract':
      return analyzeExtract(node, env);
    case 'array':
      return analyzeArray(node, env);
    case 'struct':
      return analyzeStruct(node, env);
    case 'subquery':
    case 'exists':
    case 'arrayQuery':
      return analyzeSubquery(node, env);
    case 'call':
      return analyzeCall(node, env);
  }
}

const comparisons = new Set(['=', '!=', '<', '<=', '>', '>=']);

function comparison(node: Extract<Expression, { kind: 'binary' }>, env: Env): Expr {
  const left = operand(node.operator, node.left, env);
  return compare(node.operator, left, operand(node.operator, node.right, env), { node, env });
}

/** Also called for `-` before a literal, with its sign. */
export function integer(text: string, at: number, env: Env, negative = false): Expr {
  const value = negative ? -BigInt(text) : BigInt(text);
  if (value >= 2n ** 63n || value < -(2n ** 63n)) {
    throw env.session.failures.invalid(`Invalid integer literal: ${negative ? '-' : ''}${text}`, at);
  }
  return intLiteral(value);
}

function float(text: string, at: number, env: Env): Expr {
  const value = Number(text);
  if (!Number.isFinite(value))
    throw env.session.failures.invalid(`Invalid floating point literal: ${text}`, at);
  return floatLiteral(value);
}

function typed(node: Extract<Expression, { kind: 'typed' }>, env: Env): Expr {
  const { failures } = env.session;
  const kind = types.scalarKind(node.type);
  if (kind === 'JSON') {
    const text = canonicalJson(node.text);
    if (text === null) throw failures.invalid('Invalid JSON literal: syntax error', node.at);
    return makeExpr(types.JSON_TYPE, [`${quoteText(text)}::JSON`], { simple: true });
  }
  if (kind === 'NUMERIC') {
    const text = parseNumeric(node.text);
    if (text === null) throw failures.invalid(`Invalid NUMERIC literal '${node.text}'`, node.at);
    return makeExpr(types.NUMERIC, [`(${text})::DECIMAL(38,9)`], { simple: true });
  }
  if (kind === null || kind === 'BIGNUMERIC') throw failures.unsupported(`${node.type} literal`, node.at);
  const value = temporalLiteral(node.text, { kind });
  if (!value) throw failures.invalid(`Invalid ${node.type} literal`, node.at);
  return value;
}

/** Types that a value can have but nothing but named functions can take. */
function interval(node: Extract<Expression, { kind: 'interval' }>, env: Env): Expr {
  const value = analyze(node.value, env);
  const text = value.literal?.kind === 'string' ? value.literal.value : null;
  if (text !== null) {
    const read = intervalText(text, node.unit, node.to);
    if (!read) throw env.session.failures.invalid(`Invalid INTERVAL literal '${text}'`, node.at);
    const literal = { kind: 'interval' as const, amount: intLiteral(read.amount), unit: read.unit };
    return makeExpr(types.INTERVAL, [literal.amount], { literal });
  }
  if (node.to)
    throw env.session.failures.unsupported('INTERVAL of several parts that is not a literal', node.at);
  const amount = coerce(value, types.INT64);
  if (!amount || amount === 'bad') {
    throw env.session.failures.invalid(
      `INTERVAL value must be coercible to INT64, found ${argumentType(value)}`,
      node.at,
    );
  }
  const literal = { kind: 'interval' as const, amount, unit: node.unit };
  return makeExpr(types.INTERVAL, [amount], { literal, hasAggregate: amount.hasAggregate });
}

/** The expression as a type it must have; refuses the rest in BigQuery's words. */
export function required(expr: Expr, type: types.Type, at: number, env: Env, message: string): Expr {
  const coerced = coerce(expr, type);
  if (coerced === 'bad' && expr.literal?.kind === 'string') {
    const text = `Could not cast literal "${expr.literal.value}" to type ${types.typeText(type)}`;
    throw env.session.failures.invalid(text, at);
  }
  if (!coerced || coerced === 'bad') throw env.session.failures.invalid(message, at);
  return coerced;
}

export function condition(node: Expression, env: Env, clause: string): Expr {
  const expr = analyze(node, env);
  const message = `${clause} should return type BOOL, but returns ${types.typeText(expr.type)}`;
  return required(expr, types.BOOL, node.at, env, message);
}
