import { BigQuery } from '@google-cloud/bigquery';
import { beforeAll, describe, expect, it } from 'vitest';
import { ManualTimers } from '../../manual-timers.ts';
import { DATASET } from './client.ts';
import { useBigquery } from './fixture.ts';

const timers = new ManualTimers();
const bigquery = useBigquery({ timers });

const SCHEMA = [
  { name: 'id', type: 'INTEGER', mode: 'REQUIRED' },
  { name: 'text', type: 'STRING' },
  { name: 'seen', type: 'TIMESTAMP' },
  { name: 'raw', type: 'BYTES' },
  { name: 'doc', type: 'JSON' },
  { name: 'tags', type: 'STRING', mode: 'REPEATED' },
  { name: 'http', type: 'RECORD', fields: [{ name: 'code', type: 'INTEGER' }] },
];

const table = (name: string) => bigquery.client.dataset(DATASET).table(name);

beforeAll(async () => {
  const [dataset] = await bigquery.client.createDataset(DATASET);
  for (const name of ['rows', 'many', 'wrong', 'twice']) await dataset.createTable(name, { schema: SCHEMA });
  await dataset.createTable('by_ingestion', { schema: SCHEMA, timePartitioning: { type: 'DAY' } });
});

describe('rows inserted by insertAll', () => {
  it('are listed as they were given', async () => {
    await table('rows').insert([
      {
        id: 1,
        text: 'é',
        seen: BigQuery.timestamp('2026-11-20T10:20:30.456789Z'),
        raw: Buffer.from([0, 255]),
        doc: '{"b": 1, "a": [true]}',
        tags: ['x', 'y'],
        http: { code: 200 },
      },
      { id: '9007199254740993', seen: 1.5 },
    ]);
    const [rows] = await table('rows').getRows({ wrapIntegers: true });
    expect(rows[0]).toMatchObject({
      id: { value: '1' },
      text: 'é',
      seen: { value: '2026-11-20T10:20:30.456789000Z' },
      raw: Buffer.from([0, 255]),
      tags: ['x', 'y'],
      http: { code: { value: '200' } },
    });
    expect(rows[0].doc).toMatch(/^\{"a":\[true\],"b":1\}$/);
    expect(rows[1]).toMatchObject({ id: { value: '9007199254740993' }, text: null, tags: [], http: null });
    expect(rows[1].seen.value).toMatch(/^1970-01-01T00:00:01\.500/);
  });

  it('refuse the whole request where one is wrong, and say which and why', async () => {
    const rows = [
      { id: 1 },
      { id: 'one' },
      { id: 2, colour: 'red' },
      { text: 'no id' },
      { id: 3, doc: '{' },
      { id: 4, tags: 'x' },
      { id: 5, http: 7 },
    ];
    const failure = await table('wrong')
      .insert(rows)
      .catch((error: unknown) => error);
    const { errors } = failure as {
      errors: { row: object; errors: { reason: string; message: string }[] }[];
    };
    const told = Object.fromEntries(
      errors.map(({ row, errors: [first] }) => [rows.indexOf(row as never), first]),
    );
    expect(told[0]?.reason).toBe('stopped');
    expect(told[1]).toMatchObject({
      reason: 'invalid',
      message: 'Cannot convert value to integer (bad value): one',
    });
    expect(told[2]?.message).toBe('no such field: colour.');
    expect(told[3]?.message).toBe('Missing required field: id.');
    expect(told[4]?.message).toMatch(/json/);
    expect(told[5]?.message).toMatch(/repeated/);
    expect(told[6]?.message).toMatch(/not a record/);
    const [there] = await table('wrong').getRows();
    expect(there).toEqual([]);
  });

  it('leave out the wrong ones where the client asks for it', async () => {
    const rows = [{ id: 1, more: 1 }, { id: 'one' }, { id: 2 }];
    await table('wrong')
      .insert(rows, { skipInvalidRows: true, ignoreUnknownValues: true })
      .catch(() => undefined);
    const [there] = await table('wrong').getRows();
    expect(there.map(({ id }) => id)).toEqual([1, 2]);
  });

  it('are not written twice within a minute, where they carry an insertId', async () => {
    const row = { insertId: 'once', json: { id: 1 } };
    await table('twice').insert([row], { raw: true });
    await table('twice').insert([row, { insertId: 'other', json: { id: 2 } }], { raw: true });
    expect((await table('twice').getRows())[0].map(({ id }) => id)).toEqual([1, 2]);
    await timers.advance(61_000);
    await table('twice').insert([row], { raw: true });
    expect((await table('twice').getRows())[0]).toHaveLength(3);
  });

  it('carry the day of their ingestion in a table that is partitioned by it', async () => {
    await table('by_ingestion').insert([{ id: 1 }]);
    const [rows] = await bigquery.client.query({
      query: `SELECT id, CAST(_PARTITIONTIME AS STRING) AS day FROM ${DATASET}.by_ingestion`,
    });
    expect(rows).toEqual([{ id: 1, day: '2026-11-20 00:00:00+00' }]);
  });

  it('answer 404 for a table that is not there', async () => {
    await expect(table('nowhere').insert([{ id: 1 }])).rejects.toMatchObject({ code: 404 });
  });
});

describe('listing a table', () => {
  it('goes page by page, each row once', async () => {
    const rows = Array.from({ length: 2_500 }, (_, id) => ({ id, text: `row ${id}` }));
    await table('many').insert(rows);
    const seen: number[] = [];
    let query: object | null = { maxResults: 700, autoPaginate: false };
    let pages = 0;
    while (query) {
      const [page, next] = (await table('many').getRows(query)) as unknown as [
        { id: number }[],
        object | null,
      ];
      seen.push(...page.map(({ id }) => id));
      query = next;
      pages++;
    }
    expect(pages).toBe(4);
    expect(seen).toEqual(rows.map(({ id }) => id));
  });

  it('starts where the client asks and gives only the fields it asks for', async () => {
    const url = `http://127.0.0.1:${bigquery.service.port}/bigquery/v2/projects/p/datasets/${DATASET}/tables/many/data`;
    const answer = await fetch(`${url}?startIndex=10&maxResults=2&selectedFields=text`);
    expect(await answer.json()).toMatchObject({
      totalRows: '2500',
      rows: [{ f: [{ v: 'row 10' }] }, { f: [{ v: 'row 11' }] }],
    });
    const wrong = await fetch(`${url}?selectedFields=nothing`);
    expect(wrong.status).toBe(400);
  });

  it('gives instants in seconds to a client that does not ask for microseconds', async () => {
    const url = `http://127.0.0.1:${bigquery.service.port}/projects/p/datasets/${DATASET}/tables/rows/data?selectedFields=seen`;
    const rows = ((await (await fetch(url)).json()) as { rows: { f: { v: string }[] }[] }).rows;
    expect(Number(rows[0]?.f[0]?.v)).toBe(1795170030.456789);
    const micros = await fetch(`${url}&formatOptions.useInt64Timestamp=true`);
    expect(await micros.json()).toMatchObject({ rows: [{ f: [{ v: '1795170030456789' }] }, {}] });
  });
});
