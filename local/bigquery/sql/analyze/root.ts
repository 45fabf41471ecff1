/**
 * The query as a whole: from its tree to DuckDB's text, the schema of its rows and what it reads. Here the
 * required partition filters are asked for, after all conditions were seen.
 */

import type { Query as QueryTree } from '../parse/tree.ts';
import type { ColumnSpec, Query } from '../statement.ts';
import type { Type } from '../type.ts';
import * as types from '../type.ts';
import { coerce, exactType } from './coerce.ts';
import type { Expr, Rope } from './expr.ts';
import { joinRopes, makeExpr, ropeText } from './expr.ts';
import type { QueryResult } from './query.ts';
import { analyzeQuery } from './query.ts';
import type { Env, OutputColumn } from './scope.ts';
import { fieldOf } from './scope.ts';
import type { Session } from './session.ts';

/** What a statement's outermost expressions see: nothing yet. */
export function rootEnv(session: Session): Env {
  return {
    session,
    scope: null,
    common: null,
    windows: new Map(),
    noAggregate: null,
    noWindow: null,
    rowFilter: null,
  };
}

/** A query that a user asked for: its columns have names, and its partition filters are there. */
export function rootQuery(tree: QueryTree, session: Session, enforceFilters = true): Query {
  const result = spread(analyzeQuery(tree, rootEnv(session)), session);
  if (enforceFilters) requireFilters(session);
  const columns = result.columns.map((column, i) => outputSpec(column, i, tree.at, session));
  refuseRepeated(columns, tree.at, session);
  return { sql: namingAll(ropeText(result.rope), session), columns, ...used(session) };
}

/**
 * With every parameter in it: DuckDB binds none that the text does not name, and a pattern or a search that was
 * known while translating leaves its parameter out.
 */
function namingAll(sql: string, { uses }: Session): string {
  const missing = uses.flatMap((_, i) =>
    new RegExp(`\\$${i + 1}\\b`).test(sql) ? [] : [`$${i + 1}::VARCHAR`],
  );
  if (missing.length === 0) return sql;
  const [head, rest = ''] = /^(WITH (?:RECURSIVE )?)([\s\S]*)$/.exec(sql)?.slice(1) ?? ['WITH ', ''];
  const named = `${head}_parameters AS (SELECT ${missing.join(', ')})`;
  return rest === '' ? `${named} ${sql}` : `${named}, ${rest}`;
}

/** What the session has seen so far. */
export function used(session: Session): Pick<Query, 'parameters' | 'tables'> {
  return { parameters: [...session.uses], tables: [...session.tables.values()] };
}

/** Refuses tables whose partition filter is required and missing. */
export function requireFilters(session: Session): void {
  const missing = session.requirements.find((one) => !one.met);
  if (!missing) return;
  const { projectId, datasetId, tableId } = missing.table;
  const columns = missing.columns.includes('_PARTITIONTIME')
    ? `'_PARTITION_LOAD_TIME', '_PARTITIONDATE', '_PARTITIONTIME'`
    : missing.columns.map((name) => `'${name}'`).join(', ');
  throw session.failures.invalidPlain(
    `Cannot query over table '${projectId}.${datasetId}.${tableId}' without a filter over column(s) ${columns} that can be used for partition elimination`,
  );
}

/** SELECT AS STRUCT at the outermost level: its fields are the columns. */
function spread(result: QueryResult, session: Session): QueryResult {
  const [row] = result.columns;
  if (!result.isValue || row?.type.kind !== 'STRUCT') return result;
  const alias = session.alias();
  const value = makeExpr(row.type, [`${alias}.${row.sql}`], { node: 'column', simple: true });
  const names = types.fieldNames(row.type.fields);
  const fields = row.type.fields.map((field, i) => ({ ...field, name: names[i]! }));
  const whole = { ...value, type: { kind: 'STRUCT' as const, fields } };
  const columns = row.type.fields.map(
    (field, i): OutputColumn => ({
      name: field.name,
      type: field.type,
      origins: [],
      sql: `c${i}`,
      literal: null,
    }),
  );
  const list = fields.map((field, i): Rope => [fieldOf(whole, field.name) ?? value, ` AS c${i}`]);
  const rope = ['SELECT ', ...joinRopes(list, ', '), ' FROM (', ...result.rope, `) ${alias}`];
  return { ...result, rope, columns, isValue: false };
}

/** Columns without a name are called `f0_`, `f1_`, … */
function outputSpec(column: OutputColumn, index: number, at: number, session: Session): ColumnSpec {
  const name = column.name ?? `f${index}_`;
  const spec = types.columnSpec(name, column.type);
  if (!spec) throw session.failures.unsupported(`a column of type ${types.typeText(column.type)}`, at);
  return spec;
}

function refuseRepeated(columns: readonly ColumnSpec[], at: number, session: Session): void {
  const seen = new Set<string>();
  for (const { name } of columns) {
    const key = name.toLowerCase();
    if (seen.has(key)) {
      throw session.failures.invalid(
        `Duplicate column names in the result are not supported. Found duplicate(s): ${name}`,
        at,
      );
    }
    seen.add(key);
  }
}

export interface Target {
  readonly name: string;
  readonly type: Type;
}

/** The result's columns as the types of a table's columns, in their order; `mismatch` says what does not fit. */
export function projected(
  result: QueryResult,
  targets: readonly Target[],
  session: Session,
  mismatch: (from: Type, to: Target) => Error,
): Rope {
  const alias = session.alias();
  const list = targets.map((target, i): Rope => {
    const column = result.columns[i]!;
    const from = makeExpr(column.type, [`${alias}.${column.sql}`], { node: 'column' });
    return [assigned(column.literal, from, target, mismatch), ` AS c${i}`];
  });
  return ['SELECT ', ...joinRopes(list, ', '), ' FROM (', ...result.rope, `) ${alias}`];
}

function assigned(
  literal: Expr | null,
  from: Expr,
  target: Target,
  mismatch: (from: Type, to: Target) => Error,
): Expr {
  const cast = coerce(literal ?? from, target.type);
  if (!cast || cast === 'bad') throw mismatch(from.type, target);
  return exactType(cast, target.type);
}
