/** CAST and SAFE_CAST. */

import type { Expression } from '../parse/tree.ts';
import type { Type } from '../type.ts';
import * as types from '../type.ts';
import { castSql, monotonicCasts } from './cast-sql.ts';
import { coerce } from './coerce.ts';
import { typeOfTree } from './constructor.ts';
import type { Expr, Rope } from './expr.ts';
import { exprText, fill, isNull, joinRopes, makeExpr } from './expr.ts';
import { analyze } from './expression.ts';
import { failing, failingText } from './failure.ts';
import { quoteText } from './literal.ts';
import type { Env } from './scope.ts';

export function analyzeCast(node: Extract<Expression, { kind: 'cast' }>, env: Env): Expr {
  const value = analyze(node.value, env);
  const target = typeOfTree(node.type, env);
  const cast = castTo(value, target, node.safe);
  if (cast) return cast;
  const text = `Invalid cast from ${types.typeText(value.type)} to ${types.typeText(target)}`;
  if (['ARRAY', 'STRUCT'].includes(value.type.kind) && value.type.kind === target.kind) {
    throw env.session.failures.unsupported(text.replace('Invalid cast', 'CAST'), node.at);
  }
  throw env.session.failures.invalid(text, node.at);
}

/** Null: there is no such cast. */
export function castTo(value: Expr, target: Type, safe: boolean): Expr | null {
  if (types.sameType(value.type, target) && !isNull(value)) return value;
  if (isNull(value) || value.literal?.kind === 'emptyArray') {
    const typed = coerce(value, target);
    return typed === 'bad' ? null : typed;
  }
  const inside = castInside(value, target, safe);
  if (inside) return inside;
  const sql = castSql[value.type.kind]?.[target.kind as 'INT64'];
  if (!sql) return null;
  const origins = monotonicCasts.has(`${value.type.kind}:${target.kind}`) ? value.origins : [];
  const dayOf = value.type.kind === 'TIMESTAMP' && target.kind === 'DATE' ? value : null;
  const made = fill(target, withFailures(sql, target, safe), [value], { origins, dayOf });
  return safe && needsTry(value.type, target) ? tried(made, value, sql, target) : made;
}

/** An ARRAY or STRUCT, element by element. A SAFE_CAST is NULL as a whole where one of them fails. */
function castInside(value: Expr, target: Type, safe: boolean): Expr | null {
  const from = value.type;
  if (from.kind === 'ARRAY' && target.kind === 'ARRAY') {
    const item = castTo(makeExpr(from.element, ['item'], { simple: true }), target.element, false);
    if (!item) return null;
    const list = fill(target, `list_transform($1, lambda item: ${exprText(item)})`, [value]);
    return safe ? makeExpr(target, ['TRY(', list, ')']) : list;
  }
  if (from.kind !== 'STRUCT' || target.kind !== 'STRUCT' || from.fields.length !== target.fields.length)
    return null;
  const [names, targets] = [types.fieldNames(from.fields), types.fieldNames(target.fields)];
  const fields: Rope[] = [];
  for (const [i, field] of target.fields.entries()) {
    const own = fill(from.fields[i]!.type, `struct_extract($1, ${quoteText(names[i] ?? '')})`, [value], {
      simple: value.simple,
    });
    const cast = castTo(own, field.type, false);
    if (!cast) return null;
    fields.push([`${types.quoteName(targets[i] ?? '')} := `, cast]);
  }
  const packed = makeExpr(target, [
    'CASE WHEN ',
    value,
    ' IS NULL THEN NULL ELSE struct_pack(',
    ...joinRopes(fields, ', '),
    ') END',
  ]);
  return safe ? makeExpr(target, ['TRY(', packed, ')']) : packed;
}

function withFailures(sql: string, target: Type, safe: boolean): string {
  const replaced = sql.replace(/FAIL\(([^()]*)\)/g, (_, message: string) =>
    safe ? 'NULL' : failed(message, target),
  );
  const refused = replaced.replace(/UNSUPPORTED\(([^()]*)\)/g, (_, what: string) =>
    failing(target, `not supported locally: ${what}`),
  );
  return safe ? refused.replaceAll(/(?<!TRY_)CAST\(\$1 AS/g, 'TRY_CAST($1 AS') : refused;
}

/** `|` in a message is the value that was cast. */
function failed(message: string, target: Type): string {
  if (!message.includes('|')) return failing(target, message);
  const [before = '', after = ''] = message.split('|');
  const value = `regexp_replace(CAST($1 AS VARCHAR), '\\.0$', '')`;
  return failingText(types.duckdbType(target), `${quoteText(before)} || ${value} || ${quoteText(after)}`);
}

/** Casts whose DuckDB text can fail in other places than a TRY_CAST. */
const needsTry = (from: Type, to: Type): boolean =>
  (from.kind === 'BYTES' && to.kind === 'STRING') ||
  (from.kind === 'STRING' && to.kind === 'INT64') ||
  to.kind === 'NUMERIC';

function tried(made: Expr, value: Expr, sql: string, target: Type): Expr {
  if (value.simple) return makeExpr(target, ['TRY(', made, ')']);
  const inner = withFailures(sql, target, true).replaceAll('$1', 'v');
  return makeExpr(target, ['list_transform([', value, `], lambda v: TRY(${inner}))[1]`]);
}
