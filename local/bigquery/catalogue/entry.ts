/** What the catalogue keeps of a dataset and of a table: plain data, stored as JSON beside the rows. */
import type {
  ColumnSpec,
  FileOptions,
  Partitioning,
  RoutineInfo,
  RoutineRef,
  TableInfo,
  TableRef,
} from '../sql/statement.ts';

export interface DatasetEntry {
  readonly datasetId: string;
  readonly location: string;
  readonly description?: string;
  readonly friendlyName?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly defaultTableExpirationMs?: number;
  readonly defaultPartitionExpirationMs?: number;
  readonly createdMs: number;
  readonly modifiedMs: number;
}

export interface TableEntry {
  readonly ref: TableRef;
  readonly kind: 'TABLE' | 'VIEW';
  readonly columns: readonly ColumnSpec[];
  /** Columns of the key, not enforced; rows may be upserted by it. */
  readonly primaryKey: readonly string[];
  readonly partitioning: Partitioning | null;
  /** Age at which a partition goes away. */
  readonly partitionExpirationMs?: number;
  readonly clustering: readonly string[];
  readonly requirePartitionFilter: boolean;
  readonly description?: string;
  readonly friendlyName?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Instant when the table goes away. */
  readonly expirationMs?: number;
  /** GoogleSQL interval text. */
  readonly maxStaleness?: string;
  /** Of a view: its query as written, and the dataset in which its unqualified names are looked up. */
  readonly viewQuery?: string;
  readonly viewDefaultDataset?: string | null;
  /** Of an external table: where its rows are, and its columns that come from the files' paths. */
  readonly external?: {
    readonly files: FileOptions;
    readonly partitionColumns: readonly ColumnSpec[];
    /** Whose rights its files are read with at Google's: `project.location.connection`. Here anybody reads them. */
    readonly connection?: string;
  };
  /** CREATE MATERIALIZED VIEW: shown as one, computed anew each time. */
  readonly materialized?: boolean;
  readonly createdMs: number;
  readonly modifiedMs: number;
}

/** A function of a dataset. */
export interface RoutineEntry {
  readonly ref: RoutineRef;
  readonly info: RoutineInfo;
  readonly createdMs: number;
  readonly modifiedMs: number;
}

/** The table as the translator asks for it. */
export function tableInfo(entry: TableEntry): TableInfo {
  const { kind, columns, partitioning, requirePartitionFilter, viewQuery, viewDefaultDataset } = entry;
  return {
    kind,
    columns,
    partitioning,
    requirePartitionFilter,
    clustering: entry.clustering,
    creationTimeMs: entry.createdMs,
    ...(entry.external === undefined ? {} : { isExternal: true }),
    ...(entry.external?.files.requireHivePartitionFilter
      ? { requiredPathColumns: entry.external.partitionColumns.map(({ name }) => name) }
      : {}),
    ...(viewQuery === undefined ? {} : { viewQuery }),
    ...(viewDefaultDataset === undefined ? {} : { viewDefaultDataset }),
  };
}
