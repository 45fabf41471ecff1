/**
 * Rows on their way through a load job: a table of their own, filled in commits beside other writers, then moved to
 * where they belong in one. What a broken process left behind is dropped at the next start.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Warehouse } from '../../engine/warehouse.ts';
import { Batch, Layout } from '../../rows/batch.ts';
import type { ColumnSpec } from '../../sql/statement.ts';
import { columnType, duckdbType, quoteName } from '../../sql/type.ts';
import type { Appends } from '../../write/appends.ts';
import { columnList, insertSql } from '../destination.ts';

const SCHEMA = '$stage';
/** Rows of one commit. */
const COMMIT_ROWS = 20_000;

/** Drops what was left behind. */
export async function clearStages({ database }: Warehouse): Promise<void> {
  await database.write(async (connection) => {
    await connection.run(`DROP SCHEMA IF EXISTS ${quoteName(SCHEMA)} CASCADE`);
    await connection.run(`CREATE SCHEMA ${quoteName(SCHEMA)}`);
  });
}

export class Stage {
  readonly columns: readonly ColumnSpec[];
  readonly batch: Batch;
  readonly #warehouse: Warehouse;
  readonly #appends: Appends;
  readonly #table: string;
  #rows = 0;

  private constructor(warehouse: Warehouse, appends: Appends, table: string, columns: readonly ColumnSpec[]) {
    this.#warehouse = warehouse;
    this.#appends = appends;
    this.#table = table;
    this.columns = columns;
    this.batch = new Batch(new Layout(columns));
  }

  static async open(
    { warehouse, appends }: { readonly warehouse: Warehouse; readonly appends: Appends },
    table: string,
    columns: readonly ColumnSpec[],
  ): Promise<Stage> {
    const stage = new Stage(warehouse, appends, table, columns);
    const list = columns.map((column) => `${quoteName(column.name)} ${duckdbType(columnType(column))}`);
    await warehouse.database.write(async (connection) => {
      await connection.run(`CREATE TABLE ${stage.#name} (${list.join(', ')})`);
    });
    return stage;
  }

  /** Rows so far. */
  get rows(): number {
    return this.#rows + this.batch.size;
  }

  /** Writes what the batch holds, when that is enough for a commit. */
  async flush(force = false): Promise<void> {
    if (this.batch.size === 0 || (!force && this.batch.size < COMMIT_ROWS)) return;
    const rows = this.batch.take();
    this.#rows += rows.count;
    const into = { schema: SCHEMA, table: this.#table };
    await this.#appends.append({ entry: null, rows, bytes: 0, changes: false, into });
  }

  /** Moves the rows into a table of this DuckDB name, and drops the stage, in the caller's transaction. */
  async moveTo(connection: DuckDBConnection, name: string): Promise<void> {
    const query = `SELECT ${columnList(this.columns)} FROM ${this.#name}`;
    await connection.run(insertSql(name, this.columns, query));
    await connection.run(`DROP TABLE ${this.#name}`);
  }

  /** Drops it, if it is there. */
  async drop(): Promise<void> {
    this.batch.clear();
    await this.#warehouse.database.write(async (connection) => {
      await connection.run(`DROP TABLE IF EXISTS ${this.#name}`);
    });
  }

  get #name(): string {
    return `${quoteName(SCHEMA)}.${quoteName(this.#table)}`;
  }
}
