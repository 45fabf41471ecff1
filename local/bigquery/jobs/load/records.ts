/**
 * Load jobs that succeeded, kept in the database with the rows that they loaded: a client that asks for one again after
 * a crash of this service is told that it is done, as Google tells it for months.
 * Guarantee: rows and record come in one transaction. Those of a week are kept.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { type Database, rowsOf } from '../../engine/database.ts';
import type { Job, JobOutcome } from '../job.ts';

const TABLE = '"$jobs".loads';
const KEPT_MS = 7 * 86_400_000;

export class LoadRecords {
  readonly #jobs = new Map<string, Job>();

  /** Reads what the database holds. */
  static async open(database: Database, nowMs: number): Promise<LoadRecords> {
    const records = new LoadRecords();
    await database.write(async (connection) => {
      await connection.run('CREATE SCHEMA IF NOT EXISTS "$jobs"');
      await connection.run(`CREATE TABLE IF NOT EXISTS ${TABLE} (ended_ms BIGINT, document VARCHAR)`);
      await connection.run(`DELETE FROM ${TABLE} WHERE ended_ms < ${Math.floor(nowMs - KEPT_MS)}`);
      for (const { document } of await rowsOf(connection, `SELECT document FROM ${TABLE}`)) {
        const job = JSON.parse(String(document)) as Job;
        records.#jobs.set(job.jobId, job);
      }
    });
    return records;
  }

  find(jobId: string): Job | undefined {
    return this.#jobs.get(jobId);
  }

  /** Writes the record, in the transaction that writes the rows; it is found after the next start. */
  async write(
    connection: DuckDBConnection,
    job: Job,
    { outcome, nowMs }: { readonly outcome: JobOutcome; readonly nowMs: number },
  ): Promise<void> {
    const done: Job = { ...job, state: 'DONE', endedMs: nowMs, outcome };
    await connection.run(`INSERT INTO ${TABLE} VALUES (${Math.floor(nowMs)}, ?)`, [JSON.stringify(done)]);
  }
}
