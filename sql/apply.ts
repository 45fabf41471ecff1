/**
 * The one way by which the laptop and the deployment make dataset, tables and views: the files of sql/schema, then
 * those of sql/views, through BigQuery's client.
 */
import { readdir, readFile } from 'node:fs/promises';
import type { BigQuery } from '@google-cloud/bigquery';

export interface ApplyOptions {
  readonly bigquery: BigQuery;
  readonly dataset: string;
}

const FOLDERS = ['schema', 'views'] as const;

/** Makes what is missing; safe to call again. Throws an Error that names the file. */
export async function applySql({ bigquery, dataset }: ApplyOptions): Promise<void> {
  await bigquery.createDataset(dataset).catch((error: { readonly code?: unknown }) => {
    if (error.code !== 409) throw error;
  });
  for (const folder of FOLDERS) {
    const directory = new URL(`./${folder}/`, import.meta.url);
    for (const name of (await readdir(directory)).sort()) {
      const query = await readFile(new URL(name, directory), 'utf8');
      await bigquery
        .query({ query, defaultDataset: { datasetId: dataset }, useLegacySql: false })
        .catch((error: unknown) => {
          throw new Error(
            `sql/${folder}/${name}: ${error instanceof Error ? error.message : String(error)}`,
            { cause: error },
          );
        });
    }
  }
}
