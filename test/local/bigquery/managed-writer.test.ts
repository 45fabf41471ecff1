import { managedwriter } from '@google-cloud/bigquery-storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DATASET, rowsOf } from './client.ts';
import { useBigquery } from './fixture.ts';
import { descriptorOf, jsonWriter, tablePath, type WriterClient, writerClientOf } from './managed-writer.ts';

const bigquery = useBigquery();
let writer: WriterClient;

const SCHEMA = [
  { name: 'id', type: 'INTEGER', mode: 'REQUIRED' },
  { name: 'text', type: 'STRING' },
  { name: 'raw', type: 'BYTES' },
  { name: 'share', type: 'FLOAT' },
  { name: 'yes', type: 'BOOLEAN' },
  { name: 'seen', type: 'TIMESTAMP' },
  { name: 'day', type: 'DATE' },
  { name: 'clock', type: 'TIME' },
  { name: 'moment', type: 'DATETIME' },
  { name: 'price', type: 'NUMERIC' },
  { name: 'doc', type: 'JSON' },
  { name: 'tags', type: 'STRING', mode: 'REPEATED' },
  {
    name: 'http',
    type: 'RECORD',
    fields: [
      { name: 'method', type: 'STRING', mode: 'REQUIRED' },
      { name: 'codes', type: 'INTEGER', mode: 'REPEATED' },
    ],
  },
  {
    name: 'steps',
    type: 'RECORD',
    mode: 'REPEATED',
    fields: [
      { name: 'name', type: 'STRING' },
      { name: 'took', type: 'RECORD', fields: [{ name: 'ms', type: 'FLOAT' }] },
    ],
  },
];

beforeAll(async () => {
  writer = writerClientOf(bigquery.service);
  const [dataset] = await bigquery.client.createDataset(DATASET);
  await dataset.createTable('types', { schema: SCHEMA });
  for (const name of ['committed', 'pending', 'kept']) {
    await dataset.createTable(name, { schema: [{ name: 'n', type: 'INTEGER' }] });
  }
});

afterAll(() => writer.close());

const count = async (table: string): Promise<unknown> => {
  const [row] = await rowsOf(bigquery.client, `SELECT COUNT(*) AS n, SUM(n) AS total FROM ${table}`);
  return row;
};

describe('rows of every type', () => {
  it('come back as they were written', async () => {
    const json = await jsonWriter({ client: bigquery.client, writer }, 'types');
    const whole = {
      id: 1,
      text: 'ÄÖ',
      raw: Buffer.from([1, 2, 255]),
      share: 0.1,
      yes: true,
      seen: new Date('2026-11-20T10:20:30.456Z'),
      day: new Date('2026-11-20'),
      clock: '10:20:30.45',
      moment: '2026-11-20T10:20:30',
      price: '-12.5',
      doc: '{"b": 1}',
      tags: ['x', 'a long tag, longer than twelve bytes'],
      http: { method: 'GET', codes: [200, -1] },
      steps: [{ name: 'a', took: { ms: 1.5 } }, { name: 'b' }],
    };
    const given = [whole, { id: 2 }] as unknown as Parameters<typeof json.appendRows>[0];
    const answer = await json.appendRows(given).getResult();
    expect(answer?.error).toBeFalsy();
    const rows = await rowsOf(
      bigquery.client,
      'SELECT *, CAST(seen AS STRING) AS seen_text, TO_JSON_STRING(doc) AS doc_text FROM types ORDER BY id',
    );
    expect(rows[0]).toMatchObject({
      id: 1,
      text: 'ÄÖ',
      raw: Buffer.from([1, 2, 255]),
      share: 0.1,
      yes: true,
      seen_text: '2026-11-20 10:20:30.456+00',
      day: { value: '2026-11-20' },
      clock: { value: '10:20:30.450000' },
      moment: { value: '2026-11-20T10:20:30' },
      doc_text: '{"b":1}',
      tags: whole.tags,
      http: { method: 'GET', codes: [200, -1] },
      steps: [
        { name: 'a', took: { ms: 1.5 } },
        { name: 'b', took: null },
      ],
    });
    expect(String(rows[0]?.price)).toBe('-12.5');
    expect(rows[1]).toMatchObject({
      id: 2,
      text: null,
      doc: null,
      tags: [],
      http: null,
      steps: [],
      price: null,
    });
  });

  it.each([
    ['a date that is none', { id: 9, clock: '25:00:00' }, /Field clock: Invalid TIME value/],
    ['a required field of a STRUCT that is missing', { id: 9, http: { codes: [1] } }, /http\.method/],
    ['a number that is none', { id: 9, price: '1,5' }, /Field price: Invalid NUMERIC value/],
    ['JSON that is none', { id: 9, doc: "{'a':1}" }, /Field doc: Invalid JSON value/],
  ])('are refused with their index for %s', async (_, row, message) => {
    const json = await jsonWriter({ client: bigquery.client, writer }, 'types');
    const answer = await json.appendRows([{ id: 8 }, row]).getResult();
    expect(answer?.error).toMatchObject({ code: 3 });
    expect(answer?.rowErrors).toMatchObject([{ index: '1', message: expect.stringMatching(message) }]);
    const [found] = await rowsOf(bigquery.client, 'SELECT COUNT(*) AS n FROM types WHERE id IN (8, 9)');
    expect(found).toEqual({ n: 0 });
  });
});

describe('streams that a client creates', () => {
  it('tell where they are, and refuse rows that are already there or out of turn', async () => {
    const { client } = bigquery;
    const connection = await writer.createStreamConnection({
      streamType: managedwriter.CommittedStream,
      destinationTable: tablePath('committed'),
    });
    const json = new managedwriter.JSONWriter({
      connection,
      protoDescriptor: await descriptorOf(client, 'committed'),
    });
    const first = await json.appendRows([{ n: 1 }, { n: 2 }], 0).getResult();
    expect(first?.appendResult?.offset).toMatchObject({ value: '0' });
    const again = await json.appendRows([{ n: 1 }, { n: 2 }], 0).getResult();
    expect(again?.error).toMatchObject({
      code: 6,
      message: expect.stringMatching(/expected offset 2, received 0/),
    });
    const beyond = await json.appendRows([{ n: 9 }], 7).getResult();
    expect(beyond?.error).toMatchObject({ code: 11 });
    const second = await json.appendRows([{ n: 3 }], 2).getResult();
    expect(second?.appendResult?.offset).toMatchObject({ value: '2' });
    expect(await count('committed')).toEqual({ n: 3, total: 6 });
    json.close();
    const ended = await connection.finalize();
    expect(ended).toMatchObject({ rowCount: '3' });
  });

  it('show PENDING rows when they are committed, all at once, and only once', async () => {
    const { client } = bigquery;
    const protoDescriptor = await descriptorOf(client, 'pending');
    const streams: string[] = [];
    for (const n of [1, 10]) {
      const connection = await writer.createStreamConnection({
        streamType: managedwriter.PendingStream,
        destinationTable: tablePath('pending'),
      });
      const json = new managedwriter.JSONWriter({ connection, protoDescriptor });
      await json.appendRows([{ n }, { n: n * 2 }], 0).getResult();
      await connection.finalize();
      streams.push(connection.getStreamId());
    }
    expect(await count('pending')).toEqual({ n: 0, total: null });
    const request = { parent: tablePath('pending'), writeStreams: streams };
    const committed = await writer.batchCommitWriteStream(request);
    expect(committed.streamErrors ?? []).toEqual([]);
    expect(committed.commitTime).toBeTruthy();
    expect(await count('pending')).toEqual({ n: 4, total: 33 });
    const again = await writer.batchCommitWriteStream(request);
    expect(again.commitTime).toBeFalsy();
    expect(again.streamErrors?.[0]).toMatchObject({ code: 'STREAM_ALREADY_COMMITTED' });
    expect(await count('pending')).toEqual({ n: 4, total: 33 });
  });
});

describe('after a restart', () => {
  it('a stream goes on where it was, with the rows that wait', async () => {
    const protoDescriptor = await descriptorOf(bigquery.client, 'kept');
    const before = await writer.createStreamConnection({
      streamType: managedwriter.PendingStream,
      destinationTable: tablePath('kept'),
    });
    const streamId = before.getStreamId();
    await new managedwriter.JSONWriter({ connection: before, protoDescriptor })
      .appendRows([{ n: 5 }], 0)
      .getResult();
    before.close();
    writer.close();
    await bigquery.restart();
    writer = writerClientOf(bigquery.service);
    const after = await writer.createStreamConnection({ streamId });
    const json = new managedwriter.JSONWriter({ connection: after, protoDescriptor });
    const repeated = await json.appendRows([{ n: 5 }], 0).getResult();
    expect(repeated?.error).toMatchObject({ code: 6 });
    await json.appendRows([{ n: 6 }], 1).getResult();
    await after.finalize();
    await writer.batchCommitWriteStream({ parent: tablePath('kept'), writeStreams: [streamId] });
    expect(await count('kept')).toEqual({ n: 2, total: 11 });
  });
});
