/** Names of tables and write streams, as the Storage Write API writes them. */
import type { TableRef } from '../sql/statement.ts';
import { invalidArgument } from './failure.ts';

const TABLE = /^projects\/([^/]+)\/datasets\/([^/]+)\/tables\/([^/]+)$/;
const STREAM = /^(projects\/[^/]+\/datasets\/[^/]+\/tables\/[^/]+)\/(?:streams\/([^/]+)|(_default))$/;

export const DEFAULT_STREAM = '_default';

export function parseTable(name: string): TableRef {
  const [, projectId, datasetId, tableId] = TABLE.exec(name) ?? [];
  if (!projectId || !datasetId || !tableId) {
    throw invalidArgument(`Malformed table name "${name}": projects/P/datasets/D/tables/T is expected.`);
  }
  return { projectId, datasetId, tableId };
}

export interface StreamName {
  readonly table: TableRef;
  readonly streamId: string;
}

export function parseStream(name: string): StreamName {
  const [, table, streamId, short] = STREAM.exec(name) ?? [];
  if (table === undefined) {
    throw invalidArgument(
      `Malformed stream name "${name}": projects/P/datasets/D/tables/T/streams/S is expected.`,
    );
  }
  return { table: parseTable(table), streamId: streamId ?? short ?? DEFAULT_STREAM };
}

const tablePath = ({ projectId, datasetId, tableId }: TableRef): string =>
  `projects/${projectId}/datasets/${datasetId}/tables/${tableId}`;

export const streamPath = ({ table, streamId }: StreamName): string =>
  `${tablePath(table)}/streams/${streamId}`;
