import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BigQuery } from '@google-cloud/bigquery';
import { Storage } from '@google-cloud/storage';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ModelClient } from '../../functions/detect/model-client.ts';
import { answerLearn, type LearnContext } from '../../functions/learn-function.ts';
import { catalogueInBucket } from '../../functions/parse/pattern/catalogue-store.ts';
import { createMatcher, decodeCatalogue, patternOf } from '../../functions/parse/pattern/pattern.ts';
import { logEntries } from '../../functions/warehouse/tables.ts';
import { openWarehouse, type Warehouse } from '../../functions/warehouse/warehouse.ts';
import { type BigqueryService, startBigquery } from '../../local/bigquery/service.ts';
import { type StorageService, startStorage } from '../../local/storage/service.ts';
import { applySql } from '../../sql/apply.ts';
import { logEntry } from '../log-entry.ts';

const MINUTE_MS = 60_000;

const asked: string[] = [];
const models: ModelClient = {
  windows: async () => ({ version: null, answers: [] }),
  async messages(instances) {
    asked.push(...instances.map(({ message }) => message));
    return { version: 'v1', answers: instances.map(() => ({ category: 'timeout', confidence: 0.9 })) };
  },
};

let dir: string;
let warehouseService: BigqueryService;
let storageService: StorageService;
let bigquery: BigQuery;
let warehouse: Warehouse;
let context: LearnContext;
let nowMs = Date.UTC(2026, 10, 20, 10);

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'learn-'));
  warehouseService = await startBigquery({
    port: 0,
    writePort: 0,
    dataDir: join(dir, 'bigquery'),
    projectId: 'p',
  });
  storageService = await startStorage({ port: 0, dataDir: join(dir, 'storage') });
  bigquery = new BigQuery({ projectId: 'p', apiEndpoint: `http://127.0.0.1:${warehouseService.port}` });
  await applySql({ bigquery, dataset: 'logweir' });
  const storage = new Storage({ projectId: 'p', apiEndpoint: `http://127.0.0.1:${storageService.port}` });
  const [bucket] = await storage.createBucket('state');
  const endpoint = { host: '127.0.0.1', port: warehouseService.writePort };
  warehouse = openWarehouse({ projectId: 'p', datasetId: 'logweir', endpoint });
  context = {
    bigquery,
    datasetId: 'logweir',
    store: catalogueInBucket(bucket),
    progress: catalogueInBucket(bucket, 'patterns/counted-until.json'),
    warehouse,
    clock: () => nowMs,
    models,
  };
});

afterAll(async () => {
  await warehouse.close();
  await Promise.all([warehouseService.close(), storageService.close()]);
  await rm(dir, { recursive: true, force: true });
});

/** Entries that arrived just now; ids make them distinct. */
async function arrive(batch: string, messages: readonly string[], service = 'auth'): Promise<void> {
  const entries = messages.map((message, i) =>
    logEntry({
      insert_id: `${batch}-${i}`,
      timestamp: nowMs * 1000 - i,
      received_at: nowMs * 1000,
      service,
      severity: 500,
      message,
      pattern_id: patternOf(message).id,
    }),
  );
  await warehouse.append(logEntries, entries);
}

const patterns = async () =>
  (
    await bigquery.query({
      query:
        'SELECT template, entries, services, category, is_new, is_rare, learned FROM patterns ORDER BY entries DESC',
      defaultDataset: { datasetId: 'logweir' },
    })
  )[0];

it('a scheduled learning makes the catalogue and the table of patterns, and counts each entry once', async () => {
  const failures = Array.from({ length: 30 }, (_, i) => `connection to host-${i} refused after ${i * 7} ms`);
  await arrive('a', failures);
  await arrive('b', ['cache is cold']);
  nowMs += 2 * MINUTE_MS;
  expect(await answerLearn(context)).toMatchObject({
    status: 200,
    body: { entries: 31, rows: 2, revision: 1 },
  });

  await arrive('c', failures.slice(0, 5), 'payment');
  nowMs += 2 * MINUTE_MS;
  expect(await answerLearn(context)).toMatchObject({
    status: 200,
    body: { entries: 5, rows: 1, revision: 2 },
  });
  expect(await answerLearn(context)).toMatchObject({ status: 200, body: { entries: 0, rows: 0 } });

  expect(await patterns()).toMatchObject([
    {
      entries: 35,
      services: ['auth', 'payment'],
      category: 'timeout',
      is_new: true,
      is_rare: false,
      learned: true,
    },
    { template: 'cache is cold', entries: 1, services: ['auth'], is_rare: true },
  ]);
  // Once a pattern.
  expect(asked).toHaveLength(2);
  const stored = await context.store.read(null);
  if (stored === null || stored === 'same') throw new Error('no catalogue');
  const decoded = decodeCatalogue(stored.text);
  if ('refused' in decoded) throw new Error(decoded.refused);
  expect(createMatcher(decoded.catalogue)('connection to host-99 refused after 1 ms')).toMatchObject({
    known: true,
  });
});

it('a run that dies before it noted its end counts nothing twice when it runs again', async () => {
  const before = (await patterns())[0]?.entries;
  await arrive('d', ['connection to host-1 refused after 3 ms', 'connection to host-2 refused after 4 ms']);
  nowMs += 2 * MINUTE_MS;
  const dying = {
    ...context,
    progress: { ...context.progress, write: () => Promise.reject(new Error('died')) },
  };
  expect(await answerLearn(dying)).toMatchObject({ status: 500 });
  nowMs += MINUTE_MS;
  expect(await answerLearn(context)).toMatchObject({ status: 200 });
  expect((await patterns())[0]?.entries).toBe(before + 2);
});
