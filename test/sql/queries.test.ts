/** The saved queries and the views, run by the local BigQuery over the tables of sql/schema. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BigQuery } from '@google-cloud/bigquery';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BigqueryService, startBigquery } from '../../local/bigquery/service.ts';
import { applySql } from '../../sql/apply.ts';

const FOLDER = new URL('../../sql/', import.meta.url);
const QUERIES = (await readdir(new URL('queries/', FOLDER))).sort();
const VIEWS = (await readdir(new URL('views/', FOLDER))).sort();

/** What a saved query may be asked with. */
const PARAMETERS: Readonly<Record<string, readonly [value: string, type: string]>> = {
  since: ['2026-11-20T00:00:00Z', 'TIMESTAMP'],
  until: ['2026-11-21T00:00:00Z', 'TIMESTAMP'],
  moment: ['2026-11-20T12:00:00Z', 'TIMESTAMP'],
  service: ['auth', 'STRING'],
  words: ['timeout', 'STRING'],
  trace_id: ['abc', 'STRING'],
  user_id: ['u1', 'STRING'],
};

let dataDir: string;
let service: BigqueryService;
let client: BigQuery;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'queries-'));
  service = await startBigquery({ port: 0, writePort: 0, dataDir, projectId: 'p' });
  client = new BigQuery({ projectId: 'p', apiEndpoint: `http://127.0.0.1:${service.port}` });
  await applySql({ bigquery: client, dataset: 'logweir' });
}, 60_000);

afterAll(async () => {
  await service.close();
  await rm(dataDir, { recursive: true, force: true });
});

const ask = (query: string, given: Record<string, unknown> = {}) =>
  client.query({ query, defaultDataset: { datasetId: 'logweir' }, ...given });

describe('the head of a file', () => {
  const parts = ['views', 'materialized', 'functions', 'indexes'];

  it.each(parts)('in sql/%s is the question it answers', async (part) => {
    const names = (await readdir(new URL(`${part}/`, FOLDER))).filter((name) => name.endsWith('.sql'));
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) {
      const sql = await readFile(new URL(`${part}/${name}`, FOLDER), 'utf8');
      expect(sql, name).toMatch(/^-- [A-Z][^\n]*\?/);
      if (part !== 'indexes') expect(sql, name).toMatch(/OPTIONS\(\s*description="[A-Z]/);
      expect(sql.match(/;$/gm), name).toHaveLength(1);
    }
  });
});

describe('a saved query', () => {
  it.each(QUERIES)('%s says what it answers, and runs', async (name) => {
    const query = await readFile(new URL(`queries/${name}`, FOLDER), 'utf8');
    const [question = '', columns = ''] = query.split('\n');
    expect(question).toMatch(/^-- [A-Z].*\?$/);
    expect(columns).toMatch(/^-- Columns: .+\.$/);
    const names = [...new Set([...query.matchAll(/@(\w+)/g)].map((match) => match[1]!))];
    const params = Object.fromEntries(
      names.map((parameter) => {
        const [value, type] = PARAMETERS[parameter]!;
        // Google's client makes NULL of a TIMESTAMP that is a plain text
        return [parameter, type === 'TIMESTAMP' ? { value } : value];
      }),
    );
    const types = Object.fromEntries(names.map((parameter) => [parameter, PARAMETERS[parameter]?.[1]]));
    const [rows] = await ask(query, names.length > 0 ? { params, types } : {});
    expect(rows).toEqual([]);
  });
});

describe('a view', () => {
  const whole = ['logs.sql', 'hot_logs.sql'];

  it.each(VIEWS.filter((name) => !whole.includes(name)))(
    '%s needs no filter of a dashboard',
    async (name) => {
      const query = `SELECT * FROM ${name.replace('.sql', '')} LIMIT 10`;
      const [job] = await client.createQueryJob({
        query,
        defaultDataset: { datasetId: 'logweir' },
        dryRun: true,
      });
      expect(job.metadata.statistics.query.schema.fields.length).toBeGreaterThan(1);
      expect(await ask(query)).toBeDefined();
    },
  );

  it.each(['logs', 'hot_logs'])('%s refuses a query without a filter, as BigQuery does', async (view) => {
    await expect(ask(`SELECT * FROM ${view}`)).rejects.toThrow(
      /without a filter over column\(s\) 'timestamp'/,
    );
  });
});
