/**
 * The one way by which the laptop and a deployment make dataset, tables, search indexes, functions and views, through
 * BigQuery's client: the files of sql/schema, of sql/indexes, then those of sql/functions, sql/materialized and
 * sql/views in the order in which they need each other.
 * Guarantee: safe to call again, and after a part of it failed. A table that is there keeps its rows: it gets the
 * columns it lacks, and the file's descriptions and options; what BigQuery cannot change in place is an error that
 * names the file. A materialized view is made anew only when its file changed, for BigQuery then computes it whole.
 * Tables and columns that no file names are left alone.
 */
import { createHash } from 'node:crypto';
import type { BigQuery, Dataset, Query } from '@google-cloud/bigquery';
import { qualify } from './qualify.ts';
import { inOrder, readSqlFiles, type SqlFile } from './sql-files.ts';
import { tableChanges, tableMetadata } from './table-change.ts';
import { readTableDefinition, type TableDefinition } from './table-definition.ts';
import { checkSettings, type TableSettings, withSettings } from './table-settings.ts';

export interface AppliedStep {
  /** Path of the file from the repository's root, e.g. `sql/views/logs.sql`. */
  readonly file: string;
  readonly action: 'created' | 'changed' | 'unchanged' | 'replaced';
}

export interface ApplyOptions extends TableSettings {
  readonly bigquery: BigQuery;
  /** Made when missing. */
  readonly dataset: string;
  /** Location of a dataset that is made; default: BigQuery's. */
  readonly location?: string;
  readonly onStep?: (step: AppliedStep) => void;
  /** Folder with schema/, indexes/, functions/, materialized/ and views/; default: this one. */
  readonly folder?: URL;
}

type Action = AppliedStep['action'];

/** Label of a materialized view that says from which statement it was made. */
const MADE_FROM = 'logweir_definition';

/** Makes what is missing and brings the rest up to date. Throws an Error that names the file. */
export async function applySql(options: ApplyOptions): Promise<void> {
  const { bigquery, location } = options;
  const folder = options.folder ?? new URL('./', import.meta.url);
  const dataset = bigquery.dataset(options.dataset, location === undefined ? {} : { location });
  const read = (part: string): Promise<SqlFile[]> => readSqlFiles(folder, part);
  const schema = await read('schema');
  const rest = (await Promise.all(['functions', 'materialized', 'views'].map(read))).flat();
  checkSettings(options, schema);
  const known = new Set([...schema, ...rest].map(({ name }) => name));
  const step = async (file: SqlFile, work: () => Promise<Action>): Promise<void> => {
    const action = await naming(file, work);
    options.onStep?.({ file: file.path, action });
  };
  await makeDataset(dataset, location);
  for (const file of schema) await step(file, () => applyTable(dataset, file, known, options));
  for (const file of await read('indexes')) {
    await step(file, () => applyIndex(dataset, qualify(file.sql, options.dataset, known).sql));
  }
  for (const file of inOrder(rest, options.dataset, known)) {
    const materialized = file.path.startsWith('sql/materialized/');
    await step(file, () => (materialized ? applyMaterialized(dataset, file) : run(dataset, file.sql)));
  }
}

async function makeDataset(dataset: Dataset, location: string | undefined): Promise<void> {
  await dataset
    .create(location === undefined ? {} : { location })
    .catch((error: { readonly code?: unknown }) => {
      if (error.code !== 409) throw error;
    });
}

async function applyTable(
  dataset: Dataset,
  file: SqlFile,
  known: ReadonlySet<string>,
  settings: TableSettings,
): Promise<Action> {
  const definition = readTableDefinition(file.sql);
  if (definition === null) throw new Error('a file of sql/schema makes a table');
  if (definition.name !== file.name) throw new Error(`the table is named ${definition.name}`);
  const set = withSettings(definition, settings);
  const [there] = await dataset.table(definition.name).exists();
  if (there) return (await changeTable(dataset, set ?? definition)) ? 'changed' : 'unchanged';
  await run(dataset, qualify(file.sql, dataset.id!, known).sql);
  if (set !== null) await changeTable(dataset, set);
  return 'created';
}

async function changeTable(dataset: Dataset, definition: TableDefinition): Promise<boolean> {
  const table = dataset.table(definition.name);
  const [metadata] = await table.getMetadata();
  // The tier puts files in the place of log_entries_cold: their schema is theirs.
  if (metadata.type === 'EXTERNAL') return false;
  const changes = tableChanges(tableMetadata.parse(metadata), definition);
  if (changes === null) return false;
  await table.setMetadata(changes);
  return true;
}

/** The label is written last: a view whose label is missing or another is made again. */
async function applyMaterialized(dataset: Dataset, file: SqlFile): Promise<Action> {
  const table = dataset.table(file.name);
  const madeFrom = createHash('sha256').update(file.sql).digest('hex').slice(0, 32);
  const [there] = await table.exists();
  const labels = there ? tableMetadata.parse((await table.getMetadata())[0]).labels : undefined;
  if (labels?.[MADE_FROM] === madeFrom) return 'unchanged';
  await run(dataset, file.sql);
  await table.setMetadata({ labels: { ...labels, [MADE_FROM]: madeFrom } });
  return there ? 'replaced' : 'created';
}

/** An index is made once; BigQuery fills it in the background. */
async function applyIndex(dataset: Dataset, query: string): Promise<Action> {
  const [job] = await dataset.bigQuery.createQueryJob(request(dataset, query));
  await job.getQueryResults();
  const [{ statistics }] = await job.getMetadata();
  return statistics?.query?.ddlOperationPerformed === 'SKIP' ? 'unchanged' : 'created';
}

async function run(dataset: Dataset, query: string): Promise<Action> {
  await dataset.bigQuery.query(request(dataset, query));
  return 'replaced';
}

const request = ({ id, location }: Dataset, query: string): Query => ({
  query,
  defaultDataset: { datasetId: id! },
  useLegacySql: false,
  ...(location === undefined ? {} : { location }),
});

async function naming<T>(file: SqlFile, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${file.path}: ${reason}`, { cause: error });
  }
}
