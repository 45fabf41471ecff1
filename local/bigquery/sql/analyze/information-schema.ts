/**
 * INFORMATION_SCHEMA, made from the catalogue while translating: rows of TABLES, COLUMNS, VIEWS, … are constants of
 * the query. PARTITIONS counts the rows of the partitioned tables. Views and columns that are not here are refused.
 */

import type { ColumnSpec, JobInfo, TableInfo, TableRef } from '../statement.ts';
import type { Type } from '../type.ts';
import * as types from '../type.ts';
import { columnType, typeText } from '../type.ts';
import { resultSource } from './from.ts';
import { quoteText } from './literal.ts';
import type { Env, Source } from './scope.ts';
import { duckdbTable } from './table.ts';

interface Place {
  readonly alias: string;
  readonly id: number;
}

type Cell = string | number | boolean | null;

interface Relation {
  readonly columns: readonly (readonly [name: string, type: Type])[];
  readonly rows: readonly (readonly Cell[])[];
}

interface Listed {
  readonly ref: TableRef;
  readonly info: TableInfo;
}

const named = (names: string): readonly (readonly [string, Type])[] =>
  names
    .trim()
    .split(/\s+/)
    .map((name) => {
      const [text = '', type = 'STRING'] = name.split(':');
      return [text, { kind: type } as Type];
    });

/** What a path asks for. */
interface Asked {
  readonly view: string;
  /** Null: all datasets of the region. */
  readonly dataset: string | null;
  readonly at: number;
}

/** Null: the path names no view of INFORMATION_SCHEMA. */
export function informationSchema(
  path: readonly string[],
  at: number,
  env: Env,
  place: Place,
): Source | null {
  const index = path.findIndex((part) => part.toUpperCase() === 'INFORMATION_SCHEMA');
  if (index < 0) return null;
  const { failures, context, defaultDataset } = env.session;
  const view = (path[index + 1] ?? '').toUpperCase();
  const qualifier = path.slice(0, index);
  const region = qualifier.some((part) => /^region-/i.test(part));
  const dataset = region ? null : (qualifier.at(-1) ?? defaultDataset);
  if (qualifier.length === 2 && qualifier[0] !== context.projectId)
    throw failures.error('accessDenied', `Access Denied: Project ${qualifier[0]}`, at);
  if (path.length !== index + 2) throw failures.invalid(`Invalid table name: ${path.join('.')}`, at);
  const { columns, sql } = relationOf({ view, dataset, at }, env);
  return source(columns, sql, env, place);
}

interface Answer {
  readonly columns: Relation['columns'];
  readonly sql: string;
}

function relationOf(asked: Asked, env: Env): Answer {
  const { failures, context } = env.session;
  const { view, dataset, at } = asked;
  if (jobViews.has(view)) {
    if (!context.listJobs) throw failures.unsupported(`INFORMATION_SCHEMA.${view} here`, at);
    const rows = context.listJobs().map((job) => jobRow(job, context.projectId));
    return { columns: jobColumns, sql: valuesText(jobColumns, rows) };
  }
  const datasets = dataset === null || view === 'SCHEMATA' ? (context.listDatasets?.() ?? null) : [dataset];
  if (!datasets) throw failures.unsupported(`INFORMATION_SCHEMA.${view} here`, at);
  if (view === 'PARTITIONS')
    return { columns: partitionColumns, sql: partitionRows(listed(asked, datasets, env)) };
  const make = views[view];
  if (!make || !Object.hasOwn(views, view)) throw failures.unsupported(`INFORMATION_SCHEMA.${view}`, at);
  const tables = view === 'SCHEMATA' ? [] : listed(asked, datasets, env);
  const { columns, rows } = make(tables, { projectId: context.projectId, datasets });
  return { columns, sql: valuesText(columns, rows) };
}

/** The tables and views of the datasets, by name. */
function listed({ view, dataset, at }: Asked, datasets: readonly string[], env: Env): readonly Listed[] {
  const { failures, context } = env.session;
  const { projectId, listTables } = context;
  if (!listTables) throw failures.unsupported(`INFORMATION_SCHEMA.${view} here`, at);
  if (dataset !== null && context.hasDataset && !context.hasDataset(dataset)) {
    throw failures.error(
      'notFound',
      `Not found: Dataset ${projectId}:${dataset} was not found in location US`,
      at,
    );
  }
  return datasets.flatMap((datasetId) =>
    [...listTables(datasetId)].sort().flatMap((tableId) => {
      const ref = { projectId, datasetId, tableId };
      const info = context.lookup(ref);
      return info ? [{ ref, info }] : [];
    }),
  );
}

function source(columns: Relation['columns'], sql: string, env: Env, place: Place): Source {
  const alias = env.session.alias();
  const output = columns.map(([name, type], i) => ({ name, type, origins: [], sql: `c${i}`, literal: null }));
  return {
    ...resultSource(output, { sql: alias, name: place.alias, isValue: false, id: place.id }),
    rope: [`(${sql}) ${alias}`],
  };
}

function cell(value: Cell, type: Type): string {
  if (value === null) return `NULL::${types.duckdbType(type)}`;
  const text = quoteText(String(value));
  if (type.kind === 'STRUCT') return `CAST(json(${text}) AS ${types.duckdbType(type)})`;
  return `${text}::${types.duckdbType(type)}`;
}

function valuesText(columns: Relation['columns'], rows: Relation['rows']): string {
  const list = columns.map((_, i) => `c${i}`).join(', ');
  const all = rows.length > 0 ? rows : [columns.map(() => null)];
  const values = all
    .map((row) => `(${columns.map(([, type], i) => cell(row[i] ?? null, type)).join(', ')})`)
    .join(', ');
  return `SELECT * FROM (VALUES ${values}) v(${list})${rows.length > 0 ? '' : ' WHERE FALSE'}`;
}

const jobViews = new Set(['JOBS', 'JOBS_BY_PROJECT', 'JOBS_BY_USER']);

const errorFields = ['reason', 'location', 'debug_info', 'message'];

const jobColumns: Relation['columns'] = [
  ...named(
    `creation_time:TIMESTAMP project_id user_email job_id job_type statement_type priority start_time:TIMESTAMP
    end_time:TIMESTAMP query state total_bytes_processed:INT64 total_bytes_billed:INT64 total_slot_ms:INT64
    cache_hit:BOOL`,
  ),
  ['error_result', { kind: 'STRUCT', fields: errorFields.map((name) => ({ name, type: types.STRING })) }],
];

const instant = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

function jobRow(job: JobInfo, projectId: string): readonly Cell[] {
  return [
    instant(job.creationTimeMs),
    projectId,
    job.userEmail,
    job.jobId,
    job.jobType,
    job.statementType,
    'INTERACTIVE',
    instant(job.startTimeMs),
    instant(job.endTimeMs),
    job.query,
    job.state,
    job.totalBytesProcessed,
    job.totalBytesBilled,
    job.totalSlotMs,
    false,
    job.error && JSON.stringify({ ...job.error, location: null, debug_info: null }),
  ];
}

interface Around {
  readonly projectId: string;
  readonly datasets: readonly string[];
}

const yesNo = (value: boolean): string => (value ? 'YES' : 'NO');

function isPartitioning(info: TableInfo, column: ColumnSpec): boolean {
  return info.partitioning?.field?.toLowerCase() === column.name.toLowerCase();
}

const views: Readonly<Record<string, (listed: readonly Listed[], around: Around) => Relation>> = {
  SCHEMATA: (_, { projectId, datasets }) => ({
    columns: named('catalog_name schema_name schema_owner location'),
    rows: datasets.map((name) => [projectId, name, null, 'US']),
  }),
  TABLES: (listed) => ({
    columns: named(
      'table_catalog table_schema table_name table_type is_insertable_into is_typed creation_time:TIMESTAMP',
    ),
    rows: listed.map(({ ref, info }) => {
      const isView = info.kind === 'VIEW';
      const created = info.creationTimeMs === undefined ? null : new Date(info.creationTimeMs).toISOString();
      return [
        ref.projectId,
        ref.datasetId,
        ref.tableId,
        isView ? 'VIEW' : info.isExternal ? 'EXTERNAL' : 'BASE TABLE',
        yesNo(!isView),
        'NO',
        created,
      ];
    }),
  }),
  COLUMNS: (listed) => ({
    columns: named(
      'table_catalog table_schema table_name column_name ordinal_position:INT64 is_nullable data_type is_generated generation_expression is_stored is_hidden is_updatable is_system_defined is_partitioning_column clustering_ordinal_position:INT64 collation_name column_default rounding_mode',
    ),
    rows: listed.flatMap(({ ref, info }) =>
      info.columns.map((column, i) => {
        const type = typeText(columnType(column));
        const place = [ref.projectId, ref.datasetId, ref.tableId, column.name, i + 1];
        const cluster = (info.clustering ?? []).findIndex(
          (name) => name.toLowerCase() === column.name.toLowerCase(),
        );
        const kind = [yesNo(column.mode !== 'REQUIRED'), type, 'NEVER', null, null, 'NO', null, 'NO'];
        const part = [yesNo(isPartitioning(info, column)), cluster < 0 ? null : cluster + 1];
        return [...place, ...kind, ...part, 'NULL', 'NULL', null];
      }),
    ),
  }),
  COLUMN_FIELD_PATHS: (listed) => ({
    columns: named('table_catalog table_schema table_name column_name field_path data_type description'),
    rows: listed.flatMap(({ ref, info }) =>
      info.columns.flatMap((column) =>
        fieldPaths(column, column.name).map(({ path, spec }) => [
          ref.projectId,
          ref.datasetId,
          ref.tableId,
          column.name,
          path,
          typeText(columnType(spec)),
          spec.description ?? null,
        ]),
      ),
    ),
  }),
  VIEWS: (listed) => ({
    columns: named('table_catalog table_schema table_name view_definition check_option use_standard_sql'),
    rows: listed.flatMap(({ ref, info }) =>
      info.kind === 'VIEW'
        ? [[ref.projectId, ref.datasetId, ref.tableId, info.viewQuery ?? '', null, 'YES']]
        : [],
    ),
  }),
};

function fieldPaths(
  column: ColumnSpec,
  path: string,
): readonly { readonly path: string; readonly spec: ColumnSpec }[] {
  const inner = (column.fields ?? []).flatMap((field) => fieldPaths(field, `${path}.${field.name}`));
  return [{ path, spec: column }, ...inner];
}

const partitionColumns = named('table_catalog table_schema table_name partition_id total_rows:INT64');

const idFormats = { YEAR: '%Y', MONTH: '%Y%m', DAY: '%Y%m%d', HOUR: '%Y%m%d%H' };

/** One row a partition; a table that is not partitioned is one row with partition_id NULL. */
function partitionRows(listed: readonly Listed[]): string {
  const selects = listed.flatMap(({ ref, info }) => {
    if (info.kind === 'VIEW' || info.isExternal) return [];
    const place = [ref.projectId, ref.datasetId, ref.tableId]
      .map((text, i) => `${quoteText(text)} AS c${i}`)
      .join(', ');
    const from = `FROM ${duckdbTable(ref)}`;
    const { partitioning } = info;
    if (!partitioning) return [`SELECT ${place}, NULL::VARCHAR AS c3, count(*) AS c4 ${from}`];
    const column = types.quoteName(partitioning.field ?? '_PARTITIONTIME');
    const spec = info.columns.find((one) => one.name === partitioning.field);
    const local = !spec || spec.type === 'TIMESTAMP' ? `make_timestamp(epoch_us(${column}))` : column;
    const id = `coalesce(strftime(${local}, '${idFormats[partitioning.type]}'), '__NULL__')`;
    return [`SELECT ${place}, ${id} AS c3, count(*) AS c4 ${from} GROUP BY 4`];
  });
  return selects.length > 0 ? selects.join(' UNION ALL ') : valuesText(partitionColumns, []);
}
