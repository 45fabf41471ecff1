/**
 * Makes and drops datasets, tables and views: DuckDB's object and the catalogue's entry in one transaction.
 * The REST API and SQL's DDL both come through here.
 */
import { datasetName, duplicate, failure, invalid, tableName } from '../failure.ts';
import type { TableRef } from '../sql/statement.ts';
import { columnType, duckdbType, quoteName } from '../sql/type.ts';
import { type Catalogue, type Change, duckdbName } from './catalogue.ts';
import type { DatasetEntry, TableEntry } from './entry.ts';
import { checkDatasetId, checkTableId } from './names.ts';
import { checkColumns, columnDdl, PARTITION_TIME } from './schema.ts';

export type Outcome = 'CREATE' | 'REPLACE' | 'SKIP';

/** What to do where there is one already; default: refuse. */
export type Existing = 'refuse' | 'keep' | 'replace';

/** DuckDB schema of the sequence numbers of upserted tables, one table each. */
const SEQUENCES = '"$sequence"';

/** The table of a table's sequence numbers: its key, `$sequence`. */
export const sequenceName = ({ datasetId, tableId }: TableRef): string =>
  `${SEQUENCES}.${quoteName(`${datasetId}.${tableId}`)}`;

/** Makes a dataset. */
export function createDataset(
  catalogue: Catalogue,
  entry: DatasetEntry,
  existing: Existing = 'refuse',
): Promise<Outcome> {
  return catalogue.change(async (change) => {
    const { datasetId } = entry;
    if (catalogue.findDataset(datasetId)) {
      if (existing === 'keep') return 'SKIP';
      throw duplicate(datasetName(catalogue.projectId, datasetId));
    }
    checkDatasetId(
      datasetId,
      catalogue.datasets().map((dataset) => dataset.datasetId),
    );
    await change.connection.run(`CREATE SCHEMA ${quoteName(datasetId)}`);
    await change.putDataset(entry);
    return 'CREATE';
  });
}

/** Drops a dataset, with its tables where `withTables`; without, one that holds tables is refused. */
export function dropDataset(catalogue: Catalogue, datasetId: string, withTables: boolean): Promise<void> {
  return catalogue.change(async (change) => {
    catalogue.dataset(datasetId);
    const tables = catalogue.tables(datasetId);
    if (tables.length + catalogue.routines(datasetId).length > 0 && !withTables) {
      const name = datasetName(catalogue.projectId, datasetId);
      throw failure('resourceInUse', `${name} is still in use`);
    }
    for (const table of tables) await drop(change, table);
    for (const { ref } of catalogue.routines(datasetId)) await change.removeRoutine(ref);
    await change.connection.run(`DROP SCHEMA ${quoteName(datasetId)}`);
    await change.removeDataset(datasetId);
  });
}

export interface NewTable {
  readonly entry: TableEntry;
  readonly existing?: Existing;
  /** Puts the first rows in, into the table of this DuckDB name, in the same transaction. */
  readonly fill?: (change: Change, name: string) => Promise<void>;
  readonly signal?: AbortSignal;
}

/** Makes a table or view. With `replace`, `fill` still reads the table that was there. */
export function createTable(catalogue: Catalogue, table: NewTable): Promise<Outcome> {
  const { entry, existing = 'refuse' } = table;
  return catalogue.change(async (change) => {
    const { ref } = entry;
    const dataset = catalogue.dataset(ref.datasetId, ref.projectId);
    const before = catalogue.findTable(ref);
    if (before && existing === 'keep') return 'SKIP';
    if (before && existing === 'refuse') throw duplicate(tableName(ref));
    if (before && before.kind !== entry.kind) {
      throw invalid(`${tableName(ref)} is a ${before.kind}; it cannot be replaced by a ${entry.kind}.`);
    }
    check(catalogue, entry);
    if (before && isExternal(before) !== isExternal(entry)) {
      throw invalid(`${tableName(ref)} cannot be replaced by a table of another kind.`);
    }
    if (entry.kind === 'TABLE' && !isExternal(entry)) await makeTable(change, table, before);
    await change.putTable(withDefaults(entry, dataset));
    return before ? 'REPLACE' : 'CREATE';
  }, table.signal);
}

/** Drops a table or view; false where there was none. */
export function dropTable(catalogue: Catalogue, table: TableRef): Promise<boolean> {
  return catalogue.change(async (change) => {
    const entry = catalogue.findTable(table);
    if (entry) await drop(change, entry);
    return entry !== undefined;
  });
}

/** Drops it within a change. */
async function drop(change: Change, entry: TableEntry): Promise<void> {
  if (isExternal(entry)) await change.connection.run(`DROP VIEW IF EXISTS ${duckdbName(entry.ref)}`);
  else if (entry.kind === 'TABLE') {
    await change.connection.run(`DROP TABLE ${duckdbName(entry.ref)}`);
    await change.connection.run(`DROP TABLE IF EXISTS ${sequenceName(entry.ref)}`);
  }
  await change.removeTable(entry.ref);
}

/** The table of sequence numbers, where the table has a key. Rows are never upserted by another one. */
export async function makeSequences(change: Change, entry: TableEntry): Promise<void> {
  await change.connection.run(`DROP TABLE IF EXISTS ${sequenceName(entry.ref)}`);
  if (entry.primaryKey.length === 0) return;
  await change.connection.run(`CREATE SCHEMA IF NOT EXISTS ${SEQUENCES}`);
  const key = keyColumns(entry).map(
    (column) => `${quoteName(column.name)} ${duckdbType(columnType(column))}`,
  );
  await change.connection.run(
    `CREATE TABLE ${sequenceName(entry.ref)} (${[...key, '"$sequence" VARCHAR NOT NULL'].join(', ')})`,
  );
}

/** Its rows are in files: DuckDB has a view of them, made when they are read (jobs/external.ts). */
const isExternal = (entry: TableEntry): boolean => entry.external !== undefined;

/** Columns of the primary key. */
export const keyColumns = (entry: TableEntry) =>
  entry.primaryKey.map((name) => entry.columns.find((column) => same(column.name, name))!);

async function makeTable(change: Change, table: NewTable, before: TableEntry | undefined): Promise<void> {
  const { entry, fill } = table;
  const name = duckdbName(entry.ref);
  const columns = entry.columns.map(columnDdl);
  if (entry.partitioning?.field === null) {
    columns.unshift(`${quoteName(PARTITION_TIME)} TIMESTAMPTZ DEFAULT date_trunc('day', now())`);
  }
  if (!before) {
    await change.connection.run(`CREATE TABLE ${name} (${columns.join(', ')})`);
    await fill?.(change, name);
  } else {
    const fresh = `${quoteName(entry.ref.datasetId)}."$fresh"`;
    await change.connection.run(`CREATE TABLE ${fresh} (${columns.join(', ')})`);
    await fill?.(change, fresh);
    await drop(change, before);
    await change.connection.run(`ALTER TABLE ${fresh} RENAME TO ${quoteName(entry.ref.tableId)}`);
  }
  await makeSequences(change, entry);
}

function check(catalogue: Catalogue, entry: TableEntry): void {
  const others = catalogue.tables(entry.ref.datasetId).map((table) => table.ref.tableId);
  checkTableId(entry.ref.tableId, others);
  checkColumns(entry.columns);
  checkRoles(entry);
  if (entry.kind === 'TABLE' && entry.columns.length === 0) {
    throw invalid('Schema has no fields.');
  }
}

/** Columns named as key, partition or cluster must be there and of a fitting type. */
export function checkRoles(entry: TableEntry): void {
  const find = (name: string, role: string) => {
    const column = entry.columns.find((known) => same(known.name, name));
    if (!column) throw invalid(`The field specified for ${role} cannot be found in the schema: ${name}`);
    return column;
  };
  for (const name of entry.primaryKey) find(name, 'the primary key');
  for (const name of entry.clustering) find(name, 'clustering');
  if (entry.partitioning?.field == null) return;
  const { type, mode } = find(entry.partitioning.field, 'partitioning');
  if (!['TIMESTAMP', 'DATE', 'DATETIME'].includes(type) || mode === 'REPEATED') {
    throw invalid(
      `The field specified for time partitioning can only be of type TIMESTAMP, DATE or DATETIME. The type found is: ${type}.`,
    );
  }
}

function withDefaults(entry: TableEntry, dataset: DatasetEntry): TableEntry {
  const { defaultTableExpirationMs, defaultPartitionExpirationMs } = dataset;
  if (entry.partitioning) {
    if (entry.partitionExpirationMs !== undefined || defaultPartitionExpirationMs === undefined) return entry;
    return { ...entry, partitionExpirationMs: defaultPartitionExpirationMs };
  }
  if (entry.expirationMs !== undefined || defaultTableExpirationMs === undefined) return entry;
  return { ...entry, expirationMs: entry.createdMs + defaultTableExpirationMs };
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
