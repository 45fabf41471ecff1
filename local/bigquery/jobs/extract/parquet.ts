/** Parquet, written by DuckDB itself. */
import { quoteText } from '../../engine/database.ts';
import { quoteName } from '../../sql/type.ts';
import type { Extraction } from './extraction.ts';

export async function writeParquet(extraction: Extraction): Promise<void> {
  const { database, columns, sql, values, compression, path, signal } = extraction;
  const codec = compression === 'NONE' ? 'UNCOMPRESSED' : compression;
  const names = columns.map(({ name }) => quoteName(name)).join(', ');
  const target = `TO ${quoteText(path)} (FORMAT parquet, COMPRESSION ${codec})`;
  await database.read(async (connection) => {
    // COPY takes no parameters: a query that has some goes through a table of this connection.
    const staged = values.length > 0;
    if (staged) await connection.run(`CREATE TEMP TABLE "$export" AS ${sql}`, [...values]);
    const query = staged ? 'FROM temp.main."$export"' : `FROM (${sql})`;
    await connection.run(`COPY (SELECT * ${query} AS q(${names})) ${target}`);
  }, signal);
}
