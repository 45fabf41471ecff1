/**
 * Functions that users made: a call becomes the function's expression or query, with the arguments in place of
 * its parameters. An argument that is long and used more than once is computed once.
 */

import { Cursor } from '../parse/cursor.ts';
import { parseExpression } from '../parse/expression.ts';
import { Failures } from '../parse/position.ts';
import { parseQuery } from '../parse/query.ts';
import type { StatementTree } from '../parse/statement-tree.ts';
import type { Call, Expression, FromItem, TypeTree } from '../parse/tree.ts';
import { parseType } from '../parse/type.ts';
import type { RoutineInfo, RoutineRef, Statement } from '../statement.ts';
import type { Type } from '../type.ts';
import * as types from '../type.ts';
import { typeOfTree } from './constructor.ts';
import type { Expr, Part, Rope } from './expr.ts';
import { exprText, joinRopes, lambdaName, makeExpr, rewrite } from './expr.ts';
import { analyze, required } from './expression.ts';
import { argumentType } from './failure.ts';
import { resultSource } from './from.ts';
import { gapFillSource } from './gap-fill.ts';
import { aliased } from './narrow.ts';
import { tableOptions } from './options.ts';
import { analyzeQuery, type QueryResult } from './query.ts';
import { rootEnv } from './root.ts';
import type { Column, Env, Scope, Source } from './scope.ts';
import { emptySource } from './scope.ts';
import type { Session } from './session.ts';

type Tree<K extends StatementTree['kind']> = Extract<StatementTree, { kind: K }>;

/** The function that a path names; null: it can name none. */
function routineRef(path: readonly string[], session: Session): RoutineRef | null {
  const { projectId } = session.context;
  const [routineId = '', datasetId = session.defaultDataset, project = projectId, ...more] = [
    ...path,
  ].reverse();
  if (datasetId === null || more.length > 0 || project !== projectId) return null;
  return { projectId, datasetId, routineId };
}

export function requiredRef(path: readonly string[], at: number, session: Session): RoutineRef {
  const ref = routineRef(path, session);
  if (!ref) throw session.failures.invalid(`Invalid routine name: ${path.join('.')}`, at);
  return ref;
}

/** A function of the script, or of a dataset. */
export function findRoutine(path: readonly string[], session: Session): RoutineInfo | null {
  const temporary = path.length === 1 ? session.routines.get(path[0]!.toLowerCase()) : undefined;
  if (temporary) return temporary;
  const ref = routineRef(path, session);
  return ref ? (session.context.lookupRoutine?.(ref) ?? null) : null;
}

const parsedTypes = new Map<string, TypeTree>();

function typeOf(text: string, env: Env): Type {
  const known = parsedTypes.get(text) ?? parseType(new Cursor(text));
  parsedTypes.set(text, known);
  return typeOfTree(known, env);
}

const maxDepth = 16;

/** Runs `work` with the places and names of a function's body. */
function inBody<T>(name: string, info: RoutineInfo, session: Session, work: () => T): T {
  if (session.expanding.length >= maxDepth || session.expanding.includes(name)) {
    throw session.failures.invalid(
      `Function ${name} refers to itself or is nested too deep (at most ${maxDepth} levels)`,
      0,
    );
  }
  const { failures, defaultDataset, variables } = session;
  session.expanding.push(name);
  session.failures = new Failures(info.body);
  session.defaultDataset = info.defaultDataset;
  session.variables = new Map();
  const result = work();
  session.expanding.pop();
  session.failures = failures;
  session.defaultDataset = defaultDataset;
  session.variables = variables;
  return result;
}

const bodies = new Map<string, Expression>();

function expressionOf(body: string): Expression {
  const known = bodies.get(body) ?? parseExpression(new Cursor(body));
  if (bodies.size > 500) bodies.clear();
  bodies.set(body, known);
  return known;
}

/** What a body sees: its arguments, and nothing else. */
function argumentScope(columns: readonly Column[], session: Session): Scope {
  return { id: session.id(), parent: null, source: { ...emptySource, columns }, aliases: null };
}

/** A call of a scalar function, expanded. */
export function callRoutine(node: Call, info: RoutineInfo, env: Env): Expr {
  const { session } = env;
  const name = node.written.join('.');
  if (info.kind === 'TABLE_FUNCTION') {
    throw session.failures.invalid(`Table-valued function is not expected here: ${name}`, node.at);
  }
  const args = boundArguments(
    node.args.map((arg) => arg.value),
    { name, info, at: node.at },
    env,
  );
  const held = args.map((arg, i) =>
    arg.simple ? arg : makeExpr(arg.type, [`"$arg${i}"`], { node: 'column', label: info.arguments[i]!.name }),
  );
  const columns = held.map((expr, i): Column => ({ name: info.arguments[i]!.name, expr }));
  const result = inBody(name, info, session, () => {
    const inside: Env = {
      ...rootEnv(session),
      scope: argumentScope(columns, session),
      noAggregate: `function ${name}`,
    };
    const value = analyze(expressionOf(info.body), inside);
    if (info.returnType === null) return value;
    const type = typeOf(info.returnType, inside);
    return required(
      value,
      type,
      0,
      inside,
      `Function body of ${name} has type ${argumentType(value)}, not ${info.returnType}`,
    );
  });
  return filled(result, held, args);
}

interface Called {
  readonly name: string;
  readonly info: RoutineInfo;
  readonly at: number;
}

function boundArguments(nodes: readonly (Expression | null)[], called: Called, env: Env): readonly Expr[] {
  const { name, info, at } = called;
  const { failures } = env.session;
  const expected = info.arguments.map((arg) => arg.type ?? 'ANY TYPE').join(', ');
  if (nodes.length !== info.arguments.length) {
    const given = nodes.map((node) => (node ? argumentType(analyze(node, env)) : 'TABLE')).join(', ');
    throw failures.invalid(
      `No matching signature for function ${name} for argument types: ${given}. Supported signature: ${name}(${expected})`,
      at,
    );
  }
  return nodes.map((node, i) => {
    if (!node) throw failures.unsupported('table arguments of functions', at);
    const value = analyze(node, env);
    const declared = info.arguments[i]!.type;
    if (declared === null) return value;
    const type = typeOf(declared, env);
    const message = `No matching signature for function ${name} for argument types: ${argumentType(value)}. Supported signature: ${name}(${expected})`;
    return required(value, type, node.at, env, message);
  });
}

const uses = (text: string, mark: string): number => text.split(mark).length - 1;

/** Puts the arguments in the places that `held` keeps for them. */
function filled(body: Expr, held: readonly Expr[], args: readonly Expr[]): Expr {
  const text = exprText(body);
  const once = args.map((arg, i) => {
    const heavy = exprText(arg).length > 160 || arg.volatile || arg.hasSubquery;
    return held[i] !== arg && heavy && uses(text, `"$arg${i}"`) > 1 && !body.hasSubquery;
  });
  const all = once.includes(true);
  const name = lambdaName([body, ...args]);
  const put = rewrite(body, (one) => {
    const i = held.indexOf(one);
    if (i < 0 || held[i] === args[i]) return null;
    return all ? makeExpr(one.type, [`${name}."a${i}"`], { simple: true }) : args[i]!;
  });
  if (!all) return put;
  const fields = args.flatMap((arg, i): Rope[] => (held[i] === arg ? [] : [[`"a${i}" := `, arg]]));
  const parts: Part[] = [
    'list_transform([struct_pack(',
    ...joinRopes(fields, ', '),
    `)], lambda ${name}: `,
    put,
    ')[1]',
  ];
  return makeExpr(body.type, parts);
}

/** Table functions that BigQuery has. */
const builtIn =
  /^(?:GAP_FILL|APPENDS|CHANGES|EXTERNAL_QUERY|EXTERNAL_OBJECT_TRANSFORM|VECTOR_SEARCH|RANGE_SESSIONIZE|(?:ML|AI|BI_ENGINE)\..*)$/i;

type TableCall = Extract<FromItem, { kind: 'tableCall' }>;

/** A call of a table function in FROM, expanded. Its arguments are constants. */
export function tableCallSource(item: TableCall, env: Env, id: number): Source {
  const { session } = env;
  const name = item.path.join('.');
  if (name.toUpperCase() === 'GAP_FILL') return gapFillSource(item, env, id);
  const info = findRoutine(item.path, session);
  if (info?.kind !== 'TABLE_FUNCTION') {
    if (info || session.context.lookupRoutine === undefined || builtIn.test(name))
      throw session.failures.unsupported(`table function ${name}`, item.at);
    throw session.failures.invalid(`Table-valued function not found: ${name}`, item.at);
  }
  const outside: Env = {
    ...env,
    scope: null,
    windows: new Map(),
    noAggregate: 'FROM clause',
    noWindow: 'FROM clause',
  };
  const args = boundArguments(
    item.args.map((arg) => arg.value),
    { name, info, at: item.at },
    outside,
  );
  const result = tableBody(name, info, args, session);
  const alias = session.alias();
  return {
    ...resultSource(result.columns, {
      sql: alias,
      name: item.alias ?? item.path.at(-1)!,
      isValue: result.isValue,
      id,
    }),
    rope: ['(', ...result.rope, `) ${alias}`],
    ...(result.isValue ? {} : aliased(result.narrow, result.columns, alias)),
  };
}

function tableBody(name: string, info: RoutineInfo, args: readonly Expr[], session: Session): QueryResult {
  return inBody(name, info, session, () => {
    // Every query of the body sees the arguments, also those in FROM and WITH; a column of the same name goes first.
    session.variables = new Map(
      args.map((arg, i) => {
        // a value of the declared type, no longer what was written in the call
        const argument = { ...arg, literal: null, members: null };
        return [info.arguments[i]!.name.toLowerCase(), { argument }];
      }),
    );
    return analyzeQuery(parseQuery(new Cursor(info.body)), rootEnv(session));
  });
}

/** The function as it is kept. */
export function routineInfo(tree: Tree<'create_function'>, session: Session): RoutineInfo {
  const { description } = tableOptions(tree.options, session);
  return {
    kind: tree.isTable ? 'TABLE_FUNCTION' : 'SCALAR_FUNCTION',
    arguments: tree.arguments.map(({ name, type }) => ({ name, type })),
    body: tree.body,
    returnType: tree.returns,
    defaultDataset: session.defaultDataset,
    ...(description === undefined ? {} : { description }),
  };
}

/** Looks at the body with arguments of the declared types, so that what is wrong is said when it is made. */
export function checkRoutine(tree: Tree<'create_function'>, info: RoutineInfo, session: Session): void {
  const env = rootEnv(session);
  if (info.arguments.some((arg) => arg.type === null)) return;
  const args = info.arguments.map((arg) => {
    const type = typeOf(arg.type!, env);
    return makeExpr(type, [`NULL::${types.duckdbType(type)}`], { simple: true });
  });
  const name = tree.routine.parts.join('.');
  const { source } = session.failures;
  try {
    if (tree.isTable) {
      tableBody(name, info, args, session);
      return;
    }
    const columns = args.map((expr, i): Column => ({ name: info.arguments[i]!.name, expr }));
    inBody(name, info, session, () => {
      const inside: Env = { ...env, scope: argumentScope(columns, session), noAggregate: `function ${name}` };
      const value = analyze(expressionOf(info.body), inside);
      if (info.returnType === null) return;
      const message = `Function body of ${name} has type ${argumentType(value)}, which does not coerce to ${info.returnType}`;
      required(value, typeOf(info.returnType, inside), 0, inside, message);
    });
  } finally {
    session.failures = new Failures(source);
  }
}

export function createFunction(tree: Tree<'create_function'>, session: Session): Statement {
  const routine = requiredRef(tree.routine.parts, tree.routine.at, session);
  const info = routineInfo(tree, session);
  checkRoutine(tree, info, session);
  return { kind: 'create_function', routine, ifNotExists: tree.ifNotExists, orReplace: tree.orReplace, info };
}
