/** Google's own clients, pointed at a local service. */
import { BigQuery } from '@google-cloud/bigquery';
import { openWarehouse, type Warehouse } from '../../../functions/warehouse/warehouse.ts';

export const PROJECT = 'p';
export const DATASET = 'logweir';

export const clientOf = ({ port }: { readonly port: number }): BigQuery =>
  new BigQuery({ projectId: PROJECT, apiEndpoint: `http://127.0.0.1:${port}` });

/** The writer of the functions. */
export const writerOf = ({ writePort }: { readonly writePort: number }, timeoutMs = 10_000): Warehouse =>
  openWarehouse({
    projectId: PROJECT,
    datasetId: DATASET,
    endpoint: { host: '127.0.0.1', port: writePort },
    timeoutMs,
  });

/** Rows of a query in GoogleSQL, with numbers as they come. */
export async function rowsOf(client: BigQuery, query: string): Promise<Record<string, unknown>[]> {
  const [rows] = await client.query({ query, defaultDataset: { datasetId: DATASET } });
  return rows as Record<string, unknown>[];
}
