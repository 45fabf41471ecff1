/**
 * Aggregate functions. The approximate ones are computed exactly (BigQuery promises only to be near). MIN and MAX of
 * FLOAT64 give NaN where there is one. Sums of INT64 that overflow are errors.
 */

import type { AggregateSite } from '../analyze/aggregate.ts';
import type { Expr, Rope } from '../analyze/expr.ts';
import { fill, makeExpr } from '../analyze/expr.ts';
import { analyze } from '../analyze/expression.ts';
import { argumentType } from '../analyze/failure.ts';
import type { Type } from '../type.ts';
import * as types from '../type.ts';

type Build = (site: AggregateSite) => Expr;

const structural = ['ARRAY', 'STRUCT', 'JSON', 'INTERVAL'];

function count(site: AggregateSite): Expr {
  site.allow('distinct', 'star');
  if (site.node.star) {
    if (site.node.distinct) throw site.fail('COUNT(*) cannot be used with DISTINCT');
    return site.compute(types.INT64, ['count(*)']);
  }
  site.argCount(1, 1);
  const value = site.arg(0);
  if (site.node.distinct && structural.includes(value.type.kind)) {
    throw site.fail(
      `Aggregate functions with DISTINCT cannot be used with arguments of type ${value.type.kind}`,
    );
  }
  return site.compute(types.INT64, [`count(${site.distinctText}`, value, ')']);
}

function countIf(site: AggregateSite): Expr {
  site.allow();
  site.argCount(1, 1);
  return site.compute(types.INT64, ['count(*)'], [site.typed(0, 'BOOL')]);
}

function numeric(site: AggregateSite, index = 0): Expr {
  const value = site.arg(index);
  if (!['INT64', 'FLOAT64', 'NUMERIC'].includes(value.type.kind)) throw site.mismatch();
  return value;
}

function sum(site: AggregateSite): Expr {
  site.allow('distinct');
  site.argCount(1, 1);
  const value = numeric(site);
  const rope = [`sum(${site.distinctText}`, value, ')'];
  const type = value.type;
  if (type.kind === 'FLOAT64') return floatSum(site, value);
  return fill(type, `CAST($1 AS ${types.duckdbType(type)})`, [site.compute(type, rope)]);
}

/** Kahan's sum: nearly the true one, in any order. It is NaN where there are infinities, which add up plainly. */
function floatSum(site: AggregateSite, value: Expr): Expr {
  const exact = site.compute(types.FLOAT64, [`fsum(${site.distinctText}`, value, ')']);
  const plain = site.compute(types.FLOAT64, [`sum(${site.distinctText}`, value, ')']);
  return fill(types.FLOAT64, 'CASE WHEN isnan($1) THEN $2 ELSE $1 END', [exact, plain]);
}

function avg(site: AggregateSite): Expr {
  site.allow('distinct');
  site.argCount(1, 1);
  const value = numeric(site);
  if (value.type.kind === 'NUMERIC') throw site.unsupported('AVG of NUMERIC');
  if (value.type.kind === 'FLOAT64') {
    const count = site.compute(types.INT64, [`count(${site.distinctText}`, value, ')']);
    return fill(types.FLOAT64, '($1 / nullif($2, 0))', [floatSum(site, value), count]);
  }
  return site.compute(types.FLOAT64, [`avg(${site.distinctText}`, value, ')']);
}

function extreme(name: 'min' | 'max'): Build {
  return (site) => {
    site.allow('distinct');
    site.argCount(1, 1);
    const value = site.arg(0);
    if (structural.includes(value.type.kind)) {
      throw site.fail(`${site.name} is not defined for arguments of type ${value.type.kind}`);
    }
    const plain = site.compute(value.type, [`${name}(`, value, ')']);
    if (value.type.kind !== 'FLOAT64' || name === 'max') return plain;
    const nan = site.compute(types.BOOL, ['bool_or(isnan(', value, '))']);
    return fill(value.type, `CASE WHEN $1 THEN 'nan'::DOUBLE ELSE $2 END`, [nan, plain]);
  };
}

function logical(name: string): Build {
  return (site) => {
    site.allow('distinct');
    site.argCount(1, 1);
    return site.compute(types.BOOL, [`${name}(`, site.typed(0, 'BOOL'), ')']);
  };
}

function bits(name: string): Build {
  return (site) => {
    site.allow();
    site.argCount(1, 1);
    return site.compute(types.INT64, [`${name}(`, site.typed(0, 'INT64'), ')']);
  };
}

function statistic(name: string, args: 1 | 2): Build {
  return (site) => {
    site.allow(...(args === 1 ? (['distinct'] as const) : []));
    site.argCount(args, args);
    const values = Array.from({ length: args }, (_, i) => {
      if (site.arg(i).type.kind === 'NUMERIC') throw site.unsupported(`${site.name} of NUMERIC`);
      return site.typed(i, 'FLOAT64');
    });
    const rope: Rope =
      args === 1
        ? [`${name}(${site.distinctText}`, values[0]!, ')']
        : [`${name}(`, values[0]!, ', ', values[1]!, ')'];
    return site.compute(types.FLOAT64, rope);
  };
}

function anyValue(site: AggregateSite): Expr {
  site.allow('having');
  site.argCount(1, 1);
  const value = site.arg(0);
  const having = site.node.having;
  if (!having) return site.compute(value.type, ['any_value(', value, ')']);
  if (site.windowed) throw site.unsupported('ANY_VALUE(… HAVING …) OVER');
  return byExtreme(site, value, analyze(having.value, site.env), having.kind === 'MAX' ? 'max' : 'min');
}

function by(kind: 'max' | 'min'): Build {
  return (site) => {
    site.allow();
    site.argCount(2, 2);
    return byExtreme(site, site.arg(0), site.arg(1), kind);
  };
}

/** The value of a row with the extreme key; NULL if that row's value is NULL. */
function byExtreme(site: AggregateSite, value: Expr, key: Expr, kind: 'max' | 'min'): Expr {
  if (structural.includes(key.type.kind))
    throw site.fail(`${site.name} HAVING is not defined for type ${key.type.kind}`);
  if (key.type.kind === 'FLOAT64') throw site.unsupported(`${site.name} by a FLOAT64`);
  return site.compute(value.type, [`arg_${kind}_null(`, value, ', ', key, ')'], ['(', key, ' IS NOT NULL)']);
}

const notNull = (value: Expr): Rope => ['(', value, ' IS NOT NULL)'];

function arrayAgg(site: AggregateSite): Expr {
  site.allow('distinct', 'nulls', 'orderBy', 'limit');
  site.argCount(1, 1);
  const value = site.arg(0);
  if (value.type.kind === 'ARRAY') {
    throw site.fail(
      'The argument to ARRAY_AGG (or a variant) must not be an array type but was ' +
        types.typeText(value.type),
    );
  }
  distinctOrder(site, value);
  const type = types.arrayOf(value.type);
  const filter = site.node.nulls === 'IGNORE' ? notNull(value) : null;
  const list = site.compute(type, [`list(${site.distinctText}`, value, ...site.orderText(), ')'], filter);
  const limit = site.limit();
  return limit === null ? list : makeExpr(type, ['list_slice(', list, `, 1, ${limit})`]);
}

/** With DISTINCT only the value itself can be ordered by. */
function distinctOrder(site: AggregateSite, value: Expr): void {
  if (!site.node.distinct) return;
  if (structural.includes(value.type.kind))
    throw site.unsupported(`${site.name}(DISTINCT …) of ${value.type.kind}`);
  const [item, ...more] = site.node.orderBy;
  if (!item) return;
  const key = analyze(item.value, site.env);
  if (
    more.length > 0 ||
    key.parts.length !== value.parts.length ||
    key.parts.some((part, i) => part !== value.parts[i])
  ) {
    throw site.fail(
      'An aggregate function that has both DISTINCT and ORDER BY arguments can only ORDER BY expressions that are arguments to the function',
    );
  }
}

function stringAgg(site: AggregateSite): Expr {
  site.allow('distinct', 'orderBy', 'limit');
  site.argCount(1, 2);
  const value = site.arg(0);
  if (value.type.kind === 'BYTES') throw site.unsupported('STRING_AGG of BYTES');
  const text = site.typed(0, 'STRING');
  distinctOrder(site, value);
  const separator = site.count === 2 ? site.typed(1, 'STRING') : null;
  if (separator && separator.literal?.kind !== 'string' && !separator.isParameter)
    throw site.fail('Argument 2 to STRING_AGG must be a literal or query parameter');
  const list = site.compute(
    types.arrayOf(types.STRING),
    [`list(${site.distinctText}`, text, ...site.orderText(), ')'],
    notNull(text),
  );
  const limit = site.limit();
  const cut: Rope = limit === null ? [list] : ['list_slice(', list, `, 1, ${limit})`];
  return makeExpr(types.STRING, ['array_to_string(', ...cut, ', ', separator ?? `','`, ')']);
}

function arrayConcatAgg(site: AggregateSite): Expr {
  site.allow('orderBy', 'limit');
  site.argCount(1, 1);
  const value = site.arg(0);
  if (value.type.kind !== 'ARRAY') throw site.mismatch();
  const lists = site.compute(
    types.arrayOf(value.type),
    ['list(', value, ...site.orderText(), ')'],
    notNull(value),
  );
  const limit = site.limit();
  return makeExpr(
    value.type,
    limit === null ? ['flatten(', lists, ')'] : ['flatten(list_slice(', lists, `, 1, ${limit}))`],
  );
}

function approxCountDistinct(site: AggregateSite): Expr {
  site.allow();
  site.argCount(1, 1);
  const value = site.arg(0);
  if (structural.includes(value.type.kind)) throw site.mismatch();
  return site.compute(types.INT64, ['count(DISTINCT ', value, ')']);
}

function literalCount(site: AggregateSite, index: number): number {
  const value = site.arg(index);
  if (value.literal?.kind !== 'int')
    throw site.unsupported(`${site.name} with a number that is not a literal`);
  if (value.literal.value <= 0n || value.literal.value > 100_000n) {
    throw site.fail(`Argument ${index + 1} to ${site.name} must be positive and not greater than 100000`);
  }
  return Number(value.literal.value);
}

/** Quantiles: the smallest value with that share of rows at or below it. A third argument asks for one of them. */
function approxQuantiles(site: AggregateSite): Expr {
  site.allow('distinct', 'nulls');
  site.argCount(2, 3);
  const value = site.arg(0);
  if (structural.includes(value.type.kind) || site.node.nulls === 'RESPECT')
    throw site.unsupported(
      `APPROX_QUANTILES of ${argumentType(value)}${site.node.nulls === 'RESPECT' ? ' RESPECT NULLS' : ''}`,
    );
  const parts = literalCount(site, 1);
  const one = site.count === 3 ? site.arg(2).literal : null;
  if (one?.kind === 'float')
    return site.compute(value.type, [`quantile_disc(${site.distinctText}`, value, `, ${one.value})`]);
  const ranks = Array.from({ length: parts + 1 }, (_, i) => String(i / parts)).join(', ');
  const type = types.arrayOf(value.type);
  return site.compute(type, [`quantile_disc(${site.distinctText}`, value, `, [${ranks}])`]);
}

const topFields = (type: Type, what: string): Type =>
  types.arrayOf({
    kind: 'STRUCT',
    fields: [
      { name: 'value', type },
      { name: what, type: types.INT64 },
    ],
  });

/** The most frequent values, most frequent first; ties by value. */
function approxTopCount(site: AggregateSite): Expr {
  site.allow();
  site.argCount(2, 2);
  const value = site.arg(0);
  if (structural.includes(value.type.kind) || value.type.kind === 'FLOAT64')
    throw site.unsupported(`APPROX_TOP_COUNT of ${value.type.kind}`);
  const limit = literalCount(site, 1);
  const map = site.compute(value.type, ['histogram(', value, ')']);
  const nulls = site.compute(types.INT64, ['count(*)'], ['(', value, ' IS NULL)']);
  const known = `list_transform(map_entries($1), lambda e: {'c': -CAST(struct_extract(e, 'value') AS BIGINT), 'v': struct_extract(e, 'key')})`;
  const all = `list_concat(${known}, CASE WHEN $2 > 0 THEN [{'c': -$2, 'v': NULL}] ELSE [] END)`;
  const top = `list_slice(list_sort(${all}), 1, ${limit})`;
  const renamed = `lambda e: {'value': struct_extract(e, 'v'), 'count': -struct_extract(e, 'c')}`;
  return fill(topFields(value.type, 'count'), `list_transform(${top}, ${renamed})`, [map, nulls]);
}

/** The values with the highest sums of weights, highest first; ties by value. */
function approxTopSum(site: AggregateSite): Expr {
  site.allow();
  site.argCount(3, 3);
  const value = site.arg(0);
  if (structural.includes(value.type.kind) || value.type.kind === 'FLOAT64' || site.windowed)
    throw site.unsupported(`APPROX_TOP_SUM of ${value.type.kind}`);
  const weight = site.typed(1, 'INT64');
  const limit = literalCount(site, 2);
  const pairs = site.compute(types.arrayOf(value.type), [
    'list(struct_pack("v" := ',
    value,
    ', "w" := ',
    weight,
    '))',
  ]);
  const id = site.env.session.alias();
  const sums = `SELECT ${id}.x.v AS v, CAST(sum(${id}.x.w) AS BIGINT) AS s FROM (SELECT unnest($1) AS x) ${id} GROUP BY 1 ORDER BY s DESC NULLS LAST, v NULLS FIRST LIMIT ${limit}`;
  const sql = `(SELECT list(struct_pack("value" := v, "sum" := s) ORDER BY s DESC NULLS LAST, v NULLS FIRST) FROM (${sums}))`;
  return fill(topFields(value.type, 'sum'), sql, [pairs], { hasSubquery: true });
}

/** GROUPING(key): 1 where the key is left out of a grouping set. */
function grouping(site: AggregateSite): Expr {
  site.allow();
  site.argCount(1, 1);
  if (site.windowed) throw site.fail('GROUPING does not support an OVER clause');
  return site.compute(types.INT64, ['CAST(grouping(', site.arg(0), ') AS BIGINT)']);
}

export const aggregates: Readonly<Record<string, Build>> = {
  COUNT: count,
  COUNTIF: countIf,
  SUM: sum,
  AVG: avg,
  MIN: extreme('min'),
  MAX: extreme('max'),
  LOGICAL_OR: logical('bool_or'),
  LOGICAL_AND: logical('bool_and'),
  BIT_AND: bits('bit_and'),
  BIT_OR: bits('bit_or'),
  BIT_XOR: bits('bit_xor'),
  STDDEV: statistic('stddev_samp', 1),
  STDDEV_SAMP: statistic('stddev_samp', 1),
  STDDEV_POP: statistic('stddev_pop', 1),
  VARIANCE: statistic('var_samp', 1),
  VAR_SAMP: statistic('var_samp', 1),
  VAR_POP: statistic('var_pop', 1),
  CORR: statistic('corr', 2),
  COVAR_POP: statistic('covar_pop', 2),
  COVAR_SAMP: statistic('covar_samp', 2),
  GROUPING: grouping,
  ANY_VALUE: anyValue,
  MAX_BY: by('max'),
  MIN_BY: by('min'),
  ARRAY_AGG: arrayAgg,
  STRING_AGG: stringAgg,
  ARRAY_CONCAT_AGG: arrayConcatAgg,
  APPROX_COUNT_DISTINCT: approxCountDistinct,
  APPROX_QUANTILES: approxQuantiles,
  /** Not a name that a query can write: see analyze/name.ts. */
  $QUANTILE: approxQuantiles,
  APPROX_TOP_COUNT: approxTopCount,
  APPROX_TOP_SUM: approxTopSum,
};
