/**
 * Coercion: which types GoogleSQL turns into which without a CAST, and the common type of several expressions.
 * Source: GoogleSQL "Conversion rules". Literals and parameters coerce further than columns.
 */

import type { Type } from '../type.ts';
import * as types from '../type.ts';
import { duckdbType, fieldNames, quoteName, sameType, typeText } from '../type.ts';
import type { Expr, Rope } from './expr.ts';
import { isNull, joinRopes, makeExpr } from './expr.ts';
import { failing } from './failure.ts';
import { parseNumeric, temporalLiteral } from './literal.ts';

const widening: Readonly<Record<string, readonly string[]>> = {
  INT64: ['NUMERIC', 'FLOAT64'],
  NUMERIC: ['FLOAT64'],
  DATE: ['DATETIME'],
};

const fromString = ['DATE', 'DATETIME', 'TIME', 'TIMESTAMP'];

/** 0: same type; null: it does not coerce; otherwise the higher, the further. */
export function coercionDistance(from: Expr, to: Type): number | null {
  if (isNull(from) || from.literal?.kind === 'emptyArray') {
    return isNull(from) || to.kind === 'ARRAY' ? 1 : null;
  }
  return typeDistance(from, to) ?? membersDistance(from, to);
}

/** What is written out coerces if each of its members does. */
function membersDistance(from: Expr, to: Type): number | null {
  if (!from.members || from.type.kind !== to.kind) return null;
  if (to.kind === 'STRUCT' && to.fields.length !== from.members.length) return null;
  const steps = from.members.map((member, i) => coercionDistance(member, memberType(to, i)));
  return steps.includes(null) ? null : Math.max(1, ...(steps as number[]));
}

function exactMembers(from: Expr, to: Type): Expr | 'bad' | null {
  return duckdbType(from.type) === duckdbType(to) ? from : coerceMembers(from, to);
}

const memberType = (type: Type, index: number): Type =>
  type.kind === 'ARRAY' ? type.element : type.kind === 'STRUCT' ? type.fields[index]!.type : type;

function coerceMembers(from: Expr, to: Type): Expr | 'bad' | null {
  const members: Expr[] = [];
  for (const [i, member] of (from.members ?? []).entries()) {
    const one = coerce(member, memberType(to, i));
    if (one === null || one === 'bad') return one;
    members.push(one);
  }
  if (to.kind === 'STRUCT') {
    const names = fieldNames(to.fields);
    const parts = members.map((one, i): Rope => [`${quoteName(names[i] ?? '')} := `, one]);
    return makeExpr(to, ['struct_pack(', ...joinRopes(parts, ', '), ')'], { members });
  }
  const items = members.map((one): Rope => [one]);
  return makeExpr(to, ['CAST([', ...joinRopes(items, ', '), `] AS ${duckdbType(to)})`], { members });
}

function typeDistance(from: Expr, to: Type): number | null {
  const type = from.type;
  if (sameType(type, to)) return 0;
  const step = (widening[type.kind] ?? []).indexOf(to.kind);
  if (step >= 0) return step + 1;
  const flexible = from.literal !== null || from.isParameter;
  if (flexible && type.kind === 'STRING' && fromString.includes(to.kind))
    return 5 + fromString.indexOf(to.kind);
  if (from.literal && type.kind === 'FLOAT64' && to.kind === 'NUMERIC') return 5;
  return null;
}

/** The expression as `to`, or null where GoogleSQL would not coerce it. Throws nothing: a bad literal is `bad`. */
export function coerce(from: Expr, to: Type): Expr | 'bad' | null {
  const distance = coercionDistance(from, to);
  if (distance === null) return null;
  if (from.literal?.kind === 'null' && from.literal.failure !== undefined)
    return makeExpr(to, [failing(to, from.literal.failure)], { literal: from.literal });
  if (isNull(from))
    return makeExpr(to, [`NULL::${duckdbType(to)}`], { literal: { kind: 'null' }, simple: true });
  if (from.literal?.kind === 'emptyArray') return makeExpr(to, [`[]::${duckdbType(to)}`], { simple: true });
  if (distance === 0)
    return from.members && (to.kind === 'ARRAY' || to.kind === 'STRUCT')
      ? exactMembers(from, to)
      : exactType(from, to);
  if (from.members && (to.kind === 'ARRAY' || to.kind === 'STRUCT')) return coerceMembers(from, to);
  if (from.literal?.kind === 'string') return temporalLiteral(from.literal.value, to) ?? 'bad';
  if (from.literal?.kind === 'int' && to.kind === 'FLOAT64') {
    const value = Number(from.literal.value);
    return makeExpr(to, [`'${value}'::DOUBLE`], { literal: { kind: 'float', value }, simple: true });
  }
  if (from.literal?.kind === 'float' && to.kind === 'NUMERIC') {
    const text = parseNumeric(String(from.literal.value));
    return text === null ? 'bad' : makeExpr(to, [`(${text})::DECIMAL(38,9)`], { simple: true });
  }
  const { origins } = from;
  return makeExpr(to, ['CAST(', from, ` AS ${duckdbType(to)})`], { origins, simple: from.simple });
}

const ranks = ['INT64', 'NUMERIC', 'FLOAT64'];

/** The type that all of them coerce to; null: there is none. Untyped NULLs alone give INT64. */
export function commonType(exprs: readonly Expr[]): Type | null {
  const typed = exprs.filter((expr) => !isNull(expr) && expr.literal?.kind !== 'emptyArray');
  if (typed.length === 0) {
    return exprs.some((expr) => expr.literal?.kind === 'emptyArray')
      ? types.arrayOf(types.INT64)
      : types.INT64;
  }
  const firm = typed.filter((expr) => expr.literal === null && !expr.isParameter);
  for (const candidate of candidates(firm.length > 0 ? firm : typed, typed)) {
    if (exprs.every((expr) => coercionDistance(expr, candidate) !== null)) return candidate;
  }
  return commonStruct(exprs, typed);
}

/** Field by field, where at least one of the STRUCTs is written out. */
function commonStruct(exprs: readonly Expr[], typed: readonly Expr[]): Type | null {
  const first = typed[0]!.type;
  if (first.kind !== 'STRUCT') return null;
  const fields = first.fields.map((field, i) => {
    const members = typed.map(
      (expr) => expr.members?.[i] ?? makeExpr(fieldType(expr.type, i) ?? field.type, ['']),
    );
    return { name: field.name, type: commonType(members) };
  });
  if (fields.some((field) => field.type === null)) return null;
  const type: Type = { kind: 'STRUCT', fields: fields.map(({ name, type: one }) => ({ name, type: one! })) };
  return exprs.every((expr) => coercionDistance(expr, type) !== null) ? type : null;
}

const fieldType = (type: Type, index: number): Type | undefined =>
  type.kind === 'STRUCT' ? type.fields[index]?.type : undefined;

function candidates(first: readonly Expr[], all: readonly Expr[]): readonly Type[] {
  const kinds = new Map<string, Type>();
  for (const expr of [...first, ...all])
    if (!kinds.has(typeText(expr.type))) kinds.set(typeText(expr.type), expr.type);
  const list = [...kinds.values()];
  if (list.every((type) => ranks.includes(type.kind))) {
    const widest = Math.max(...first.map((expr) => ranks.indexOf(expr.type.kind)));
    const hasNumeric = list.some((type) => type.kind === 'NUMERIC');
    const named = [types.INT64, types.NUMERIC, types.FLOAT64];
    return named.slice(widest).filter((type) => hasNumeric || type.kind !== 'NUMERIC');
  }
  return list;
}

/** A STRUCT whose fields have other names, or other types inside, gets those of the target. */
export function exactType(value: Expr, type: Type): Expr {
  if (duckdbType(value.type) === duckdbType(type)) return value;
  return restructured(value, type);
}

/** Field by field, by position: DuckDB's cast would go by name. */
function restructured(value: Expr, type: Type): Expr {
  if (type.kind === 'STRUCT' && value.type.kind === 'STRUCT') {
    const from = fieldNames(value.type.fields);
    const to = fieldNames(type.fields);
    const fields = type.fields.map((field, i): Rope => {
      const one = makeExpr(value.type.kind === 'STRUCT' ? value.type.fields[i]!.type : field.type, [
        'struct_extract(',
        value,
        `, '${(from[i] ?? '').replaceAll("'", "''")}')`,
      ]);
      return [`${quoteName(to[i] ?? '')} := `, exactType(one, field.type)];
    });
    return makeExpr(type, [
      'CASE WHEN ',
      value,
      ' IS NULL THEN NULL ELSE struct_pack(',
      ...joinRopes(fields, ', '),
      ') END',
    ]);
  }
  if (type.kind === 'ARRAY' && value.type.kind === 'ARRAY') {
    const item = exactType(makeExpr(value.type.element, ['item']), type.element);
    return makeExpr(type, ['list_transform(', value, ', lambda item: ', item, ')']);
  }
  return makeExpr(type, ['CAST(', value, ` AS ${duckdbType(type)})`]);
}
