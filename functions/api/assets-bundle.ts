/**
 * Makes the file of assets.ts when the function is bundled, on a laptop and for a deployment alike: the page, built; the
 * saved queries and the tables, read from sql/. The same sources make the same text. Not part of what is deployed.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSqlFiles } from '../../sql/sql-files.ts';
import { readTableDefinition } from '../../sql/table-definition.ts';
import { ASSETS_FILE, type Assets, type CostTable, type PageFile } from './assets.ts';
import { bundlePage, pageFile } from './page/bundle.ts';
import type { SavedQuery, SqlSchema } from './schema/sql.ts';

const SQL = new URL('../../sql/', import.meta.url);

export interface AssetOptions {
  /** What a day costs; null: it is not told. */
  readonly cost: CostTable | null;
}

/** Makes all of it. */
export async function makeAssets({ cost }: AssetOptions): Promise<Assets> {
  const [page, queries, schema] = await Promise.all([pageFiles(), savedQueries(), warehouseSchema()]);
  return { page, queries, schema, cost };
}

/** The text of the file. */
export const assetsText = async (options: AssetOptions): Promise<string> =>
  JSON.stringify(await makeAssets(options));

/** Writes the file into the folder of a bundle. */
export async function writeAssets(folder: string, options: AssetOptions): Promise<void> {
  await writeFile(join(folder, ASSETS_FILE), await assetsText(options));
}

const DOCS = new URL('./docs/', import.meta.url);

/** The documentation's files, as they are. */
async function docsFiles(): Promise<(readonly [string, ReturnType<typeof pageFile>])[]> {
  return Promise.all(
    ['index.html', 'docs.js', 'docs.css'].map(async (name) => {
      const path = `/docs/${name}`;
      return [path, pageFile(path, await readFile(new URL(name, DOCS)))] as const;
    }),
  );
}

async function pageFiles(): Promise<Record<string, PageFile>> {
  const files = [...(await bundlePage()).files, ...(await docsFiles())];
  return Object.fromEntries(
    files.sort().map(([path, { body, ...rest }]) => {
      const base64 = !/^text\/|svg/.test(rest.type);
      return [path, { ...rest, base64, body: Buffer.from(body).toString(base64 ? 'base64' : 'utf8') }];
    }),
  );
}

/** Comment lines at the head of a file, without their dashes. */
const headOf = (sql: string): string[] =>
  sql.split('\n').flatMap((line, i, all) => {
    const isHead = all.slice(0, i).every((before) => before.startsWith('--'));
    return isHead && line.startsWith('-- ') ? [line.slice(3)] : [];
  });

async function savedQueries(): Promise<SavedQuery[]> {
  return (await readSqlFiles(SQL, 'queries')).map(({ name, sql }) => {
    const [title = name, ...rest] = headOf(sql);
    const asked = rest.find((line) => line.startsWith('Parameters: ')) ?? '';
    const parameters = [...asked.matchAll(/@(\w+) ([A-Z]\w*(?:<\w+>)?)/g)].map(([, one, type]) => ({
      name: one!,
      type: type!,
    }));
    return { name, title, description: rest.join('\n'), sql, parameters };
  });
}

/** Columns of views are BigQuery's to tell. */
async function warehouseSchema(): Promise<SqlSchema['items']> {
  const parts = [
    ['schema', 'table'],
    ['views', 'view'],
    ['materialized', 'view'],
    ['functions', 'function'],
  ] as const;
  const all = await Promise.all(
    parts.map(async ([folder, kind]) =>
      (await readSqlFiles(SQL, folder)).map(({ name, sql }) => ({
        ...{ name, kind },
        description: headOf(sql)[0] ?? '',
        columns: kind === 'table' ? tableColumns(sql) : kind === 'function' ? functionColumns(sql) : [],
      })),
    ),
  );
  return all.flat();
}

function tableColumns(sql: string): SqlSchema['items'][number]['columns'] {
  const definition = /CREATE\s+TABLE/.test(sql) ? readTableDefinition(sql) : null;
  return (definition?.fields ?? []).map(({ name, type, mode, description = '' }) => ({
    name,
    type: mode === 'REPEATED' ? `ARRAY<${type}>` : type,
    description,
  }));
}

function functionColumns(sql: string): SqlSchema['items'][number]['columns'] {
  const line = headOf(sql).find((one) => one.startsWith('Columns: ')) ?? '';
  const names = line
    .replace(/^Columns: |\.$/g, '')
    .replaceAll(/\([^)]*\)/g, '')
    .split(/[,;]/);
  return names
    .map((one) => one.trim())
    .filter((one) => /^\w+$/.test(one))
    .map((name) => ({ name, type: '', description: '' }));
}
