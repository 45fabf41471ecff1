/**
 * The LookML project: parsed by lookml-parser, each field held against the view it reads, each dashboard tile against
 * the explores. Dashboards are YAML of a simple shape, read here line by line.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BigQuery } from '@google-cloud/bigquery';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BigqueryService, startBigquery } from '../../local/bigquery/service.ts';
import { applySql } from '../../sql/apply.ts';

const FOLDER = new URL('../../sql/looker/', import.meta.url);
const { parse } = createRequire(import.meta.url)('lookml-parser') as {
  parse(text: string): Record<string, unknown>;
};

interface Field {
  readonly type: string;
  readonly sql?: string;
  readonly timeframes?: readonly string[];
  readonly percentile?: string;
}

type Fields = Readonly<Record<string, Field>>;

interface View {
  readonly sql_table_name: string;
  readonly dimension?: Fields;
  readonly dimension_group?: Fields;
  readonly measure?: Fields;
}

const read = (path: string): Promise<string> => readFile(new URL(path, FOLDER), 'utf8');
const VIEW_FILES = (await readdir(new URL('views/', FOLDER))).sort();
const DASHBOARDS = (await readdir(new URL('dashboards/', FOLDER))).sort();

let dataDir: string;
let service: BigqueryService;
let client: BigQuery;
let columns: ReadonlyMap<string, ReadonlySet<string>>;
const views = new Map<string, View>();

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'looker-'));
  service = await startBigquery({ port: 0, writePort: 0, dataDir, projectId: 'p' });
  client = new BigQuery({ projectId: 'p', apiEndpoint: `http://127.0.0.1:${service.port}` });
  await applySql({ bigquery: client, dataset: 'logweir' });
  const [tables] = await client.dataset('logweir').getTables();
  const found = await Promise.all(
    tables.map(async (table) => {
      const [{ schema }] = await table.getMetadata();
      const names = (schema.fields as { name: string }[]).map(({ name }) => name);
      return [table.id ?? '', new Set(names)] as const;
    }),
  );
  columns = new Map(found);
  for (const file of VIEW_FILES) {
    const parsed = parse(await read(`views/${file}`)).view as Record<string, View>;
    for (const [name, view] of Object.entries(parsed)) views.set(name, view);
  }
});

afterAll(async () => {
  await service.close();
  await rm(dataDir, { recursive: true, force: true });
});

/** Names of all fields of a view, those of dimension groups with their time frames. */
function fieldsOf(name: string): Set<string> {
  const view = views.get(name);
  const groups = Object.entries(view?.dimension_group ?? {}).flatMap(([group, { timeframes }]) =>
    (timeframes ?? []).map((frame) => `${group}_${frame}`),
  );
  return new Set([...Object.keys(view?.dimension ?? {}), ...Object.keys(view?.measure ?? {}), ...groups]);
}

/** Aggregates as Looker writes them. */
const AGGREGATES: Readonly<Record<string, (sql: string, field: Field) => string>> = {
  count: () => 'COUNT(*)',
  count_distinct: (sql) => `COUNT(DISTINCT ${sql})`,
  sum: (sql) => `COALESCE(SUM(${sql}), 0)`,
  average: (sql) => `AVG(${sql})`,
  max: (sql) => `MAX(${sql})`,
  number: (sql) => sql,
  percentile: (sql, { percentile }) => `APPROX_QUANTILES(${sql}, 100)[OFFSET(${percentile})]`,
};

/** The SQL of a field of a view, with the fields it names in place. */
function sqlOf(view: View, name: string): string {
  const dimension = view.dimension?.[name] ?? view.dimension_group?.[name.replace(/_[a-z0-9]+$/, '')];
  const field = dimension ?? view.measure?.[name] ?? view.dimension_group?.[name];
  if (!field) throw new Error(`no field ${name}`);
  const inner = (field.sql ?? '')
    .trim()
    .replace(/\$\{TABLE\}/g, 'shown')
    .replace(/\$\{(\w+)\}/g, (_, other: string) => `(${sqlOf(view, other)})`);
  return view.measure?.[name] ? AGGREGATES[field.type]!(inner, field) : inner;
}

describe('a LookML view', () => {
  it.each(VIEW_FILES)(
    '%s makes GoogleSQL that BigQuery takes, of each dimension and measure',
    async (file) => {
      const view = views.get(file.replace('.view.lkml', ''))!;
      const table = /\.(\w+)`/.exec(view.sql_table_name)?.[1] ?? '';
      const list = (fields: Fields | undefined): string =>
        Object.keys(fields ?? {})
          .map((name) => `${sqlOf(view, name)} AS \`${name}\``)
          .join(', ');
      const dimensions = list({ ...view.dimension, ...view.dimension_group });
      for (const fields of [dimensions, list(view.measure)]) {
        const query = `SELECT ${fields} FROM ${table} AS shown`;
        await client.query({ query, defaultDataset: { datasetId: 'logweir' } });
      }
      for (const [name, { type, sql = '' }] of Object.entries(view.dimension_group ?? {})) {
        expect(type, name).toBe('time');
        const query = `SELECT TIMESTAMP_TRUNC(${sql.trim().replace(/\$\{TABLE\}/g, 'shown')}, HOUR) FROM ${table} AS shown`;
        await client.query({ query, defaultDataset: { datasetId: 'logweir' } });
      }
    },
  );

  it.each(VIEW_FILES)(
    '%s reads columns that its view in sql/views has, and fields that it defines',
    (file) => {
      const name = file.replace('.view.lkml', '');
      const view = views.get(name)!;
      const table = /\.(\w+)`/.exec(view.sql_table_name)?.[1] ?? '';
      const known = columns.get(table);
      expect(known, `${table} of ${file}`).toBeDefined();
      const all = [view.dimension, view.dimension_group, view.measure].flatMap((fields) =>
        Object.entries(fields ?? {}),
      );
      expect(all.length).toBeGreaterThan(2);
      for (const [field, { sql = '' }] of all) {
        for (const [, column = ''] of sql.matchAll(/\$\{TABLE\}\.(\w+)/g))
          expect(known, `${field} of ${file}`).toContain(column);
        for (const [, other = ''] of sql.matchAll(/\$\{(\w+)\}(?!\.)/g)) {
          if (other !== 'TABLE') expect(fieldsOf(name), `${field} of ${file}`).toContain(other);
        }
      }
    },
  );
});

interface Explore {
  readonly description?: string;
  readonly sql_always_where?: string;
  readonly join?: Readonly<Record<string, { readonly sql_on: string; readonly relationship: string }>>;
}

const model = parse(await read('logweir.model.lkml')) as {
  readonly connection: string;
  readonly include: readonly string[];
  readonly explore: Readonly<Record<string, Explore>>;
};

/** Views that an explore shows: its own and those it joins. */
const viewsOf = (explore: string): readonly string[] => [
  explore,
  ...Object.keys(model.explore[explore]?.join ?? {}),
];

const fieldsIn = (sql: string) =>
  [...sql.matchAll(/\$\{(\w+)\.(\w+)\}/g)].map(([, view = '', field = '']) => ({ view, field }));

describe('the LookML model', () => {
  it('has an explore for each view it shows, and joins and filters on fields that are there', () => {
    expect(Object.keys(model.explore).sort()).toEqual([...views.keys()].sort());
    for (const [name, { description, join = {}, sql_always_where = '' }] of Object.entries(model.explore)) {
      expect(description, name).toMatch(/\.$/);
      for (const [joined, { sql_on, relationship }] of Object.entries(join)) {
        expect(views.has(joined), joined).toBe(true);
        expect(relationship).toBe('many_to_one');
        expect(fieldsIn(sql_on).length).toBeGreaterThan(1);
        for (const { view, field } of fieldsIn(sql_on)) expect(fieldsOf(view)).toContain(field);
      }
      for (const { view, field } of fieldsIn(sql_always_where)) {
        expect(view).toBe(name);
        expect(fieldsOf(view)).toContain(field);
      }
    }
  });

  it('scans no table whole: an explore of all times has a range of its own', () => {
    for (const [name, { sql_always_where }] of Object.entries(model.explore)) {
      const table = /\.(\w+)`/.exec(views.get(name)!.sql_table_name)?.[1] ?? '';
      const unbounded = ['windows', 'logs', 'hot_logs', 'refusals', 'service_hours', 'service_minutes'];
      if (unbounded.includes(table)) expect(sql_always_where, name).toMatch(/INTERVAL \d+ DAY/);
    }
  });

  it('does not join a roll-up to the windows that it is made from, which BigQuery refuses', () => {
    for (const name of Object.keys(model.explore)) {
      const tables = viewsOf(name).map((view) => /\.(\w+)`/.exec(views.get(view)!.sql_table_name)?.[1] ?? '');
      const rolledUp = tables.filter((table) => /^service_(?:hours|minutes)$|^error_budget$/.test(table));
      expect(rolledUp.length === 0 || tables.length === 1, name).toBe(true);
    }
  });

  it('takes in every view and dashboard, and leaves project and dataset to the deployment', async () => {
    expect(model.connection).toBe('logweir');
    expect(model.include).toEqual(['/views/*.view.lkml', '/dashboards/*.dashboard.lookml']);
    const manifest = parse(await read('manifest.lkml')) as { readonly constant: object };
    expect(manifest).toMatchObject({ project_name: 'logweir' });
    expect(Object.keys(manifest.constant)).toEqual(['project', 'dataset']);
    for (const { sql_table_name } of views.values())
      expect(sql_table_name.trim()).toMatch(/^`@\{project\}\.@\{dataset\}\.\w+`$/);
  });

  it('has three dashboards', () => {
    expect(DASHBOARDS).toHaveLength(3);
  });

  it.each(DASHBOARDS)(
    '%s shows fields of the explore it names, in tiles that do not overlap',
    async (file) => {
      const tiles = (await read(`dashboards/${file}`)).split(/^ {2}- title: /m).slice(1);
      expect(tiles.length).toBeGreaterThan(2);
      const taken = new Set<string>();
      for (const tile of tiles) {
        const explore = /explore: (\w+)/.exec(tile)?.[1] ?? '';
        expect(Object.keys(model.explore)).toContain(explore);
        const lists = new Map(
          [...tile.matchAll(/(fields|pivots|sorts): \[(.*)\]/g)].map(([, key = '', list = '']) => [
            key,
            list.split(', ').map((one) => one.replace(' desc', '')),
          ]),
        );
        const fields = lists.get('fields') ?? [];
        expect(fields.length).toBeGreaterThan(0);
        for (const one of fields) {
          const [view = '', field = ''] = one.split('.');
          expect(viewsOf(explore), one).toContain(view);
          expect(fieldsOf(view), one).toContain(field);
        }
        for (const one of [...(lists.get('pivots') ?? []), ...(lists.get('sorts') ?? [])])
          expect(fields).toContain(one);
        const [row = 0, col = 0, width = 0, height = 0] = ['row', 'col', 'width', 'height'].map((key) =>
          Number(new RegExp(`${key}: (\\d+)`).exec(tile)?.[1]),
        );
        expect(col + width).toBeLessThanOrEqual(24);
        for (let y = row; y < row + height; y++) {
          for (let x = col; x < col + width; x++) {
            expect(taken.has(`${x},${y}`), `${file} at ${x},${y}`).toBe(false);
            taken.add(`${x},${y}`);
          }
        }
      }
    },
  );
});
