/** Calls: finds the function in the lists of functions/; what is on no list is refused. */

import { aggregates } from '../functions/aggregate.ts';
import { signatures, specials } from '../functions/all.ts';
import { isBigQueryFunction } from '../functions/names.ts';
import type { CallSite } from '../functions/signature.ts';
import { mismatchText, resolve } from '../functions/signature.ts';
import { windowFunctions } from '../functions/window.ts';
import type { Argument, Call, Expression } from '../parse/tree.ts';
import type { SqlError } from '../statement.ts';
import type { ScalarKind, Type } from '../type.ts';
import { aggregateCall } from './aggregate.ts';
import { coerce } from './coerce.ts';
import { resultType, typedResult } from './constructor.ts';
import type { Expr, Part } from './expr.ts';
import { joinRopes, lambdaName, makeExpr, nullExpr } from './expr.ts';
import { analyze } from './expression.ts';
import { argumentType } from './failure.ts';
import { intLiteral, stringLiteral } from './literal.ts';
import { callRoutine, findRoutine } from './routine.ts';
import type { Env } from './scope.ts';

/** A place where a function is called, with its arguments analyzed when they are asked for. */
export class Site implements CallSite {
  readonly name: string;
  readonly node: Call;
  readonly env: Env;
  private readonly args: (Expr | undefined)[] = [];
  private readonly positional: readonly Argument[];
  /** Named arguments that nothing has asked for yet. */
  private readonly open: Map<string, Expression>;

  constructor(name: string, node: Call, env: Env) {
    this.name = name;
    this.node = node;
    this.env = env;
    this.positional = node.args.filter((arg) => arg.name === null);
    this.open = new Map(node.args.flatMap((arg) => (arg.name === null ? [] : [[arg.name, arg.value]])));
  }

  get count(): number {
    return this.positional.length;
  }

  tree(index: number) {
    const arg = this.positional[index];
    if (!arg) throw this.mismatch();
    return arg.value;
  }

  /** Text of a named argument, which must be a literal; null: it is not given. */
  named(name: string): string | null {
    const node = this.open.get(name);
    if (!node) return null;
    this.open.delete(name);
    const value = analyze(node, this.env).literal;
    if (value?.kind === 'string') return value.value;
    if (value?.kind === 'bool') return value.value ? 'TRUE' : 'FALSE';
    throw this.unsupported(`${this.name}(${name} => …) that is not a literal`);
  }

  /** Refuses named arguments that the function does not know. */
  refuseNamed(): void {
    const [name] = this.open.keys();
    if (name !== undefined) throw this.unsupported(`${this.name}(${name} => …)`);
  }

  arg(index: number): Expr {
    const known = this.args[index];
    if (known) return known;
    const made = analyze(this.tree(index), this.env);
    this.args[index] = made;
    return made;
  }

  /** Null: the argument is no expression (a date part). */
  tryArg(index: number): Expr | null {
    try {
      return this.arg(index);
    } catch {
      return null;
    }
  }

  /** Puts another expression in an argument's place. */
  bind(index: number, expr: Expr): void {
    this.args[index] = expr;
  }

  typed(index: number, kind: ScalarKind): Expr {
    const coerced = coerce(this.arg(index), { kind });
    const literal = this.arg(index).literal;
    if (coerced === 'bad' && literal?.kind === 'string') {
      throw this.env.session.failures.invalid(
        `Could not cast literal "${literal.value}" to type ${kind}`,
        this.tree(index).at,
      );
    }
    if (!coerced || coerced === 'bad') throw this.mismatch();
    return coerced;
  }

  constant(index: number, what: string): string {
    const value = this.typed(index, 'STRING');
    const text = value.literal?.kind === 'string' ? value.literal.value : value.parameterText;
    if (text === null) throw this.unsupported(`${this.name} with a ${what} that is not a literal`);
    return text;
  }

  argCount(least: number, most: number): void {
    if (this.count < least || this.count > most) throw this.mismatch();
  }

  common(first = 0): readonly Expr[] {
    const all = Array.from({ length: this.count - first }, (_, i) => this.arg(first + i));
    const type = resultType(all, this.name, this.node.at, this.env);
    return all.map((one) => typedResult(one, type, this.node.at, this.env));
  }

  text(value: string): Expr {
    return stringLiteral(value);
  }

  none(type: Type): Expr {
    return typedResult(nullExpr, type, this.node.at, this.env);
  }

  number(value: number, type: Type): Expr {
    return typedResult(intLiteral(BigInt(value)), type, this.node.at, this.env);
  }

  fail(message: string): SqlError {
    return this.env.session.failures.invalid(message, this.node.at);
  }

  unsupported(what: string): SqlError {
    return this.env.session.failures.unsupported(what, this.node.at);
  }

  mismatch(): SqlError {
    const bytes = this.positional.some((_, i) => this.tryArg(i)?.type.kind === 'BYTES');
    if (bytes) return this.unsupported(`${this.name} of BYTES`);
    const given = this.positional.map((arg) => {
      try {
        return argumentType(analyze(arg.value, this.env));
      } catch {
        return this.env.session.failures.source.slice(arg.value.at).match(/^\w+/)?.[0] ?? '?';
      }
    });
    const types = given.length > 0 ? `for argument types: ${given.join(', ')}` : 'with no arguments';
    return this.fail(`No matching signature for function ${this.name} ${types}`);
  }
}

const has = (table: object, name: string): boolean => Object.hasOwn(table, name);

export function analyzeCall(node: Call, env: Env): Expr {
  const safe = node.name.length > 1 && node.name[0] === 'SAFE';
  const name = (safe ? node.name.slice(1) : node.name).join('.');
  const { failures } = env.session;
  if (has(aggregates, name) || has(windowFunctions, name)) {
    if (safe) throw failures.unsupported(`SAFE.${name}`, node.at);
    return aggregateCall(name, node, env);
  }
  if (!has(signatures, name) && !has(specials, name)) return userCall(node, env, safe);
  refuseModifiers(name, node, env);
  const site = new Site(name, node, env);
  return safe ? safely(site) : call(site);
}

/** A function that a user made; what is none of those either is refused. */
function userCall(node: Call, env: Env, safe: boolean): Expr {
  const { failures } = env.session;
  const routine = safe ? null : findRoutine(node.written, env.session);
  if (!routine) {
    const name = node.name.slice(safe ? 1 : 0).join('.');
    if (isBigQueryFunction(name)) throw failures.unsupported(`function ${name}`, node.at);
    if (/^(?:SAFE_)?(?:OFFSET|ORDINAL)$/.test(name)) {
      const text = `${name} is not a function. It can only be used for array element access using array[${name}(position)] syntax`;
      throw failures.invalid(text, node.at);
    }
    throw failures.invalid(`Function not found: ${node.written.slice(safe ? 1 : 0).join('.')}`, node.at);
  }
  refuseModifiers(node.written.join('.'), node, env);
  return callRoutine(node, routine, env);
}

function refuseModifiers(name: string, node: Call, env: Env): void {
  const modified =
    node.distinct || node.nulls || node.having || node.orderBy.length > 0 || node.limit || node.star;
  if (modified)
    throw env.session.failures.invalid(
      `Modifiers are not allowed in calls of function ${name}, which is no aggregate`,
      node.at,
    );
  if (node.over)
    throw env.session.failures.invalid(`Function ${name} does not support an OVER clause`, node.at);
}

/** GoogleSQL's POW, SQRT, LN, … of NUMERIC are NUMERIC with 38 digits: not what a double gives. */
const narrowed = (found: Expr, args: readonly Expr[]): boolean =>
  found.type.kind === 'FLOAT64' &&
  args.some((arg) => arg.type.kind === 'NUMERIC') &&
  !args.some((arg) => arg.type.kind === 'FLOAT64');

function call(site: Site): Expr {
  const special = specials[site.name];
  if (special && has(specials, site.name)) {
    const made = special(site);
    site.refuseNamed();
    return made;
  }
  site.refuseNamed();
  const list = signatures[site.name] ?? [];
  const args = Array.from({ length: site.count }, (_, i) => site.arg(i));
  const found = resolve(list, args);
  if (found && found !== 'bad' && !narrowed(found, args)) return found;
  const other = args.find((arg) => ['INTERVAL', 'BYTES', 'NUMERIC'].includes(arg.type.kind));
  if (other) throw site.unsupported(`${site.name} of ${other.type.kind}`);
  throw site.fail(mismatchText(site.name, args, list));
}

/** A literal that the function cannot take is told while translating: with SAFE it is NULL. */
function safeCall(site: Site): Expr {
  try {
    return call(site);
  } catch (error) {
    const kind = /^(?:PARSE_)?(TIMESTAMP|DATETIME|DATE|TIME)$/.exec(site.name)?.[1] as ScalarKind | undefined;
    if (
      kind === undefined ||
      !(error instanceof Error) ||
      !/^Invalid (?:timestamp|datetime|date|time):/i.test(error.message)
    ) {
      throw error;
    }
    return site.none({ kind });
  }
}

/** SAFE.f(…): NULL where the function itself fails. Its arguments may still fail: they are computed outside, once. */
function safely(site: Site): Expr {
  const fields: Part[][] = [];
  const args = Array.from({ length: site.count }, (_, i) => site.tryArg(i));
  const name = lambdaName(args.filter((arg): arg is Expr => arg !== null));
  args.forEach((arg, i) => {
    if (!arg || arg.simple || arg.literal) return;
    fields.push([`"a${i}" := `, arg]);
    site.bind(i, makeExpr(arg.type, [`${name}."a${i}"`], { simple: true }));
  });
  const inner = safeCall(site);
  if (inner.hasAggregate || inner.hasWindow || inner.hasSubquery || inner.volatile)
    throw site.unsupported(`SAFE.${site.name} of these arguments`);
  if (fields.length === 0) return makeExpr(inner.type, ['TRY(', inner, ')']);
  const rows = ['list_transform([struct_pack(', ...joinRopes(fields, ', '), `)], lambda ${name}: TRY(`];
  return makeExpr(inner.type, [...rows, inner, '))[1]']);
}
