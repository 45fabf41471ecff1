/** Parquet, written by DuckDB itself. */
import { duckdbName } from '../../catalogue/catalogue.ts';
import { quoteText } from '../../engine/database.ts';
import { columnList } from '../destination.ts';
import type { Extraction } from './extract.ts';

export async function writeParquet({ warehouse, entry, extract, path, signal }: Extraction): Promise<void> {
  const codec = extract.compression === 'NONE' ? 'UNCOMPRESSED' : extract.compression;
  const query = `SELECT ${columnList(entry.columns)} FROM ${duckdbName(entry.ref)}`;
  const sql = `COPY (${query}) TO ${quoteText(path)} (FORMAT parquet, COMPRESSION ${codec})`;
  await warehouse.database.read(async (connection) => void (await connection.run(sql)), signal);
}
