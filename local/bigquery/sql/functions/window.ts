/** Window functions that are no aggregates: numbering, navigation, percentiles. */

import type { AggregateSite, FrameRule } from '../analyze/aggregate.ts';
import type { Expr, Rope } from '../analyze/expr.ts';
import { isNull } from '../analyze/expr.ts';
import { required } from '../analyze/expression.ts';
import { argumentType } from '../analyze/failure.ts';
import * as types from '../type.ts';

interface WindowFunction {
  readonly frame: FrameRule;
  readonly build: (site: AggregateSite) => Expr;
}

function ranking(name: string, type: types.Type, frame: FrameRule): WindowFunction {
  return {
    frame,
    build: (site) => {
      site.allow();
      site.argCount(0, 0);
      return site.compute(type, [`${name}()`]);
    },
  };
}

function ntile(site: AggregateSite): Expr {
  site.allow();
  site.argCount(1, 1);
  const value = site.typed(0, 'INT64');
  if (value.literal?.kind !== 'int' || value.literal.value <= 0n)
    throw site.unsupported('NTILE of what is no positive literal');
  return site.compute(types.INT64, ['ntile(', value, ')']);
}

function shifted(name: 'lag' | 'lead'): WindowFunction {
  return {
    frame: 'order',
    build: (site) => {
      site.allow();
      site.argCount(1, 3);
      const value = site.arg(0);
      const offset = site.count > 1 ? site.typed(1, 'INT64') : null;
      if (offset && (offset.literal?.kind !== 'int' || offset.literal.value < 0n)) {
        throw site.unsupported(`${site.name} by an offset that is no positive literal`);
      }
      if (site.count < 3) return site.compute(value.type, [`${name}(`, value, ', ', offset ?? '1', ')']);
      const other = required(
        site.arg(2),
        value.type,
        site.tree(2).at,
        site.env,
        `${site.name} default of type ${argumentType(site.arg(2))}`,
      );
      const type = isNull(value) ? other.type : value.type;
      return site.compute(type, [`${name}(`, value, ', ', offset ?? '1', ', ', other, ')']);
    },
  };
}

function valueAt(name: string, withPosition: boolean): WindowFunction {
  return {
    frame: 'free',
    build: (site) => {
      site.allow('nulls');
      const count = withPosition ? 2 : 1;
      site.argCount(count, count);
      const value = site.arg(0);
      const position = withPosition ? site.typed(1, 'INT64') : null;
      if (position && (position.literal?.kind !== 'int' || position.literal.value < 1n)) {
        throw site.unsupported('NTH_VALUE of a position that is no positive literal');
      }
      const more: Rope = position ? [', ', position] : [];
      const nulls = site.node.nulls === 'IGNORE' ? ' IGNORE NULLS' : '';
      return site.compute(value.type, [`${name}(`, value, ...more, `${nulls})`]);
    },
  };
}

/** PERCENTILE_CONT and PERCENTILE_DISC; NULLs are not counted. */
function percentile(name: 'quantile_cont' | 'quantile_disc'): WindowFunction {
  return {
    frame: 'partitionOnly',
    build: (site) => {
      site.allow('nulls');
      site.argCount(2, 2);
      if (site.node.nulls === 'RESPECT') throw site.unsupported(`${site.name} RESPECT NULLS`);
      const rank = site.arg(1);
      const share =
        rank.literal?.kind === 'float'
          ? rank.literal.value
          : rank.literal?.kind === 'int'
            ? Number(rank.literal.value)
            : Number.NaN;
      if (Number.isNaN(share)) throw site.unsupported(`${site.name} with a percentile that is not a literal`);
      if (share < 0 || share > 1)
        throw site.fail(`The percentile argument to ${site.name} must be between 0 and 1`);
      const value = name === 'quantile_cont' ? site.typed(0, 'FLOAT64') : site.arg(0);
      if (
        ['ARRAY', 'STRUCT', 'JSON', 'INTERVAL', 'NUMERIC'].includes(value.type.kind) ||
        site.arg(0).type.kind === 'NUMERIC'
      ) {
        throw site.unsupported(`${site.name} of ${site.arg(0).type.kind}`);
      }
      return site.compute(value.type, [`${name}(`, value, `, ${share})`]);
    },
  };
}

export const windowFunctions: Readonly<Record<string, WindowFunction>> = {
  ROW_NUMBER: ranking('row_number', types.INT64, 'none'),
  RANK: ranking('rank', types.INT64, 'order'),
  DENSE_RANK: ranking('dense_rank', types.INT64, 'order'),
  PERCENT_RANK: ranking('percent_rank', types.FLOAT64, 'order'),
  CUME_DIST: ranking('cume_dist', types.FLOAT64, 'order'),
  NTILE: { frame: 'order', build: ntile },
  LAG: shifted('lag'),
  LEAD: shifted('lead'),
  FIRST_VALUE: valueAt('first_value', false),
  LAST_VALUE: valueAt('last_value', false),
  NTH_VALUE: valueAt('nth_value', true),
  PERCENTILE_CONT: percentile('quantile_cont'),
  PERCENTILE_DISC: percentile('quantile_disc'),
};
