import { execFile } from 'node:child_process';
import { access, constants, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { Storage } from '@google-cloud/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BigqueryService, startBigquery } from '../../../local/bigquery/service.ts';
import type { LocalService } from '../../../local/service.ts';
import { startStorage } from '../../../local/storage/service.ts';
import { applySql } from '../../../sql/apply.ts';
import { clientOf, DATASET, PROJECT } from './client.ts';

const installed = await Promise.any(
  (process.env.PATH ?? '').split(delimiter).map((dir) => access(join(dir, 'bq'), constants.X_OK)),
).then(
  () => true,
  () => false,
);

const SECONDS = 1_000;

describe.skipIf(!installed)(
  installed ? "Google's bq" : "Google's bq (skipped: bq of the Google Cloud SDK is not installed)",
  { timeout: 400 * SECONDS },
  () => {
    let dir: string;
    let storageService: LocalService;
    let service: BigqueryService;

    beforeAll(async () => {
      dir = await mkdtemp(join(tmpdir(), 'logweir-bq-'));
      storageService = await startStorage({ port: 0, dataDir: join(dir, 'storage') });
      const storageEndpoint = `http://127.0.0.1:${storageService.port}`;
      const dataDir = join(dir, 'bigquery');
      service = await startBigquery({ port: 0, writePort: 0, dataDir, projectId: PROJECT, storageEndpoint });
      await applySql({ bigquery: clientOf(service), dataset: DATASET });
      await new Storage({ projectId: PROJECT, apiEndpoint: storageEndpoint }).createBucket('files');
    });

    afterAll(async () => {
      await service.close();
      await storageService.close();
      await rm(dir, { recursive: true, force: true });
    });

    /** What `bq` prints; rejects with it where bq fails. */
    async function bq(...args: string[]): Promise<string> {
      const flags = [
        `--api=http://127.0.0.1:${service.port}`,
        `--project_id=${PROJECT}`,
        '--oauth_access_token=local',
        '--headless',
        '--quiet',
        '--format=json',
        `--bigqueryrc=${join(dir, 'none')}`,
      ];
      const env = {
        ...process.env,
        CLOUDSDK_CONFIG: join(dir, 'config'),
        CLOUDSDK_CORE_DISABLE_PROMPTS: '1',
      };
      const run = promisify(execFile)('bq', [...flags, ...args], { env });
      const { stdout } = await run.catch((error: { stdout?: string; message: string }) => {
        throw new Error(`${error.stdout}\n${error.message}`);
      });
      return stdout;
    }
    const query = async (sql: string): Promise<unknown> =>
      JSON.parse(await bq('query', '--use_legacy_sql=false', sql));

    it('lists datasets and tables, and shows a table with its schema', async () => {
      expect(JSON.parse(await bq('ls'))).toMatchObject([{ datasetReference: { datasetId: DATASET } }]);
      const tables = JSON.parse(await bq('ls', DATASET)) as { tableReference: { tableId: string } }[];
      expect(tables.map(({ tableReference }) => tableReference.tableId)).toEqual(
        expect.arrayContaining(['log_entries', 'logs', 'service_windows', 'windows']),
      );
      expect(JSON.parse(await bq('show', `${DATASET}.log_entries`))).toMatchObject({
        type: 'TABLE',
        timePartitioning: { field: 'timestamp' },
        numRows: '0',
      });
    });

    it('makes a table, fills it by insert, load and query, reads it by head and query, extracts and removes it', async () => {
      await bq('mk', '-t', `${DATASET}.made`, 'id:INTEGER,text:STRING,seen:TIMESTAMP');
      const rows = join(dir, 'rows.json');
      await writeFile(rows, '{"id":1,"text":"inserted","seen":"2026-11-20T10:00:00Z"}\n');
      await bq('insert', `${DATASET}.made`, rows);
      const csv = join(dir, 'rows.csv');
      await writeFile(csv, 'id,text,seen\n2,"loaded, quoted",2026-11-20 11:00:00 UTC\n');
      await bq('load', '--source_format=CSV', '--skip_leading_rows=1', `${DATASET}.made`, csv);
      const dml = `INSERT INTO ${DATASET}.made (id, text) VALUES (3, 'queried')`;
      expect(await bq('query', '--use_legacy_sql=false', dml)).toContain('affected rows: 1');
      expect(await query(`SELECT id, text, seen FROM ${DATASET}.made ORDER BY id`)).toEqual([
        { id: '1', text: 'inserted', seen: '2026-11-20 10:00:00' },
        { id: '2', text: 'loaded, quoted', seen: '2026-11-20 11:00:00' },
        { id: '3', text: 'queried', seen: null },
      ]);
      expect(JSON.parse(await bq('head', '-n', '2', `${DATASET}.made`))).toHaveLength(2);

      await bq(
        'extract',
        '--destination_format=NEWLINE_DELIMITED_JSON',
        `${DATASET}.made`,
        'gs://files/made.json',
      );
      await bq(
        'load',
        '--source_format=NEWLINE_DELIMITED_JSON',
        '--autodetect',
        `${DATASET}.again`,
        'gs://files/made.json',
      );
      expect(await query(`SELECT COUNT(*) AS n FROM ${DATASET}.again`)).toEqual([{ n: '3' }]);

      await bq('cp', `${DATASET}.made`, `${DATASET}.copied`);
      await bq('rm', '-f', '-t', `${DATASET}.made`);
      await expect(bq('show', `${DATASET}.made`)).rejects.toThrow(/Not found: Table p:logweir.made/);
    });

    it('says how much a query would read, and what is wrong with one', async () => {
      const dry = await bq(
        'query',
        '--use_legacy_sql=false',
        '--dry_run',
        `SELECT service FROM ${DATASET}.windows`,
      );
      expect(JSON.parse(dry)).toMatchObject({ statistics: { query: { statementType: 'SELECT' } } });
      await expect(query('SELECT nothing FROM')).rejects.toThrow(/Syntax error/);
      await expect(query(`SELECT nothing FROM ${DATASET}.windows`)).rejects.toThrow(/nothing/);
    });

    it('lists jobs', async () => {
      await query('SELECT 1 AS one');
      const jobs = JSON.parse(await bq('ls', '-j', '-n', '5')) as { state: string; jobType?: string }[];
      expect(jobs.length).toBeGreaterThan(0);
    });
  },
);
