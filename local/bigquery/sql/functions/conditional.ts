/** IF, IFNULL, COALESCE, NULLIF and their kind: the type is the common type of the results. */

import { compare } from '../analyze/condition.ts';
import type { Expr, Rope } from '../analyze/expr.ts';
import { fill, joinRopes, makeExpr } from '../analyze/expr.ts';
import { failing } from '../analyze/failure.ts';
import type { CallSite, Specials } from './signature.ts';

function ifThen(call: CallSite): Expr {
  call.argCount(3, 3);
  const [yes, no] = call.common(1);
  return fill(yes!.type, '(CASE WHEN $1 THEN $2 ELSE $3 END)', [call.typed(0, 'BOOL'), yes!, no!]);
}

function coalesce(call: CallSite): Expr {
  call.argCount(call.name === 'IFNULL' ? 2 : 1, call.name === 'IFNULL' ? 2 : Number.POSITIVE_INFINITY);
  const all = call.common();
  const list = all.map((one): Rope => [one]);
  return makeExpr(all[0]!.type, ['coalesce(', ...joinRopes(list, ', '), ')']);
}

function nullIf(call: CallSite): Expr {
  call.argCount(2, 2);
  const [a, b] = call.common();
  const equal = compare('=', a!, b!, { node: call.node, env: call.env });
  return fill(a!.type, '(CASE WHEN $2 THEN NULL ELSE $1 END)', [a!, equal]);
}

/** ERROR(message): fails on the row that computes it. */
function error(call: CallSite): Expr {
  call.argCount(1, 1);
  const message = call.typed(0, 'STRING');
  if (message.literal?.kind === 'string')
    return makeExpr({ kind: 'INT64' }, [failing('BIGINT', message.literal.value)], {
      literal: { kind: 'null', failure: message.literal.value },
    });
  throw call.unsupported('ERROR of a message that is not a literal');
}

export const conditionalFunctions: Specials = {
  IF: ifThen,
  IFNULL: coalesce,
  COALESCE: coalesce,
  NULLIF: nullIf,
  ERROR: error,
};
