import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BigQuery } from '@google-cloud/bigquery';
import { Storage } from '@google-cloud/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BigqueryService, startBigquery } from '../../../local/bigquery/service.ts';
import type { LocalService } from '../../../local/service.ts';
import { startStorage } from '../../../local/storage/service.ts';
import { clientOf, DATASET, PROJECT, rowsOf } from './client.ts';

let dir: string;
let storageService: LocalService;
let service: BigqueryService;
let client: BigQuery;
let storage: Storage;

const start = async (): Promise<void> => {
  const storageEndpoint = `http://127.0.0.1:${storageService.port}`;
  const dataDir = join(dir, 'bigquery');
  service = await startBigquery({ port: 0, writePort: 0, dataDir, projectId: PROJECT, storageEndpoint });
  client = clientOf(service);
};

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'logweir-definitions-'));
  storageService = await startStorage({ port: 0, dataDir: join(dir, 'storage') });
  storage = new Storage({ projectId: PROJECT, apiEndpoint: `http://127.0.0.1:${storageService.port}` });
  await storage.createBucket('cold');
  await start();
  await client.createDataset(DATASET);
  await sql('CREATE TABLE t (day DATE, service STRING, n INT64)');
  await sql("INSERT INTO t VALUES ('2026-11-20', 'a', 1), ('2026-11-20', 'b', 2), ('2026-11-21', 'a', 3)");
});

afterAll(async () => {
  await service.close();
  await storageService.close();
  await rm(dir, { recursive: true, force: true });
});

const sql = (query: string) => rowsOf(client, query);

describe('functions of a dataset', () => {
  it('are called by name, listed, replaced and dropped, and are there after a restart', async () => {
    await sql('CREATE FUNCTION twice(x INT64) AS (x * 2)');
    await sql('CREATE TABLE FUNCTION of_day(d DATE) AS SELECT service, n FROM t WHERE day = d');
    expect(await sql(`SELECT ${DATASET}.twice(21) AS n`)).toEqual([{ n: 42 }]);
    expect(await sql(`SELECT n FROM ${DATASET}.of_day('2026-11-21')`)).toEqual([{ n: 3 }]);
    await expect(sql('CREATE FUNCTION twice(x INT64) AS (x)')).rejects.toMatchObject({ code: 409 });
    await sql('CREATE OR REPLACE FUNCTION twice(x INT64) AS (x + x + 0)');
    const [routines] = await client.dataset(DATASET).getRoutines();
    expect(routines.map(({ id }) => id)).toEqual(['of_day', 'twice']);
    await service.close();
    await start();
    expect(await sql(`SELECT ${DATASET}.twice(4) AS n`)).toEqual([{ n: 8 }]);
    await sql('DROP FUNCTION twice');
    await expect(sql(`SELECT ${DATASET}.twice(4) AS n`)).rejects.toThrow(/twice/i);
  });
});

describe('exported files as an external table', () => {
  const names = async (): Promise<string[]> =>
    (await storage.bucket('cold').getFiles())[0].map(({ name }) => name).sort();
  const exportDay = (day: string, overwrite = 'false') =>
    sql(
      `EXPORT DATA OPTIONS (uri = 'gs://cold/t/day=${day}/*.parquet', format = 'PARQUET', compression = 'ZSTD', overwrite = ${overwrite}) AS SELECT service, n FROM t WHERE day = '${day}'`,
    );

  it('shows the rows of all files, with the columns of their paths, and new files as they come', async () => {
    await exportDay('2026-11-20');
    expect(await names()).toEqual(['t/day=2026-11-20/000000000000.parquet']);
    await sql(
      `CREATE EXTERNAL TABLE cold WITH PARTITION COLUMNS (day DATE) OPTIONS (format = 'PARQUET', uris = ['gs://cold/t/*'], hive_partition_uri_prefix = 'gs://cold/t')`,
    );
    const all = 'SELECT CAST(day AS STRING) AS day, service, n FROM cold ORDER BY n';
    expect(await sql(all)).toEqual([
      { day: '2026-11-20', service: 'a', n: 1 },
      { day: '2026-11-20', service: 'b', n: 2 },
    ]);
    await exportDay('2026-11-21');
    expect(await sql(all)).toHaveLength(3);
    expect(await sql("SELECT SUM(n) AS n FROM cold WHERE day > '2026-11-20'")).toEqual([{ n: 3 }]);
    await service.close();
    await start();
    expect(await sql(all)).toHaveLength(3);
    const [metadata] = await client.dataset(DATASET).table('cold').getMetadata();
    expect(metadata).toMatchObject({
      type: 'EXTERNAL',
      externalDataConfiguration: { sourceFormat: 'PARQUET' },
    });
    await expect(
      client
        .dataset(DATASET)
        .table('cold')
        .insert([{ n: 1 }]),
    ).rejects.toThrow(/EXTERNAL/);
  });

  it('is refused without a filter on a column of its paths, where it asks for one', async () => {
    await sql(
      `CREATE EXTERNAL TABLE strict WITH PARTITION COLUMNS (day DATE) OPTIONS (format = 'PARQUET', uris = ['gs://cold/t/*'], hive_partition_uri_prefix = 'gs://cold/t', require_hive_partition_filter = true)`,
    );
    await expect(sql('SELECT COUNT(*) AS n FROM strict WHERE n > 1')).rejects.toMatchObject({
      code: 400,
      message: expect.stringContaining(
        `Cannot query over table 'p.logweir.strict' without a filter over column(s) 'day' that can be used for partition elimination`,
      ),
    });
    expect(await sql("SELECT COUNT(*) AS n FROM strict WHERE day = '2026-11-21'")).toEqual([{ n: 1 }]);
  });

  it('is not written over unless it is asked for', async () => {
    await expect(exportDay('2026-11-20')).rejects.toThrow(/already holds files/);
    await exportDay('2026-11-20', 'true');
  });

  it('may name a connection before or after its columns of paths, by any of its names', async () => {
    const wanted = {
      'WITH PARTITION COLUMNS (day DATE) WITH CONNECTION `my-project.europe-west1.cold`':
        'my-project.europe-west1.cold',
      'WITH CONNECTION my-project.us.cold WITH PARTITION COLUMNS (day DATE)': 'my-project.us.cold',
      'WITH PARTITION COLUMNS (day DATE) WITH CONNECTION `eu.cold`': 'p.eu.cold',
      'WITH PARTITION COLUMNS (day DATE) WITH CONNECTION DEFAULT':
        'p.us.__default_cloudresource_connection__',
    };
    for (const [clauses, connectionId] of Object.entries(wanted)) {
      await sql(
        `CREATE OR REPLACE EXTERNAL TABLE delegated (service STRING, n INT64) ${clauses} OPTIONS (format = 'PARQUET', uris = ['gs://cold/t/*'], hive_partition_uri_prefix = 'gs://cold/t')`,
      );
      const [metadata] = await client.dataset(DATASET).table('delegated').getMetadata();
      expect(metadata.externalDataConfiguration, clauses).toMatchObject({ connectionId });
      expect(await sql('SELECT COUNT(*) AS n FROM delegated')).toEqual([{ n: 3 }]);
    }
    await expect(
      sql(
        "CREATE EXTERNAL TABLE x WITH CONNECTION cold OPTIONS (format = 'PARQUET', uris = ['gs://cold/t/*'])",
      ),
    ).rejects.toThrow(/Invalid connection name: cold; allowed: project\.location\.connection/);
  });

  it('may be empty, where it declares its columns', async () => {
    await sql(
      "CREATE EXTERNAL TABLE none (n INT64) OPTIONS (format = 'PARQUET', uris = ['gs://cold/none/*'])",
    );
    expect(await sql('SELECT COUNT(n) AS n FROM none')).toEqual([{ n: 0 }]);
  });
});
