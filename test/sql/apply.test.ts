import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BigQuery } from '@google-cloud/bigquery';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type BigqueryService, startBigquery } from '../../local/bigquery/service.ts';
import { type AppliedStep, applySql } from '../../sql/apply.ts';
import type { TableSettings } from '../../sql/table-settings.ts';

let dir: string;
let service: BigqueryService;
let bigquery: BigQuery;
let count = 0;
/** A dataset of its own for each test, and a copy of sql/ to change. */
let dataset: string;
let folder: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'logweir-apply-'));
  service = await startBigquery({ port: 0, writePort: 0, dataDir: join(dir, 'data'), projectId: 'p' });
  bigquery = new BigQuery({ projectId: 'p', apiEndpoint: `http://127.0.0.1:${service.port}` });
});

afterAll(async () => {
  await service.close();
  await rm(dir, { recursive: true, force: true });
});

beforeEach(async () => {
  dataset = `logs_${count++}`;
  folder = join(dir, dataset);
  const source = new URL('../../sql/', import.meta.url);
  for (const part of ['schema', 'indexes', 'functions', 'materialized', 'views']) {
    await cp(new URL(`${part}/`, source), join(folder, part), { recursive: true });
  }
});

async function apply(settings: TableSettings = {}): Promise<AppliedStep[]> {
  const steps: AppliedStep[] = [];
  await applySql({
    bigquery,
    dataset,
    folder: pathToFileURL(`${folder}/`),
    onStep: (step) => steps.push(step),
    ...settings,
  });
  return steps;
}

async function edit(file: string, from: string, to: string): Promise<void> {
  const path = join(folder, file);
  const text = await readFile(path, 'utf8');
  expect(text).toContain(from);
  await writeFile(path, text.replace(from, to));
}

const metadataOf = async (table: string) => (await bigquery.dataset(dataset).table(table).getMetadata())[0];

describe('applying sql/', () => {
  it('makes dataset, tables and views of the repository, and nothing new the second time', async () => {
    const first = await apply();
    expect(first.filter(({ file }) => file.startsWith('sql/schema/')).map(({ action }) => action)).toEqual(
      expect.arrayContaining(['created']),
    );
    const table = await metadataOf('log_entries');
    expect(table).toMatchObject({
      type: 'TABLE',
      timePartitioning: { type: 'DAY', field: 'timestamp' },
      clustering: { fields: ['service', 'severity'] },
      requirePartitionFilter: true,
    });
    expect(await metadataOf('windows')).toMatchObject({ type: 'VIEW' });
    const second = await apply();
    const tables = second.filter(({ file }) => file.startsWith('sql/schema/'));
    expect(tables.map(({ action }) => action)).toEqual(tables.map(() => 'unchanged'));
    expect(second).toHaveLength(first.length);
  });

  it('makes views that read the dataset they are in, whatever it is called', async () => {
    await apply();
    const [rows] = await bigquery.query(`SELECT COUNT(*) AS n FROM ${dataset}.windows`);
    expect(rows).toEqual([{ n: 0 }]);
    expect((await metadataOf('windows')).view.query).toContain(`\`${dataset}\`.\`service_windows\``);
  });

  it('makes table functions, and a search index', async () => {
    const files = (await apply()).map(({ file }) => file);
    expect(files).toContain('sql/indexes/log_entries_search.sql');
    const [routines] = await bigquery.dataset(dataset).getRoutines();
    expect(routines.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['health_between', 'search_logs', 'trace_of', 'windows_between']),
    );
    const range = "TIMESTAMP '2026-01-01', TIMESTAMP '2027-01-01'";
    const [rows] = await bigquery.query(`SELECT service FROM ${dataset}.health_between(${range})`);
    expect(rows).toEqual([]);
  });

  it('makes a materialized view again only when its file changed', async () => {
    const action = (steps: readonly AppliedStep[]) =>
      steps.find(({ file }) => file === 'sql/materialized/service_hours.sql')?.action;
    expect(action(await apply())).toBe('created');
    expect(await metadataOf('service_hours')).toMatchObject({ type: 'MATERIALIZED_VIEW' });
    expect(action(await apply())).toBe('unchanged');
    await edit('materialized/service_hours.sql', 'COUNT(*) AS windows', 'COUNT(*) AS windows_seen');
    expect(action(await apply())).toBe('replaced');
    const { schema } = await metadataOf('service_hours');
    expect(schema.fields.map(({ name }: { name: string }) => name)).toContain('windows_seen');
    expect(action(await apply())).toBe('unchanged');
  });

  it('sets how long partitions are kept, and keeps it when nothing is said any more', async () => {
    const settings = { expirationMs: { service_windows: 400 * 86_400_000 } };
    await apply(settings);
    const kept = async () => (await metadataOf('service_windows')).timePartitioning.expirationMs;
    expect(await kept()).toBe('34560000000');
    expect((await metadataOf('alerts')).timePartitioning.expirationMs).toBeUndefined();
    const again = (await apply(settings)).filter(({ file }) => file.startsWith('sql/schema/'));
    expect(again.map(({ action }) => action)).toEqual(again.map(() => 'unchanged'));
    await apply({ expirationMs: { service_windows: 30 * 86_400_000 } });
    expect(await kept()).toBe('2592000000');
    await apply();
    expect(await kept()).toBe('2592000000');
  });

  it('refuses to let a table expire that is not there or has no partitions', async () => {
    await expect(apply({ expirationMs: { window: 1 } })).rejects.toThrow(
      /no table window that could expire; allowed: .*service_windows/,
    );
    await expect(apply({ expirationMs: { patterns: 86_400_000 } })).rejects.toThrow(
      /^sql\/schema\/patterns\.sql: the table has no partitions that could be deleted after 1 days/,
    );
  });

  it('puts the policy tag on the columns that hold personal data, and on no other', async () => {
    const policyTag = 'projects/p/locations/eu/taxonomies/1/policyTags/2';
    await apply();
    await apply({ policyTag });
    const { schema } = await metadataOf('log_entries');
    const tagged = (schema.fields as { name: string; policyTags?: { names: string[] } }[]).filter(
      ({ policyTags }) => policyTags?.names.includes(policyTag),
    );
    expect(tagged.map(({ name }) => name)).toEqual(['message', 'user_id', 'labels']);
    const steps = (await apply({ policyTag })).filter(({ file }) => file.startsWith('sql/schema/'));
    expect(steps.map(({ action }) => action)).toEqual(steps.map(() => 'unchanged'));
  });

  it('adds a new column to a table that holds rows, and changes descriptions and options', async () => {
    await apply();
    await bigquery.query(
      `INSERT INTO ${dataset}.demo_incidents (incident_id, kind, service, started_at, ended_at, seed) VALUES ('i', 'k', 's', CURRENT_TIMESTAMP(), CURRENT_TIMESTAMP(), 1)`,
    );
    await edit(
      'schema/demo_incidents.sql',
      'seed INT64 NOT NULL',
      'note STRING OPTIONS(description="What happened."),\n  seed INT64 NOT NULL',
    );
    await edit('schema/demo_incidents.sql', 'description="Incidents', 'description="All incidents');
    const steps = await apply();
    expect(steps.filter(({ action }) => action === 'changed')).toEqual([
      { file: 'sql/schema/demo_incidents.sql', action: 'changed' },
    ]);
    const { schema, description } = await metadataOf('demo_incidents');
    expect(schema.fields.at(-1)).toMatchObject({
      name: 'note',
      type: 'STRING',
      description: 'What happened.',
    });
    expect(description).toMatch(/^All incidents/);
    const [rows] = await bigquery.query(`SELECT incident_id, note FROM ${dataset}.demo_incidents`);
    expect(rows).toEqual([{ incident_id: 'i', note: null }]);
  });

  it('applies a view after the views it reads', async () => {
    await writeFile(
      join(folder, 'views/a_first.sql'),
      'CREATE OR REPLACE VIEW a_first AS SELECT * FROM z_last;',
    );
    await writeFile(
      join(folder, 'views/z_last.sql'),
      'CREATE OR REPLACE VIEW z_last AS SELECT service FROM windows;',
    );
    const files = (await apply()).map(({ file }) => file);
    expect(files.indexOf('sql/views/z_last.sql')).toBeLessThan(files.indexOf('sql/views/a_first.sql'));
  });

  it.each([
    [
      'a column of another type',
      'seed INT64',
      'seed STRING',
      /column seed is INTEGER in the table and STRING/,
    ],
    [
      'a new column that is NOT NULL',
      'seed INT64',
      'a INT64 NOT NULL, seed INT64',
      /column a is new and NOT NULL/,
    ],
    [
      'another partitioning',
      'DATE(started_at)',
      'DATE(ended_at)',
      /partitioned by started_at, the file says ended_at/,
    ],
    [
      'what is no table definition',
      'ended_at TIMESTAMP',
      'ended_at 7',
      /demo_incidents\.sql: a name is expected/,
    ],
  ])('refuses %s, naming the file', async (_, from, to, message) => {
    await apply();
    await edit('schema/demo_incidents.sql', from, to);
    await expect(apply()).rejects.toThrow(message);
    await expect(apply()).rejects.toThrow(/^sql\/schema\/demo_incidents\.sql: /);
  });

  it('names the file of a view that BigQuery refuses', async () => {
    await writeFile(
      join(folder, 'views/wrong.sql'),
      'CREATE OR REPLACE VIEW wrong AS SELECT nothing FROM logs;',
    );
    await expect(apply()).rejects.toThrow(/^sql\/views\/wrong\.sql: .*nothing/);
  });
});
