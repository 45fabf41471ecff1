/**
 * What a GoogleSQL script becomes: the shape in which the translator (this folder) hands statements to the
 * engine that runs them on DuckDB. Pure data; names of fields and types are those of BigQuery's REST API.
 */

/** A table or view: case-sensitive names, as BigQuery has it. */
export interface TableRef {
  readonly projectId: string;
  readonly datasetId: string;
  readonly tableId: string;
}

/** Type names of the REST API's schema (`STRUCT` is `RECORD`, an array is mode `REPEATED`). */
export type BigQueryType =
  | 'STRING'
  | 'BYTES'
  | 'INTEGER'
  | 'FLOAT'
  | 'BOOLEAN'
  | 'TIMESTAMP'
  | 'DATE'
  | 'TIME'
  | 'DATETIME'
  | 'JSON'
  | 'NUMERIC'
  | 'BIGNUMERIC'
  | 'RECORD';

export type Mode = 'NULLABLE' | 'REQUIRED' | 'REPEATED';

/** A column as the REST API shows it; `fields` for `RECORD` alone. */
export interface ColumnSpec {
  readonly name: string;
  readonly type: BigQueryType;
  readonly mode: Mode;
  readonly description?: string;
  readonly fields?: readonly ColumnSpec[];
  readonly policyTags?: readonly string[];
}

/** Options of a table, view or dataset; one that is absent was not written. Null: written as NULL, remove it. */
export interface TableOptions {
  readonly description?: string | null;
  readonly friendlyName?: string | null;
  readonly labels?: Readonly<Record<string, string>> | null;
  readonly requirePartitionFilter?: boolean | null;
  /** Instant when the table goes away, in milliseconds since 1970. */
  readonly expirationMs?: number | null;
  /** Age at which a partition goes away. */
  readonly partitionExpirationMs?: number | null;
  /** Of a dataset: age at which its tables, or their partitions, go away. */
  readonly defaultTableExpirationMs?: number | null;
  readonly defaultPartitionExpirationMs?: number | null;
  readonly location?: string | null;
  /** GoogleSQL interval text, e.g. `0-0 0 4:0:0`. */
  readonly maxStaleness?: string | null;
}

export interface Partitioning {
  readonly type: 'DAY' | 'HOUR' | 'MONTH' | 'YEAR';
  /** The column, or null for ingestion time (`_PARTITIONTIME`). */
  readonly field: string | null;
}

/** What the translator must know about a table or view. */
export interface TableInfo {
  readonly kind: 'TABLE' | 'VIEW';
  readonly columns: readonly ColumnSpec[];
  readonly partitioning: Partitioning | null;
  readonly requirePartitionFilter: boolean;
  /** Columns that it is clustered by, the first first. */
  readonly clustering?: readonly string[];
  /** The query of a view as it was written (`create_view`.googleSql); absent on a table. */
  readonly viewQuery?: string;
  /** When it was made; INFORMATION_SCHEMA.TABLES shows it. */
  readonly creationTimeMs?: number;
  /** Dataset in which the view's unqualified names are looked up: the default dataset when it was made. */
  readonly viewDefaultDataset?: string | null;
  /** Its rows are in files elsewhere; it has no partitions. */
  readonly isExternal?: boolean;
  /** Of an external table: columns of its paths, of which a query must filter on one. */
  readonly requiredPathColumns?: readonly string[];
}

/** A type of a query parameter, in the REST API's shape (`QueryParameterType`). */
export interface ParameterType {
  /** `INT64`, `STRING`, …, `ARRAY`, `STRUCT`; REST's other names (`INTEGER`, `FLOAT`, `BOOLEAN`) are taken too. */
  readonly type: string;
  readonly arrayType?: ParameterType;
  readonly structTypes?: readonly { readonly name?: string; readonly type: ParameterType }[];
}

/** `QueryParameterValue` of the REST API. */
export interface ParameterValue {
  readonly value?: string | null;
  readonly arrayValues?: readonly ParameterValue[];
  readonly structValues?: Readonly<Record<string, ParameterValue>>;
}

/** A parameter the caller supplied: `name` null for positional ones, in their order. */
export interface ParameterSpec {
  readonly name: string | null;
  readonly type: ParameterType;
  /** Give it where it is known: formats, JSON paths and patterns may then be parameters too. */
  readonly value?: ParameterValue;
}

/**
 * A parameter that a statement uses. DuckDB's SQL has it as `$1`, `$2`, … : `uses[i]` is `$(i+1)`.
 * Every value is bound as VARCHAR or NULL, made by `parameterText` (parameter.ts).
 */
export interface ParameterUse {
  /** Index in `SqlContext.parameters`. */
  readonly index: number;
  readonly name: string | null;
  readonly type: ParameterType;
}

/** A job, for INFORMATION_SCHEMA.JOBS. */
export interface JobInfo {
  readonly jobId: string;
  readonly userEmail: string;
  readonly jobType: string;
  readonly statementType: string | null;
  readonly state: string;
  readonly query: string | null;
  readonly creationTimeMs: number;
  readonly startTimeMs: number | null;
  readonly endTimeMs: number | null;
  readonly totalBytesProcessed: number | null;
  readonly totalBytesBilled: number | null;
  readonly totalSlotMs: number | null;
  readonly error: { readonly reason: string; readonly message: string } | null;
}

export interface SqlContext {
  readonly projectId: string;
  /** Dataset of names without one. */
  readonly defaultDataset: string | null;
  /** Columns and kind of a table or view; null when there is none. */
  readonly lookup: (table: TableRef) => TableInfo | null;
  /** Is there such a dataset? Decides only the words of "Not found". Default: yes. */
  readonly hasDataset?: (datasetId: string) => boolean;
  /** Names of a dataset's tables and views, for `requests_*` and INFORMATION_SCHEMA, which are refused without it. */
  readonly listTables?: (datasetId: string) => readonly string[];
  /** Jobs that the service remembers, for INFORMATION_SCHEMA.JOBS, which is refused without it. */
  readonly listJobs?: () => readonly JobInfo[];
  /** Names of all datasets, for INFORMATION_SCHEMA.SCHEMATA. */
  readonly listDatasets?: () => readonly string[];
  /** A function of a dataset; null when there is none. Without it, there are none. */
  readonly lookupRoutine?: (routine: RoutineRef) => RoutineInfo | null;
  readonly parameters?: readonly ParameterSpec[];
  /** The instant that CURRENT_TIMESTAMP() gives, for the whole script. Default: DuckDB's now(). */
  readonly currentTimestampMs?: number;
  /** What SESSION_USER() gives. */
  readonly sessionUser?: string;
}

/** DuckDB SQL that reads, the schema of its rows, and what it reads. */
export interface Query {
  readonly sql: string;
  /** Output columns in order; DuckDB's column names may differ, take them from here. */
  readonly columns: readonly ColumnSpec[];
  readonly parameters: readonly ParameterUse[];
  /** Tables and views that it reads, also through views, each once. */
  readonly tables: readonly TableRef[];
}

/** A function of a dataset: case-sensitive names. */
export interface RoutineRef {
  readonly projectId: string;
  readonly datasetId: string;
  readonly routineId: string;
}

/** What the translator must know about a function, as it made it (`create_function`.info). */
export interface RoutineInfo {
  readonly kind: 'SCALAR_FUNCTION' | 'TABLE_FUNCTION';
  /** `type` in GoogleSQL; null: ANY TYPE. */
  readonly arguments: readonly { readonly name: string; readonly type: string | null }[];
  /** The expression, or the query, as written. */
  readonly body: string;
  /** Type in GoogleSQL where the function declares one: `INT64`, `TABLE<a INT64>`. */
  readonly returnType: string | null;
  /** Dataset in which the body's unqualified names are looked up. */
  readonly defaultDataset: string | null;
  readonly description?: string | null;
}

/** Files of EXPORT DATA or of an external table. */
export interface FileOptions {
  /** `PARQUET`, `CSV`, `NEWLINE_DELIMITED_JSON`, `AVRO`. */
  readonly format: string;
  readonly uris: readonly string[];
  readonly compression?: string;
  readonly overwrite?: boolean;
  /** CSV: names in the first line. */
  readonly header?: boolean;
  readonly fieldDelimiter?: string;
  readonly skipLeadingRows?: number;
  readonly hivePartitionUriPrefix?: string;
  readonly requireHivePartitionFilter?: boolean;
}

export type Statement =
  | ({ readonly kind: 'query' } & Query)
  | {
      readonly kind: 'create_table';
      readonly table: TableRef;
      readonly ifNotExists: boolean;
      readonly orReplace: boolean;
      /** All columns; with `asQuery` and no list of columns, those of the query. */
      readonly columns: readonly ColumnSpec[];
      readonly primaryKey: readonly string[];
      readonly partitioning: Partitioning | null;
      readonly clustering: readonly string[];
      readonly options: TableOptions;
      /** Its columns are, in order, those of the table. */
      readonly asQuery: Query | null;
    }
  | {
      readonly kind: 'create_view';
      readonly view: TableRef;
      readonly ifNotExists: boolean;
      readonly orReplace: boolean;
      /** Columns of the view, with descriptions where the statement gives some. */
      readonly columns: readonly ColumnSpec[];
      /** The query, as written: keep it, and give it back in `TableInfo.viewQuery`. */
      readonly googleSql: string;
      /** For tools that look into the file: queries expand views themselves and do not need a DuckDB view. */
      readonly sql: string;
      readonly tables: readonly TableRef[];
      readonly options: TableOptions;
      /** CREATE MATERIALIZED VIEW: computed anew each time here. */
      readonly materialized: boolean;
    }
  | {
      readonly kind: 'create_function';
      readonly routine: RoutineRef;
      readonly ifNotExists: boolean;
      readonly orReplace: boolean;
      /** Keep it, and give it back by `SqlContext.lookupRoutine`. */
      readonly info: RoutineInfo;
    }
  | {
      readonly kind: 'drop_function';
      readonly routine: RoutineRef;
      readonly isTable: boolean;
      readonly ifExists: boolean;
    }
  | {
      readonly kind: 'create_external_table';
      readonly table: TableRef;
      readonly ifNotExists: boolean;
      readonly orReplace: boolean;
      /** Null: to be read from the files. */
      readonly columns: readonly ColumnSpec[] | null;
      /** Null: not hive-partitioned; empty: to be found in the paths. */
      readonly partitionColumns: readonly ColumnSpec[] | null;
      readonly files: FileOptions;
      /** Connection as BigQuery names it; null: none. Any is taken, and none is asked for leave. */
      readonly connection: string | null;
      readonly options: TableOptions;
    }
  | {
      /** Nothing to do: SEARCH finds the same without an index. */
      readonly kind: 'create_search_index' | 'drop_search_index';
      readonly table: TableRef;
      readonly index: string;
      /** IF NOT EXISTS, IF EXISTS. */
      readonly tolerant: boolean;
    }
  | { readonly kind: 'export_data'; readonly files: FileOptions; readonly query: Query }
  | {
      readonly kind: 'alter_table';
      readonly table: TableRef;
      readonly ifExists: boolean;
      readonly isView: boolean;
      /** Columns to add; `ifNotExists` per column. */
      readonly addColumns: readonly { readonly column: ColumnSpec; readonly ifNotExists: boolean }[];
      readonly setOptions: TableOptions | null;
    }
  | {
      readonly kind: 'create_schema';
      readonly projectId: string;
      readonly datasetId: string;
      readonly ifNotExists: boolean;
      readonly options: TableOptions;
    }
  | {
      readonly kind: 'drop_schema';
      readonly projectId: string;
      readonly datasetId: string;
      readonly ifExists: boolean;
      readonly cascade: boolean;
    }
  | {
      readonly kind: 'drop';
      readonly target: 'TABLE' | 'VIEW';
      readonly table: TableRef;
      readonly ifExists: boolean;
    }
  | { readonly kind: 'truncate'; readonly table: TableRef; readonly sql: string }
  | {
      readonly kind: 'insert' | 'update' | 'delete' | 'merge';
      readonly table: TableRef;
      /** One DuckDB statement; it answers with the number of rows it changed. */
      readonly sql: string;
      readonly parameters: readonly ParameterUse[];
      readonly tables: readonly TableRef[];
    };

export type SqlErrorReason = 'invalidQuery' | 'notFound' | 'accessDenied' | 'notImplemented' | 'duplicate';

/** A statement that cannot be run. `message` is BigQuery's wording, with ` at [line:column]` where it has one. */
export class SqlError extends Error {
  override readonly name = 'SqlError';
  readonly reason: SqlErrorReason;
  /** From 1; 0 where the error has no place. */
  readonly line: number;
  readonly column: number;

  constructor(reason: SqlErrorReason, message: string, line = 0, column = 0) {
    super(message);
    this.reason = reason;
    this.line = line;
    this.column = column;
  }
}
