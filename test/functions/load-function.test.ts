/** The loader's whole way on the local Cloud Storage and BigQuery: files as `parse` writes them, rows as SQL shows them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bucket, Storage } from '@google-cloud/storage';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Answer } from '../../functions/close-function.ts';
import { REFUSED_PREFIX, ROWS_PREFIX, rowsName } from '../../functions/load/layout.ts';
import { stagingIn } from '../../functions/load/staging.ts';
import { openLoad } from '../../functions/load-function.ts';
import type { LogEntry } from '../../functions/parse/log-entry.ts';
import { type BigqueryService, startBigquery } from '../../local/bigquery/service.ts';
import type { LocalService } from '../../local/service.ts';
import { startStorage } from '../../local/storage/service.ts';
import { applySql } from '../../sql/apply.ts';
import { clientOf, DATASET, PROJECT, rowsOf } from '../local/bigquery/client.ts';
import { logEntry } from '../log-entry.ts';

let dir: string;
let storage: LocalService;
let bigquery: BigqueryService;
let bucket: Bucket;
let load: () => Promise<Answer>;
const said: Record<string, unknown>[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'logweir-load-'));
  storage = await startStorage({ port: 0, dataDir: join(dir, 'storage') });
  const storageEndpoint = `http://127.0.0.1:${storage.port}`;
  const dataDir = join(dir, 'bigquery');
  bigquery = await startBigquery({ port: 0, writePort: 0, dataDir, projectId: PROJECT, storageEndpoint });
  await applySql({ bigquery: clientOf(bigquery), dataset: DATASET });
  [bucket] = await new Storage({ projectId: PROJECT, apiEndpoint: storageEndpoint }).createBucket('staging');
  vi.stubEnv('STORAGE_EMULATOR_HOST', storageEndpoint);
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => {
    said.push(JSON.parse(String(line)) as Record<string, unknown>);
    return true;
  });
  load = await openLoad(settings());
});

afterAll(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await bigquery?.close();
  await storage?.close();
  await rm(dir, { recursive: true, force: true });
});

const settings = () => ({
  LOGWEIR_PROJECT: PROJECT,
  LOGWEIR_DATASET: DATASET,
  LOGWEIR_CLOSE_URL: 'http://127.0.0.1/',
  LOGWEIR_STAGING_BUCKET: 'staging',
  LOGWEIR_BIGQUERY_ENDPOINT: `http://127.0.0.1:${bigquery.port}`,
  LOGWEIR_BIGQUERY_WRITE_ENDPOINT: `127.0.0.1:${bigquery.writePort}`,
});

const stage = (...entries: LogEntry[]): Promise<void> =>
  stagingIn(bucket, { stagingWaitMs: 0, clock: Date.now }).write(entries);
const entry = (id: string, fields: Partial<LogEntry> = {}): LogEntry =>
  logEntry({ insert_id: id, timestamp: 1_795_168_800_000_000, message: `entry ${id}`, ...fields });
const files = async (prefix = ROWS_PREFIX) => (await bucket.getFiles({ prefix }))[0].map(({ name }) => name);

/** Runs until no file waits; what the runs said. */
async function loadAll(): Promise<readonly Record<string, unknown>[]> {
  said.length = 0;
  for (let runs = 0; runs < 100 && (runs === 0 || (await files()).length > 0); runs++) {
    await load();
    // The job goes on by itself.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(await files()).toEqual([]);
  return [...said];
}

const counts = async (table: string): Promise<Record<string, number>> => {
  const since = "timestamp > TIMESTAMP '1970-01-01'";
  const rows = await rowsOf(
    clientOf(bigquery),
    `SELECT insert_id, COUNT(*) AS n FROM ${table} WHERE ${since} GROUP BY insert_id ORDER BY insert_id`,
  );
  return Object.fromEntries(rows.map(({ insert_id, n }) => [insert_id, n]));
};

describe('load', () => {
  it('brings what was staged into the table, each file once, and leaves none', async () => {
    await stage(entry('a-0'), entry('a-1'));
    await stage(entry('b-0'));
    const lines = await loadAll();
    expect(await counts('log_entries')).toEqual({ 'a-0': 1, 'a-1': 1, 'b-0': 1 });
    expect(lines.every(({ severity }) => severity === 'INFO')).toBe(true);
    expect(lines.reduce((sum, { rows }) => sum + Number(rows), 0)).toBe(3);
  });

  it('does nothing where nothing is staged', async () => {
    expect(await load()).toMatchObject({ status: 200, body: { rows: 0, started: 0, oldest_ms: null } });
  });

  it('brings a batch that was delivered twice as often, which the view shows once', async () => {
    await stage(entry('c-0'));
    await stage(entry('c-0'));
    await loadAll();
    expect((await counts('log_entries'))['c-0']).toBe(2);
    expect((await counts('logs'))['c-0']).toBe(1);
  });

  it('writes the rows of a refused file one by one, makes dead letters of those that BigQuery does not take, and says so', async () => {
    await stage(entry('d-0'));
    await stage(entry('e-0'), entry('e-1', { labels: '{not json' }), entry('e-2'));
    await stage(entry('f-0'));
    const lines = await loadAll();
    const found = await counts('log_entries');
    for (const id of ['d-0', 'e-0', 'e-2', 'f-0']) expect(found[id], id).toBe(1);
    expect(found['e-1']).toBeUndefined();
    const letters = await rowsOf(
      clientOf(bigquery),
      "SELECT insert_id, stage, reason, SAFE_CONVERT_BYTES_TO_STRING(raw) AS raw FROM dead_letters WHERE received_at >= TIMESTAMP '1970-01-01'",
    );
    expect(letters).toMatchObject([{ insert_id: 'e-1', stage: 'warehouse', reason: 'refused' }]);
    expect(String(letters[0]?.raw)).toContain('entry e-1');
    expect(lines).toContainEqual(
      expect.objectContaining({ severity: 'ERROR', rescued_rows: 2, refused_rows: 1 }),
    );
  });

  it('puts a file that nobody can read aside, says so, and loads the others', async () => {
    const name = rowsName(Date.now(), 'broken');
    await bucket.file(name).save(Buffer.from('Obj\x01 not at all'), { resumable: false });
    await stage(entry('g-0'));
    const lines = await loadAll();
    expect((await counts('log_entries'))['g-0']).toBe(1);
    expect(await files(REFUSED_PREFIX)).toEqual([`${REFUSED_PREFIX}${name.slice(ROWS_PREFIX.length)}`]);
    expect(lines).toContainEqual(
      expect.objectContaining({ severity: 'ERROR', message: 'a file cannot be read and was put aside' }),
    );
  });

  it('says that rows wait long, once they do', async () => {
    const old = Date.now() - 3_600_000;
    await stagingIn(bucket, { stagingWaitMs: 0, clock: () => old }).write([entry('h-0')]);
    const [first] = await loadAll();
    expect(first).toMatchObject({ severity: 'ERROR', message: 'rows wait long to be loaded', started: 1 });
    expect(Number(first?.oldest_ms)).toBeGreaterThan(3_500_000);
  });

  it('answers 500 while BigQuery has no such dataset, keeps the files, and goes on when it has', async () => {
    await stage(entry('i-0'));
    const lost = await openLoad({ ...settings(), LOGWEIR_DATASET: 'not_there' });
    said.length = 0;
    expect(await lost()).toEqual({ status: 500, body: { error: 'loading failed' } });
    expect(said).toEqual([expect.objectContaining({ severity: 'ERROR', stage: 'load', code: 404 })]);
    expect(await files()).toHaveLength(1);
    await loadAll();
    expect((await counts('log_entries'))['i-0']).toBe(1);
  });

  it('is not opened without a bucket', async () => {
    const { LOGWEIR_STAGING_BUCKET: _, ...rest } = settings();
    await expect(openLoad(rest)).rejects.toThrow('LOGWEIR_STAGING_BUCKET is not set');
  });
});
