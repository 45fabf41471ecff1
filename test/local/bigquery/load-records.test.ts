import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BigQuery } from '@google-cloud/bigquery';
import { Storage } from '@google-cloud/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { avroSchema, BlockWriter, containerHead } from '../../../functions/load/avro-rows.ts';
import { nullable, required, type Table } from '../../../functions/warehouse/table.ts';
import { logEntries } from '../../../functions/warehouse/tables.ts';
import type { LocalService } from '../../../local/service.ts';
import { startStorage } from '../../../local/storage/service.ts';
import { applySql } from '../../../sql/apply.ts';
import { logEntry } from '../../log-entry.ts';
import { clientOf, DATASET, PROJECT, rowsOf } from './client.ts';
import { startWarehouseProcess, type WarehouseProcess } from './warehouse-process.ts';

let dir: string;
let storageService: LocalService;
let storage: Storage;
let service: WarehouseProcess;
let client: BigQuery;

const start = async (): Promise<void> => {
  const storageEndpoint = `http://127.0.0.1:${storageService.port}`;
  service = await startWarehouseProcess({
    dataDir: join(dir, 'bigquery'),
    projectId: PROJECT,
    storageEndpoint,
  });
  client = clientOf(service);
};

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'logweir-load-'));
  storageService = await startStorage({ port: 0, dataDir: join(dir, 'storage') });
  storage = new Storage({ projectId: PROJECT, apiEndpoint: `http://127.0.0.1:${storageService.port}` });
  await storage.createBucket('files');
  await start();
  await applySql({ bigquery: client, dataset: DATASET });
});

afterAll(async () => {
  await service.end('SIGKILL');
  await storageService.close();
  await rm(dir, { recursive: true, force: true });
});

const put = (name: string, body: Buffer) =>
  storage.bucket('files').file(name).save(body, { resumable: false });

const fileOf = <Row>(table: Table<Row>, rows: readonly Row[]): Buffer => {
  const sync = Buffer.alloc(16, 7);
  return Buffer.concat([
    containerHead(table as Table<never>, sync),
    ...new BlockWriter(table).blocks(rows, sync),
  ]);
};

const load = async (jobId: string, names: readonly string[]) => {
  const [job] = await client.createJob({
    jobId,
    configuration: {
      load: {
        sourceUris: names.map((name) => `gs://files/${name}`),
        sourceFormat: 'AVRO',
        useAvroLogicalTypes: true,
        destinationTable: { projectId: PROJECT, datasetId: DATASET, tableId: 'log_entries' },
        createDisposition: 'CREATE_NEVER',
      },
    },
  });
  return job.promise();
};

const messages = async () =>
  (
    await rowsOf(client, "SELECT message FROM log_entries WHERE timestamp > '1960-01-01' ORDER BY message")
  ).map(({ message }) => message);

describe('a load job of log entries', () => {
  it('brings rows with times, JSON and lists as they were', async () => {
    const entry = logEntry({
      ...{ insert_id: 'b-1', timestamp: 1_795_168_800_123_456, received_at: 1_795_168_801_000_000 },
      ...{ message: 'first', labels: '{"a":{"b":[1,"ü"]}}', anomaly_reasons: ['severity', 'latency'] },
      ...{ latency_ms: 0.1, http_status: 503, severity: 500 },
    });
    await put('1.avro', fileOf(logEntries, [entry]));
    await load('first', ['1.avro']);
    const [row] = await rowsOf(
      client,
      `SELECT FORMAT_TIMESTAMP('%F %H:%M:%E6S', timestamp) AS moment, STRING(labels.a.b[1]) AS word, anomaly_reasons,
         latency_ms, http_status, severity, user_id FROM log_entries WHERE insert_id = 'b-1' AND timestamp > '2026-01-01'`,
    );
    expect(row).toEqual({
      ...{ moment: '2026-11-20 10:00:00.123456', word: 'ü', anomaly_reasons: ['severity', 'latency'] },
      ...{ latency_ms: 0.1, http_status: 503, severity: 'ERROR', user_id: null },
    });
  });

  it('that was done is refused under its name and found as done, also after the service was killed', async () => {
    await service.end('SIGKILL');
    await start();
    await expect(load('first', ['1.avro'])).rejects.toMatchObject({ code: 409 });
    const [{ status, statistics }] = await client.job('first').getMetadata();
    expect(status.state).toBe('DONE');
    expect(statistics.load.outputRows).toBe('1');
    expect(await messages()).toEqual(['first']);
  });

  it('that fails brings nothing, and names the file that is to blame', async () => {
    await put('2.avro', fileOf(logEntries, [logEntry({ insert_id: 'b-2', message: 'second' })]));
    const damaged = fileOf(logEntries, [logEntry({ insert_id: 'b-3' })]);
    await put('3.avro', damaged.subarray(0, damaged.length - 20));
    await put('4.avro', fileOf(logEntries, [logEntry({ insert_id: 'b-4', labels: '{not json' })]));
    for (const bad of ['3.avro', '4.avro']) {
      await expect(load(`with-${bad.slice(0, 1)}`, ['2.avro', bad])).rejects.toMatchObject({
        errors: [{ reason: 'invalid', location: `gs://files/${bad}` }],
      });
    }
    expect(await messages()).toEqual(['first']);
  });

  it.each([
    [
      'JSON that is not marked as such',
      { name: 'labels', type: 'STRING' as const, mode: 'NULLABLE' as const },
      /labels has changed type/,
    ],
    [
      'a time that is a number',
      { name: 'timestamp', type: 'INT64' as const, mode: 'REQUIRED' as const },
      /timestamp has changed type/,
    ],
    [
      'what may be missing',
      { name: 'message', type: 'STRING' as const, mode: 'NULLABLE' as const },
      /message has changed mode/,
    ],
  ])('is refused for %s', async (_, changed, finding) => {
    const columns = logEntries.columns.map((one) =>
      one.name === changed.name ? { ...one, ...changed } : one,
    );
    await put('5.avro', fileOf({ ...logEntries, columns }, [logEntry({ insert_id: 'b-5' })]));
    await expect(load(`other-${changed.name}`, ['5.avro'])).rejects.toThrow(finding);
  });

  it('is refused for a column that the table has not', async () => {
    const columns = [
      ...logEntries.columns,
      nullable('more', 'STRING', () => null),
      required('most', 'BOOL', () => true),
    ];
    const table = { ...logEntries, columns } as typeof logEntries;
    expect(JSON.stringify(avroSchema(table as Table<never>))).toContain('more');
    await put('6.avro', fileOf(table, [logEntry()]));
    await expect(load('more', ['6.avro'])).rejects.toThrow(/Cannot add fields \(field: more\)/);
  });
});
