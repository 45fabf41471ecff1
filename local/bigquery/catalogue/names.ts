/** Names of datasets and tables: BigQuery's rules, and what DuckDB cannot take. */
import { invalid, unsupported } from '../failure.ts';

const DATASET = /^[A-Za-z0-9_]{1,1024}$/;
const TABLE = /^[\p{L}\p{M}\p{N}\p{Pc}\p{Pd} ]+$/u;
const MAX_TABLE_BYTES = 1024;
/** DuckDB's own catalogues and schemas: a dataset of that name could not be told from them. */
const TAKEN = new Set(['bigquery', 'system', 'temp', 'main', 'pg_catalog', 'information_schema']);

export function checkDatasetId(datasetId: string, others: Iterable<string>): void {
  if (!DATASET.test(datasetId)) {
    throw invalid(
      `Invalid dataset ID "${datasetId}". Dataset IDs must be alphanumeric (plus underscores) and must be at most 1024 characters long.`,
    );
  }
  if (TAKEN.has(datasetId.toLowerCase())) throw unsupported(`a dataset named "${datasetId}"`);
  refuseTwin('datasets', datasetId, others);
}

export function checkTableId(tableId: string, others: Iterable<string>): void {
  if (!TABLE.test(tableId) || Buffer.byteLength(tableId) > MAX_TABLE_BYTES) {
    throw invalid(
      `Invalid table ID "${tableId}". Table IDs must be alphanumeric (plus underscores) and must be at most 1024 characters long. Also, Table decorators cannot be used.`,
    );
  }
  refuseTwin('tables', tableId, others);
}

/** DuckDB's names are not case-sensitive. */
function refuseTwin(what: string, name: string, others: Iterable<string>): void {
  for (const other of others) {
    if (other !== name && other.toLowerCase() === name.toLowerCase()) {
      throw unsupported(`two ${what} whose names differ in case only: "${other}" and "${name}"`);
    }
  }
}
