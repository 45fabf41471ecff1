/** GROUP BY: expressions, positions and aliases, ALL, ROLLUP, CUBE, GROUPING SETS. */

import type { Expression, Select } from '../parse/tree.ts';
import { groupable } from './aggregate.ts';
import type { Expr } from './expr.ts';
import { exprText } from './expr.ts';
import { analyze } from './expression.ts';
import type { Grouping } from './layer.ts';
import type { Env } from './scope.ts';
import type { Item } from './select-list.ts';

export function groupingOf(select: Select, items: readonly Item[], aliased: Env, base: Env): Grouping {
  const clause = select.groupBy;
  if (!clause) return { keys: [], sets: null };
  const keys: Expr[] = [];
  const add = (expr: Expr): number => {
    const text = exprText(expr);
    const known = keys.findIndex((key) => exprText(key) === text);
    return known >= 0 ? known : keys.push(expr) - 1;
  };
  if (clause.kind === 'all') {
    for (const item of items) {
      if (item.expr.hasAggregate || item.expr.hasWindow || !item.expr.hasColumn) continue;
      add(groupable(item.expr, 'GROUP BY', item.at, base));
    }
    return { keys, sets: null };
  }
  const inGroup: Env = { ...aliased, noAggregate: 'GROUP BY', noWindow: 'GROUP BY' };
  const sets = clause.sets.map((set) => set.map((node) => add(keyOf(node, items, inGroup))));
  switch (clause.kind) {
    case 'items':
      return { keys, sets: null };
    case 'sets':
      return { keys, sets };
    case 'rollup':
      return { keys, sets: sets.map((_, i) => sets.slice(0, sets.length - i).flat()).concat([[]]) };
    case 'cube':
      if (sets.length > 6) throw base.session.failures.unsupported('CUBE of more than 6 items', clause.at);
      return {
        keys,
        sets: Array.from({ length: 2 ** sets.length }, (_, mask) =>
          sets.filter((_, i) => mask & (1 << i)).flat(),
        ),
      };
  }
}

function keyOf(node: Expression, items: readonly Item[], env: Env): Expr {
  const { failures } = env.session;
  if (node.kind === 'integer') {
    const item = items[Number(node.text) - 1];
    if (!item) throw failures.invalid(`GROUP BY is out of SELECT column number range: ${node.text}`, node.at);
    if (item.expr.hasAggregate)
      throw failures.invalid(
        `Column ${node.text} contains an aggregation function, which is not allowed in GROUP BY`,
        node.at,
      );
    if (item.expr.hasWindow)
      throw failures.invalid(
        `Column ${node.text} contains an analytic function, which is not allowed in GROUP BY`,
        node.at,
      );
    return groupable(item.expr, 'GROUP BY', node.at, env);
  }
  const expr = analyze(node, env);
  if (expr.hasAggregate) throw failures.invalid('Aggregate functions are not allowed in GROUP BY', node.at);
  if (expr.hasWindow) throw failures.invalid('Analytic functions are not allowed in GROUP BY', node.at);
  if (expr.volatile) throw failures.unsupported('grouping by RAND() and the like', node.at);
  if (expr.literal) throw failures.invalid('Cannot GROUP BY literal values', node.at);
  return groupable(expr, 'GROUP BY', node.at, env);
}
