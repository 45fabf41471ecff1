/**
 * Extract jobs: a table into one object of Cloud Storage, as CSV, NDJSON, Avro or Parquet.
 * Guarantee: one state of the table; the object appears when it is whole.
 * Under pressure: rows go through a file of the scratch folder. A `*` in the URI becomes `000000000000`: one file.
 * Source: https://cloud.google.com/bigquery/docs/exporting-data
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { duckdbName } from '../../catalogue/catalogue.ts';
import type { Warehouse } from '../../engine/warehouse.ts';
import { invalid, tableName, unsupported } from '../../failure.ts';
import { columnList } from '../destination.ts';
import type { Job, JobOutcome } from '../job.ts';
import { parseUri, writeObject } from '../objects.ts';
import { parse, tableShape } from '../shapes.ts';
import { writeAvro } from './avro.ts';
import { writeParquet } from './parquet.ts';
import { writeCsv, writeNdjson } from './text.ts';

const shape = z.looseObject({
  sourceTable: tableShape,
  destinationUri: z.string().nullish(),
  destinationUris: z.array(z.string()).nullish(),
  destinationFormat: z.enum(['CSV', 'NEWLINE_DELIMITED_JSON', 'AVRO', 'PARQUET']).default('CSV'),
  compression: z.enum(['NONE', 'GZIP', 'DEFLATE', 'SNAPPY', 'ZSTD']).default('NONE'),
  fieldDelimiter: z.string().nullish(),
  printHeader: z.boolean().nullish(),
});

export const FORMATS = {
  CSV: { write: writeCsv, contentType: 'text/csv', compressions: ['NONE', 'GZIP'] },
  NEWLINE_DELIMITED_JSON: {
    write: writeNdjson,
    contentType: 'application/json',
    compressions: ['NONE', 'GZIP'],
  },
  AVRO: { write: writeAvro, contentType: 'application/octet-stream', compressions: ['NONE', 'DEFLATE'] },
  PARQUET: {
    write: writeParquet,
    contentType: 'application/octet-stream',
    compressions: ['NONE', 'SNAPPY', 'GZIP', 'ZSTD'],
  },
} as const;

/** Runs the job. */
export async function runExtractJob(
  warehouse: Warehouse,
  job: Job,
  signal: AbortSignal,
): Promise<JobOutcome> {
  const extract = parse(shape, job.configuration.extract);
  const { datasetId, tableId, projectId = warehouse.projectId } = extract.sourceTable;
  const entry = warehouse.catalogue.table({ projectId, datasetId, tableId });
  if (entry.kind === 'VIEW') throw invalid(`${tableName(entry.ref)} is a VIEW and cannot be extracted.`);
  const uris = extract.destinationUris ?? (extract.destinationUri ? [extract.destinationUri] : []);
  const [uri, ...more] = uris;
  if (uri === undefined || more.length > 0) throw invalid('An extract job must name one destination URI.');
  const format = FORMATS[extract.destinationFormat];
  if (!(format.compressions as readonly string[]).includes(extract.compression)) {
    throw unsupported(`compression ${extract.compression} of ${extract.destinationFormat}`);
  }
  const target = parseUri(uri.replace('*', '000000000000'));
  const path = join(warehouse.database.scratchDir, `${job.jobId}.extract`);
  try {
    await format.write({
      database: warehouse.database,
      columns: entry.columns,
      sql: `SELECT ${columnList(entry.columns)} FROM ${duckdbName(entry.ref)}`,
      values: [],
      compression: extract.compression,
      delimiter: extract.fieldDelimiter || ',',
      header: extract.printHeader !== false,
      path,
      signal,
    });
    await writeObject(warehouse, target, { path, contentType: format.contentType, signal });
  } finally {
    await rm(path, { force: true });
  }
  return { statistics: { extract: { destinationUriFileCounts: ['1'] } } };
}
