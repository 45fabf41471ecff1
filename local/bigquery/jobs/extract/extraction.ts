/** What a format writes into a file: the rows of a query, and how. */
import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { Database } from '../../engine/database.ts';
import type { ColumnSpec } from '../../sql/statement.ts';

export interface Extraction {
  readonly database: Database;
  readonly columns: readonly ColumnSpec[];
  /** DuckDB's query; its columns are those above, in their order. */
  readonly sql: string;
  readonly values: readonly (string | null)[];
  /** `NONE`, `GZIP`, …, as the format knows them. */
  readonly compression: string;
  /** CSV's. */
  readonly delimiter: string;
  readonly header: boolean;
  readonly path: string;
  readonly signal: AbortSignal;
}

/** Calls `take` for each chunk of the rows, in turn, in one state of the database. */
export async function eachChunk(
  { database, sql, values, signal }: Extraction,
  take: (chunk: DuckDBDataChunk) => Promise<void>,
): Promise<void> {
  await database.read(async (connection) => {
    const result = await connection.stream(sql, [...values]);
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
