/** What the translator asks of the catalogue. */
import { tableInfo } from '../catalogue/entry.ts';
import type { Warehouse } from '../engine/warehouse.ts';
import type { JobInfo, ParameterSpec, SqlContext } from '../sql/statement.ts';
import { type Job, USER } from './job.ts';

export function sqlContext(
  { catalogue, projectId, timers, listJobs }: Warehouse,
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
    listJobs: () => listJobs().map(jobInfo),
    listDatasets: () => catalogue.datasets().map(({ datasetId }) => datasetId),
    parameters,
    currentTimestampMs: timers.now(),
    sessionUser: USER,
  };
}

function jobInfo(job: Job): JobInfo {
  const statistics = job.outcome?.statistics as Statistics | undefined;
  const query = job.configuration.query as { readonly query?: string } | undefined;
  const bytes = (text: string | undefined): number | null => (text === undefined ? null : Number(text));
  return {
    jobId: job.jobId,
    userEmail: USER,
    jobType: job.kind.toUpperCase(),
    statementType: statistics?.query?.statementType ?? null,
    state: job.state,
    query: query?.query ?? null,
    creationTimeMs: job.createdMs,
    startTimeMs: job.startedMs ?? null,
    endTimeMs: job.endedMs ?? null,
    totalBytesProcessed: bytes(statistics?.query?.totalBytesProcessed),
    totalBytesBilled: bytes(statistics?.query?.totalBytesBilled),
    totalSlotMs: null,
    error: job.error ? { reason: job.error.reason, message: job.error.message } : null,
  };
}

interface Statistics {
  readonly query?: {
    readonly statementType?: string;
    readonly totalBytesProcessed?: string;
    readonly totalBytesBilled?: string;
  };
}
