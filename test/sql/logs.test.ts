/** The views of hot and cold log entries as one, before anything is cold: what tiering does to them is tier.test.ts. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BigQuery } from '@google-cloud/bigquery';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COLD_COLUMNS } from '../../functions/archive/cold-schema.ts';
import { logEntries } from '../../functions/warehouse/tables.ts';
import { type BigqueryService, startBigquery } from '../../local/bigquery/service.ts';
import { applySql } from '../../sql/apply.ts';
import { readTableDefinition } from '../../sql/table-definition.ts';

const FOLDER = new URL('../../sql/', import.meta.url);
const DAY = "TIMESTAMP '2026-11-20 00:00:00+00'";
const SOURCES = ['hot_logs', 'logs', `logs_between(${DAY}, TIMESTAMP_ADD(${DAY}, INTERVAL 1 DAY))`];

let dataDir: string;
let service: BigqueryService;
let client: BigQuery;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'logs-'));
  service = await startBigquery({ port: 0, writePort: 0, dataDir, projectId: 'p' });
  client = new BigQuery({ projectId: 'p', apiEndpoint: `http://127.0.0.1:${service.port}` });
  await applySql({ bigquery: client, dataset: 'logweir' });
  await ask(`
    INSERT INTO log_entries (insert_id, timestamp, timestamp_source, received_at, service, severity, severity_number,
      message, labels, anomaly_score, anomaly_reasons, format)
    SELECT 'b-1', ${DAY}, 'time', TIMESTAMP_ADD(${DAY}, INTERVAL copy HOUR), 'auth', 'INFO', 200, 'hello',
      JSON '{"a":1.5}', 0, ['latency', 'severity'], 'json'
    FROM UNNEST([2, 1, 3]) AS copy`);
}, 60_000);

afterAll(async () => {
  await service.close();
  await rm(dataDir, { recursive: true, force: true });
});

const ask = async (query: string) =>
  (await client.query({ query, defaultDataset: { datasetId: 'logweir' } }))[0];

describe.each(SOURCES)('%s', (source) => {
  it('has the columns and types of log_entries, in their order', async () => {
    const like = async (from: string) => {
      const options = { query: `SELECT * FROM ${from} WHERE timestamp > ${DAY}`, maxResults: 0 };
      const [job] = await client.createQueryJob({ ...options, defaultDataset: { datasetId: 'logweir' } });
      const [, , response] = await job.getQueryResults({ autoPaginate: false });
      return response?.schema?.fields?.map(({ name, type, mode }) => [name, type, mode === 'REPEATED']);
    };
    const columns = await like(source);
    expect(columns).toEqual(await like('log_entries'));
    expect(columns).toHaveLength(logEntries.columns.length);
  });

  it('shows an entry once, as it was first received, before anything is cold', async () => {
    const rows = await ask(`
      SELECT insert_id, UNIX_SECONDS(received_at) AS received, labels.a AS a, anomaly_reasons
      FROM ${source} WHERE timestamp >= ${DAY}`);
    const received = Date.UTC(2026, 10, 20, 1) / 1000;
    expect(rows).toEqual([
      { insert_id: 'b-1', received, a: '1.5', anomaly_reasons: ['latency', 'severity'] },
    ]);
  });
});

describe('the cold table', () => {
  it('has the columns of the files and of their folders', async () => {
    const definition = readTableDefinition(
      await readFile(new URL('schema/log_entries_cold.sql', FOLDER), 'utf8'),
    );
    expect(definition?.fields.map(({ name }) => name)).toEqual([
      ...COLD_COLUMNS.map(({ name }) => name),
      'day',
      'service_hash',
    ]);
  });

  it.each(['views/logs.sql', 'functions/logs_between.sql'])(
    'is read back by %s as it was written',
    async (file) => {
      const text = await readFile(new URL(file, FOLDER), 'utf8');
      for (const { name, read } of COLD_COLUMNS)
        expect(text).toContain(read === name ? name : `${read} AS ${name}`);
    },
  );
});
