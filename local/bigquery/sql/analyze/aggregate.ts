/** Calls of aggregate and window functions: arguments, order, OVER. What they compute is in functions/. */

import { aggregates } from '../functions/aggregate.ts';
import { windowFunctions } from '../functions/window.ts';
import type { Call, FrameBound, OrderItem, WindowSpec } from '../parse/tree.ts';
import type { Type } from '../type.ts';
import * as types from '../type.ts';
import { Site } from './call.ts';
import type { Expr, Origin, Part, Rope } from './expr.ts';
import { joinRopes, makeExpr } from './expr.ts';
import { analyze, required } from './expression.ts';
import { argumentType } from './failure.ts';
import type { Env } from './scope.ts';

/** What an aggregate or window function is given. */
export class AggregateSite extends Site {
  readonly windowed: boolean;
  private readonly over: Rope | null;
  private readonly partition: readonly Origin[];
  private readonly partitionBy: readonly Expr[];

  constructor(name: string, node: Call, env: Env, over: Over | null) {
    super(name, node, env);
    this.over = over?.rope ?? null;
    this.partition = over?.partition ?? [];
    this.partitionBy = over?.partitionBy ?? [];
    this.windowed = over !== null;
  }

  /** A computation over rows: `rope` is the DuckDB call, `filter` a condition on its rows. */
  compute(type: Type, rope: Rope, filter: Rope | null = null): Expr {
    const conditions = [this.env.rowFilter, filter].filter((one): one is Rope => one !== null);
    const all = conditions.length > 0 ? joinRopes(conditions, ' AND ') : null;
    const filtered = all ? [...rope, ' FILTER (WHERE ', ...all, ')'] : rope;
    if (!this.over) return makeExpr(type, filtered, { node: 'aggregate' });
    return makeExpr(type, [...filtered, ' OVER (', ...this.over, ')'], {
      node: 'window',
      partition: this.partition,
      partitionBy: this.partitionBy,
    });
  }

  get distinctText(): string {
    return this.node.distinct ? 'DISTINCT ' : '';
  }

  /** ` ORDER BY …` inside the call, or nothing. */
  orderText(): Rope {
    return this.node.orderBy.length === 0 ? [] : [' ORDER BY ', ...orderRope(this.node.orderBy, this.env)];
  }

  /** LIMIT inside the call. */
  limit(): bigint | null {
    if (!this.node.limit) return null;
    const value = analyze(this.node.limit, this.env);
    if (value.literal?.kind !== 'int' || value.literal.value < 0n)
      throw this.unsupported(`LIMIT that is not a literal in ${this.name}`);
    return value.literal.value;
  }

  /** Refuses the modifiers that are not named. */
  allow(...modifiers: readonly ('distinct' | 'nulls' | 'having' | 'orderBy' | 'limit' | 'star')[]): void {
    const { distinct, nulls, having, orderBy, limit, star } = this.node;
    const given = { distinct, nulls, having, orderBy: orderBy.length > 0, limit, star };
    for (const [name, value] of Object.entries(given)) {
      if (value && !(modifiers as readonly string[]).includes(name)) {
        throw this.unsupported(
          `${name === 'orderBy' ? 'ORDER BY' : name === 'star' ? '*' : name.toUpperCase()} in ${this.name}`,
        );
      }
    }
  }
}

export function aggregateCall(name: string, node: Call, env: Env): Expr {
  const { failures } = env.session;
  const windowOnly = Object.hasOwn(windowFunctions, name);
  if (windowOnly && !node.over) {
    throw failures.invalid(`Analytic function ${name} cannot be called without an OVER clause`, node.at);
  }
  if (node.over && env.noWindow)
    throw failures.invalid(`Analytic function not allowed in ${env.noWindow}`, node.at);
  if (!node.over && env.noAggregate === 'aggregate function') {
    throw failures.invalid('Aggregations of aggregations are not allowed', node.at);
  }
  if (!node.over && env.noAggregate)
    throw failures.invalid(`Aggregate function ${name} not allowed in ${env.noAggregate}`, node.at);
  const inner: Env = node.over
    ? { ...env, noWindow: 'analytic function' }
    : {
        ...env,
        scope: env.scope ? { ...env.scope, aliases: null } : null,
        noAggregate: 'aggregate function',
        noWindow: 'aggregate function',
      };
  const spec = node.over ? fullSpec(node.over, env) : null;
  const over = spec ? overRope(spec, inner, windowFunctions[name]?.frame ?? 'free', name) : null;
  const site = new AggregateSite(name, node, inner, over);
  site.refuseNamed();
  const definition = windowOnly ? windowFunctions[name]?.build : aggregates[name];
  if (!definition) throw failures.unsupported(`function ${name}`, node.at);
  return definition(site);
}

/** A window with the named windows it is built on. */
function fullSpec(spec: WindowSpec, env: Env, seen: readonly string[] = []): WindowSpec {
  if (spec.base === null) return spec;
  const key = spec.base.toLowerCase();
  const base = env.windows.get(key);
  if (!base || seen.includes(key))
    throw env.session.failures.invalid(`Unrecognized window alias ${spec.base}`, spec.at);
  const whole = fullSpec(base, env, [...seen, key]);
  if (spec.partitionBy.length > 0 || (spec.orderBy.length > 0 && whole.orderBy.length > 0) || whole.frame) {
    if (spec.partitionBy.length + spec.orderBy.length > 0 || (spec.frame && whole.frame)) {
      throw env.session.failures.invalid(
        `If a window specification refers to a named window, it cannot repeat or precede its clauses`,
        spec.at,
      );
    }
  }
  const orderBy = spec.orderBy.length > 0 ? spec.orderBy : whole.orderBy;
  return {
    base: null,
    partitionBy: whole.partitionBy,
    orderBy,
    frame: spec.frame ?? whole.frame,
    at: spec.at,
  };
}

interface Over {
  readonly rope: Rope;
  /** Base columns that it is partitioned by. */
  readonly partition: readonly Origin[];
  readonly partitionBy: readonly Expr[];
}

export type FrameRule = 'free' | 'none' | 'order' | 'partitionOnly';

function overRope(spec: WindowSpec, env: Env, rule: FrameRule, name: string): Over {
  const { failures } = env.session;
  if (rule === 'partitionOnly' && (spec.orderBy.length > 0 || spec.frame)) {
    throw failures.invalid(
      `Window ORDER BY and frames are not allowed for analytic function ${name}`,
      spec.at,
    );
  }
  if ((rule === 'none' || rule === 'order') && spec.frame) {
    throw failures.invalid(`Window framing clause is not allowed for analytic function ${name}`, spec.at);
  }
  if (rule === 'order' && spec.orderBy.length === 0) {
    throw failures.invalid(`Window ORDER BY is required for analytic function ${name}`, spec.at);
  }
  const keys = spec.partitionBy.map((key) => [groupable(analyze(key, env), 'PARTITION BY', key.at, env)]);
  const partition = keys.flatMap(([key]) => key?.origins ?? []);
  const parts: Part[] = keys.length > 0 ? ['PARTITION BY ', ...joinRopes(keys, ', ')] : [];
  if (spec.orderBy.length > 0)
    parts.push(
      parts.length > 0 ? ' ' : '',
      'ORDER BY ',
      ...orderRope(spec.orderBy, env, spec.frame?.unit === 'RANGE'),
    );
  if (spec.frame) parts.push(...frameRope(spec, env));
  return { rope: parts, partition, partitionBy: keys.flat() };
}

/** Refuses what cannot be grouped by. */
export function groupable(expr: Expr, clause: string, at: number, env: Env): Expr {
  const kind = expr.type.kind;
  if (kind === 'JSON' || kind === 'INTERVAL') {
    throw env.session.failures.invalid(
      `${clause} expression references a value of type ${kind}, which is not groupable`,
      at,
    );
  }
  if ((kind === 'ARRAY' || kind === 'STRUCT') && !groupableInside(expr.type)) {
    throw env.session.failures.unsupported(
      `${clause === 'GROUP BY' ? 'grouping' : clause} by a value of type ${types.typeText(expr.type)}`,
      at,
    );
  }
  return expr;
}

/** Arrays and structs are grouped by if all inside them is; NaN inside would not be one group. */
function groupableInside(type: Type): boolean {
  if (type.kind === 'ARRAY') return groupableInside(type.element);
  if (type.kind === 'STRUCT') return type.fields.every((field) => groupableInside(field.type));
  return !['JSON', 'INTERVAL', 'FLOAT64'].includes(type.kind);
}

function frameRope(spec: WindowSpec, env: Env): Rope {
  const frame = spec.frame;
  if (!frame) return [];
  const offset = frame.start.offset ?? frame.end.offset;
  if (frame.unit === 'RANGE' && offset && spec.orderBy.length !== 1) {
    throw env.session.failures.invalid('RANGE with an offset needs exactly one ORDER BY expression', spec.at);
  }
  const start = boundRope(frame.start, frame.unit, env);
  const end = boundRope(frame.end, frame.unit, env);
  return [` ${frame.unit} BETWEEN `, ...start, ' AND ', ...end];
}

function boundRope(bound: FrameBound, unit: string, env: Env): Rope {
  if (!bound.offset) return [bound.kind];
  const value = analyze(bound.offset, env);
  if (value.type.kind === 'INTERVAL')
    throw env.session.failures.unsupported('window frames by INTERVAL', bound.offset.at);
  const message = `Window framing expression must be of type INT64, found ${argumentType(value)}`;
  const typed = unit === 'ROWS' ? required(value, types.INT64, bound.offset.at, env, message) : value;
  if (!['INT64', 'FLOAT64'].includes(typed.type.kind))
    throw env.session.failures.invalid(message, bound.offset.at);
  return [typed, ` ${bound.kind}`];
}

/**
 * ORDER BY, with GoogleSQL's places of NULL (first when ascending, last when descending) and NaN (after NULL,
 * before all numbers). `single`: exactly one key must come out (RANGE with an offset).
 */
function orderRope(items: readonly OrderItem[], env: Env, single = false): Rope {
  const ropes = items.map((item) => keyRope(orderKey(item, env), item, single));
  return joinRopes(ropes, ', ');
}

function orderKey(item: OrderItem, env: Env): Expr {
  return orderable(analyze(item.value, env), item, env);
}

export function orderable(expr: Expr, item: OrderItem, env: Env): Expr {
  const kind = expr.type.kind;
  if (['ARRAY', 'STRUCT', 'JSON', 'INTERVAL'].includes(kind)) {
    throw env.session.failures.invalid(
      `ORDER BY does not support expressions of type ${types.typeText(expr.type)}`,
      item.value.at,
    );
  }
  return expr;
}

export function keyRope(key: Expr | string, item: OrderItem, single: boolean, type?: Type): Rope {
  const kind = (typeof key === 'string' ? type : key.type)?.kind;
  const direction = item.descending ? 'DESC' : 'ASC';
  const nulls = item.nulls ?? (item.descending ? 'LAST' : 'FIRST');
  const rope: Part[] = [key, ` ${direction} NULLS ${nulls}`];
  if (kind !== 'FLOAT64' || single) return rope;
  const isNumber = ['(NOT isnan(', key, '))'];
  return [...isNumber, ` ${direction} NULLS ${nulls}, `, ...rope];
}
