/**
 * The form in which functions are declared: argument types as GoogleSQL writes them, and DuckDB text with the
 * function's GoogleSQL meaning. What is declared nowhere is refused.
 */

import { coerce, coercionDistance } from '../analyze/coerce.ts';
import type { Expr } from '../analyze/expr.ts';
import { fill } from '../analyze/expr.ts';
import type { Env } from '../analyze/scope.ts';
import type { Call, Expression } from '../parse/tree.ts';
import type { SqlError } from '../statement.ts';
import type { ScalarKind, Type } from '../type.ts';
import { typeText } from '../type.ts';

export interface Signature {
  /** Kinds of the arguments; `?` at the end: may be absent; `*`: any number of the last. */
  readonly args: readonly string[];
  readonly returns: ScalarKind;
  /** `$1` is the first argument. */
  readonly sql: string;
  /** Keeps the order of its first argument: a filter on it is a filter on the argument. */
  readonly monotonic?: boolean;
  readonly volatile?: boolean;
}

export type Signatures = Readonly<Record<string, readonly Signature[]>>;

/** What a function that needs more than a template gets. */
export interface CallSite {
  readonly name: string;
  readonly node: Call;
  readonly env: Env;
  readonly count: number;
  /** The argument's tree, for date parts. */
  tree(index: number): Expression;
  arg(index: number): Expr;
  /** The argument, coerced; refuses what does not coerce, in BigQuery's words. */
  typed(index: number, kind: ScalarKind): Expr;
  /** The argument's text, which must be a literal (or a parameter whose value is known). */
  constant(index: number, what: string): string;
  argCount(least: number, most: number): void;
  /** All arguments as their common type; refuses those that have none. */
  common(first?: number): readonly Expr[];
  /** A literal. */
  text(value: string): Expr;
  number(value: number, type: Type): Expr;
  /** NULL of a type. */
  none(type: Type): Expr;
  /** Text of a named argument, which must be a literal; null: it is not given. */
  named(name: string): string | null;
  fail(message: string): SqlError;
  mismatch(): SqlError;
  unsupported(what: string): SqlError;
}

export type Special = (call: CallSite) => Expr;
export type Specials = Readonly<Record<string, Special>>;

export function signature(
  args: string,
  returns: ScalarKind,
  sql: string,
  more: Partial<Signature> = {},
): Signature {
  return { args: args === '' ? [] : args.split(',').map((arg) => arg.trim()), returns, sql, ...more };
}

/** The signature that fits best, with its arguments coerced; null: none fits. */
export function resolve(signatures: readonly Signature[], args: readonly Expr[]): Expr | 'bad' | null {
  let best: { signature: Signature; distance: number } | null = null;
  for (const one of signatures) {
    const distance = fit(one, args);
    if (distance !== null && (!best || distance < best.distance)) best = { signature: one, distance };
  }
  if (!best) return null;
  const { args: kinds, returns, sql, monotonic, volatile } = best.signature;
  const coerced: Expr[] = [];
  for (const [i, arg] of args.entries()) {
    const one = coerce(arg, { kind: kindAt(kinds, i) as ScalarKind });
    if (one === null || one === 'bad') return 'bad';
    coerced.push(one);
  }
  const origins = monotonic && args[0] ? args[0].origins : [];
  return fill({ kind: returns }, sql, coerced, { origins, ...(volatile ? { volatile } : {}) });
}

const kindAt = (kinds: readonly string[], index: number): string => kinds[index] ?? kinds.at(-1) ?? '';

function fit(one: Signature, args: readonly Expr[]): number | null {
  if (args.length !== one.args.length) return null;
  let distance = 0;
  for (const [i, arg] of args.entries()) {
    const step = coercionDistance(arg, { kind: kindAt(one.args, i) as ScalarKind });
    if (step === null) return null;
    distance += step;
  }
  return distance;
}

const typesText = (args: readonly { readonly type: Type }[]): string =>
  args.map((arg) => typeText(arg.type)).join(', ');

/** BigQuery's words for arguments that no signature takes. */
export function mismatchText(name: string, args: readonly Expr[], signatures: readonly Signature[]): string {
  const given = args.length === 0 ? 'with no arguments' : `for argument types: ${typesText(args)}`;
  const supported = signatures.map((one) => `${name}(${one.args.join(', ')})`);
  const list =
    supported.length > 0
      ? `. Supported signature${supported.length > 1 ? 's' : ''}: ${supported.join('; ')}`
      : '';
  return `No matching signature for function ${name} ${given}${list}`;
}
