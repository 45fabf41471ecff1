/** Parquet files: fetched whole, then read by DuckDB itself. */
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { quoteText, rowsOf } from '../../engine/database.ts';
import { invalid } from '../../failure.ts';
import type { ColumnSpec } from '../../sql/statement.ts';
import { columnType, duckdbType, quoteName } from '../../sql/type.ts';
import { insertSql } from '../destination.ts';
import type { LoadContext, Loaded } from './load.ts';
import { columnOfDuckdb } from './parquet-type.ts';

export async function loadParquet(context: LoadContext): Promise<Loaded> {
  const { warehouse, files, job, signal } = context;
  const paths: string[] = [];
  let inputBytes = 0;
  const drop = async (): Promise<void> => {
    for (const path of paths) await rm(path, { force: true });
  };
  try {
    for (const [i, file] of files.entries()) {
      const path = join(warehouse.database.scratchDir, `${job.jobId}.${i}.parquet`);
      paths.push(path);
      const chunks = file.open(signal, (bytes) => {
        inputBytes += bytes;
      });
      await pipeline(Readable.from(chunks), createWriteStream(path));
    }
    const source = `read_parquet([${paths.map(quoteText).join(', ')}], union_by_name = true)`;
    const { found, rows } = await describe(context, source);
    const columns = context.known?.filter(({ name }) => found.some((one) => same(one.name, name))) ?? found;
    const values = columns.map(
      (column) => `CAST(${quoteName(column.name)} AS ${duckdbType(columnType(column))})`,
    );
    const query = `SELECT ${values.join(', ')} FROM ${source}`;
    return {
      columns,
      rows,
      badRecords: 0,
      inputBytes,
      fill: async (connection, name) => {
        await connection.run(insertSql(name, columns, query));
        await drop();
      },
      drop,
    };
  } catch (error) {
    await drop();
    throw error;
  }
}

async function describe(
  { warehouse, signal, load, known }: LoadContext,
  source: string,
): Promise<{ readonly found: readonly ColumnSpec[]; readonly rows: number }> {
  const { described, rows } = await warehouse.database
    .read(async (connection) => {
      const [counted] = await rowsOf(connection, `SELECT count(*) AS n FROM ${source}`);
      const columns = await rowsOf(connection, `DESCRIBE SELECT * FROM ${source}`);
      return { described: columns, rows: Number(counted?.n) };
    }, signal)
    .catch((error: unknown) => {
      signal.throwIfAborted();
      const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
      throw invalid(
        `Error while reading data, error message: Input file is not in Parquet format. (${reason})`,
      );
    });
  const found = described.map((row) => columnOfDuckdb(String(row.column_name), String(row.column_type)));
  const unknown = known && found.find(({ name }) => !known.some((one) => same(one.name, name)));
  const may = load.ignoreUnknownValues || load.schemaUpdateOptions?.includes('ALLOW_FIELD_ADDITION');
  if (unknown && !may)
    throw invalid(`Provided Schema does not match. Cannot add fields (field: ${unknown.name})`);
  return { found, rows };
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
