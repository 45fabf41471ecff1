/** A log's way back: archived by Pub/Sub, replayed by the command, with the rows that the live path wrote. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { Storage } from '@google-cloud/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Laptop, type Row, startLaptop, until } from './laptop.ts';

const LOGWEIR = fileURLToPath(new URL('../../local/logweir.mjs', import.meta.url));
const START_MS = Date.UTC(2026, 10, 20, 10);
const SECONDS = 20;
const LINES = 2000;
/** Columns that tell one revision from another. */
const WINDOWS = 'SELECT * EXCEPT (revision, emitted_at) FROM windows ORDER BY job, service, window_start';
const REVISIONS = 'SELECT DISTINCT revision FROM windows ORDER BY revision';

let laptop: Laptop;

beforeAll(async () => {
  laptop = await startLaptop({ archiveMs: 500 });
});

afterAll(() => laptop?.close());

const line = (i: number): string =>
  JSON.stringify({
    time: new Date(START_MS + (i * SECONDS * 1000) / LINES).toISOString(),
    service: ['auth', 'cart', 'payment'][i % 3],
    level: i % 17 === 0 ? 'error' : 'info',
    message: `order ${i} was ${i % 5 === 0 ? 'refused' : 'taken'} by till ${i % 23}`,
    latency_ms: 2 + ((i * 37) % 500) / 3,
    user_id: `u${i % 71}`,
  });

async function archivedFiles(): Promise<number> {
  const { projectId, storage, archiveBucket } = laptop.cloud.endpoints;
  const client = new Storage({ projectId, apiEndpoint: storage });
  return (await client.bucket(archiveBucket).getFiles({ prefix: 'raw/' }))[0].length;
}

/** Runs the command as a user does; gives what it said and its exit code. */
async function logweir(...args: string[]): Promise<{ text: string; code: number }> {
  const run = promisify(execFile)(process.execPath, [LOGWEIR, ...args, '--data-dir', laptop.cloud.dataDir]);
  return run.then(
    ({ stdout, stderr }) => ({ text: stdout + stderr, code: 0 }),
    ({ stdout, stderr, code }) => ({ text: stdout + stderr, code }),
  );
}

const rows = (query: string): Promise<Row[]> => laptop.query(query);

describe('logweir replay', () => {
  it('writes the rows of the live path again, and restores lost rows of log_entries', async () => {
    for (let at = 0; at < LINES; at += 250) {
      const lines = Array.from({ length: 250 }, (_, i) => `${line(at + i)}\n`).join('');
      await laptop.publish(gzipSync(lines), { 'logweir-backfill': 'true' });
    }
    await laptop.quiet();
    await until(async () => (await archivedFiles()) > 0);
    const before = await rows(WINDOWS);
    expect(before.reduce((sum, row) => sum + Number(row.entries), 0)).toBe(LINES);

    // What is learned from now on gives the same messages other patterns.
    const learned = await fetch(laptop.cloud.endpoints.learn, { method: 'POST' });
    expect(await learned.json()).toMatchObject({ revision: 1 });
    const span = ['--from', '2026-11-20T10:00', '--to', '2026-11-20T10:01'];
    const plan = await logweir('replay', ...span, '--dry-run');
    expect(plan.text).toMatch(/would read\s+\d+ files? .*, 8 messages/);
    expect(await rows(REVISIONS)).toEqual([{ revision: 1 }]);

    await rows(`DELETE FROM log_entries WHERE timestamp > TIMESTAMP '1970-01-01' AND service = 'cart'`);
    const replayed = await logweir('replay', ...span);
    expect(replayed).toMatchObject({ code: 0 });
    expect(replayed.text).toMatch(new RegExp(`windows\\s+${SECONDS} written in ${before.length} rows`));
    expect(await rows(WINDOWS)).toEqual(before);
    expect(await rows(REVISIONS)).toEqual([{ revision: 2 }]);
    const logs = `SELECT COUNT(*) AS n FROM logs WHERE timestamp > TIMESTAMP '1970-01-01'`;
    expect(await rows(logs)).toEqual([{ n: LINES }]);
  });
});
