/** Calls: finds the function in the lists of functions/; what is on no list is refused. */

import { aggregates } from '../functions/aggregate.ts';
import { signatures, specials } from '../functions/all.ts';
import type { CallSite } from '../functions/signature.ts';
import { mismatchText, resolve } from '../functions/signature.ts';
import { windowFunctions } from '../functions/window.ts';
import type { Call } from '../parse/tree.ts';
import type { SqlError } from '../statement.ts';
import type { ScalarKind } from '../type.ts';
import { aggregateCall } from './aggregate.ts';
import { coerce } from './coerce.ts';
import type { Expr, Part } from './expr.ts';
import { joinRopes, makeExpr } from './expr.ts';
import { analyze } from './expression.ts';
import { argumentType } from './failure.ts';
import type { Env } from './scope.ts';

/** A place where a function is called, with its arguments analyzed when they are asked for. */
export class Site implements CallSite {
  readonly name: string;
  readonly node: Call;
  readonly env: Env;
  private readonly args: (Expr | undefined)[] = [];

  constructor(name: string, node: Call, env: Env) {
    this.name = name;
    this.node = node;
    this.env = env;
    const named = node.args.find((arg) => arg.name !== null);
    if (named) throw this.unsupported(`${name}(${named.name} => …)`);
  }

  get count(): number {
    return this.node.args.length;
  }

  tree(index: number) {
    const arg = this.node.args[index];
    if (!arg) throw this.mismatch();
    return arg.value;
  }

  arg(index: number): Expr {
    const known = this.args[index];
    if (known) return known;
    const made = analyze(this.tree(index), this.env);
    this.args[index] = made;
    return made;
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

  fail(message: string): SqlError {
    return this.env.session.failures.invalid(message, this.node.at);
  }

  unsupported(what: string): SqlError {
    return this.env.session.failures.unsupported(what, this.node.at);
  }

  mismatch(): SqlError {
    const given = this.node.args.map((arg) => {
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
  if (!has(signatures, name) && !has(specials, name))
    throw failures.unsupported(`function ${node.name.join('.')}`, node.at);
  refuseModifiers(name, node, env);
  const site = new Site(name, node, env);
  return safe ? safely(site) : call(site);
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

function call(site: Site): Expr {
  const special = specials[site.name];
  if (special && has(specials, site.name)) return special(site);
  const list = signatures[site.name] ?? [];
  const args = site.node.args.map((_, i) => site.arg(i));
  const found = resolve(list, args);
  if (found && found !== 'bad') return found;
  const interval = args.some((arg) => arg.type.kind === 'INTERVAL');
  if (interval) throw site.unsupported(`${site.name} of INTERVAL`);
  throw site.fail(mismatchText(site.name, args, list));
}

/** SAFE.f(…): NULL where the function itself fails; its arguments may still fail. */
function safely(site: Site): Expr {
  const args = site.node.args.map((_, i) => {
    try {
      return site.arg(i);
    } catch {
      return null;
    }
  });
  const plain = call(site);
  if (plain.hasAggregate || plain.hasWindow || plain.hasSubquery || plain.volatile)
    throw site.unsupported(`SAFE.${site.name} of aggregates or subqueries`);
  const inner = args.filter((arg): arg is Expr => arg !== null && !arg.simple);
  if (inner.length === 0) return makeExpr(plain.type, ['TRY(', plain, ')']);
  if (args.includes(null)) throw site.unsupported(`SAFE.${site.name} of these arguments`);
  return safeCall(site, args as readonly Expr[]);
}

/** Arguments are computed outside of TRY, once. */
function safeCall(site: Site, args: readonly Expr[]): Expr {
  const list = signatures[site.name];
  if (!list || !has(signatures, site.name)) throw site.unsupported(`SAFE.${site.name} of computed arguments`);
  const bound = args.map((arg, i) =>
    makeExpr(arg.type, [`v."a${i}"`], { literal: arg.literal, simple: true }),
  );
  const found = resolve(list, bound);
  if (!found || found === 'bad') throw site.fail(mismatchText(site.name, args, list));
  const fields: Part[][] = args.map((arg, i) => [`"a${i}" := `, arg]);
  return makeExpr(found.type, [
    'list_transform([struct_pack(',
    ...joinRopes(fields, ', '),
    ')], lambda v: TRY(',
    found,
    '))[1]',
  ]);
}
