/** PIVOT and UNPIVOT. */

import type { Expression, Pivot, Unpivot } from '../parse/tree.ts';
import * as types from '../type.ts';
import { groupable } from './aggregate.ts';
import { coerce, commonType } from './coerce.ts';
import { compare } from './condition.ts';
import type { Expr, Rope } from './expr.ts';
import { exprText, joinRopes, makeExpr, walk } from './expr.ts';
import { analyze } from './expression.ts';
import { resultSource } from './from.ts';
import { stringLiteral } from './literal.ts';
import type { Column, Env, OutputColumn, Scope, Source } from './scope.ts';

export function turned(source: Source, turn: Pivot | Unpivot, env: Env, id: number): Source {
  const scope: Scope = { id: env.session.id(), parent: env.scope, source, aliases: null };
  const inside: Env = { ...env, scope, windows: new Map(), noAggregate: null, noWindow: 'PIVOT' };
  const made = turn.kind === 'pivot' ? pivot(source, turn, inside) : unpivot(source, turn, inside);
  const alias = env.session.alias();
  return {
    ...resultSource(made.columns, { sql: alias, name: turn.alias, isValue: false, id }),
    rope: ['(', ...made.rope, `) ${alias}`],
  };
}

interface Made {
  readonly rope: Rope;
  readonly columns: readonly OutputColumn[];
}

const output = (name: string | null, type: types.Type, i: number): OutputColumn => ({
  name,
  type,
  origins: [],
  sql: `c${i}`,
  literal: null,
});

/** The name that a value of the IN list gives to its columns. */
function valueName(node: Expression, alias: string | null, env: Env): string {
  if (alias !== null) return alias;
  if (node.kind === 'string') return node.text;
  if (node.kind === 'integer') return `_${node.text}`;
  if (node.kind === 'boolean') return node.value ? 'TRUE' : 'FALSE';
  throw env.session.failures.unsupported('PIVOT values of this kind without an alias', node.at);
}

function pivot(source: Source, turn: Pivot, env: Env): Made {
  const column = groupable(analyze(turn.column, { ...env, noAggregate: 'PIVOT' }), 'PIVOT', turn.at, env);
  const used = new Set<string>();
  const note = (expr: Expr): void =>
    walk(expr, (one) => {
      if (one.node === 'column') used.add(exprText(one));
      return true;
    });
  note(column);
  const computed = turn.values.flatMap((value) => {
    const literal = analyze(value.value, { ...env, scope: null });
    if (literal.literal?.kind === 'null')
      throw env.session.failures.unsupported('PIVOT for NULL', value.value.at);
    const filter = [compare('=', column, literal, { node: value.value, env })];
    const suffix = valueName(value.value, value.alias, env);
    return turn.aggregates.map((aggregate) => {
      const expr = analyze(aggregate.value, { ...env, rowFilter: filter });
      if (!expr.hasAggregate)
        throw env.session.failures.invalid(
          'PIVOT expression must be an aggregate function call',
          aggregate.value.at,
        );
      if (turn.aggregates.length > 1 && aggregate.alias === null) {
        throw env.session.failures.invalid(
          'PIVOT expression must have an alias when there are several',
          aggregate.value.at,
        );
      }
      note(analyze(aggregate.value, env));
      return { name: aggregate.alias === null ? suffix : `${aggregate.alias}_${suffix}`, expr };
    });
  });
  const keys = source.columns.filter((one) => !used.has(exprText(one.expr)));
  for (const key of keys) groupable(key.expr, 'PIVOT', turn.at, env);
  const all: readonly Column[] = [...keys, ...computed];
  const list = all.map((one, i): Rope => [one.expr, ` AS c${i}`]);
  const grouped = keys.length > 0 ? ` GROUP BY ${keys.map((_, i) => i + 1).join(', ')}` : '';
  return {
    rope: ['SELECT ', ...joinRopes(list, ', '), ' FROM ', ...source.rope, grouped],
    columns: all.map((one, i) => output(one.name, one.expr.type, i)),
  };
}

function unpivot(source: Source, turn: Unpivot, env: Env): Made {
  const find = (name: string, at: number): Expr => {
    const found = source.columns.filter((one) => one.name?.toLowerCase() === name.toLowerCase());
    if (found.length !== 1)
      throw env.session.failures.invalid(`Column ${name} in UNPIVOT is not found or ambiguous`, at);
    return found[0]!.expr;
  };
  const values = turn.columns.map((one) => find(one.column, one.at));
  const type = commonType(values);
  if (!type || values.some((value) => !types.sameType(value.type, type))) {
    throw env.session.failures.invalid('The datatype of the columns in UNPIVOT must be the same', turn.at);
  }
  const labels = turn.columns.map((one) =>
    one.label ? analyze(one.label, { ...env, scope: null }) : stringLiteral(one.column),
  );
  const labelType = commonType(labels);
  if (!labelType) throw env.session.failures.invalid('The labels in UNPIVOT must be of one type', turn.at);
  const alias = env.session.alias();
  const rows = values.map((value, i): Rope => {
    const label = coerce(labels[i]!, labelType);
    return ['{', `'n': `, label && label !== 'bad' ? label : labels[i]!, `, 'x': `, value, '}'];
  });
  const inPlace = new Set(values.map(exprText));
  const others = source.columns.filter((one) => !inPlace.has(exprText(one.expr)));
  const own = [
    { name: turn.value, expr: makeExpr(type, [`${alias}.v.x`]) },
    { name: turn.name, expr: makeExpr(labelType, [`${alias}.v.n`]) },
  ];
  const all: readonly Column[] = [...others, ...own];
  const list = all.map((one, i): Rope => [one.expr, ` AS c${i}`]);
  const where = turn.includeNulls ? '' : ` WHERE ${alias}.v.x IS NOT NULL`;
  return {
    rope: [
      'SELECT ',
      ...joinRopes(list, ', '),
      ' FROM ',
      ...source.rope,
      ' CROSS JOIN UNNEST([',
      ...joinRopes(rows, ', '),
      `]) AS ${alias}(v)${where}`,
    ],
    columns: all.map((one, i) => output(one.name, one.expr.type, i)),
  };
}
