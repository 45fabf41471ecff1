/**
 * Rows of tables over the REST API: `tabledata.list` pages through a table in the order of its rows; `insertAll`
 * writes rows as the Storage Write API does, many requests in one commit.
 * Guarantee: what `insertAll` answered is committed; a row whose insertId came within the last minute is not written
 * again (best effort, as in BigQuery: forgotten by a restart).
 * Source: https://cloud.google.com/bigquery/docs/reference/rest/v2/tabledata
 */
import { z } from 'zod';
import type { Call, Route } from '../../http.ts';
import { duckdbName } from '../catalogue/catalogue.ts';
import type { TableEntry } from '../catalogue/entry.ts';
import { rowsOf } from '../engine/database.ts';
import type { Warehouse } from '../engine/warehouse.ts';
import { invalid, tableName, unsupported } from '../failure.ts';
import { columnList } from '../jobs/destination.ts';
import { parse } from '../jobs/shapes.ts';
import { Batch } from '../rows/batch.ts';
import { chunkRows } from '../rows/cell.ts';
import type { CellError } from '../rows/cell-value.ts';
import { ObjectRows } from '../rows/object-row.ts';
import { layoutOf, stampPartition, storedColumns } from '../rows/stored.ts';
import type { ColumnSpec } from '../sql/statement.ts';
import { type Appends, TableChanged } from '../write/appends.ts';
import { InsertIds } from './insert-ids.ts';
import {
  asksMicros,
  checkProject,
  jsonBody,
  numberParam,
  pageStart,
  pageToken,
  route,
  rowsInSeconds,
  sendRows,
  tableOf,
} from './request.ts';

const MAX_PAGE_ROWS = 100_000;
const MAX_PAGE_BYTES = 10 * 1024 * 1024;
const MAX_INSERT_ROWS = 50_000;

const insertShape = z.looseObject({
  rows: z.array(z.looseObject({ insertId: z.string().optional(), json: z.unknown() })),
  skipInvalidRows: z.boolean().nullish(),
  ignoreUnknownValues: z.boolean().nullish(),
  templateSuffix: z.string().nullish(),
});

export function tabledataRoutes(warehouse: Warehouse, appends: Appends): Route[] {
  const base = '/projects/{projectId}/datasets/{datasetId}/tables/{tableId}';
  const ids = new InsertIds(warehouse.timers);
  const at = (method: string, path: string, handle: (call: Call) => unknown): Route =>
    route(method, base + path, (call) => {
      checkProject(warehouse, call);
      return handle(call);
    });
  return [
    at('GET', '/data', (call) => list(warehouse, call)),
    at('POST', '/insertAll', (call) => insertAll({ warehouse, appends, ids }, call)),
  ];
}

async function list(warehouse: Warehouse, call: Call): Promise<void> {
  const entry = warehouse.catalogue.table(tableOf(call));
  if (entry.kind === 'VIEW' || entry.external) {
    throw invalid(`Cannot list a table of type ${entry.external ? 'EXTERNAL' : 'VIEW'}.`);
  }
  const columns = selected(entry, call.url.searchParams.get('selectedFields'));
  const start = pageStart(call);
  const limit = Math.min(numberParam(call, 'maxResults', MAX_PAGE_ROWS), MAX_PAGE_ROWS);
  const name = duckdbName(entry.ref);
  const sql = `SELECT ${columnList(columns)} FROM ${name} LIMIT ${limit} OFFSET ${start}`;
  const { total, rows } = await warehouse.database.read(async (connection) => {
    const [counted] = await rowsOf(connection, `SELECT count(*) AS n FROM ${name}`);
    const found: string[] = [];
    let bytes = 0;
    const result = await connection.stream(sql);
    while (bytes < MAX_PAGE_BYTES) {
      const chunk = await result.fetchChunk();
      if (!chunk || chunk.rowCount === 0) break;
      for (const row of chunkRows(chunk, columns)) {
        if (bytes > MAX_PAGE_BYTES) break;
        bytes += row.length;
        found.push(row);
      }
    }
    return { total: Number(counted?.n), rows: found };
  });
  const next = start + rows.length;
  const head = {
    kind: 'bigquery#tableDataList',
    etag: `"${entry.modifiedMs}"`,
    totalRows: String(total),
    ...(next < total && limit > 0 ? { pageToken: pageToken(next) } : {}),
  };
  sendRows(call, head, asksMicros(call) ? rows : rowsInSeconds(rows, columns));
}

function selected({ columns, ref }: TableEntry, fields: string | null): readonly ColumnSpec[] {
  if (!fields) return columns;
  const names = fields.split(',').map((name) => name.trim());
  if (names.some((name) => name.includes('.'))) throw unsupported('selectedFields inside of a RECORD');
  for (const name of names) {
    const there = columns.some((column) => column.name.toLowerCase() === name.toLowerCase());
    if (!there) throw invalid(`No such field: ${name} in ${tableName(ref)}.`, 'selectedFields');
  }
  return columns.filter(({ name }) => names.some((one) => one.toLowerCase() === name.toLowerCase()));
}

interface Inserting {
  readonly warehouse: Warehouse;
  readonly appends: Appends;
  readonly ids: InsertIds;
}

async function insertAll({ warehouse, appends, ids }: Inserting, call: Call): Promise<unknown> {
  const given = parse(insertShape, await jsonBody(call));
  if (given.templateSuffix) throw unsupported('templateSuffix');
  const ref = tableOf(call);
  if (given.rows.length === 0) throw invalid('No rows present in the request.');
  if (given.rows.length > MAX_INSERT_ROWS) {
    throw invalid(
      `Too many rows present in the request, row count: ${given.rows.length} row count limit: ${MAX_INSERT_ROWS}.`,
    );
  }
  const scope = `${ref.datasetId}.${ref.tableId}.`;
  const fresh = given.rows.map(({ insertId }) => insertId === undefined || ids.isNew(scope + insertId));
  for (;;) {
    const entry = warehouse.catalogue.table(ref);
    if (entry.kind === 'VIEW' || entry.external) {
      throw invalid(`Cannot add rows to a table of type ${entry.external ? 'EXTERNAL' : 'VIEW'}.`);
    }
    const layout = layoutOf(entry);
    const batch = new Batch(layout);
    const options = { jsonAsValue: false, ignoreUnknown: given.ignoreUnknownValues === true };
    const objects = new ObjectRows(batch, storedColumns(entry), options);
    const stamp = (filled: Batch): void => stampPartition(entry, filled, warehouse.timers.now());
    const errors = given.rows.map(({ json }, i) => (fresh[i] ? objects.add(json, stamp) : null));
    const wrong = errors.some((error) => error !== null);
    if (wrong && given.skipInvalidRows !== true) {
      batch.clear();
      return insertAnswer(errors, true);
    }
    const rows = batch.take();
    const bytes = Number(call.request.headers['content-length'] ?? 0);
    try {
      await appends.append({ entry, rows, bytes, changes: false });
    } catch (error) {
      if (error instanceof TableChanged) continue;
      throw error;
    }
    given.rows.forEach(({ insertId }, i) => {
      if (insertId !== undefined && errors[i] === null) ids.add(scope + insertId);
    });
    return insertAnswer(errors, false);
  }
}

function insertAnswer(errors: readonly (CellError | null)[], stopped: boolean): unknown {
  const insertErrors = errors.flatMap((error, index) => {
    if (error !== null) {
      const { location, message } = error;
      return [{ index, errors: [{ reason: 'invalid', location, debugInfo: '', message }] }];
    }
    return stopped
      ? [{ index, errors: [{ reason: 'stopped', location: '', debugInfo: '', message: '' }] }]
      : [];
  });
  return {
    kind: 'bigquery#tableDataInsertAllResponse',
    ...(insertErrors.length > 0 ? { insertErrors } : {}),
  };
}
