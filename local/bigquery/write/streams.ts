/**
 * Write streams that clients create: COMMITTED, whose rows are in the table at once, and PENDING, whose rows wait in
 * a staging table until their streams are committed together. Both count their rows, so that an append that is
 * repeated after a lost answer is told that it is there.
 * Guarantee: streams, their counts and their waiting rows are in the database, written with the rows they count.
 * Not there: BUFFERED streams.
 */
import { randomUUID } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { duckdbName } from '../catalogue/catalogue.ts';
import type { TableEntry } from '../catalogue/entry.ts';
import { rowsOf } from '../engine/database.ts';
import type { Warehouse } from '../engine/warehouse.ts';
import { quoteName } from '../sql/type.ts';
import { STORAGE_ERROR, WriteFailure } from './failure.ts';
import { parseStream, type StreamName, streamPath } from './names.ts';

/** DuckDB schema of the streams' list and of the rows that wait; no dataset can be named so. */
export const STREAMS = '$streams';
const LIST = `${quoteName(STREAMS)}."$list"`;

const KEPT_MS = 7 * 24 * 3_600_000;

export interface WriteStream {
  readonly name: StreamName;
  readonly type: 'COMMITTED' | 'PENDING';
  readonly createdMs: number;
  finalized: boolean;
  committedMs: number | null;
  /** Rows that are committed to the database. */
  rows: number;
  /** Offset of the next row: `rows` and what is under way. */
  next: number;
}

export class Streams {
  readonly #warehouse: Warehouse;
  readonly #streams = new Map<string, WriteStream>();

  private constructor(warehouse: Warehouse) {
    this.#warehouse = warehouse;
  }

  /** Reads what the database holds; forgets streams of a week ago and of tables that are gone. */
  static async open(warehouse: Warehouse): Promise<Streams> {
    const streams = new Streams(warehouse);
    await warehouse.database.write(async (connection) => {
      await connection.run(`CREATE SCHEMA IF NOT EXISTS ${quoteName(STREAMS)}`);
      await connection.run(
        `CREATE TABLE IF NOT EXISTS ${LIST} (name VARCHAR, type VARCHAR, created_ms DOUBLE, finalized BOOLEAN, committed_ms DOUBLE, rows DOUBLE)`,
      );
      for (const row of await rowsOf(connection, `SELECT * FROM ${LIST}`)) {
        const stream = readStream(row);
        const old = stream.createdMs < warehouse.timers.now() - KEPT_MS;
        if (!old && warehouse.catalogue.findTable(stream.name.table)) {
          streams.#streams.set(stream.name.streamId, stream);
          continue;
        }
        await connection.run(`DROP TABLE IF EXISTS ${stageName(stream)}`);
        await connection.run(`DELETE FROM ${LIST} WHERE name = $1`, [streamPath(stream.name)]);
      }
    });
    return streams;
  }

  async create(entry: TableEntry, type: WriteStream['type']): Promise<WriteStream> {
    const { database, timers } = this.#warehouse;
    const stream: WriteStream = {
      name: { table: entry.ref, streamId: randomUUID().replaceAll('-', '') },
      type,
      createdMs: timers.now(),
      finalized: false,
      committedMs: null,
      rows: 0,
      next: 0,
    };
    await database.write(async (connection) => {
      await connection.run(`INSERT INTO ${LIST} VALUES ($1, $2, $3, FALSE, NULL, 0)`, [
        streamPath(stream.name),
        type,
        stream.createdMs,
      ]);
      if (type === 'PENDING') {
        const query = `SELECT * FROM ${duckdbName(entry.ref)} LIMIT 0`;
        await connection.run(`CREATE TABLE ${stageName(stream)} AS ${query}`);
      }
    });
    this.#streams.set(stream.name.streamId, stream);
    return stream;
  }

  get({ table, streamId }: StreamName): WriteStream {
    const stream = this.#streams.get(streamId);
    const there = stream?.name.table.tableId === table.tableId;
    if (stream && there && stream.name.table.datasetId === table.datasetId) return stream;
    throw streamFailure(status.NOT_FOUND, 'STREAM_NOT_FOUND', 'Requested entity was not found.', {
      table,
      streamId,
    });
  }

  /** SQL that counts `rows` more rows of the stream, and what to do when it is committed. */
  counting(stream: WriteStream, rows: number): { readonly sql: string; readonly committed: () => void } {
    const path = streamPath(stream.name);
    return {
      sql: `UPDATE ${LIST} SET rows = rows + ${rows} WHERE name = '${path}'`,
      committed: () => {
        stream.rows += rows;
      },
    };
  }

  /** Ends the stream; returns its rows. */
  async finalize(name: StreamName): Promise<number> {
    const stream = this.get(name);
    if (!stream.finalized) {
      await this.#warehouse.database.write(async (connection) => {
        await connection.run(`UPDATE ${LIST} SET finalized = TRUE WHERE name = $1`, [streamPath(name)]);
      });
      stream.finalized = true;
    }
    return stream.rows;
  }

  /** Puts the rows of all the streams into the table, or of none. */
  async commit(entry: TableEntry, names: readonly StreamName[]): Promise<number> {
    const streams = names.map((name) => this.get(name));
    for (const stream of streams) checkCommit(stream, entry);
    const { database, timers } = this.#warehouse;
    const nowMs = timers.now();
    await database.write(async (connection) => {
      for (const stream of streams) {
        await connection.run(`INSERT INTO ${duckdbName(entry.ref)} BY NAME FROM ${stageName(stream)}`);
        await connection.run(`DROP TABLE ${stageName(stream)}`);
        const path = streamPath(stream.name);
        await connection.run(`UPDATE ${LIST} SET committed_ms = $1 WHERE name = $2`, [nowMs, path]);
      }
    });
    for (const stream of streams) stream.committedMs = nowMs;
    return nowMs;
  }
}

/** A failure with a code of `StorageError`. */
export function streamFailure(
  code: number,
  error: keyof typeof STORAGE_ERROR,
  message: string,
  name: StreamName,
): WriteFailure {
  const entity = streamPath(name);
  return new WriteFailure(code, `${message} Entity: ${entity}`, STORAGE_ERROR[error], entity);
}

const stageName = ({ name }: WriteStream): string => `${quoteName(STREAMS)}.${quoteName(name.streamId)}`;

function checkCommit({ name, type, finalized, committedMs }: WriteStream, { ref }: TableEntry): void {
  const refuse = (error: keyof typeof STORAGE_ERROR, message: string): never => {
    throw streamFailure(status.INVALID_ARGUMENT, error, message, name);
  };
  if (name.table.datasetId !== ref.datasetId || name.table.tableId !== ref.tableId) {
    refuse('STREAM_NOT_FOUND', 'The stream belongs to another table.');
  }
  if (type !== 'PENDING') refuse('INVALID_STREAM_TYPE', 'The stream is not PENDING.');
  if (committedMs !== null) refuse('STREAM_ALREADY_COMMITTED', 'The stream is already committed.');
  if (!finalized) refuse('INVALID_STREAM_STATE', 'The stream is not finalized.');
}

function readStream(row: Record<string, unknown>): WriteStream {
  const rows = Number(row.rows);
  return {
    name: parseStream(String(row.name)),
    type: row.type === 'PENDING' ? 'PENDING' : 'COMMITTED',
    createdMs: Number(row.created_ms),
    finalized: row.finalized === true,
    committedMs: row.committed_ms === null ? null : Number(row.committed_ms),
    rows,
    next: rows,
  };
}
