/** Reading requests of the REST API: bodies that may be gzipped, paths with and without `/bigquery/v2`, paging. */
import { gunzipSync } from 'node:zlib';
import { type Call, parseJsonObject, type Route, readBody } from '../../http.ts';
import type { Warehouse } from '../engine/warehouse.ts';
import { datasetName, invalid, notFound, tableName } from '../failure.ts';
import { hasTimestamp, inSeconds } from '../rows/cell.ts';
import type { ColumnSpec, TableRef } from '../sql/statement.ts';

const MAX_BODY_BYTES = 32 * 1024 * 1024;
/** What a gzipped body may unpack to. */
const MAX_UNPACKED_BYTES = 128 * 1024 * 1024;

/** A route: `/projects/{projectId}/datasets`, each `{name}` one segment. */
export function route(method: string, path: string, handle: (call: Call) => unknown): Route {
  const pattern = path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  return { method, path: new RegExp(`^(?:/bigquery/v2)?${pattern}/?$`), handle };
}

/** The body as a JSON object. */
export async function jsonBody({ request }: Call): Promise<Record<string, unknown>> {
  const bytes = await readBody(request, MAX_BODY_BYTES);
  if (request.headers['content-encoding'] !== 'gzip') return parseJsonObject(bytes);
  try {
    return parseJsonObject(gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED_BYTES }));
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
      throw invalid('The body says it is gzip, and cannot be unpacked.');
    }
    throw error;
  }
}

/** The table that the path names. */
export const tableOf = ({ params }: Call): TableRef => ({
  projectId: params.projectId ?? '',
  datasetId: params.datasetId ?? '',
  tableId: params.tableId ?? '',
});

/** 404 for another project's names. */
export function checkProject(warehouse: Warehouse, { params }: Call): void {
  const { projectId = '', datasetId, tableId } = params;
  if (projectId === warehouse.projectId) return;
  if (datasetId === undefined) throw notFound(`Project ${projectId}`);
  throw notFound(
    tableId === undefined ? datasetName(projectId, datasetId) : tableName(tableOf({ params } as Call)),
  );
}

/** A whole number of the query string, or `fallback`. */
export function numberParam({ url }: Call, name: string, fallback: number): number {
  const text = url.searchParams.get(name);
  if (text === null || text === '') return fallback;
  if (!/^\d{1,15}$/.test(text)) throw invalid(`Invalid value for ${name}: "${text}" is not a whole number.`);
  return Number(text);
}

/** One page of a list, by `maxResults` and `pageToken`. */
export function paged<T>(call: Call, items: readonly T[], fallback = 50) {
  const start = pageStart(call);
  const limit = numberParam(call, 'maxResults', fallback) || fallback;
  const end = start + limit;
  return {
    items: items.slice(start, end),
    ...(end < items.length ? { nextPageToken: pageToken(end) } : {}),
  };
}

/** Tokens are opaque to clients. */
export const pageToken = (row: number): string => Buffer.from(`row:${row}`).toString('base64url');

/** The row at which the page starts: by `pageToken`, else `startIndex`. */
export function pageStart(call: Call): number {
  const token = call.url.searchParams.get('pageToken');
  if (!token) return numberParam(call, 'startIndex', 0);
  const row = /^row:(\d+)$/.exec(Buffer.from(token, 'base64url').toString())?.[1];
  if (row === undefined) throw invalid(`Invalid value for pageToken: ${token}`, 'pageToken');
  return Number(row);
}

/** Does the client ask for TIMESTAMPs in microseconds? */
export const asksMicros = ({ url }: Call): boolean =>
  url.searchParams.get('formatOptions.useInt64Timestamp') === 'true';

/** Answers with `head` and rows that are JSON text already. */
export function sendRows({ response }: Call, head: object, rows: readonly string[]): void {
  const bytes = Buffer.from(`${JSON.stringify(head).slice(0, -1)},"rows":[${rows.join(',')}]}`);
  response.writeHead(200, {
    'content-type': 'application/json; charset=UTF-8',
    'content-length': bytes.length,
  });
  response.end(bytes);
}

/** Rows for a client that wants TIMESTAMPs in seconds. */
export const rowsInSeconds = (rows: readonly string[], columns: readonly ColumnSpec[]): readonly string[] =>
  hasTimestamp(columns) ? rows.map((row) => inSeconds(row, columns)) : rows;
