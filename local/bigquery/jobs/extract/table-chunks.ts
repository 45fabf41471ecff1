/** The rows of a table, chunk by chunk, in one state of the database. */
import type { DuckDBDataChunk } from '@duckdb/node-api';
import { duckdbName } from '../../catalogue/catalogue.ts';
import { columnList } from '../destination.ts';
import type { Extraction } from './extract.ts';

/** Calls `take` for each chunk, in turn. */
export async function eachChunk(
  { warehouse, entry, signal }: Extraction,
  take: (chunk: DuckDBDataChunk) => Promise<void>,
): Promise<void> {
  const sql = `SELECT ${columnList(entry.columns)} FROM ${duckdbName(entry.ref)}`;
  await warehouse.database.read(async (connection) => {
    const result = await connection.stream(sql);
    for (
      let chunk = await result.fetchChunk();
      chunk && chunk.rowCount > 0;
      chunk = await result.fetchChunk()
    ) {
      signal.throwIfAborted();
      await take(chunk);
    }
  }, signal);
}
