/**
 * Tables, views and wildcard tables of the catalogue. A view is its query, expanded in place: it is never stale,
 * and filters on it reach its tables. Tables that require a partition filter are noted; the filter is looked for
 * while conditions are analyzed (Session.meet) and asked for at the end.
 */

import { Cursor } from '../parse/cursor.ts';
import { Failures } from '../parse/position.ts';
import { parseQuery } from '../parse/query.ts';
import type { Query } from '../parse/tree.ts';
import type { SqlError, TableInfo, TableRef } from '../statement.ts';
import * as types from '../type.ts';
import { columnType, quoteName } from '../type.ts';
import type { Expr, Origin } from './expr.ts';
import { makeExpr } from './expr.ts';
import { resultSource } from './from.ts';
import { informationSchema } from './information-schema.ts';
import { quoteText } from './literal.ts';
import { aliased } from './narrow.ts';
import { analyzeQuery } from './query.ts';
import type { Column, Env, Source } from './scope.ts';
import type { Session, TemporaryTable } from './session.ts';

interface Place {
  readonly alias: string;
  readonly id: number;
}

export const refText = (table: TableRef): string => `${table.projectId}:${table.datasetId}.${table.tableId}`;

/** The table that a path names. */
export function tableRef(path: readonly string[], at: number, session: Session): TableRef {
  const { projectId } = session.context;
  const [tableId = '', datasetId = session.defaultDataset, project = projectId] = [...path].reverse();
  if (path.length > 3) throw session.failures.invalid(`Invalid table name: ${path.join('.')}`, at);
  if (datasetId === null) {
    throw session.failures.invalid(
      `Table "${tableId}" must be qualified with a dataset (e.g. dataset.table).`,
      at,
    );
  }
  const table = { projectId: project, datasetId, tableId };
  if (project !== projectId) throw denied(table, session, at);
  return table;
}

function denied(table: TableRef, session: Session, at: number): SqlError {
  const name = refText(table);
  const text = `Access Denied: Table ${name}: User does not have permission to query table ${name}, or perhaps it does not exist.`;
  return session.failures.error('accessDenied', text, at);
}

/** The table's columns; refuses a table that is not there. */
export function lookUp(table: TableRef, session: Session, at: number): TableInfo {
  const info = session.context.lookup(table);
  if (info) return info;
  const { hasDataset } = session.context;
  if (hasDataset && !hasDataset(table.datasetId)) {
    const text = `Not found: Dataset ${table.projectId}:${table.datasetId} was not found in location US`;
    throw session.failures.error('notFound', text, at);
  }
  throw session.failures.error(
    'notFound',
    `Not found: Table ${refText(table)} was not found in location US`,
    at,
  );
}

export function tableSource(path: readonly string[], at: number, env: Env, place: Place): Source {
  const { session } = env;
  const schema = informationSchema(path, at, env, place);
  if (schema) return schema;
  const temporary = path.length === 1 ? session.temporary.get(path[0]!.toLowerCase()) : undefined;
  if (temporary) return temporarySource(path[0]!, temporary, env, { ...place, at });
  const table = tableRef(path, at, session);
  if (table.tableId.endsWith('*')) return wildcard(table, at, env, place);
  const info = lookUp(table, session, at);
  session.use(table);
  return info.kind === 'VIEW' ? viewSource(table, info, at, env, place) : baseSource(table, info, env, place);
}

function temporarySource(
  name: string,
  { info, variables }: TemporaryTable,
  env: Env,
  place: Place & { readonly at: number },
): Source {
  const { session } = env;
  const table = { projectId: session.context.projectId, datasetId: '_SESSION', tableId: name };
  const now = session.variables;
  session.variables = variables;
  const source = viewSource(table, info, place.at, env, place);
  session.variables = now;
  return source;
}

export const duckdbTable = (table: TableRef): string =>
  `${quoteName(table.datasetId)}.${quoteName(table.tableId)}`;

export function baseSource(table: TableRef, info: TableInfo, env: Env, place: Place): Source {
  const { session } = env;
  const sql = session.alias();
  const source = session.id();
  const leaf = (name: string, type: types.Type, text: string, origins: readonly Origin[]): Expr =>
    makeExpr(type, [text], { node: 'column', scope: place.id, label: name, origins });
  const columns = info.columns.map((column): Column => {
    const type = columnType(column);
    return {
      name: column.name,
      expr: leaf(column.name, type, `${sql}.${quoteName(column.name)}`, [{ source, column: column.name }]),
    };
  });
  const hidden = info.partitioning?.field === null ? pseudoColumns(sql, source, leaf) : [];
  const required =
    info.requirePartitionFilter && info.partitioning
      ? [info.partitioning.field ?? '_PARTITIONTIME']
      : (info.requiredPathColumns ?? []);
  if (required.length > 0) session.requirements.push({ source, table, columns: required, met: false });
  const range = { alias: place.alias, columns, hidden, value: null };
  return { rope: [`${duckdbTable(table)} AS ${sql}`], columns, hidden, ranges: [range] };
}

type Leaf = (name: string, type: types.Type, text: string, origins: readonly Origin[]) => Expr;

/** Ingestion-time partitions: the engine keeps their time in a column `_PARTITIONTIME` of its own. */
function pseudoColumns(sql: string, source: number, leaf: Leaf): readonly Column[] {
  const time = `${sql}."_PARTITIONTIME"`;
  const origins = [{ source, column: '_PARTITIONTIME' }];
  return [
    { name: '_PARTITIONTIME', expr: leaf('_PARTITIONTIME', types.TIMESTAMP, time, origins) },
    {
      name: '_PARTITIONDATE',
      expr: leaf('_PARTITIONDATE', types.DATE, `CAST(make_timestamp(epoch_us(${time})) AS DATE)`, origins),
    },
  ];
}

const parsed = new Map<string, Query>();

/** The tree of a view's query; trees are kept, since a view is asked for again and again. */
function viewTree(text: string): Query {
  const known = parsed.get(text);
  if (known) return known;
  const cursor = new Cursor(text);
  const query = parseQuery(cursor);
  if (parsed.size > 500) parsed.clear();
  parsed.set(text, query);
  return query;
}

const maxViews = 16;

function viewSource(table: TableRef, info: TableInfo, at: number, env: Env, place: Place): Source {
  const { session } = env;
  const key = refText(table);
  const text = info.viewQuery ?? '';
  if (session.expanding.includes(key) || session.expanding.length >= maxViews) {
    throw session.failures.invalid(
      `View ${key} refers to itself or is nested too deep (at most ${maxViews} levels)`,
      at,
    );
  }
  const { failures, defaultDataset } = session;
  session.expanding.push(key);
  session.failures = new Failures(text);
  session.defaultDataset = info.viewDefaultDataset ?? null;
  const inside: Env = {
    ...env,
    scope: null,
    common: null,
    windows: new Map(),
    noAggregate: null,
    noWindow: null,
    rowFilter: null,
  };
  const result = analyzeQuery(viewTree(text), inside);
  session.expanding.pop();
  session.failures = failures;
  session.defaultDataset = defaultDataset;
  const named = info.columns.length === result.columns.length;
  const columns = result.columns.map((column, i) => ({
    ...column,
    name: named ? (info.columns[i]?.name ?? column.name) : column.name,
  }));
  const alias = session.alias();
  return {
    ...resultSource(columns, { sql: alias, name: place.alias, isValue: false, id: place.id }),
    rope: ['(', ...result.rope, `) ${alias}`],
    ...(result.isValue ? {} : aliased(result.narrow, result.columns, alias)),
  };
}

/** `requests_*`: all tables whose names begin so, with the rest of the name as `_TABLE_SUFFIX`. */
function wildcard(table: TableRef, at: number, env: Env, place: Place): Source {
  const { session } = env;
  const { listTables } = session.context;
  if (!listTables) throw session.failures.unsupported('wildcard tables', at);
  const prefix = table.tableId.slice(0, -1);
  const members = listTables(table.datasetId)
    .filter((name) => name.startsWith(prefix))
    .sort();
  const infos = members
    .map((tableId) => ({ tableId, info: lookUp({ ...table, tableId }, session, at) }))
    .filter((one) => one.info.kind === 'TABLE');
  const last = infos.at(-1);
  if (!last) throw session.failures.error('notFound', `${refText(table)} does not match any table.`, at);
  const columns = last.info.columns.map((column) => ({ name: column.name, type: columnType(column) }));
  const selects = infos.map(({ tableId, info }) => {
    session.use({ ...table, tableId });
    if (info.requirePartitionFilter)
      throw session.failures.unsupported('wildcard tables that require a partition filter', at);
    const list = columns.map(({ name, type }, i) => {
      const own = info.columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
      if (own && !types.sameType(columnType(own), type)) {
        throw session.failures.invalid(
          `Cannot read field '${name}' of type ${types.typeText(columnType(own))} as ${types.typeText(type)}`,
          at,
        );
      }
      return `${own ? quoteName(own.name) : `NULL::${types.duckdbType(type)}`} AS c${i}`;
    });
    return `SELECT ${[...list, `${quoteText(tableId.slice(prefix.length))} AS c${columns.length}`].join(', ')} FROM ${duckdbTable({ ...table, tableId })}`;
  });
  const alias = session.alias();
  const own = columns.map(({ name, type }, i) => ({ name, type, origins: [], sql: `c${i}`, literal: null }));
  const source = resultSource(own, { sql: alias, name: place.alias, isValue: false, id: place.id });
  const suffix = makeExpr(types.STRING, [`${alias}.c${columns.length}`], {
    node: 'column',
    scope: place.id,
    label: '_TABLE_SUFFIX',
  });
  const hidden = [{ name: '_TABLE_SUFFIX', expr: suffix }];
  const ranges = source.ranges.map((range) => ({ ...range, hidden }));
  return { ...source, hidden, ranges, rope: [`(${selects.join(' UNION ALL ')}) ${alias}`] };
}
