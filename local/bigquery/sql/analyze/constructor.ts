/** ARRAY, STRUCT and CASE. */

import type { Expression, TypeTree } from '../parse/tree.ts';
import type { StructField, Type } from '../type.ts';
import * as types from '../type.ts';
import { coerce, commonType } from './coerce.ts';
import { compare } from './condition.ts';
import type { Expr, Part } from './expr.ts';
import { joinRopes, makeExpr } from './expr.ts';
import { analyze, required } from './expression.ts';
import { argumentType } from './failure.ts';
import type { Env } from './scope.ts';
import { structOf } from './scope.ts';

type Node<K extends Expression['kind']> = Extract<Expression, { kind: K }>;

/** The type that a type name in a query means. */
export function typeOfTree(tree: TypeTree, env: Env): Type {
  const { failures } = env.session;
  if (tree.name === 'ARRAY') {
    const element = tree.element ? typeOfTree(tree.element, env) : types.INT64;
    if (element.kind === 'ARRAY') throw failures.invalid('Arrays of arrays are not supported', tree.at);
    return types.arrayOf(element);
  }
  if (tree.name === 'STRUCT') {
    return {
      kind: 'STRUCT',
      fields: (tree.fields ?? []).map((f) => ({ name: f.name, type: typeOfTree(f.type, env) })),
    };
  }
  const kind = types.scalarKind(tree.name);
  if (!kind) throw failures.invalid(`Type not found: ${tree.name}`, tree.at);
  if (tree.parameters.length > 0) throw failures.unsupported(`type parameters of ${tree.name}`, tree.at);
  if (kind === 'BIGNUMERIC' || kind === 'INTERVAL') throw failures.unsupported(`type ${tree.name}`, tree.at);
  return { kind };
}

export function analyzeArray(node: Node<'array'>, env: Env): Expr {
  const items = node.items.map((item) => analyze(item, env));
  const named = node.element ? typeOfTree(node.element, env) : null;
  if (items.length === 0 && !named) {
    return makeExpr(types.arrayOf(types.INT64), ['[]::BIGINT[]'], {
      literal: { kind: 'emptyArray' },
      simple: true,
    });
  }
  const element = named ?? commonType(items);
  if (!element) {
    const given = items.map(argumentType).join(', ');
    throw env.session.failures.invalid(
      `Array elements of types {${given}} do not have a common supertype`,
      node.at,
    );
  }
  if (element.kind === 'ARRAY') {
    const text = `Cannot construct array with element type ${types.typeText(element)} because nested arrays are not supported`;
    throw env.session.failures.invalid(text, node.at);
  }
  const type = types.arrayOf(element);
  const values = items.map((item, i) => {
    const message = `Array element type ${argumentType(item)} does not coerce to ${types.typeText(element)}`;
    return [required(item, element, node.items[i]?.at ?? node.at, env, message)];
  });
  const members = values.flat();
  return makeExpr(type, [`CAST([`, ...joinRopes(values, ', '), `] AS ${types.duckdbType(type)})`], {
    members: named ? null : members,
  });
}

export function analyzeStruct(node: Node<'struct'>, env: Env): Expr {
  const values = node.fields.map((field) => analyze(field.value, env));
  const named = node.type ? typeOfTree(node.type, env) : null;
  if (values.length === 0) throw env.session.failures.unsupported('STRUCT without fields', node.at);
  if (named?.kind === 'STRUCT') return typedStruct(named.fields, values, node, env);
  const fields = node.fields.map((field, i) => ({
    name: field.name ?? (node.tuple ? null : impliedName(field.value)),
    type: values[i]!.type,
  }));
  return { ...structOf(fields, values.map(settled)), members: values };
}

/** A NULL or [] of no type yet gets the type it has by default. */
export function settled(expr: Expr): Expr {
  const settledType = coerce(expr, expr.type);
  return settledType === null || settledType === 'bad' ? expr : settledType;
}

function typedStruct(
  fields: readonly StructField[],
  values: readonly Expr[],
  node: Node<'struct'>,
  env: Env,
): Expr {
  if (fields.length !== values.length) {
    const text = `STRUCT type has ${fields.length} fields but constructor call has ${values.length} fields`;
    throw env.session.failures.invalid(text, node.at);
  }
  const typed = values.map((value, i) => {
    const type = fields[i]!.type;
    const text = `Struct field ${i + 1} has type ${argumentType(value)} which does not coerce to ${types.typeText(type)}`;
    return required(value, type, node.fields[i]?.value.at ?? node.at, env, text);
  });
  return structOf(fields, typed);
}

/** The name that an expression has without AS. */
export function impliedName(node: Expression): string | null {
  if (node.kind === 'name' || node.kind === 'dot') return node.name;
  return null;
}

export function analyzeCase(node: Node<'case'>, env: Env): Expr {
  const value = node.value ? analyze(node.value, env) : null;
  const results = node.whens.map((one) => analyze(one.result, env));
  const otherwise = node.otherwise ? analyze(node.otherwise, env) : null;
  const all = otherwise ? [...results, otherwise] : results;
  const type = resultType(all, 'CASE', node.at, env);
  const parts: Part[] = ['CASE'];
  node.whens.forEach((one, i) => {
    parts.push(
      ' WHEN ',
      whenCondition(value, one.when, env),
      ' THEN ',
      typedResult(results[i]!, type, node.at, env),
    );
  });
  if (otherwise) parts.push(' ELSE ', typedResult(otherwise, type, node.at, env));
  return makeExpr(type, ['(', ...parts, ' END)']);
}

function whenCondition(value: Expr | null, when: Expression, env: Env): Expr {
  const one = analyze(when, env);
  if (value) return compare('=', value, one, { node: when, env });
  const text = `CASE WHEN condition must be BOOL, found ${argumentType(one)}`;
  return required(one, types.BOOL, when.at, env, text);
}

/** The common type of results that exclude each other. */
export function resultType(all: readonly Expr[], name: string, at: number, env: Env): Type {
  const type = commonType(all);
  if (!type) {
    const given = all.map(argumentType).join(', ');
    throw env.session.failures.invalid(
      `No matching signature for function ${name} for argument types: ${given}`,
      at,
    );
  }
  if (type.kind === 'INTERVAL') throw env.session.failures.unsupported(`${name} of INTERVAL`, at);
  return type;
}

export function typedResult(expr: Expr, type: Type, at: number, env: Env): Expr {
  return required(expr, type, at, env, `Cannot coerce ${argumentType(expr)} to ${types.typeText(type)}`);
}
