/**
 * External tables: Parquet files of Cloud Storage, fetched when a query reads them and kept while they do not change.
 * DuckDB has a view of the files under the table's name, made anew when the list of files is another one.
 * Guarantee: a query sees the files that were there when it started. Columns of the paths (`day=2026-11-20/`) are
 * columns of the table, and files whose path a query rules out are not read (but fetched).
 * Source: https://cloud.google.com/bigquery/docs/hive-partitioned-queries
 */
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { duckdbName } from '../catalogue/catalogue.ts';
import type { TableEntry } from '../catalogue/entry.ts';
import { quoteText, rowsOf } from '../engine/database.ts';
import type { Warehouse } from '../engine/warehouse.ts';
import { invalid, unsupported } from '../failure.ts';
import { parseDate } from '../rows/parse.ts';
import type { ColumnSpec, FileOptions } from '../sql/statement.ts';
import { columnType, duckdbType, quoteName } from '../sql/type.ts';
import { columnOfDuckdb } from './load/parquet-type.ts';
import { type FoundObject, listObjects, readObject, uriOf } from './objects.ts';

interface Fetched {
  /** The list of files that the view has. */
  readonly list: string;
}

/** What was fetched for each entry; an entry that changes is fetched anew. */
const fetched = new WeakMap<TableEntry, Promise<Fetched>>();

/** Columns of files and of their paths, for a table that declares none. */
export async function externalColumns(
  warehouse: Warehouse,
  {
    files,
    partitionColumns,
  }: { readonly files: FileOptions; readonly partitionColumns: readonly ColumnSpec[] | null },
  signal: AbortSignal,
): Promise<{ readonly columns: readonly ColumnSpec[]; readonly partitionColumns: readonly ColumnSpec[] }> {
  checkFormat(files);
  const objects = await objectsOf(warehouse, files);
  const [first] = objects;
  if (!first) throw invalid(`No files match ${files.uris.join(', ')}: the table must declare its columns.`);
  const path = await fetchObject(warehouse, first, signal);
  const described = await warehouse.database.read((connection) =>
    rowsOf(connection, `DESCRIBE SELECT * FROM read_parquet(${quoteText(path)}, hive_partitioning = false)`),
  );
  const inPaths = partitionColumns?.length === 0 ? detectPartitions(objects) : (partitionColumns ?? []);
  const names = new Set(inPaths.map(({ name }) => name.toLowerCase()));
  return {
    columns: described
      .map((row) => columnOfDuckdb(String(row.column_name), String(row.column_type)))
      .filter(({ name }) => !names.has(name.toLowerCase())),
    partitionColumns: inPaths,
  };
}

/** Fetches what changed, and makes the view follow. */
export async function refreshExternal(
  warehouse: Warehouse,
  entry: TableEntry,
  signal: AbortSignal,
): Promise<void> {
  const before = fetched.get(entry) ?? Promise.resolve({ list: '' });
  const after = before.catch(() => ({ list: '' })).then((known) => refresh(warehouse, entry, known, signal));
  fetched.set(entry, after);
  await after;
}

async function refresh(
  warehouse: Warehouse,
  entry: TableEntry,
  known: Fetched,
  signal: AbortSignal,
): Promise<Fetched> {
  const { files } = entry.external!;
  const objects = await objectsOf(warehouse, files);
  const list = objects.map((object) => `${uriOf(object)}#${object.generation}`).join('\n');
  if (list === known.list && list !== '') return known;
  const paths: string[] = [];
  for (const object of objects) paths.push(await fetchObject(warehouse, object, signal));
  const sql = `CREATE OR REPLACE VIEW ${duckdbName(entry.ref)} AS ${viewSql(entry, paths)}`;
  await warehouse.database.write(async (connection) => void (await connection.run(sql)), signal);
  return { list };
}

function viewSql({ columns, external }: TableEntry, paths: readonly string[]): string {
  const values = columns.map((column) => {
    const type = duckdbType(columnType(column));
    const name = quoteName(column.name);
    return paths.length === 0 ? `NULL::${type} AS ${name}` : `CAST(${name} AS ${type}) AS ${name}`;
  });
  if (paths.length === 0) return `SELECT ${values.join(', ')} WHERE false`;
  const inPaths = external?.partitionColumns ?? [];
  const types = inPaths.map((column) => `${quoteText(column.name)}: ${duckdbType(columnType(column))}`);
  const hive =
    inPaths.length === 0
      ? 'hive_partitioning = false'
      : `hive_partitioning = true, hive_types = {${types.join(', ')}}`;
  return `SELECT ${values.join(', ')} FROM read_parquet([${paths.map(quoteText).join(', ')}], union_by_name = true, ${hive})`;
}

/** All objects of the URIs, by name. */
async function objectsOf(warehouse: Warehouse, { uris }: FileOptions): Promise<FoundObject[]> {
  const found = await Promise.all(uris.map((uri) => listObjects(warehouse, uri)));
  return found.flat();
}

/** Objects that are fetched or being fetched, by their place in the scratch folder. */
const fetching = new WeakMap<Warehouse, Map<string, Promise<string>>>();

/** Fetches an object into the scratch folder, once for each generation. */
function fetchObject(warehouse: Warehouse, object: FoundObject, signal: AbortSignal): Promise<string> {
  const { bucket, name, generation } = object;
  const folder = dirname(name);
  // Paths of the bucket are kept below, with the generation in the file's name: values come from `key=value` folders.
  const path = join(
    warehouse.database.scratchDir,
    'external',
    bucket,
    folder,
    `${generation}-${basename(name)}`,
  );
  const all = fetching.get(warehouse) ?? new Map<string, Promise<string>>();
  fetching.set(warehouse, all);
  const known = all.get(path);
  if (known) return known;
  const work = (async (): Promise<string> => {
    await mkdir(dirname(path), { recursive: true });
    await pipeline(await readObject(warehouse, object, signal), createWriteStream(path));
    return path;
  })();
  all.set(path, work);
  work.catch(() => all.delete(path));
  return work;
}

/** `key=value` of the paths: INT64, DATE or STRING, as all values allow. */
function detectPartitions(objects: readonly FoundObject[]): ColumnSpec[] {
  const values = new Map<string, string[]>();
  for (const { name } of objects) {
    for (const part of name.split('/').slice(0, -1)) {
      const [, key, value] = /^([^=]+)=(.*)$/.exec(part) ?? [];
      if (key === undefined || value === undefined) continue;
      values.set(key, [...(values.get(key) ?? []), decodeURIComponent(value)]);
    }
  }
  return [...values].map(([name, all]) => {
    const type = all.every((value) => /^-?\d{1,18}$/.test(value))
      ? 'INTEGER'
      : all.every((value) => parseDate(value) !== null)
        ? 'DATE'
        : 'STRING';
    return { name, type, mode: 'NULLABLE' };
  });
}

export function checkFormat({ format }: FileOptions): void {
  if (format !== 'PARQUET') throw unsupported(`external tables of format ${format}`);
}
