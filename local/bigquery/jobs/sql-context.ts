/** What the translator asks of the catalogue. */
import { tableInfo } from '../catalogue/entry.ts';
import type { Warehouse } from '../engine/warehouse.ts';
import type { ParameterSpec, SqlContext } from '../sql/statement.ts';
import { USER } from './job.ts';

export function sqlContext(
  { catalogue, projectId, timers }: Warehouse,
  defaultDataset: string | null,
  parameters: readonly ParameterSpec[] = [],
): SqlContext {
  return {
    projectId,
    defaultDataset,
    lookup: (table) => {
      const entry = catalogue.findTable(table);
      return entry ? tableInfo(entry) : null;
    },
    lookupRoutine: (routine) => catalogue.findRoutine(routine)?.info ?? null,
    hasDataset: (datasetId) => catalogue.findDataset(datasetId) !== undefined,
    listTables: (datasetId) => catalogue.tables(datasetId).map(({ ref }) => ref.tableId),
    listDatasets: () => catalogue.datasets().map(({ datasetId }) => datasetId),
    parameters,
    currentTimestampMs: timers.now(),
    sessionUser: USER,
  };
}
