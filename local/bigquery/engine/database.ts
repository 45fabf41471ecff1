/**
 * The one DuckDB file behind the local BigQuery.
 *
 * Guarantee: one writer at a time, each write a transaction of its own; what `write` resolved is in DuckDB's
 * write-ahead log and outlives SIGKILL. Readers have connections of their own, see one state, and never wait for a
 * writer. Checkpoints run beside the writer on a third connection (a commit that checkpoints by itself would stall
 * appends for a second), once the log is larger than `walBytes`.
 * Under pressure: reads beyond `readers` wait in order; a read or write is interrupted when its signal fires.
 * SQL has no way out: no extension can be installed, no file read but in the scratch folder.
 */
import { statSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance, type DuckDBMaterializedResult } from '@duckdb/node-api';
import { registerNativeFunctions } from './native-functions.ts';
import { Turns } from './turns.ts';

export interface DatabaseOptions {
  /** Folder of the file, made when missing. */
  readonly dataDir: string;
  /** DuckDB's memory, e.g. `2GB`. */
  readonly memoryLimit: string;
  /** DuckDB's worker threads. */
  readonly threads: number;
  /** Reads at once. Each holds a thread of libuv's pool (4, or UV_THREADPOOL_SIZE) while it runs. */
  readonly readers: number;
  /** Size of the write-ahead log at which a checkpoint starts. */
  readonly walBytes: number;
  /** Called once, when DuckDB refuses all further work. */
  readonly onFatal?: (error: Error) => void;
}

/** How often an interrupt is said again: DuckDB forgets one that comes between two statements. */
const INTERRUPT_AGAIN_MS = 20;

export class Database {
  /** Folder for files that SQL may read and write. Emptied at each start. */
  readonly scratchDir: string;
  readonly #instance: DuckDBInstance;
  readonly #writer: DuckDBConnection;
  readonly #checkpointer: DuckDBConnection;
  readonly #options: DatabaseOptions;
  readonly #writes = new Turns(1);
  readonly #reads: Turns;
  #checkpoint: Promise<void> | null = null;
  #checkpoints = 0;
  #fatal = false;
  #closed: Promise<void> | undefined;

  private constructor(
    options: DatabaseOptions,
    instance: DuckDBInstance,
    connections: readonly [writer: DuckDBConnection, checkpointer: DuckDBConnection],
  ) {
    this.#options = options;
    this.#instance = instance;
    [this.#writer, this.#checkpointer] = connections;
    this.#reads = new Turns(options.readers);
    this.scratchDir = scratchOf(options.dataDir);
  }

  static async open(options: DatabaseOptions): Promise<Database> {
    const scratchDir = scratchOf(options.dataDir);
    await rm(scratchDir, { recursive: true, force: true });
    await mkdir(scratchDir, { recursive: true });
    const instance = await DuckDBInstance.create(fileOf(options.dataDir), {
      threads: String(options.threads),
      memory_limit: options.memoryLimit,
      temp_directory: join(options.dataDir, 'spill'),
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      checkpoint_threshold: '1TB',
    });
    const writer = await instance.connect();
    registerNativeFunctions(writer);
    for (const sql of [
      `SET GLOBAL TimeZone = 'UTC'`,
      `SET GLOBAL allowed_directories = [${quoteText(`${scratchDir}/`)}]`,
      'SET GLOBAL enable_external_access = false',
    ]) {
      await writer.run(sql);
    }
    return new Database(options, instance, [writer, await instance.connect()]);
  }

  /** Runs `work` on a connection of its own. */
  read<T>(work: (connection: DuckDBConnection) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#reads.take(async () => {
      const connection = await this.#instance.connect();
      try {
        return await interruptible(connection, signal, () => work(connection));
      } finally {
        connection.closeSync();
      }
    }, signal);
  }

  /**
   * Runs `work` as the only writer, in one transaction: committed when it resolves, undone when it rejects.
   * `committed` runs after the commit and before the next writer.
   */
  async write<T>(
    work: (connection: DuckDBConnection) => Promise<T>,
    signal?: AbortSignal,
    committed?: () => void,
  ): Promise<T> {
    const result = await this.#writes.take(async () => {
      await this.#writer.run('BEGIN TRANSACTION');
      try {
        const value = await interruptible(this.#writer, signal, () => work(this.#writer));
        await this.#writer.run('COMMIT');
        committed?.();
        return value;
      } catch (error) {
        // A failed COMMIT has already rolled back.
        await this.#writer.run('ROLLBACK').catch(() => undefined);
        this.#noteFatal(error);
        throw error;
      }
    }, signal);
    this.#checkpointWhenDue();
    return result;
  }

  /** Writers that wait for their turn. */
  get waitingWriters(): number {
    return this.#writes.waiting;
  }

  get checkpoints(): number {
    return this.#checkpoints;
  }

  /** Bytes in the write-ahead log. */
  get walBytes(): number {
    return sizeOf(`${fileOf(this.#options.dataDir)}.wal`);
  }

  /** Bytes of the database file. */
  get fileBytes(): number {
    return sizeOf(fileOf(this.#options.dataDir));
  }

  /** Waits for the writer, then closes. The log goes into the file, so that the next start is quick. */
  close(): Promise<void> {
    this.#closed ??= this.#writes.take(async () => {
      await this.#checkpoint;
      await this.#checkpointer.run('CHECKPOINT').catch(() => undefined);
      this.#checkpointer.closeSync();
      this.#writer.closeSync();
      this.#instance.closeSync();
    });
    return this.#closed;
  }

  /** After an error in the log or the file DuckDB refuses everything until it is opened again. */
  #noteFatal(error: unknown): void {
    if (
      this.#fatal ||
      !(error instanceof Error) ||
      !/^FATAL|database has been invalidated/.test(error.message)
    ) {
      return;
    }
    this.#fatal = true;
    this.#options.onFatal?.(error);
  }

  #checkpointWhenDue(): void {
    if (this.#checkpoint !== null || this.#closed || this.walBytes < this.#options.walBytes) return;
    this.#checkpoint = this.#checkpointer
      .run('CHECKPOINT')
      .then(
        () => {
          this.#checkpoints++;
        },
        // It did not get its moment (a reader or writer in the way): the next commit asks again.
        (error: unknown) => {
          this.#noteFatal(error);
          console.error(
            JSON.stringify({
              severity: 'WARNING',
              stage: 'local-bigquery',
              message: 'checkpoint put off',
              walBytes: this.walBytes,
              error: error instanceof Error ? error.message.slice(0, 200) : 'unknown',
            }),
          );
        },
      )
      .finally(() => {
        this.#checkpoint = null;
      });
  }
}

/** A string literal of DuckDB. */
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Rows of a small query, as objects. */
export async function rowsOf(
  connection: DuckDBConnection,
  sql: string,
  values: (string | number | null)[] = [],
): Promise<Record<string, unknown>[]> {
  const result: DuckDBMaterializedResult = await connection.run(sql, values);
  return (await result.getRowObjectsJS()) as Record<string, unknown>[];
}

async function interruptible<T>(
  connection: DuckDBConnection,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (signal === undefined) return work();
  signal.throwIfAborted();
  let again: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    connection.interrupt();
    again ??= setInterval(() => connection.interrupt(), INTERRUPT_AGAIN_MS);
  };
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    return await work();
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    clearInterval(again);
    signal.removeEventListener('abort', interrupt);
  }
}

const fileOf = (dataDir: string): string => join(dataDir, 'bigquery.duckdb');
const scratchOf = (dataDir: string): string => join(dataDir, 'scratch');
const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
