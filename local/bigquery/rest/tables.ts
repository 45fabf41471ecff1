/** Tables and views of the REST API. Source: https://cloud.google.com/bigquery/docs/reference/rest/v2/tables */
import { z } from 'zod';
import type { Call, Route } from '../../http.ts';
import { alterTable } from '../catalogue/alteration.ts';
import { createTable, dropTable } from '../catalogue/definition.ts';
import type { TableEntry } from '../catalogue/entry.ts';
import { patched } from '../catalogue/options.ts';
import { readFields, schemaShape, writeFields } from '../catalogue/schema.ts';
import { tableSize } from '../catalogue/size.ts';
import type { Warehouse } from '../engine/warehouse.ts';
import { asFailure, failure, invalid, notFound, tableName, unsupported } from '../failure.ts';
import { int64Shape, parse, partitioningShape, readPartitioning, refuseSet } from '../jobs/shapes.ts';
import { sqlContext } from '../jobs/sql-context.ts';
import { script } from '../sql/index.ts';
import type { ColumnSpec } from '../sql/statement.ts';
import { defined } from './datasets.ts';
import { checkProject, jsonBody, paged, route, tableOf } from './request.ts';

const shape = z.looseObject({
  tableReference: z.looseObject({ tableId: z.string() }).optional(),
  schema: schemaShape.nullish(),
  description: z.string().nullish(),
  friendlyName: z.string().nullish(),
  labels: z.record(z.string(), z.string()).nullish(),
  expirationTime: int64Shape.nullish(),
  timePartitioning: partitioningShape.optional(),
  requirePartitionFilter: z.boolean().nullish(),
  clustering: z.looseObject({ fields: z.array(z.string()).optional() }).nullish(),
  view: z.looseObject({ query: z.string(), useLegacySql: z.boolean().optional() }).nullish(),
  tableConstraints: z
    .looseObject({
      primaryKey: z.looseObject({ columns: z.array(z.string()) }).nullish(),
      foreignKeys: z.array(z.unknown()).nullish(),
    })
    .nullish(),
});
type Given = z.infer<typeof shape>;

const UNSUPPORTED = [
  'rangePartitioning',
  'externalDataConfiguration',
  'materializedView',
  'encryptionConfiguration',
  'snapshotDefinition',
  'cloneDefinition',
  'biglakeConfiguration',
  'defaultCollation',
];

export function tableRoutes(warehouse: Warehouse): Route[] {
  const { catalogue, database, timers } = warehouse;
  const base = '/projects/{projectId}/datasets/{datasetId}/tables';
  const at = (method: string, path: string, handle: (call: Call) => unknown): Route =>
    route(method, base + path, (call) => {
      checkProject(warehouse, call);
      return handle(call);
    });
  const answer = async (entry: TableEntry) => ({
    ...tableResource(warehouse, entry),
    ...(await counts(entry)),
  });
  const counts = async (entry: TableEntry) => {
    const { rows, bytes } = await tableSize(database, entry);
    return { numRows: String(rows), numBytes: String(bytes), numLongTermBytes: '0' };
  };
  const edit = async (call: Call, whole: boolean) => {
    const given = parse(shape, await jsonBody(call));
    refuseSet(given, UNSUPPORTED);
    const match = call.request.headers['if-match'];
    const entry = await alterTable(catalogue, tableOf(call), (before) => {
      if (match !== undefined && match !== '*' && match !== etag(before)) {
        throw failure('conditionNotMet', 'Precondition check failed.');
      }
      return { ...apply(warehouse, whole ? bare(before) : before, given), modifiedMs: timers.now() };
    });
    return answer(entry);
  };
  return [
    at('GET', '', (call) => {
      const { datasetId = '' } = call.params;
      catalogue.dataset(datasetId);
      const all = catalogue.tables(datasetId);
      const { items, ...rest } = paged(call, all);
      const tables = items.map((entry) => listing(warehouse, entry));
      return { kind: 'bigquery#tableList', tables, totalItems: all.length, ...rest };
    }),
    at('POST', '', async (call) => {
      const given = parse(shape, await jsonBody(call));
      refuseSet(given, UNSUPPORTED);
      const ref = { ...tableOf(call), tableId: given.tableReference?.tableId ?? '' };
      const entry = apply(warehouse, fresh(ref, timers.now(), given), given);
      await createTable(catalogue, { entry });
      return answer(catalogue.table(ref));
    }),
    at('GET', '/{tableId}', (call) => answer(catalogue.table(tableOf(call)))),
    at('PATCH', '/{tableId}', (call) => edit(call, false)),
    at('PUT', '/{tableId}', (call) => edit(call, true)),
    at('DELETE', '/{tableId}', async (call) => {
      catalogue.table(tableOf(call));
      if (!(await dropTable(catalogue, tableOf(call)))) throw notFound(tableName(tableOf(call)));
      call.response.writeHead(204).end();
    }),
  ];
}

function fresh(ref: TableEntry['ref'], nowMs: number, given: Given): TableEntry {
  return {
    ref,
    kind: given.view ? 'VIEW' : 'TABLE',
    columns: [],
    primaryKey: [],
    partitioning: null,
    clustering: [],
    requirePartitionFilter: false,
    createdMs: nowMs,
    modifiedMs: nowMs,
  };
}

/** What stays when a table is replaced by PUT. */
function bare(before: TableEntry): TableEntry {
  const { ref, kind, columns, partitioning, viewQuery, viewDefaultDataset, createdMs } = before;
  const view = viewQuery === undefined ? {} : { viewQuery, viewDefaultDataset: viewDefaultDataset ?? null };
  return {
    ...fresh(ref, createdMs, {}),
    kind,
    columns,
    partitioning,
    ...view,
  };
}

/** The entry with what the request sets. */
function apply(warehouse: Warehouse, entry: TableEntry, given: Given): TableEntry {
  const { description, friendlyName, labels, expirationTime, timePartitioning, clustering } = given;
  const partitioned = given.timePartitioning === undefined ? {} : readPartitioning(timePartitioning);
  const key = given.tableConstraints?.primaryKey?.columns;
  if (given.tableConstraints?.foreignKeys?.length) throw unsupported('foreign keys');
  const next: TableEntry = {
    ...patched(entry, defined({ description, friendlyName, labels, expirationMs: instant(expirationTime) })),
    ...partitioned,
    ...(given.requirePartitionFilter == null ? {} : { requirePartitionFilter: given.requirePartitionFilter }),
    ...(clustering === undefined ? {} : { clustering: clustering?.fields ?? [] }),
    ...(given.tableConstraints === undefined ? {} : { primaryKey: key ?? [] }),
    ...(given.schema?.fields === undefined ? {} : { columns: readFields(given.schema.fields) }),
  };
  if (next.requirePartitionFilter && !next.partitioning) {
    throw invalid('require_partition_filter cannot be set for a table that is not partitioned.');
  }
  if (!given.view) return next;
  if (next.kind !== 'VIEW') throw invalid(`${tableName(next.ref)} is a TABLE; it has no view query.`);
  if (given.view.useLegacySql !== false)
    throw unsupported('legacy SQL; define the view with useLegacySql=false');
  const columns = viewColumns(warehouse, given.view.query);
  return { ...next, columns, viewQuery: given.view.query, viewDefaultDataset: null };
}

const instant = (ms: string | number | null | undefined) => (ms == null ? ms : Number(ms) || null);

function viewColumns(warehouse: Warehouse, query: string): readonly ColumnSpec[] {
  try {
    const [statement, ...more] = script(query, sqlContext(warehouse, null));
    if (statement?.kind !== 'query' || more.length > 0) throw invalid('A view is defined by one query.');
    return statement.columns;
  } catch (error) {
    throw asFailure(error);
  }
}

const etag = (entry: TableEntry): string => `"${entry.modifiedMs}"`;

function partitioningJson({ partitioning, partitionExpirationMs }: TableEntry) {
  if (!partitioning) return undefined;
  const { type, field } = partitioning;
  const expirationMs = partitionExpirationMs === undefined ? undefined : String(partitionExpirationMs);
  return { type, ...defined({ field: field ?? undefined, expirationMs }) };
}

function listing({ projectId }: Warehouse, entry: TableEntry) {
  const { ref, kind, friendlyName, labels, clustering, expirationMs } = entry;
  return {
    kind: 'bigquery#table',
    id: `${projectId}:${ref.datasetId}.${ref.tableId}`,
    tableReference: ref,
    type: entry.external ? 'EXTERNAL' : entry.materialized ? 'MATERIALIZED_VIEW' : kind,
    creationTime: String(entry.createdMs),
    ...defined({
      friendlyName,
      labels,
      timePartitioning: partitioningJson(entry),
      requirePartitionFilter: entry.requirePartitionFilter || undefined,
      clustering: clustering.length > 0 ? { fields: clustering } : undefined,
      expirationTime: expirationMs === undefined ? undefined : String(expirationMs),
      view: kind === 'VIEW' && !entry.materialized ? { useLegacySql: false } : undefined,
    }),
  };
}

function externalJson({ external }: TableEntry) {
  if (!external) return undefined;
  const { files, partitionColumns, connection } = external;
  const { format, uris, hivePartitionUriPrefix } = files;
  const hive = { mode: 'CUSTOM', ...defined({ sourceUriPrefix: hivePartitionUriPrefix }) };
  return {
    sourceFormat: format,
    sourceUris: uris,
    ...(partitionColumns.length > 0 ? { hivePartitioningOptions: hive } : {}),
    ...(connection === undefined ? {} : { connectionId: connection }),
  };
}

function tableResource(warehouse: Warehouse, entry: TableEntry) {
  const { ref, description, primaryKey, viewQuery } = entry;
  const dataset = warehouse.catalogue.findDataset(ref.datasetId);
  return {
    ...listing(warehouse, entry),
    etag: etag(entry),
    selfLink: `/bigquery/v2/projects/${ref.projectId}/datasets/${ref.datasetId}/tables/${ref.tableId}`,
    lastModifiedTime: String(entry.modifiedMs),
    location: dataset?.location ?? warehouse.location,
    schema: { fields: writeFields(entry.columns) },
    ...defined({
      description,
      maxStaleness: entry.maxStaleness,
      view:
        viewQuery === undefined || entry.materialized ? undefined : { query: viewQuery, useLegacySql: false },
      externalDataConfiguration: externalJson(entry),
      materializedView: entry.materialized ? { query: viewQuery, enableRefresh: true } : undefined,
      tableConstraints: primaryKey.length > 0 ? { primaryKey: { columns: primaryKey } } : undefined,
    }),
  };
}
