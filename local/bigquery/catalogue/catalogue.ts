/**
 * The catalogue: which datasets, tables and views there are. Held in memory, kept in the database itself
 * (schema `$catalogue`, one JSON document each), so that a table and its entry come and go in one transaction.
 * Guarantee: memory changes after the commit, never before it; names are case-sensitive, as in BigQuery.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { type Database, rowsOf } from '../engine/database.ts';
import { datasetName, notFound, tableName } from '../failure.ts';
import type { RoutineRef, TableRef } from '../sql/statement.ts';
import { quoteName } from '../sql/type.ts';
import type { DatasetEntry, RoutineEntry, TableEntry } from './entry.ts';

/** DuckDB schema of the catalogue; no dataset can be named so. */
const CATALOGUE = '"$catalogue"';

const TABLES = [
  `CREATE SCHEMA IF NOT EXISTS ${CATALOGUE}`,
  `CREATE TABLE IF NOT EXISTS ${CATALOGUE}.datasets (dataset_id VARCHAR, document VARCHAR)`,
  `CREATE TABLE IF NOT EXISTS ${CATALOGUE}.tables (dataset_id VARCHAR, table_id VARCHAR, document VARCHAR)`,
  `CREATE TABLE IF NOT EXISTS ${CATALOGUE}.routines (dataset_id VARCHAR, routine_id VARCHAR, document VARCHAR)`,
];

/** A change under way: SQL runs in its transaction, entries take effect when it commits. */
export interface Change {
  readonly connection: DuckDBConnection;
  putDataset(entry: DatasetEntry): Promise<void>;
  removeDataset(datasetId: string): Promise<void>;
  putTable(entry: TableEntry): Promise<void>;
  removeTable(table: TableRef): Promise<void>;
  putRoutine(entry: RoutineEntry): Promise<void>;
  removeRoutine(routine: RoutineRef): Promise<void>;
}

export class Catalogue {
  readonly projectId: string;
  readonly #database: Database;
  readonly #datasets = new Map<string, DatasetEntry>();
  readonly #tables = new Map<string, Map<string, TableEntry>>();
  readonly #routines = new Map<string, RoutineEntry>();

  private constructor(database: Database, projectId: string) {
    this.#database = database;
    this.projectId = projectId;
  }

  /** Reads what the database holds. */
  static async open(database: Database, projectId: string): Promise<Catalogue> {
    const catalogue = new Catalogue(database, projectId);
    await database.write(async (connection) => {
      for (const sql of TABLES) await connection.run(sql);
      for (const row of await rowsOf(connection, `SELECT document FROM ${CATALOGUE}.datasets`)) {
        catalogue.#putDataset(JSON.parse(String(row.document)) as DatasetEntry);
      }
      for (const row of await rowsOf(connection, `SELECT document FROM ${CATALOGUE}.tables`)) {
        catalogue.#putTable(JSON.parse(String(row.document)) as TableEntry);
      }
      for (const row of await rowsOf(connection, `SELECT document FROM ${CATALOGUE}.routines`)) {
        const entry = JSON.parse(String(row.document)) as RoutineEntry;
        catalogue.#routines.set(routineKey(entry.ref), entry);
      }
    });
    return catalogue;
  }

  /** All datasets, by name. */
  datasets(): DatasetEntry[] {
    return [...this.#datasets.values()].sort((a, b) => (a.datasetId < b.datasetId ? -1 : 1));
  }

  findDataset(datasetId: string): DatasetEntry | undefined {
    return this.#datasets.get(datasetId);
  }

  /** The dataset, or a 404. */
  dataset(datasetId: string, projectId = this.projectId): DatasetEntry {
    const entry = projectId === this.projectId ? this.#datasets.get(datasetId) : undefined;
    if (entry === undefined) throw notFound(datasetName(projectId, datasetId));
    return entry;
  }

  /** Tables and views of a dataset, by name; none where there is no such dataset. */
  tables(datasetId: string): TableEntry[] {
    const tables = this.#tables.get(datasetId)?.values() ?? [];
    return [...tables].sort((a, b) => (a.ref.tableId < b.ref.tableId ? -1 : 1));
  }

  findTable(table: TableRef): TableEntry | undefined {
    if (table.projectId !== this.projectId) return undefined;
    return this.#tables.get(table.datasetId)?.get(table.tableId);
  }

  /** The table or view, or a 404 that names what is missing: the dataset or the table. */
  table(table: TableRef): TableEntry {
    const entry = this.findTable(table);
    if (entry !== undefined) return entry;
    this.dataset(table.datasetId, table.projectId);
    throw notFound(tableName(table));
  }

  /** Functions of a dataset, by name. */
  routines(datasetId: string): RoutineEntry[] {
    const routines = [...this.#routines.values()].filter(({ ref }) => ref.datasetId === datasetId);
    return routines.sort((a, b) => (a.ref.routineId < b.ref.routineId ? -1 : 1));
  }

  findRoutine(routine: RoutineRef): RoutineEntry | undefined {
    return routine.projectId === this.projectId ? this.#routines.get(routineKey(routine)) : undefined;
  }

  /** Runs `work` as the only writer; its entries take effect together with its SQL, or not at all. */
  async change<T>(work: (change: Change) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const effects: (() => void)[] = [];
    return this.#database.write(
      (connection) => work(this.#changeOn(connection, effects)),
      signal,
      () => {
        for (const effect of effects) effect();
      },
    );
  }

  #changeOn(connection: DuckDBConnection, effects: (() => void)[]): Change {
    const run = async (sql: string, ...values: string[]): Promise<void> => {
      await connection.run(`${sql}`, values);
    };
    const dropDataset = `DELETE FROM ${CATALOGUE}.datasets WHERE dataset_id = $1`;
    const dropRoutine = `DELETE FROM ${CATALOGUE}.routines WHERE dataset_id = $1 AND routine_id = $2`;
    const dropTable = `DELETE FROM ${CATALOGUE}.tables WHERE dataset_id = $1 AND table_id = $2`;
    return {
      connection,
      putDataset: async (entry) => {
        await run(dropDataset, entry.datasetId);
        await run(
          `INSERT INTO ${CATALOGUE}.datasets VALUES ($1, $2)`,
          entry.datasetId,
          JSON.stringify(entry),
        );
        effects.push(() => this.#putDataset(entry));
      },
      removeDataset: async (datasetId) => {
        await run(dropDataset, datasetId);
        effects.push(() => this.#datasets.delete(datasetId));
      },
      putTable: async (entry) => {
        const { datasetId, tableId } = entry.ref;
        await run(dropTable, datasetId, tableId);
        const document = JSON.stringify(entry);
        await run(`INSERT INTO ${CATALOGUE}.tables VALUES ($1, $2, $3)`, datasetId, tableId, document);
        effects.push(() => this.#putTable(entry));
      },
      removeTable: async ({ datasetId, tableId }) => {
        await run(dropTable, datasetId, tableId);
        effects.push(() => this.#tables.get(datasetId)?.delete(tableId));
      },
      putRoutine: async (entry) => {
        const { datasetId, routineId } = entry.ref;
        await run(dropRoutine, datasetId, routineId);
        const document = JSON.stringify(entry);
        await run(`INSERT INTO ${CATALOGUE}.routines VALUES ($1, $2, $3)`, datasetId, routineId, document);
        effects.push(() => this.#routines.set(routineKey(entry.ref), entry));
      },
      removeRoutine: async (ref) => {
        await run(dropRoutine, ref.datasetId, ref.routineId);
        effects.push(() => this.#routines.delete(routineKey(ref)));
      },
    };
  }

  #putDataset(entry: DatasetEntry): void {
    this.#datasets.set(entry.datasetId, entry);
  }

  #putTable(entry: TableEntry): void {
    const tables = this.#tables.get(entry.ref.datasetId);
    if (tables) tables.set(entry.ref.tableId, entry);
    else this.#tables.set(entry.ref.datasetId, new Map([[entry.ref.tableId, entry]]));
  }
}

const routineKey = ({ datasetId, routineId }: RoutineRef): string => `${datasetId}.${routineId}`;

/** The table's name in DuckDB. */
export const duckdbName = (table: TableRef): string =>
  `${quoteName(table.datasetId)}.${quoteName(table.tableId)}`;
