/**
 * The statements of tiering. A day's rows are copied to a table of their own first: what is exported, checked and at
 * last deleted is then one and the same set of rows, whatever arrives meanwhile.
 */
import { COLD_COLUMNS, SERVICE_HASH } from './cold-schema.ts';
import { COLD_PREFIX } from './layout.ts';

/** Table of external files of all days. */
export const COLD_TABLE = 'log_entries_cold';
/** Name of the tables that hold a day while it moves. */
export const STAGE_PATTERN = /^tier_(\d{4})(\d\d)(\d\d)_(\d+)_([0-9a-f]+)$/;

const compact = (day: string): string => day.replaceAll('-', '');

/** The table that holds what becomes part `n` of a day, under the id of that part. */
export const stageName = (day: string, n: number, id: string): string => `tier_${compact(day)}_${n}_${id}`;

const ofDay = (day: string): string =>
  `timestamp >= TIMESTAMP '${day} 00:00:00+00' AND timestamp < TIMESTAMP_ADD(TIMESTAMP '${day} 00:00:00+00', INTERVAL 1 DAY)`;

/** Days of log_entries that have rows, oldest first; rows that stand twice are counted twice. */
export const DAYS = `
  SELECT
    FORMAT_DATE('%F', PARSE_DATE('%Y%m%d', partition_id)) AS day,
    total_rows AS n
  FROM INFORMATION_SCHEMA.PARTITIONS
  WHERE table_name = 'log_entries' AND REGEXP_CONTAINS(partition_id, r'^[0-9]{8}$') AND total_rows > 0
  ORDER BY day`;

/** Tables of days that are under way. */
export const STAGES = `
  SELECT table_name AS name
  FROM INFORMATION_SCHEMA.TABLES
  WHERE STARTS_WITH(table_name, 'tier_')
  ORDER BY name`;

/** Each entry of the day once, as the view \`logs\` shows it, in its cold form. */
export const stage = (table: string, day: string): string => `
  CREATE TABLE IF NOT EXISTS ${table}
  CLUSTER BY service_hash, service
  AS
  SELECT ${SERVICE_HASH} AS service_hash, ${COLD_COLUMNS.map(({ name, write }) => `${write} AS ${name}`).join(', ')}
  FROM log_entries
  WHERE ${ofDay(day)}
  QUALIFY ROW_NUMBER() OVER (PARTITION BY insert_id, timestamp ORDER BY received_at) = 1`;

export const buckets = (stage: string): string =>
  `SELECT service_hash AS bucket, COUNT(*) AS n FROM ${stage} GROUP BY service_hash ORDER BY service_hash`;

/** Count and checksums of rows: two sums of 32 bits of each row's MD5, which no order of rows changes. */
export const checksum = (table: string, where = 'TRUE'): string => {
  const half = (from: number): string =>
    `CAST(COALESCE(SUM(CAST(CONCAT('0x', SUBSTR(digest, ${from}, 8)) AS INT64)), 0) AS STRING)`;
  // Fields with a separator between and a mark for NULL; a JSON text of the row costs ten times as much.
  const row = `ARRAY_TO_STRING([${COLD_COLUMNS.map(textOf).join(', ')}], '\\x1f', '\\x1e')`;
  return `
  SELECT COUNT(*) AS n, ${half(1)} AS sum_a, ${half(9)} AS sum_b
  FROM (SELECT TO_HEX(MD5(${row})) AS digest FROM ${table} WHERE ${where})`;
};

const textOf = ({ name, type }: (typeof COLD_COLUMNS)[number]): string => {
  if (type === 'STRING') return name;
  return `CAST(${type === 'TIMESTAMP' ? `UNIX_MICROS(${name})` : name} AS STRING)`;
};

/** Where the files of a part of a day lie; \`*\` is BigQuery's number of the file. */
export const filesOf = (day: string, bucket: string, part: string): string =>
  `${COLD_PREFIX}day=${day}/service_hash=${bucket}/${part}-*.parquet`;

export const exportBucket = (stage: string, uri: string, bucket: string): string => `
  EXPORT DATA OPTIONS (uri = '${uri}', format = 'PARQUET', compression = 'ZSTD', overwrite = TRUE) AS
  SELECT ${COLD_COLUMNS.map(({ name }) => name).join(', ')}
  FROM ${stage}
  WHERE service_hash = '${bucket}'`;

/** Exports what a condition does not hold for. */
export const exportWithout = (table: string, uri: string, where: string): string => `
  EXPORT DATA OPTIONS (uri = '${uri}', format = 'PARQUET', compression = 'ZSTD', overwrite = TRUE) AS
  SELECT ${COLD_COLUMNS.map(({ name }) => name).join(', ')}
  FROM ${table}
  WHERE NOT COALESCE(${where}, FALSE)`;

const declared = COLD_COLUMNS.map(({ name, type }) => `${name} ${type}`).join(', ');

/** A table of the files of one part, to read them back. */
export const checkTable = (name: string, uris: readonly string[]): string => `
  CREATE OR REPLACE EXTERNAL TABLE ${name} (${declared})
  OPTIONS (format = 'PARQUET', uris = [${uris.map((uri) => `'${uri}'`).join(', ')}])`;

export const dropCheck = (name: string): string => `DROP EXTERNAL TABLE IF EXISTS ${name}`;

/** Removes what was staged from log_entries. BigQuery refuses while rows of the last minutes are among them. */
export const deleteStaged = (day: string, stage: string): string => `
  DELETE FROM log_entries
  WHERE ${ofDay(day)} AND insert_id IN (SELECT insert_id FROM ${stage})`;

export const dropStage = (stage: string): string => `DROP TABLE IF EXISTS ${stage}`;

/** Columns of the cold table: those of the files and of their folders. */
export const COLD_TABLE_COLUMNS = COLD_COLUMNS.length + 2;

export interface ColdTable {
  readonly bucketName: string;
  /** Connection by which the files are read, `project.location.connection`; null: who asks reads them. */
  readonly connection: string | null;
  /** The empty table of sql/schema stands under the name. */
  readonly isPlain: boolean;
}

/**
 * Puts the files of all days under the name of the cold table; the views read them from then on.
 * Source of the order of clauses: https://cloud.google.com/bigquery/docs/create-cloud-storage-table-biglake
 */
export const coldTable = ({ bucketName, connection, isPlain }: ColdTable): string => `
  ${isPlain ? `DROP TABLE IF EXISTS ${COLD_TABLE};` : ''}
  CREATE OR REPLACE EXTERNAL TABLE ${COLD_TABLE} (${declared})
  WITH PARTITION COLUMNS (day DATE, service_hash STRING)
  ${connection === null ? '' : `WITH CONNECTION \`${connection}\``}
  OPTIONS (
    format = 'PARQUET',
    uris = ['gs://${bucketName}/${COLD_PREFIX}*'],
    hive_partition_uri_prefix = 'gs://${bucketName}/${COLD_PREFIX.replace(/\/$/, '')}'
  )`;
