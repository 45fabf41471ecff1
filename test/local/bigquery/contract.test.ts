import { BigQuery } from '@google-cloud/bigquery';
import { beforeAll, describe, expect, it } from 'vitest';
import { DATASET } from './client.ts';
import { useBigquery } from './fixture.ts';

const bigquery = useBigquery();

const run = async (query: string, more: object = {}): Promise<Record<string, unknown>[]> => {
  const [rows] = await bigquery.client.query({ query, defaultDataset: { datasetId: DATASET }, ...more });
  return rows as Record<string, unknown>[];
};

beforeAll(async () => {
  await bigquery.client.createDataset(DATASET);
});

describe('datasets', () => {
  it('are made, listed, shown, changed and removed', async () => {
    const [made] = await bigquery.client.createDataset('shortlived', {
      labels: { team: 'a' },
      location: 'EU',
    });
    const [metadata] = await made.getMetadata();
    expect(metadata).toMatchObject({ location: 'EU', labels: { team: 'a' }, id: 'p:shortlived' });
    await made.setMetadata({ description: 'for a while' });
    expect((await made.getMetadata())[0]).toMatchObject({
      description: 'for a while',
      labels: { team: 'a' },
    });
    const [labelled] = await bigquery.client.getDatasets({ filter: 'labels.team:a' });
    expect(labelled.map(({ id }) => id)).toEqual(['shortlived']);
    await made.createTable('inside', { schema: 'a:INTEGER' });
    await expect(made.delete()).rejects.toMatchObject({ code: 400, errors: [{ reason: 'resourceInUse' }] });
    await made.delete({ force: true });
    expect(await made.exists()).toEqual([false]);
  });

  it.each([
    ['one that is there', DATASET, 409, 'duplicate'],
    ['a malformed name', 'with-dash', 400, 'invalid'],
  ])('are refused for %s', async (_, name, code, reason) => {
    await expect(bigquery.client.createDataset(name)).rejects.toMatchObject({ code, errors: [{ reason }] });
  });
});

describe('tables', () => {
  it('are made with partitioning, clustering and descriptions, and changed in what may change', async () => {
    const dataset = bigquery.client.dataset(DATASET);
    const [table] = await dataset.createTable('shaped', {
      schema: [
        { name: 'at_time', type: 'TIMESTAMP', mode: 'REQUIRED', description: 'when' },
        { name: 'who', type: 'STRING' },
      ],
      timePartitioning: { type: 'DAY', field: 'at_time', expirationMs: '86400000' },
      clustering: { fields: ['who'] },
      description: 'first',
    });
    const [made] = await table.getMetadata();
    expect(made).toMatchObject({
      type: 'TABLE',
      numRows: '0',
      timePartitioning: { field: 'at_time', expirationMs: '86400000' },
      clustering: { fields: ['who'] },
      schema: { fields: [{ name: 'at_time', mode: 'REQUIRED', description: 'when' }, { name: 'who' }] },
    });
    const fields = [...made.schema.fields, { name: 'more', type: 'INTEGER' }];
    await table.setMetadata({ schema: { fields }, description: 'second' });
    expect((await table.getMetadata())[0]).toMatchObject({
      description: 'second',
      schema: { fields: { length: 3 } },
    });
    const narrower = { schema: { fields: fields.slice(1) } };
    await expect(table.setMetadata(narrower)).rejects.toMatchObject({
      code: 400,
      errors: [{ reason: 'invalid' }],
    });
    const stale = { ...made, description: 'third' };
    await expect(table.setMetadata(stale)).rejects.toMatchObject({ code: 412 });
  });

  it('are refused with reasons that a client can act on', async () => {
    const dataset = bigquery.client.dataset(DATASET);
    await expect(dataset.createTable('shaped', { schema: 'a:STRING' })).rejects.toMatchObject({
      code: 409,
      errors: [{ reason: 'duplicate' }],
    });
    await expect(dataset.table('nothing').getMetadata()).rejects.toMatchObject({
      code: 404,
      errors: [{ reason: 'notFound' }],
      message: expect.stringMatching(/Not found: Table p:logweir.nothing/),
    });
    await expect(bigquery.client.dataset('nowhere').table('t').getMetadata()).rejects.toThrow(
      /Not found: Dataset p:nowhere/,
    );
    const wrong = { schema: [{ name: 'a', type: 'STRIN' }] };
    await expect(dataset.createTable('wrong', wrong)).rejects.toThrow(/STRIN/);
    const partitioned = { schema: 'a:STRING', timePartitioning: { type: 'DAY', field: 'a' } };
    await expect(dataset.createTable('wrong', partitioned)).rejects.toThrow(/TIMESTAMP, DATE or DATETIME/);
    const other = new BigQuery({
      projectId: 'other',
      apiEndpoint: `http://127.0.0.1:${bigquery.service.port}`,
    });
    await expect(other.dataset(DATASET).getTables()).rejects.toMatchObject({ code: 404 });
  });
});

describe('queries', () => {
  it('take parameters of every kind, by name and by place', async () => {
    const named = await run(
      'SELECT @n + 1 AS n, @s AS s, @t AS t, ARRAY_LENGTH(@l) AS l, @r.a AS a, @none IS NULL AS none',
      {
        params: {
          n: 41,
          s: `it's; DROP TABLE shaped --`,
          t: BigQuery.timestamp('2026-11-20T10:00:00Z'),
          l: [1, 2],
          r: { a: 'x' },
          none: null,
        },
        types: { none: 'STRING' },
      },
    );
    expect(named).toMatchObject([{ n: 42, s: `it's; DROP TABLE shaped --`, l: 2, a: 'x', none: true }]);
    expect(await run('SELECT ? || ? AS s', { params: ['a', 'b'] })).toEqual([{ s: 'ab' }]);
    await expect(run('SELECT @missing AS m')).rejects.toMatchObject({
      code: 400,
      errors: [{ reason: 'invalidQuery' }],
    });
  });

  it('give their rows page by page', async () => {
    const [job] = await bigquery.client.createQueryJob({
      query: 'SELECT n, REPEAT("x", 100) AS text FROM UNNEST(GENERATE_ARRAY(1, 25000)) AS n ORDER BY n',
    });
    const seen: number[] = [];
    let query: object | null = { maxResults: 10_000, autoPaginate: false };
    const sizes: number[] = [];
    while (query) {
      const [rows, next] = (await job.getQueryResults(query)) as unknown as [{ n: number }[], object | null];
      sizes.push(rows.length);
      seen.push(...rows.map(({ n }) => n));
      query = next;
    }
    expect(sizes).toEqual([10_000, 10_000, 5_000]);
    expect(seen).toEqual(Array.from({ length: 25_000 }, (_, i) => i + 1));
  });

  it('write into a destination table by their dispositions', async () => {
    const destination = bigquery.client.dataset(DATASET).table('target');
    const into = (writeDisposition: string) =>
      bigquery.client
        .createQueryJob({ query: 'SELECT 1 AS one', destination, writeDisposition })
        .then(([job]) => job.getQueryResults());
    await into('WRITE_EMPTY');
    await into('WRITE_APPEND');
    expect(await run('SELECT COUNT(*) AS n FROM target')).toEqual([{ n: 2 }]);
    await expect(into('WRITE_EMPTY')).rejects.toMatchObject({ errors: [{ reason: 'duplicate' }] });
    await into('WRITE_TRUNCATE');
    expect(await run('SELECT COUNT(*) AS n FROM target')).toEqual([{ n: 1 }]);
  });

  it('tell what they would read, and run nothing, in a dry run', async () => {
    const [job] = await bigquery.client.createQueryJob({
      query: `CREATE TABLE ${DATASET}.dry AS SELECT one FROM ${DATASET}.target`,
      dryRun: true,
    });
    expect(job.metadata.statistics.query).toMatchObject({ statementType: 'CREATE_TABLE_AS_SELECT' });
    expect(Number(job.metadata.statistics.totalBytesProcessed)).toBeGreaterThan(0);
    expect(await bigquery.client.dataset(DATASET).table('dry').exists()).toEqual([false]);
    await expect(run('SELECT one FROM target', { maximumBytesBilled: '1' })).rejects.toMatchObject({
      errors: [{ reason: 'bytesBilledLimitExceeded' }],
    });
  });

  it.each([
    ['a syntax error', 'SELEC 1', 400, 'invalidQuery', /Syntax error.* at \[1:1\]/],
    [
      'a column that is not there',
      'SELECT nope FROM shaped',
      400,
      'invalidQuery',
      /Unrecognized name: nope at \[1:8\]/,
    ],
    ['a table that is not there', 'SELECT 1 FROM nope', 404, 'notFound', /Not found: Table p:logweir\.nope/],
    ['a dataset that is not there', 'SELECT 1 FROM nope.t', 404, 'notFound', /Not found: Dataset p:nope/],
    [
      'a table that is there',
      'CREATE TABLE shaped (a INT64)',
      409,
      'duplicate',
      /Already Exists: Table p:logweir\.shaped/,
    ],
    [
      'a division by zero',
      'SELECT 1 / (n - n) FROM UNNEST([1]) AS n',
      400,
      'invalidQuery',
      /division by zero/,
    ],
    ['a NULL in a required column', 'INSERT INTO shaped (who) VALUES ("x")', 400, 'invalidQuery', /at_time/],
    ['an empty query', '  -- nothing', 400, 'invalidQuery', /./],
  ])(
    'are refused for %s with the code and the reason of BigQuery',
    async (_, query, code, reason, message) => {
      await expect(run(query)).rejects.toMatchObject({
        code,
        errors: [{ reason }],
        message: expect.stringMatching(message),
      });
    },
  );

  it('refuse legacy SQL in so many words', async () => {
    await expect(run('SELECT 1', { useLegacySql: true })).rejects.toThrow(
      /not supported locally: legacy SQL/,
    );
  });
});

describe('jobs', () => {
  const endless =
    'SELECT COUNT(*) AS n FROM UNNEST(GENERATE_ARRAY(1, 100000)) AS a, UNNEST(GENERATE_ARRAY(1, 1000000)) AS b WHERE MOD(a * b, 7) = 3';

  it('are stopped when they are cancelled, and say so', async () => {
    const [job] = await bigquery.client.createQueryJob({ query: endless });
    expect((await job.getMetadata())[0].status.state).not.toBe('DONE');
    await job.cancel();
    await expect(job.getQueryResults()).rejects.toMatchObject({ errors: [{ reason: 'stopped' }] });
    expect(await run('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('are stopped at their deadline', async () => {
    const [job] = await bigquery.client.createQueryJob({ query: endless, jobTimeoutMs: 200 });
    await expect(job.getQueryResults()).rejects.toMatchObject({ errors: [{ reason: 'timeout' }] });
  });

  it('do not hold up queries and writes while they run', async () => {
    const [job] = await bigquery.client.createQueryJob({ query: endless });
    expect(await run('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await run('INSERT INTO target (one) VALUES (2)');
    await job.cancel();
    await job.getQueryResults().catch(() => undefined);
  });

  it('are known by their id, which can be used once', async () => {
    const [job] = await bigquery.client.createQueryJob({ query: 'SELECT 1 AS one', jobId: 'my-own_id' });
    await job.getQueryResults();
    await expect(
      bigquery.client.createQueryJob({ query: 'SELECT 1', jobId: 'my-own_id' }),
    ).rejects.toMatchObject({
      code: 409,
      errors: [{ reason: 'duplicate' }],
    });
    const [jobs] = await bigquery.client.getJobs({ maxResults: 3 });
    expect(jobs[0]?.id).toBe('my-own_id');
    const told = await run(
      "SELECT state, statement_type FROM `region-us`.INFORMATION_SCHEMA.JOBS WHERE job_id = 'my-own_id'",
    );
    expect(told).toEqual([{ state: 'DONE', statement_type: 'SELECT' }]);
    await expect(bigquery.client.job('unknown').getMetadata()).rejects.toMatchObject({ code: 404 });
  });
});

describe('two writers', () => {
  it('each change the same table without losing a row', async () => {
    await run('CREATE TABLE counted (n INT64, who STRING)');
    const insert = (who: string) => async (): Promise<void> => {
      for (let n = 0; n < 10; n++)
        await run('INSERT INTO counted (n, who) VALUES (@n, @who)', { params: { n, who } });
    };
    const stream = async (): Promise<void> => {
      for (let n = 0; n < 10; n++)
        await bigquery.client
          .dataset(DATASET)
          .table('counted')
          .insert([{ n, who: 'c' }]);
    };
    await Promise.all([insert('a')(), insert('b')(), stream()]);
    expect(await run('SELECT who, COUNT(DISTINCT n) AS n FROM counted GROUP BY who ORDER BY who')).toEqual([
      { who: 'a', n: 10 },
      { who: 'b', n: 10 },
      { who: 'c', n: 10 },
    ]);
  });
});

describe('hostile input', () => {
  const post = (path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
    fetch(`http://127.0.0.1:${bigquery.service.port}${path}`, {
      method: 'POST',
      body: body as Uint8Array<ArrayBuffer> | string,
      headers,
    });

  it('a query of more than 1 MB is refused, one of a little less runs', async () => {
    const pad = ' '.repeat(1024 * 1024);
    await expect(run(`SELECT 1 AS one ${pad}`)).rejects.toMatchObject({ code: 400 });
    expect(await run(`SELECT 1 AS one ${pad.slice(0, 1_000_000)}`)).toEqual([{ one: 1 }]);
    const long = `SELECT ${Array.from({ length: 20_000 }, (_, i) => `${i}`).join(' + ')} AS n`;
    await run(long).catch((error: { code?: number }) => expect(error.code).toBe(400));
  });

  it('deep nesting is refused, and the service goes on', async () => {
    const parens = `SELECT ${'('.repeat(50_000)}1${')'.repeat(50_000)} AS n`;
    await expect(run(parens)).rejects.toMatchObject({ code: 400 });
    const selects = `SELECT * FROM ${'(SELECT * FROM '.repeat(5_000)}UNNEST([1])${')'.repeat(5_000)}`;
    await expect(run(selects)).rejects.toMatchObject({ code: 400 });
    const body = `{"query":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect((await post('/bigquery/v2/projects/p/queries', body)).status).toBe(400);
    expect(await run('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it.each([
    ['no JSON', '{', {}],
    ['JSON that is no object', '[1]', {}],
    ['fields of wrong types', '{"query":{"a":1}}', {}],
    ['gzip that is none', 'abc', { 'content-encoding': 'gzip' }],
    ['a key of the prototype', '{"__proto__":{"query":"SELECT 1"}}', {}],
  ])('a body with %s is 400', async (_, body, headers) => {
    const answer = await post('/bigquery/v2/projects/p/queries', body, headers);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: 400, errors: [{ domain: 'global' }] } });
  });

  it('names cannot leave the dataset, and SQL cannot reach files', async () => {
    const dataset = bigquery.client.dataset(DATASET);
    await expect(dataset.createTable('a"; DROP TABLE x; --', { schema: 'a:STRING' })).rejects.toMatchObject({
      code: 400,
    });
    await expect(bigquery.client.createDataset('$catalogue')).rejects.toMatchObject({ code: 400 });
    for (const query of [
      "SELECT * FROM read_csv('/etc/passwd')",
      'SELECT * FROM `/etc/passwd`',
      'SELECT * FROM `$catalogue`.tables',
      "COPY (SELECT 1) TO '/tmp/x'",
      "ATTACH '/tmp/x.db'",
      'PRAGMA database_list',
    ]) {
      await expect(run(query)).rejects.toMatchObject({
        code: expect.toSatisfy((code) => code >= 400 && code < 502),
      });
    }
  });
});
