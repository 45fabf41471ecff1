/** Names, fields, array elements, query parameters. */

import { jsonKeyPath } from '../functions/json-path.ts';
import { parameterSql } from '../parameter.ts';
import type { Expression } from '../parse/tree.ts';
import type { ParameterType } from '../statement.ts';
import * as types from '../type.ts';
import { coerce } from './coerce.ts';
import { typeOfTree } from './constructor.ts';
import type { Expr } from './expr.ts';
import { fill, makeExpr } from './expr.ts';
import { analyze, required } from './expression.ts';
import { failingText } from './failure.ts';
import { stringLiteral } from './literal.ts';
import type { Env } from './scope.ts';
import { fieldOf, findInRange, findName, missingField, nearest, rowOf, visibleNames } from './scope.ts';
import type { Variable } from './session.ts';

type Node<K extends Expression['kind']> = Extract<Expression, { kind: K }>;

const clockNames = new Set(['CURRENT_DATE', 'CURRENT_TIMESTAMP', 'CURRENT_DATETIME', 'CURRENT_TIME']);

export function analyzeName(node: Node<'name'>, env: Env): Expr {
  const found = findName(env.scope, node.name);
  if (found?.kind === 'column') return found.expr;
  if (found?.kind === 'range') return rowOf(found.range);
  if (found?.kind === 'ambiguous')
    throw env.session.failures.invalid(`Column name ${node.name} is ambiguous`, node.at);
  if (!node.quoted && clockNames.has(node.name.toUpperCase())) {
    return analyze(callOf(node.name, node.at), env);
  }
  const variable = env.session.variables.get(node.name.toLowerCase());
  if (variable) return variableValue(variable, node.at, env);
  throw unrecognized(node.name, node.at, env);
}

/** The expression of a variable of the script, outside of every query. */
export function variableValue(variable: Variable, at: number, env: Env): Expr {
  if ('argument' in variable) return variable.argument;
  const { session } = env;
  const type = variable.type ? typeOfTree(variable.type, env) : null;
  if (!variable.value) {
    const known = type ?? types.INT64;
    return makeExpr(known, [`NULL::${types.duckdbType(known)}`], { simple: true });
  }
  const now = session.variables;
  session.variables = variable.before;
  const outside: Env = { ...env, scope: null, common: null, noAggregate: 'DECLARE', noWindow: 'DECLARE' };
  const value = analyze(variable.value, outside);
  session.variables = now;
  if (value.volatile) throw session.failures.unsupported('variables whose value is random', at);
  const typed = type ? required(value, type, at, env, mismatch(value, type)) : value;
  return { ...typed, literal: null, members: null };
}

const mismatch = (value: Expr, type: types.Type): string =>
  `Cannot coerce expression of type ${types.typeText(value.type)} to type ${types.typeText(type)}`;

function callOf(name: string, at: number): Expression {
  const none = {
    args: [],
    star: false,
    distinct: false,
    nulls: null,
    having: null,
    orderBy: [],
    limit: null,
    over: null,
  };
  return { kind: 'call', name: [name.toUpperCase()], written: [name], ...none, at };
}

function unrecognized(name: string, at: number, env: Env): Error {
  const near = nearest(name, visibleNames(env.scope));
  return env.session.failures.invalid(
    `Unrecognized name: ${name}${near ? `; Did you mean ${near}?` : ''}`,
    at,
  );
}

export function analyzeDot(node: Node<'dot'>, env: Env): Expr {
  if (node.of.kind === 'name') {
    const found = findName(env.scope, node.of.name);
    if (found?.kind === 'range' && found.range.value === null) {
      const column = findInRange(found.range, node.name);
      if (column === 'ambiguous')
        throw env.session.failures.invalid(`Column name ${node.name} is ambiguous`, node.at);
      if (column) return column;
      const near = nearest(
        node.name,
        found.range.columns.flatMap((c) => c.name ?? []),
      );
      const hint = near ? `; Did you mean ${near}?` : '';
      throw env.session.failures.invalid(
        `Name ${node.name} not found inside ${node.of.name}${hint}`,
        node.at,
      );
    }
  }
  return accessField(analyze(node.of, env), node.name, node.at, env);
}

function accessField(of: Expr, name: string, at: number, env: Env): Expr {
  const field = fieldOf(of, name);
  if (field) return field;
  if (of.type.kind === 'JSON') {
    return jsonMember(of, name, at, env);
  }
  throw env.session.failures.invalid(missingField(name, of.type), at);
}

function jsonMember(of: Expr, name: string, at: number, env: Env): Expr {
  const path = jsonKeyPath(name);
  if (path === null) throw env.session.failures.unsupported(`JSON member named '${name}'`, at);
  return fill(types.JSON_TYPE, 'json_extract($1, $2)', [of, stringLiteral(path)], { simple: of.simple });
}

const positions: Readonly<Record<string, { readonly base: 0 | 1; readonly safe: boolean }>> = {
  OFFSET: { base: 0, safe: false },
  SAFE_OFFSET: { base: 0, safe: true },
  ORDINAL: { base: 1, safe: false },
  SAFE_ORDINAL: { base: 1, safe: true },
};

/** APPROX_QUANTILES(x, n)[OFFSET(k)] asks for one quantile: compute that one. */
function oneQuantile(node: Node<'index'>): Expression | null {
  const { of, index } = node;
  if (
    of.kind !== 'call' ||
    of.name.join('.') !== 'APPROX_QUANTILES' ||
    of.args.length !== 2 ||
    index.kind !== 'call'
  )
    return null;
  const position = positions[index.name.join('.')];
  const [parts, rank] = [of.args[1]!.value, index.args[0]?.value];
  if (!position || parts.kind !== 'integer' || rank?.kind !== 'integer' || index.args.length !== 1)
    return null;
  const k = Number(rank.text) - position.base;
  if (k < 0 || k > Number(parts.text)) return null;
  const share: Expression = { kind: 'float', text: String(k / Number(parts.text)), at: rank.at };
  return { ...of, name: ['$QUANTILE'], args: [...of.args, { name: null, value: share }] };
}

export function analyzeIndex(node: Node<'index'>, env: Env): Expr {
  const quantile = oneQuantile(node);
  if (quantile) return analyze(quantile, env);
  const of = analyze(node.of, env);
  if (of.type.kind === 'JSON') return jsonElement(of, node, env);
  if (of.type.kind !== 'ARRAY') {
    const what =
      of.type.kind === 'STRUCT'
        ? 'STRUCT subscript'
        : `Subscript access using [] on ${types.typeText(of.type)}`;
    throw env.session.failures.unsupported(what, node.at);
  }
  const call = node.index.kind === 'call' && node.index.name.length === 1 ? node.index : null;
  const position = call ? positions[call.name[0] ?? ''] : undefined;
  const tree = position && call?.args.length === 1 ? call.args[0]!.value : node.index;
  const index = coerce(analyze(tree, env), types.INT64);
  if (!index || index === 'bad') {
    throw env.session.failures.invalid('Array position in [] must be coercible to INT64 type', tree.at);
  }
  return element(of, index, position ?? { base: 0, safe: false });
}

function element(of: Expr, index: Expr, position: { readonly base: 0 | 1; readonly safe: boolean }): Expr {
  const type = of.type.kind === 'ARRAY' ? of.type.element : of.type;
  const ordinal = position.base === 0 ? '($2 + 1)' : '$2';
  const least = position.base;
  const picked = `list_extract($1, ${ordinal})`;
  if (position.safe) return fill(type, `CASE WHEN $2 >= ${least} THEN ${picked} END`, [of, index]);
  const outside = failingText(types.duckdbType(type), `'Array index ' || $2 || ' is out of bounds'`);
  const last = position.base === 0 ? '<' : '<=';
  return fill(
    type,
    `CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL WHEN $2 >= ${least} AND $2 ${last} len($1) THEN ${picked} ELSE ${outside} END`,
    [of, index],
  );
}

function jsonElement(of: Expr, node: Node<'index'>, env: Env): Expr {
  const index = analyze(node.index, env);
  if (index.literal?.kind === 'string') {
    return jsonMember(of, index.literal.value, node.at, env);
  }
  if (index.literal?.kind === 'int' && index.literal.value >= 0n) {
    return fill(types.JSON_TYPE, 'json_extract($1, $2)', [of, stringLiteral(`$[${index.literal.value}]`)]);
  }
  throw env.session.failures.unsupported('JSON subscript that is not a literal', node.at);
}

export function analyzeParameter(node: Node<'parameter'>, env: Env): Expr {
  const { context, uses, failures } = env.session;
  const specs = context.parameters ?? [];
  const name = node.name?.toLowerCase() ?? null;
  const index =
    name === null
      ? positionalIndex(specs, node.position)
      : specs.findIndex((spec) => spec.name !== null && spec.name.toLowerCase() === name);
  const spec = specs[index];
  if (!spec) {
    const what =
      node.name === null
        ? `Query parameter number ${node.position + 1} not found`
        : `Query parameter '${node.name}' not found`;
    throw failures.invalid(what, node.at);
  }
  let use = uses.findIndex((one) => one.index === index);
  if (use < 0) use = uses.push({ index, name: spec.name, type: spec.type }) - 1;
  const type = parameterType(spec.type, node, env);
  const known = spec.value?.value;
  const literal =
    type.kind === 'STRING' && typeof known === 'string' ? { kind: 'string' as const, value: known } : null;
  return makeExpr(type, [parameterSql(type, use + 1)], {
    isParameter: true,
    simple: true,
    parameterText: literal?.value ?? null,
  });
}

function positionalIndex(specs: readonly { readonly name: string | null }[], position: number): number {
  let seen = -1;
  return specs.findIndex((spec) => {
    if (spec.name === null) seen += 1;
    return spec.name === null && seen === position;
  });
}

function parameterType(type: ParameterType, node: Node<'parameter'>, env: Env): types.Type {
  const name = type.type.toUpperCase();
  if (name === 'ARRAY' && type.arrayType) return types.arrayOf(parameterType(type.arrayType, node, env));
  if (name === 'STRUCT' || name === 'RECORD') {
    const fields = (type.structTypes ?? []).map((f) => ({
      name: f.name ?? null,
      type: parameterType(f.type, node, env),
    }));
    return { kind: 'STRUCT', fields };
  }
  const kind = types.scalarKind(name, true);
  if (!kind || kind === 'BIGNUMERIC' || kind === 'INTERVAL') {
    throw env.session.failures.unsupported(`query parameter of type ${type.type}`, node.at);
  }
  return { kind };
}
