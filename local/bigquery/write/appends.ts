/**
 * Rows into tables, many requests in one commit: what arrives while a commit runs goes into the next one.
 *
 * Guarantee: `append` resolves after the COMMIT that holds its rows, all of them; requests to a table take effect in
 * the order in which they came. One request that fails is tried alone, so that it takes no other with it.
 * Under pressure: `pendingBytes` says how much waits; callers stop reading above `MAX_PENDING_BYTES`.
 */
import { type DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api';
import type { TableEntry } from '../catalogue/entry.ts';
import type { Warehouse } from '../engine/warehouse.ts';
import type { Rows } from '../rows/batch.ts';
import { mergeChanges, stageOf } from './upsert.ts';

/** Rows for one table, or for the staging table of a stream. */
export interface Append {
  /** The table as it was when the rows were encoded; null for a staging table. */
  readonly entry: TableEntry | null;
  readonly rows: Rows;
  readonly bytes: number;
  /** Rows of an upserted table, with their change and sequence. */
  readonly changes: boolean;
  /** DuckDB schema and name to fill instead of the table's own. */
  readonly into?: { readonly schema: string; readonly table: string };
  /** Runs in the same transaction, before the rows. */
  readonly before?: (connection: DuckDBConnection) => Promise<void>;
}

/** The table was changed after the rows were encoded: encode them again. */
export class TableChanged extends Error {}

interface Waiting {
  readonly append: Append;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export const MAX_PENDING_BYTES = 32 * 1024 * 1024;
const MAX_COMMIT_BYTES = 64 * 1024 * 1024;

export class Appends {
  readonly #warehouse: Warehouse;
  #waiting: Waiting[] = [];
  #running: Promise<void> | null = null;
  #pendingBytes = 0;
  #idle: (() => void)[] = [];

  constructor(warehouse: Warehouse) {
    this.#warehouse = warehouse;
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Resolves when half of what may wait is done. */
  room(): Promise<void> {
    if (this.#pendingBytes <= MAX_PENDING_BYTES / 2) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  append(append: Append): Promise<void> {
    this.#pendingBytes += append.bytes;
    const done = new Promise<void>((resolve, reject) => this.#waiting.push({ append, resolve, reject }));
    this.#running ??= this.#run();
    return done;
  }

  /** Waits until nothing is under way. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    // What else arrived with the same data events joins the first commit.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) await this.#commit(this.#next());
    this.#running = null;
  }

  #next(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { append } of this.#waiting) {
      if (count > 0 && bytes + append.bytes > MAX_COMMIT_BYTES) break;
      bytes += append.bytes;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #commit(group: readonly Waiting[]): Promise<void> {
    try {
      await this.#write(group.map(({ append }) => append));
      for (const { resolve } of group) resolve();
    } catch (error) {
      if (group.length === 1) group[0]!.reject(error);
      else for (const one of group) await this.#alone(one);
    } finally {
      for (const { append } of group) {
        append.rows.release();
        this.#pendingBytes -= append.bytes;
      }
      if (this.#pendingBytes <= MAX_PENDING_BYTES / 2) for (const go of this.#idle.splice(0)) go();
    }
  }

  async #alone({ append, resolve, reject }: Waiting): Promise<void> {
    await this.#write([append]).then(resolve, reject);
  }

  #write(appends: readonly Append[]): Promise<void> {
    const { database, catalogue } = this.#warehouse;
    return database.write(async (connection) => {
      for (const { entry, before } of appends) {
        if (entry && catalogue.findTable(entry.ref) !== entry) throw new TableChanged();
        await before?.(connection);
      }
      for (const [target, group] of byTarget(appends)) await fill(connection, target, group);
    });
  }
}

interface Target {
  readonly schema: string;
  readonly table: string;
  /** Set where the rows are changes, to be merged into this table. */
  readonly changed: TableEntry | null;
}

function byTarget(appends: readonly Append[]): Map<Target, Append[]> {
  const targets = new Map<string, Target>();
  const groups = new Map<Target, Append[]>();
  for (const append of appends) {
    const { entry, into } = append;
    if (!into && !entry) throw new Error('rows for no table');
    const { schema, table } = into ?? { schema: entry!.ref.datasetId, table: entry!.ref.tableId };
    const key = JSON.stringify([schema, table, append.changes]);
    const target = targets.get(key) ?? { schema, table, changed: append.changes ? append.entry : null };
    targets.set(key, target);
    groups.set(target, [...(groups.get(target) ?? []), append]);
  }
  return groups;
}

async function fill(
  connection: DuckDBConnection,
  { schema, table, changed }: Target,
  appends: readonly Append[],
): Promise<void> {
  if (changed === null) return appendRows(connection, { schema, table }, appends);
  const stage = await stageOf(connection, changed);
  await appendRows(connection, stage, appends);
  await mergeChanges(connection, changed);
}

/** The chunks, as they are. */
async function appendRows(
  connection: DuckDBConnection,
  { catalog, schema, table }: { readonly catalog?: string; readonly schema: string; readonly table: string },
  appends: readonly Append[],
): Promise<void> {
  const appender = await connection.createAppender(table, schema, catalog ?? null);
  try {
    for (const { rows } of appends) {
      for (const chunk of rows.chunks) appender.appendDataChunk(new DuckDBDataChunk(chunk));
    }
    appender.flushSync();
  } finally {
    appender.closeSync();
  }
}
