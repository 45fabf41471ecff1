/**
 * The one way by which the laptop and a deployment make dataset, tables, functions and views: the files of
 * sql/schema, then those of sql/functions and sql/views in the order in which they need each other, through
 * BigQuery's client.
 * Guarantee: safe to call again, and after a part of it failed. A table that is there keeps its rows: it gets the
 * columns it lacks, and the file's descriptions and options; what BigQuery cannot change in place is an error that
 * names the file. Tables and columns that no file names are left alone.
 */
import { readdir, readFile } from 'node:fs/promises';
import type { BigQuery, Dataset } from '@google-cloud/bigquery';
import { qualify } from './qualify.ts';
import { tableChanges, tableMetadata } from './table-change.ts';
import { readTableDefinition, type TableDefinition } from './table-definition.ts';

export interface AppliedStep {
  /** Path of the file from the repository's root, e.g. `sql/views/logs.sql`. */
  readonly file: string;
  readonly action: 'created' | 'changed' | 'unchanged' | 'replaced';
}

export interface ApplyOptions {
  readonly bigquery: BigQuery;
  /** Made when missing. */
  readonly dataset: string;
  /** Location of a dataset that is made; default: BigQuery's. */
  readonly location?: string;
  readonly onStep?: (step: AppliedStep) => void;
  /** Folder with schema/, functions/ and views/; default: this one. */
  readonly folder?: URL;
}

interface SqlFile {
  readonly path: string;
  readonly name: string;
  readonly sql: string;
}

/** Makes what is missing and brings the rest up to date. Throws an Error that names the file. */
export async function applySql(options: ApplyOptions): Promise<void> {
  const { bigquery, location } = options;
  const folder = options.folder ?? new URL('./', import.meta.url);
  const dataset = bigquery.dataset(options.dataset, location === undefined ? {} : { location });
  await makeDataset(dataset, location);
  const [schema, functions, views] = await Promise.all(
    ['schema', 'functions', 'views'].map((part) => readFiles(folder, part)),
  );
  const rest = [...functions!, ...views!];
  const known = new Set([...schema!, ...rest].map(({ name }) => name));
  for (const file of schema!) {
    await naming(file, async () => {
      const action = await applyTable(dataset, file, known);
      options.onStep?.({ file: file.path, action });
    });
  }
  for (const file of inOrder(rest, options.dataset, known)) {
    await naming(file, async () => {
      await run(dataset, file.sql);
      options.onStep?.({ file: file.path, action: 'replaced' });
    });
  }
}

async function makeDataset(dataset: Dataset, location: string | undefined): Promise<void> {
  await dataset
    .create(location === undefined ? {} : { location })
    .catch((error: { readonly code?: unknown }) => {
      if (error.code !== 409) throw error;
    });
}

async function readFiles(folder: URL, part: string): Promise<SqlFile[]> {
  const directory = new URL(`${part}/`, folder);
  const names = await readdir(directory).catch((error: { readonly code?: unknown }) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const files = names.filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    files.map(async (name) => ({
      path: `sql/${part}/${name}`,
      name: name.replace(/\.sql$/, ''),
      sql: await readFile(new URL(name, directory), 'utf8'),
    })),
  );
}

async function applyTable(
  dataset: Dataset,
  file: SqlFile,
  known: ReadonlySet<string>,
): Promise<AppliedStep['action']> {
  const definition = readTableDefinition(file.sql);
  const statement = qualify(file.sql, dataset.id!, known).sql;
  if (definition === null) {
    await run(dataset, statement);
    return 'replaced';
  }
  if (definition.name !== file.name) throw new Error(`the table is named ${definition.name}`);
  const table = dataset.table(definition.name);
  const [there] = await table.exists();
  if (!there) {
    await run(dataset, statement);
    return 'created';
  }
  return (await changeTable(dataset, definition)) ? 'changed' : 'unchanged';
}

async function changeTable(dataset: Dataset, definition: TableDefinition): Promise<boolean> {
  const table = dataset.table(definition.name);
  const [metadata] = await table.getMetadata();
  if (metadata.type === 'EXTERNAL') return false;
  const changes = tableChanges(tableMetadata.parse(metadata), definition);
  if (changes === null) return false;
  await table.setMetadata(changes);
  return true;
}

/** Each file after those it reads; otherwise by name. */
function inOrder(files: readonly SqlFile[], dataset: string, known: ReadonlySet<string>): SqlFile[] {
  const waiting = new Map(
    files.map((file) => {
      const { sql, names } = qualify(file.sql, dataset, known);
      return [file.name, { file: { ...file, sql }, needs: names }];
    }),
  );
  const ordered: SqlFile[] = [];
  while (waiting.size > 0) {
    const ready = [...waiting.values()].find(({ file, needs }) =>
      [...needs].every((name) => name === file.name || !waiting.has(name)),
    );
    if (!ready) throw new Error(`these read each other in a circle: ${[...waiting.keys()].join(', ')}`);
    ordered.push(ready.file);
    waiting.delete(ready.file.name);
  }
  return ordered;
}

async function run(dataset: Dataset, query: string): Promise<void> {
  const defaultDataset = { datasetId: dataset.id! };
  const location = dataset.location;
  await dataset.bigQuery.query({
    query,
    defaultDataset,
    useLegacySql: false,
    ...(location === undefined ? {} : { location }),
  });
}

async function naming(file: SqlFile, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${file.path}: ${reason}`, { cause: error });
  }
}
