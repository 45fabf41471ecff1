import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { BigQuery, type BigQueryOptions, type Dataset, type JobLoadMetadata } from '@google-cloud/bigquery';
import { Storage } from '@google-cloud/storage';
import { OAuth2Client } from 'google-auth-library';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type BigqueryService, startBigquery } from '../../../local/bigquery/service.ts';
import type { LocalService } from '../../../local/service.ts';
import { startStorage } from '../../../local/storage/service.ts';
import { clientOf, DATASET, PROJECT, rowsOf } from './client.ts';

let dir: string;
let storageService: LocalService;
let service: BigqueryService;
let client: BigQuery;
let dataset: Dataset;
let storage: Storage;
let count = 0;
/** A table and a folder of the bucket for each test. */
let table: string;

const SCHEMA = [
  { name: 'id', type: 'INTEGER', mode: 'REQUIRED' },
  { name: 'text', type: 'STRING' },
  { name: 'share', type: 'FLOAT' },
  { name: 'seen', type: 'TIMESTAMP' },
];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'logweir-load-'));
  storageService = await startStorage({ port: 0, dataDir: join(dir, 'storage') });
  const storageEndpoint = `http://127.0.0.1:${storageService.port}`;
  const dataDir = join(dir, 'bigquery');
  service = await startBigquery({ port: 0, writePort: 0, dataDir, projectId: PROJECT, storageEndpoint });
  client = clientOf(service);
  storage = new Storage({ projectId: PROJECT, apiEndpoint: storageEndpoint });
  await storage.createBucket('files');
  [dataset] = await client.createDataset(DATASET);
});

afterAll(async () => {
  await service.close();
  await storageService.close();
  await rm(dir, { recursive: true, force: true });
});

beforeEach(() => {
  table = `t${count++}`;
});

const put = (name: string, content: string | Buffer) =>
  storage.bucket('files').file(`${table}/${name}`).save(content, { resumable: false });

const load = async (name: string, metadata: JobLoadMetadata) =>
  (await dataset.table(table).load(storage.bucket('files').file(`${table}/${name}`), metadata))[0];

const all = (order = 'id') => rowsOf(client, `SELECT * FROM ${table} ORDER BY ${order}`);

describe('loading from gs://', () => {
  it('takes NDJSON with nested rows and gzip, with the columns it is told', async () => {
    const rows = [
      '{"id": 9007199254740993, "text": "ä", "tags": ["x"], "http": {"code": 200}, "doc": {"b": 12345678901234567890, "a": [1]}}',
      '{"id": "2", "seen": "2026-11-20 10:00:00.5 UTC", "share": 1.5}',
      '',
    ];
    await put('rows.json.gz', gzipSync(rows.join('\n')));
    const fields = [
      ...SCHEMA,
      { name: 'tags', type: 'STRING', mode: 'REPEATED' },
      { name: 'http', type: 'RECORD', fields: [{ name: 'code', type: 'INTEGER' }] },
      { name: 'doc', type: 'JSON' },
    ];
    const job = await load('rows.json.gz', { sourceFormat: 'NEWLINE_DELIMITED_JSON', schema: { fields } });
    expect(job.status?.state).toBe('DONE');
    expect(job.statistics?.load).toMatchObject({ outputRows: '2', inputFiles: '1', badRecords: '0' });
    const rest = await rowsOf(
      client,
      `SELECT CAST(id AS STRING) AS id, text, tags, http, TO_JSON_STRING(doc) AS doc FROM ${table} WHERE id > 2`,
    );
    expect(rest).toEqual([
      {
        id: '9007199254740993',
        text: 'ä',
        tags: ['x'],
        http: { code: 200 },
        doc: '{"a":[1],"b":12345678901234567890}',
      },
    ]);
    const [two] = await rowsOf(
      client,
      `SELECT share, CAST(seen AS STRING) AS seen FROM ${table} WHERE id = 2`,
    );
    expect(two).toEqual({ share: 1.5, seen: '2026-11-20 10:00:00.500+00' });
  });

  it('finds out the columns of NDJSON and of CSV', async () => {
    await put(
      'a.json',
      '{"n":1,"f":1,"s":"x","t":"2026-11-20T10:00:00Z","l":[1,2],"r":{"b":true}}\n{"n":2,"f":2.5}\n',
    );
    await load('a.json', { sourceFormat: 'NEWLINE_DELIMITED_JSON', autodetect: true });
    const [{ schema }] = await dataset.table(table).getMetadata();
    expect(schema.fields).toMatchObject([
      { name: 'n', type: 'INTEGER' },
      { name: 'f', type: 'FLOAT' },
      { name: 's', type: 'STRING' },
      { name: 't', type: 'TIMESTAMP' },
      { name: 'l', type: 'INTEGER', mode: 'REPEATED' },
      { name: 'r', type: 'RECORD', fields: [{ name: 'b', type: 'BOOLEAN' }] },
    ]);
    table += 'csv';
    await put('a.csv', 'id,name,day\n1,"a, ""b""",2026-11-20\n2,,\n');
    await load('a.csv', { sourceFormat: 'CSV', autodetect: true });
    expect(await all()).toMatchObject([
      { id: 1, name: 'a, "b"', day: { value: '2026-11-20' } },
      { id: 2, name: '', day: null },
    ]);
  });

  it('takes CSV as it is told: separator, NULL, header, newlines in quotes', async () => {
    await put('a.csv', 'id;text\n1;"two\nlines"\n2;\\N\n3;"\\N"\n');
    await load('a.csv', {
      sourceFormat: 'CSV',
      schema: { fields: SCHEMA.slice(0, 2) },
      fieldDelimiter: ';',
      nullMarker: '\\N',
      skipLeadingRows: 1,
      allowQuotedNewlines: true,
    });
    expect(await all()).toEqual([
      { id: 1, text: 'two\nlines' },
      { id: 2, text: null },
      { id: 3, text: '\\N' },
    ]);
  });

  it('reads all objects that a * names', async () => {
    for (const i of [1, 2, 3]) await put(`part-${i}.json`, `{"id":${i}}\n`);
    await put('other.txt', 'no');
    await load('part-*.json', { sourceFormat: 'NEWLINE_DELIMITED_JSON', schema: { fields: SCHEMA } });
    expect((await all()).map(({ id }) => id)).toEqual([1, 2, 3]);
  });

  it('writes no row of a file in which one is wrong, and says where', async () => {
    await put('a.json', '{"id":1}\n{"id":"x"}\n{"id":3}\n');
    const metadata = { sourceFormat: 'NEWLINE_DELIMITED_JSON', schema: { fields: SCHEMA } } as const;
    await expect(load('a.json', metadata)).rejects.toMatchObject({
      errors: [
        {
          reason: 'invalid',
          message: expect.stringMatching(
            /position 9: Field: id; Cannot convert value to integer \(bad value\): x File: gs:\/\/files/,
          ),
        },
      ],
    });
    await expect(dataset.table(table).exists()).resolves.toEqual([false]);
    const job = await load('a.json', { ...metadata, maxBadRecords: 1 });
    expect(job.statistics?.load).toMatchObject({ outputRows: '2', badRecords: '1' });
    expect((await all()).map(({ id }) => id)).toEqual([1, 3]);
  });

  it('appends, empties first, or refuses a table that holds rows, as it is told', async () => {
    await put('a.json', '{"id":1}\n');
    const with_ = (writeDisposition: string) =>
      load('a.json', {
        sourceFormat: 'NEWLINE_DELIMITED_JSON',
        schema: { fields: SCHEMA },
        writeDisposition,
      });
    await with_('WRITE_APPEND');
    await with_('WRITE_APPEND');
    expect(await all()).toHaveLength(2);
    await with_('WRITE_TRUNCATE');
    expect(await all()).toHaveLength(1);
    await expect(with_('WRITE_EMPTY')).rejects.toMatchObject({ errors: [{ reason: 'duplicate' }] });
  });

  it('adds the columns that a file brings, where it is told to', async () => {
    await dataset.createTable(table, { schema: SCHEMA });
    await put('a.json', '{"id":1,"colour":"red"}\n');
    const fields = [...SCHEMA, { name: 'colour', type: 'STRING' }];
    const metadata = { sourceFormat: 'NEWLINE_DELIMITED_JSON', schema: { fields } } as const;
    await expect(load('a.json', metadata)).rejects.toThrow(/colour/);
    await load('a.json', { ...metadata, schemaUpdateOptions: ['ALLOW_FIELD_ADDITION'] });
    expect(await all()).toMatchObject([{ id: 1, colour: 'red' }]);
  });

  it('answers 404 for an object that is not there', async () => {
    await expect(
      load('none.json', { sourceFormat: 'NEWLINE_DELIMITED_JSON', schema: { fields: SCHEMA } }),
    ).rejects.toThrow(/Not found: URI gs:\/\/files/);
  });
});

describe('loading a file', () => {
  it('takes it in one request, and in chunks', async () => {
    const path = join(dir, `${table}.csv`);
    await writeFile(path, Array.from({ length: 1_000 }, (_, i) => `${i},text ${i}\n`).join(''));
    const metadata = { sourceFormat: 'CSV', schema: { fields: SCHEMA.slice(0, 2) } };
    // At an endpoint of one's own the client sends no headers unless it signs; without headers it cannot send a file.
    const authClient = new OAuth2Client();
    authClient.setCredentials({ access_token: 'local', expiry_date: Date.now() + 3_600_000 });
    const signed = new BigQuery({
      projectId: PROJECT,
      apiEndpoint: `http://127.0.0.1:${service.port}`,
      useAuthWithCustomEndpoint: true,
      authClient,
    } as BigQueryOptions);
    await signed.dataset(DATASET).table(table).load(path, metadata);
    expect(await all()).toHaveLength(1_000);

    const root = `http://127.0.0.1:${service.port}/resumable/upload/bigquery/v2/projects/p/jobs?uploadType=resumable`;
    const configuration = {
      load: { ...metadata, destinationTable: { projectId: 'p', datasetId: DATASET, tableId: table } },
    };
    const begun = await fetch(root, { method: 'POST', body: JSON.stringify({ configuration }) });
    const url = String(begun.headers.get('location'));
    const text = 'a,b\n'.replace('a', '5000');
    const half = (range: string, body: string) =>
      fetch(url, { method: 'PUT', headers: { 'content-range': range }, body });
    const first = await half(`bytes 0-3/${text.length}`, text.slice(0, 4));
    expect([first.status, first.headers.get('range')]).toEqual([308, 'bytes=0-3']);
    const last = await half(`bytes 4-${text.length - 1}/${text.length}`, text.slice(4));
    const { jobReference } = (await last.json()) as { jobReference: { jobId: string } };
    await client.job(jobReference.jobId).promise();
    expect(await all()).toHaveLength(1_001);
  });
});

describe('extracting and copying', () => {
  const fill = async (): Promise<void> => {
    await put(
      'source.json',
      [
        '{"id":1,"text":"a,\\"b\\"","share":0.1,"seen":"2026-11-20T10:00:00.123456Z"}',
        '{"id":2,"text":"ünï"}',
      ].join('\n'),
    );
    await load('source.json', { sourceFormat: 'NEWLINE_DELIMITED_JSON', schema: { fields: SCHEMA } });
  };
  const read = async (name: string): Promise<Buffer> =>
    (await storage.bucket('files').file(`${table}/${name}`).download())[0];

  it('writes CSV and NDJSON as BigQuery does', async () => {
    await fill();
    const files = storage.bucket('files');
    await dataset.table(table).extract(files.file(`${table}/out.csv`), { format: 'CSV' });
    expect((await read('out.csv')).toString()).toBe(
      'id,text,share,seen\n1,"a,""b""",0.1,2026-11-20 10:00:00.123456 UTC\n2,ünï,,\n',
    );
    await dataset.table(table).extract(files.file(`${table}/out-*.json`), { format: 'JSON' });
    expect((await read('out-000000000000.json')).toString()).toBe(
      '{"id":"1","text":"a,\\"b\\"","share":0.1,"seen":"2026-11-20 10:00:00.123456 UTC"}\n{"id":"2","text":"ünï"}\n',
    );
  });

  it.each([
    ['AVRO', 'AVRO'],
    ['PARQUET', 'PARQUET'],
    ['JSON', 'NEWLINE_DELIMITED_JSON'],
  ])('%s comes back as it went out, with every type', async (format, sourceFormat) => {
    const fields = [
      ...SCHEMA,
      { name: 'yes', type: 'BOOLEAN' },
      { name: 'raw', type: 'BYTES' },
      { name: 'day', type: 'DATE' },
      { name: 'clock', type: 'TIME' },
      { name: 'moment', type: 'DATETIME' },
      { name: 'price', type: 'NUMERIC' },
      { name: 'tags', type: 'STRING', mode: 'REPEATED' },
      { name: 'http', type: 'RECORD', fields: [{ name: 'codes', type: 'INTEGER', mode: 'REPEATED' }] },
    ];
    const row = {
      id: '-9007199254740993',
      text: 'x',
      share: -1.5,
      seen: '1969-12-31 23:59:59.999999 UTC',
      yes: true,
      raw: 'AP8=',
      day: '1969-12-31',
      clock: '10:20:30.450000',
      moment: '2026-11-20T10:20:30',
      price: '-12.5',
      tags: ['a', 'b'],
      http: { codes: [1, 2] },
    };
    await put('source.json', `${JSON.stringify(row)}\n{"id":2}\n`);
    await load('source.json', { sourceFormat: 'NEWLINE_DELIMITED_JSON', schema: { fields } });
    const text = async (name: string) =>
      (await rowsOf(client, `SELECT TO_JSON_STRING(t) AS row FROM ${name} AS t ORDER BY id`)).map(
        ({ row: json }) => json,
      );
    const before = await text(table);
    expect(JSON.parse(String(before[0]))).toMatchObject({
      tags: ['a', 'b'],
      raw: 'AP8=',
      price: expect.anything(),
    });
    await dataset
      .table(table)
      .extract(storage.bucket('files').file(`${table}/out`), { format: format as 'AVRO' });
    const back = `${table}_back`;
    await dataset.createTable(back, { schema: { fields } });
    await dataset.table(back).load(storage.bucket('files').file(`${table}/out`), {
      sourceFormat,
    } as JobLoadMetadata);
    expect(await text(back)).toEqual(before);
  });

  it('copies a table with its partitioning', async () => {
    await dataset.createTable(table, { schema: SCHEMA, timePartitioning: { type: 'DAY', field: 'seen' } });
    await dataset.table(table).insert([{ id: 1, seen: '2026-11-20T10:00:00Z' }]);
    await dataset.table(table).copy(dataset.table(`${table}_copy`));
    const [{ timePartitioning, numRows }] = await dataset.table(`${table}_copy`).getMetadata();
    expect({ timePartitioning, numRows }).toMatchObject({
      timePartitioning: { field: 'seen' },
      numRows: '1',
    });
    await expect(dataset.table(table).copy(dataset.table(`${table}_copy`))).rejects.toMatchObject({
      errors: [{ reason: 'duplicate' }],
    });
  });
});
