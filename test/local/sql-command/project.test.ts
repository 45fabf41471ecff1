/** `logweir sql --project` as a user meets it, before a BigQuery over HTTP that is not Google's. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BigQuery } from '@google-cloud/bigquery';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type BigqueryService, startBigquery } from '../../../local/bigquery/service.ts';
import { sqlCommand } from '../../../local/sql-command/command.ts';
import { advised } from '../../../local/sql-command/warehouse.ts';

const PROJECT = 'my-project';
const COUNT = 'SELECT COUNT(*) AS n FROM log_entries';

let folder: string;
let service: BigqueryService;
let endpoint: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sql-project-'));
  service = await startBigquery({ port: 0, writePort: 0, dataDir: join(folder, 'data'), projectId: PROJECT });
  endpoint = `http://127.0.0.1:${service.port}`;
  await new BigQuery({ projectId: PROJECT, apiEndpoint: endpoint }).query(`CREATE SCHEMA logweir;
    CREATE TABLE logweir.log_entries (insert_id STRING, timestamp TIMESTAMP, received_at TIMESTAMP, service STRING,
      severity STRING, message STRING, trace_id STRING, labels JSON);
    INSERT INTO logweir.log_entries VALUES
      ('a', TIMESTAMP '2026-11-20 10:00:00+00', TIMESTAMP '2026-11-20 10:00:01+00', 'auth', 'ERROR', 'Timeout', 't', NULL),
      ('b', TIMESTAMP '2026-11-20 10:00:03+00', TIMESTAMP '2026-11-20 10:00:04+00', 'pay', 'INFO', 'paid', NULL, NULL)`);
});
afterAll(async () => {
  await service.close();
  await rm(folder, { recursive: true, force: true });
});
afterEach(() => vi.restoreAllMocks());

/** Runs the command in this process; nothing runs with its data folder. */
async function sql(...args: string[]): Promise<{ readonly out: string; readonly said: string }> {
  let out = '';
  let said = '';
  const keep = (text: unknown): boolean => {
    out += String(text);
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(keep);
  vi.spyOn(console, 'log').mockImplementation((text: unknown) => void keep(`${text}\n`));
  vi.spyOn(console, 'error').mockImplementation((text: unknown) => {
    said += `${text}\n`;
  });
  try {
    await sqlCommand()
      .exitOverride()
      .configureOutput({ writeErr: () => {} })
      .parseAsync(['--data-dir', join(folder, 'nowhere'), ...args], { from: 'user' });
  } finally {
    vi.restoreAllMocks();
  }
  return { out, said };
}

const ask = (...args: string[]) => sql('--project', PROJECT, '--endpoint', endpoint, ...args);

describe('a project', () => {
  it('is asked without a laptop that runs, with the same outputs, also by a saved query or a file', async () => {
    expect((await ask('--format', 'csv', COUNT)).out).toBe('n\r\n2\r\n');
    const file = join(folder, 'count.sql');
    await writeFile(file, COUNT);
    expect(JSON.parse((await ask('-f', file, '--format', 'json')).out)).toEqual({ n: 2 });
    const since = ['--param', 'since:TIMESTAMP:2026-11-20', '--param', 'until:TIMESTAMP:2026-11-21'] as const;
    expect((await ask('--saved', 'search', ...since, '--param', 'words::timeout')).out).toContain('Timeout');
    expect((await ask('--location', 'US', '--dataset', 'logweir', COUNT)).said).toMatch(/^1 row, /);
  });

  it('is asked within a limit of bytes, and a dry run says whether it would do', async () => {
    const few = ['--max-bytes', '10B'] as const;
    await expect(ask(...few, COUNT)).rejects.toThrow(
      /limit for bytes billed: 10\b.*--max-bytes raises the limit/,
    );
    const { out, said } = await ask(...few, '--dry-run', COUNT);
    expect(out).toMatch(/^would read at most \d+ B\n/);
    expect(said).toBe('that is more than 10B: it would be refused without a larger --max-bytes\n');
    expect((await ask('--dry-run', COUNT)).said).toBe('');
  });

  it('that has another dataset, or none of this name, is said with what to change', async () => {
    await expect(ask('--dataset', 'logweir_dev', COUNT)).rejects.toThrow(
      /Not found: Dataset .*logweir_dev.*--dataset and --location name another/,
    );
    await expect(sql('--location', 'EU', COUNT)).rejects.toThrow('--location goes with --project');
    await expect(ask('--max-bytes', 'much', COUNT)).rejects.toThrow(/allowed: a size from 1B/);
  });

  it('without credentials says how to get some', async () => {
    vi.stubEnv('HOME', folder);
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '');
    try {
      await expect(sql('--project', PROJECT, COUNT)).rejects.toThrow(
        /^no Google credentials: run "gcloud auth application-default login"/,
      );
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it.each([
    ['invalid_grant', /good no longer: run "gcloud auth application-default login" again/],
    ['Access Denied: Project p: User does not have bigquery.jobs.create', /needs BigQuery Job User/],
    ['Syntax error at [1:1]', /^Syntax error at \[1:1\]$/],
  ])('that answers "%s" leads on', (message, advice) => {
    expect((advised(new Error(message), { project: 'p' }) as Error).message).toMatch(advice);
    expect((advised(new Error(message), {}) as Error).message).toBe(message);
  });
});
