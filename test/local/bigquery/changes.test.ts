import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Warehouse } from '../../../functions/warehouse/warehouse.ts';
import { errorWindows } from '../../../functions/warehouse/window-tables.ts';
import { applySql } from '../../../sql/apply.ts';
import { DATASET, rowsOf, writerOf } from './client.ts';
import { START_US } from './entries.ts';
import { useBigquery } from './fixture.ts';
import { jsonWriter, type WriterClient, writerClientOf } from './managed-writer.ts';

const bigquery = useBigquery();
let windows: Warehouse;
let writer: WriterClient;

const SCHEMA = [
  { name: 'id', type: 'STRING', mode: 'REQUIRED' },
  { name: 'value', type: 'INTEGER', mode: 'REQUIRED' },
  { name: 'tags', type: 'STRING', mode: 'REPEATED' },
];

beforeAll(async () => {
  await applySql({ bigquery: bigquery.client, dataset: DATASET });
  const dataset = bigquery.client.dataset(DATASET);
  await dataset.createTable('keyed', {
    schema: SCHEMA,
    tableConstraints: { primaryKey: { columns: ['id'] } },
  });
  await dataset.createTable('keyless', { schema: SCHEMA });
  windows = writerOf(bigquery.service);
  writer = writerClientOf(bigquery.service);
});

afterAll(async () => {
  await windows.close();
  writer.close();
});

const windowRow = (service: string, revision: number, errors: number) => ({
  job: 'error_counts',
  key: service,
  start: START_US / 1000,
  end: START_US / 1000 + 10_000,
  revision,
  tombstone: false,
  incomplete: false,
  parts: revision,
  emittedAtMs: START_US / 1000 + 12_000,
  value: { warnings: 0, errors, criticals: 0 },
});

const found = (service: string) =>
  rowsOf(
    bigquery.client,
    `SELECT revision, errors FROM error_counts WHERE service = '${service}' AND window_start > '2000-01-01'`,
  );

describe('windows that the functions upsert', () => {
  it('stand with their highest revision, in whatever order revisions come', async () => {
    const append = (...rows: ReturnType<typeof windowRow>[]) => windows.append(errorWindows, rows);
    await append(windowRow('a', 1, 10), windowRow('b', 1, 1));
    await append(windowRow('a', 3, 30));
    await append(windowRow('a', 2, 20), windowRow('b', 2, 2));
    expect(await found('a')).toEqual([{ revision: 3, errors: 30 }]);
    expect(await found('b')).toEqual([{ revision: 2, errors: 2 }]);
    await append(windowRow('c', 16, 16), windowRow('c', 9, 9), windowRow('c', 10, 10));
    expect(await found('c')).toEqual([{ revision: 16, errors: 16 }]);
    await append(windowRow('c', 16, 17));
    expect(await found('c')).toEqual([{ revision: 16, errors: 17 }]);
  });

  it('stand once each when many appends of the same windows run at the same time', async () => {
    const revisions = [3, 1, 5, 2, 4].flatMap((revision) =>
      Array.from({ length: 40 }, (_, i) => windowRow(`many-${i}`, revision, revision * 100)),
    );
    await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        windows.append(errorWindows, revisions.slice(i * 20, i * 20 + 20)),
      ),
    );
    const rows = await rowsOf(
      bigquery.client,
      "SELECT COUNT(*) AS n, MIN(errors) AS low FROM error_counts WHERE STARTS_WITH(service, 'many-') AND window_start > '2000-01-01'",
    );
    expect(rows).toEqual([{ n: 40, low: 500 }]);
  });
});

describe("changes of Google's managed writer", () => {
  const change = (type: string, row: object, sequence?: string) => ({
    ...row,
    _CHANGE_TYPE: type,
    ...(sequence === undefined ? {} : { _CHANGE_SEQUENCE_NUMBER: sequence }),
  });
  const keyed = () => rowsOf(bigquery.client, 'SELECT id, value, tags FROM keyed ORDER BY id');

  it('replace and delete rows by key; an older change never brings a row back', async () => {
    const json = await jsonWriter({ client: bigquery.client, writer }, 'keyed', true);
    const append = async (...rows: object[]) => {
      const answer = await json.appendRows(rows as Parameters<typeof json.appendRows>[0]).getResult();
      expect(answer?.error).toBeFalsy();
    };
    await append(
      change('UPSERT', { id: 'x', value: 1, tags: ['a'] }, '1'),
      change('UPSERT', { id: 'y', value: 1 }, '1'),
    );
    await append(change('UPSERT', { id: 'x', value: 2, tags: ['b', 'c'] }, 'A'));
    expect(await keyed()).toEqual([
      { id: 'x', value: 2, tags: ['b', 'c'] },
      { id: 'y', value: 1, tags: [] },
    ]);
    await append(change('DELETE', { id: 'x' }, 'A/1'));
    await append(change('UPSERT', { id: 'x', value: 3 }, 'A'));
    expect(await keyed()).toEqual([{ id: 'y', value: 1, tags: [] }]);
    await append(change('UPSERT', { id: 'x', value: 4 }, 'A/2'));
    expect(await keyed()).toHaveLength(2);
  });

  it.each([
    [
      'a type of change that is none',
      { id: 'r', value: 1, _CHANGE_TYPE: 'INSERT', _CHANGE_SEQUENCE_NUMBER: '1' },
    ],
    [
      'a sequence number that is none',
      { id: 'r', value: 1, _CHANGE_TYPE: 'UPSERT', _CHANGE_SEQUENCE_NUMBER: 'x' },
    ],
    [
      'an upsert without a required column',
      { id: 'r', _CHANGE_TYPE: 'UPSERT', _CHANGE_SEQUENCE_NUMBER: '1' },
    ],
  ])('are refused for %s', async (_, row) => {
    const json = await jsonWriter({ client: bigquery.client, writer }, 'keyed', true);
    const answer = await json.appendRows([row] as Parameters<typeof json.appendRows>[0]).getResult();
    expect(answer?.rowErrors).toHaveLength(1);
    expect((await keyed()).map(({ id }) => id)).not.toContain('r');
  });

  it('are refused for a table without a key', async () => {
    const json = await jsonWriter({ client: bigquery.client, writer }, 'keyless', true);
    const rows = [change('UPSERT', { id: 'x', value: 1 }, '1')] as Parameters<typeof json.appendRows>[0];
    await expect(json.appendRows(rows).getResult()).rejects.toThrow(/needs a table with a primary key/);
  });
});
