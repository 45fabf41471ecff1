/**
 * EXPORT DATA: the rows of a query into one object, the `*` of its URI being `000000000000`.
 * Source: https://cloud.google.com/bigquery/docs/reference/standard-sql/export-statements
 */
import { rm } from 'node:fs/promises';
import type { Warehouse } from '../../engine/warehouse.ts';
import { failure, invalid, unsupported } from '../../failure.ts';
import type { FileOptions, Query } from '../../sql/statement.ts';
import { findObjects, parseUri, writeObject } from '../objects.ts';
import { FORMATS } from './extract.ts';

export interface Export {
  readonly files: FileOptions;
  readonly query: Query;
  /** Values of the query's parameters. */
  readonly values: readonly (string | null)[];
  readonly resultPath: string;
  readonly signal: AbortSignal;
}

export async function exportQuery(
  warehouse: Warehouse,
  { files, query, values, resultPath, signal }: Export,
): Promise<void> {
  const [uri, ...more] = files.uris;
  if (uri === undefined || more.length > 0) throw invalid('EXPORT DATA needs one uri.');
  const format = FORMATS[files.format as keyof typeof FORMATS];
  const compression = files.compression?.toUpperCase() ?? 'NONE';
  if (format === undefined || !(format.compressions as readonly string[]).includes(compression)) {
    throw unsupported(`EXPORT DATA as ${files.format} with compression ${compression}`);
  }
  if (files.overwrite !== true) await refuseExisting(warehouse, uri);
  const path = `${resultPath}.export`;
  try {
    await format.write({
      database: warehouse.database,
      columns: query.columns,
      sql: query.sql,
      values,
      compression,
      delimiter: files.fieldDelimiter || ',',
      header: files.header === true,
      path,
      signal,
    });
    const target = parseUri(uri.replace('*', '000000000000'));
    await writeObject(warehouse, target, { path, contentType: format.contentType, signal });
  } finally {
    await rm(path, { force: true });
  }
}

async function refuseExisting(warehouse: Warehouse, uri: string): Promise<void> {
  const found = await findObjects(warehouse, uri).catch(() => []);
  if (!uri.includes('*') || found.length === 0) return;
  throw failure(
    'invalidQuery',
    `Invalid destination: ${uri} already holds files. Set overwrite=true to replace them.`,
    'query',
  );
}
