/**
 * BigQuery on a laptop: REST and the Storage Write API over one DuckDB file, as Google's clients and `bq` speak them.
 * Guarantee: what was acknowledged is in the file and survives SIGKILL; see engine/database.ts.
 * Not there: everything BigQuery has and DESIGN does not need; it is refused, with notImplemented.
 */
import { serveHttp } from '../http.ts';
import type { LocalService } from '../service.ts';
import { type Timers, wallTimers } from '../timers.ts';
import { Catalogue } from './catalogue/catalogue.ts';
import { keepExpiring } from './catalogue/expiry.ts';
import { Database } from './engine/database.ts';
import type { Warehouse } from './engine/warehouse.ts';
import { runCopyJob } from './jobs/copy.ts';
import { runExtractJob } from './jobs/extract/extract.ts';
import type { JobKind } from './jobs/job.ts';
import { Jobs, type Runner } from './jobs/jobs.ts';
import { runLoadJob } from './jobs/load/load.ts';
import { LoadRecords } from './jobs/load/records.ts';
import { clearStages } from './jobs/load/stage.ts';
import { runQueryJob } from './jobs/query.ts';
import { datasetRoutes } from './rest/datasets.ts';
import { discoveryRoutes } from './rest/discovery.ts';
import { queryRoutes, refusing } from './rest/queries.ts';
import { routineRoutes } from './rest/routines.ts';
import { tabledataRoutes } from './rest/tabledata.ts';
import { tableRoutes } from './rest/tables.ts';
import { uploadRoutes } from './rest/uploads.ts';
import { Appends } from './write/appends.ts';
import { serveWrite } from './write/server.ts';

export interface BigqueryOptions {
  /** Port of the REST API; 0 lets the system choose. */
  readonly port: number;
  /** Port of the Storage Write API (gRPC); 0 lets the system choose. */
  readonly writePort: number;
  /** Folder of `bigquery.duckdb`; made when missing. */
  readonly dataDir: string;
  /** The one project that is served. */
  readonly projectId: string;
  /** Storage service that load and extract jobs read and write, e.g. `http://127.0.0.1:9199`. */
  readonly storageEndpoint?: string;
  /** Location of datasets that name none. Default `US`. */
  readonly location?: string;
  readonly timers?: Timers;
  /** DuckDB's memory. Default `1GB`. */
  readonly memoryLimit?: string;
  /** DuckDB's threads. Default 2. */
  readonly threads?: number;
  /** Queries at once; each holds a thread of libuv's pool. Default: UV_THREADPOOL_SIZE less four, at least 2. */
  readonly readers?: number;
  /** Longest time a job may run, in ms. Default ten minutes. */
  readonly jobDeadlineMs?: number;
  /** Size of the write-ahead log at which a checkpoint starts. Default 64 MiB: commits wait while one runs. */
  readonly walBytes?: number;
  /** Called when the database cannot go on (a full disk); what was acknowledged is there after a restart. */
  readonly onFatal?: (error: Error) => void;
}

export interface BigqueryStats {
  readonly datasets: number;
  readonly tables: number;
  /** Jobs known, running and done. */
  readonly jobs: number;
  readonly fileBytes: number;
  readonly walBytes: number;
  readonly checkpoints: number;
}

export interface BigqueryService extends LocalService {
  /** Port of the Storage Write API. */
  readonly writePort: number;
  stats(): BigqueryStats;
}

/** Starts the service. */
export async function startBigquery(options: BigqueryOptions): Promise<BigqueryService> {
  const warehouse = await openWarehouse(options, () => jobs.list());
  const { database, catalogue } = warehouse;
  const appends = new Appends(warehouse);
  const records = await LoadRecords.open(database, warehouse.timers.now());
  const stopExpiring = keepExpiring(warehouse);
  const runners: Readonly<Record<JobKind, Runner>> = {
    query: (job, signal) => runQueryJob(warehouse, job, signal),
    load: (job, signal) => runLoadJob({ warehouse, appends, records }, job, signal),
    extract: (job, signal) => runExtractJob(warehouse, job, signal),
    copy: (job, signal) => runCopyJob(warehouse, job, signal),
  };
  const jobs: Jobs = new Jobs(warehouse, (job, signal) => runners[job.kind](job, signal), {
    deadlineMs: options.jobDeadlineMs ?? 600_000,
    recorded: (jobId) => records.find(jobId),
  });
  const rest = await serveHttp({
    port: options.port,
    stage: 'local-bigquery',
    routes: refusing([
      ...discoveryRoutes(),
      ...queryRoutes(warehouse, jobs),
      ...uploadRoutes(warehouse, jobs),
      ...datasetRoutes(warehouse),
      ...tableRoutes(warehouse),
      ...tabledataRoutes(warehouse, appends),
      ...routineRoutes(warehouse),
    ]),
  });
  const write = await serveWrite(options.writePort, warehouse, appends);
  const close = async (): Promise<void> => {
    stopExpiring();
    await Promise.all([rest.close(), write.close()]);
    await jobs.close();
    await database.close();
  };
  let closed: Promise<void> | undefined;
  return {
    port: rest.port,
    writePort: write.port,
    stats: () => ({
      datasets: catalogue.datasets().length,
      tables: catalogue
        .datasets()
        .reduce((sum, { datasetId }) => sum + catalogue.tables(datasetId).length, 0),
      jobs: jobs.list().length,
      fileBytes: database.fileBytes,
      walBytes: database.walBytes,
      checkpoints: database.checkpoints,
    }),
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

const defaultReaders = (): number => Math.max(2, Number(process.env.UV_THREADPOOL_SIZE ?? 4) - 4);

async function openWarehouse(options: BigqueryOptions, listJobs: Warehouse['listJobs']): Promise<Warehouse> {
  const database = await Database.open({
    dataDir: options.dataDir,
    memoryLimit: options.memoryLimit ?? '1GB',
    threads: options.threads ?? 2,
    readers: options.readers ?? defaultReaders(),
    walBytes: options.walBytes ?? 64 * 1024 * 1024,
    ...(options.onFatal === undefined ? {} : { onFatal: options.onFatal }),
  });
  const catalogue = await Catalogue.open(database, options.projectId);
  const warehouse: Warehouse = {
    projectId: options.projectId,
    location: options.location ?? 'US',
    database,
    catalogue,
    timers: options.timers ?? wallTimers,
    listJobs,
    storageEndpoint: options.storageEndpoint ?? null,
  };
  await clearStages(warehouse);
  return warehouse;
}
