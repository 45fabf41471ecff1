/**
 * Load jobs: CSV, NDJSON, Avro and Parquet from `gs://` or an upload, into a table that is there or a new one.
 * Guarantee: all rows or none. Under pressure: rows wait in a staging table, not in memory.
 * Source: https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#JobConfigurationLoad
 */
import { rm } from 'node:fs/promises';
import { alterTable } from '../../catalogue/alteration.ts';
import type { TableEntry } from '../../catalogue/entry.ts';
import { writeFields } from '../../catalogue/schema.ts';
import type { Warehouse } from '../../engine/warehouse.ts';
import type { ColumnSpec, TableRef } from '../../sql/statement.ts';
import type { Appends } from '../../write/appends.ts';
import { type Destination, writeTo } from '../destination.ts';
import type { Job, JobOutcome } from '../job.ts';
import { readPartitioning } from '../shapes.ts';
import { givenColumns, type LoadConfiguration, readLoad } from './config.ts';
import { loadParquet } from './parquet.ts';
import type { LoadRecords } from './records.ts';
import { stageRows } from './rows.ts';
import { type SourceFile, sourceFiles } from './source.ts';

export interface LoadContext {
  readonly warehouse: Warehouse;
  readonly appends: Appends;
  readonly job: Job;
  readonly signal: AbortSignal;
  readonly load: LoadConfiguration;
  readonly files: readonly SourceFile[];
  /** Columns that the job or its table has; null: find out. */
  readonly known: readonly ColumnSpec[] | null;
}

/** Rows that are ready to be written. */
export interface Loaded {
  readonly columns: readonly ColumnSpec[];
  readonly rows: number;
  readonly badRecords: number;
  readonly inputBytes: number;
  readonly fill: Destination['fill'];
  /** Puts away what `fill` did not use. */
  readonly drop: () => Promise<void>;
}

/** Runs the job. */
export async function runLoadJob(
  {
    warehouse,
    appends,
    records,
  }: { readonly warehouse: Warehouse; readonly appends: Appends; readonly records: LoadRecords },
  job: Job,
  signal: AbortSignal,
): Promise<JobOutcome> {
  const load = readLoad(job.configuration.load);
  const { catalogue } = warehouse;
  try {
    const { datasetId, tableId, projectId = warehouse.projectId } = load.destinationTable;
    const ref: TableRef = { projectId, datasetId, tableId };
    catalogue.dataset(ref.datasetId, ref.projectId);
    const before = catalogue.findTable(ref);
    const files = await sourceFiles(warehouse, load.sourceUris ?? [], job.upload);
    const kept = load.writeDisposition === 'WRITE_TRUNCATE' ? null : (before?.columns ?? null);
    const detect = load.autodetect === true && kept === null;
    const known = givenColumns(load) ?? kept ?? (detect ? null : (before?.columns ?? null));
    const context: LoadContext = { warehouse, appends, job, signal, load, files, known };
    const loaded = load.sourceFormat === 'PARQUET' ? await loadParquet(context) : await stageRows(context);
    const done = outcome(load, files, loaded);
    try {
      await addFields(warehouse, load, before, loaded.columns);
      await writeTo(warehouse, {
        entry: entryOf(warehouse, load, ref, loaded.columns),
        writeDisposition: load.writeDisposition,
        createDisposition: load.createDisposition,
        async fill(connection, name) {
          await loaded.fill(connection, name);
          await records.write(connection, job, { outcome: done, nowMs: warehouse.timers.now() });
        },
        signal,
      });
    } catch (error) {
      await loaded.drop();
      throw error;
    }
    return done;
  } finally {
    if (job.upload !== undefined) await rm(job.upload, { force: true });
  }
}

function entryOf(
  warehouse: Warehouse,
  load: LoadConfiguration,
  ref: TableRef,
  columns: readonly ColumnSpec[],
): TableEntry {
  const nowMs = warehouse.timers.now();
  return {
    ref,
    kind: 'TABLE',
    columns,
    primaryKey: [],
    clustering: load.clustering?.fields ?? [],
    requirePartitionFilter: false,
    ...readPartitioning(load.timePartitioning),
    createdMs: nowMs,
    modifiedMs: nowMs,
  };
}

/** ALLOW_FIELD_ADDITION: columns that the table lacks come to its end. */
async function addFields(
  { catalogue, timers }: Warehouse,
  load: LoadConfiguration,
  before: TableEntry | undefined,
  columns: readonly ColumnSpec[],
): Promise<void> {
  if (!before || !load.schemaUpdateOptions?.includes('ALLOW_FIELD_ADDITION')) return;
  const names = new Set(before.columns.map(({ name }) => name.toLowerCase()));
  const added = columns.filter(({ name }) => !names.has(name.toLowerCase()));
  if (added.length === 0) return;
  await alterTable(catalogue, before.ref, (entry) => ({
    ...entry,
    columns: [...entry.columns, ...added],
    modifiedMs: timers.now(),
  }));
}

function outcome(load: LoadConfiguration, files: readonly SourceFile[], loaded: Loaded): JobOutcome {
  return {
    statistics: {
      load: {
        inputFiles: String(files.length),
        inputFileBytes: String(loaded.inputBytes),
        outputRows: String(loaded.rows),
        outputBytes: String(loaded.inputBytes),
        badRecords: String(loaded.badRecords),
      },
    },
    configuration: { load: { ...load, schema: { fields: writeFields(loaded.columns) } } },
  };
}
