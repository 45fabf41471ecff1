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

type Fields = Readonly<Record<string, { readonly sql?: string; readonly timeframes?: readonly string[] }>>;

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
let columns: ReadonlyMap<string, ReadonlySet<string>>;
const views = new Map<string, View>();

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'looker-'));
  service = await startBigquery({ port: 0, writePort: 0, dataDir, projectId: 'p' });
  const client = new BigQuery({ projectId: 'p', apiEndpoint: `http://127.0.0.1:${service.port}` });
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

describe('a LookML view', () => {
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

describe('the LookML model', () => {
  it('has an explore for each view it shows, and joins on fields that are there', async () => {
    const model = parse(await read('logweir.model.lkml')) as {
      explore: Record<string, { join?: Record<string, { sql_on: string }> }>;
    };
    for (const [name, { join: joins = {} }] of Object.entries(model.explore)) {
      expect(views.has(name), name).toBe(true);
      for (const { sql_on } of Object.values(joins)) {
        for (const [, view = '', field = ''] of sql_on.matchAll(/\$\{(\w+)\.(\w+)\}/g))
          expect(fieldsOf(view)).toContain(field);
      }
    }
    expect(parse(await read('manifest.lkml'))).toMatchObject({ project_name: 'logweir' });
  });

  it.each(DASHBOARDS)('%s shows fields of the explore it names', async (file) => {
    const tiles = (await read(`dashboards/${file}`)).split(/^ {2}- title: /m).slice(1);
    expect(tiles.length).toBeGreaterThan(2);
    for (const tile of tiles) {
      expect(views.has(/explore: (\w+)/.exec(tile)?.[1] ?? '')).toBe(true);
      const listed = [...tile.matchAll(/(?:fields|pivots|sorts): \[(.*)\]/g)].flatMap(([, list = '']) =>
        list.split(', '),
      );
      expect(listed.length).toBeGreaterThan(0);
      for (const one of listed) {
        const [view = '', field = ''] = one.replace(' desc', '').split('.');
        expect(fieldsOf(view), one).toContain(field);
      }
    }
  });
});
