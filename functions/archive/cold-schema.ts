/**
 * The form of log entries in the cold tier: Parquet with the columns of log_entries, all scalar, so that BigQuery and
 * whatever else reads Parquet agree on them. JSON and lists become text there and themselves again when read.
 */
import type { Column } from '../warehouse/table.ts';
import { logEntries } from '../warehouse/tables.ts';

interface ColdColumn {
  readonly name: string;
  readonly type: string;
  /** From log_entries to Parquet, and back. */
  readonly write: string;
  readonly read: string;
}

/** Between the items of a list; the reasons of an anomaly are words. */
const SEPARATOR = ',';

function coldColumn({ name, type, mode }: Column<never>): ColdColumn {
  if (mode === 'REPEATED')
    return {
      name,
      type: 'STRING',
      write: `ARRAY_TO_STRING(${name}, '${SEPARATOR}')`,
      read: `IF(${name} = '', CAST([] AS ARRAY<STRING>), SPLIT(${name}, '${SEPARATOR}'))`,
    };
  if (type === 'JSON')
    return {
      name,
      type: 'STRING',
      // TO_JSON_STRING makes text of NULL.
      write: `IF(${name} IS NULL, NULL, TO_JSON_STRING(${name}))`,
      read: `PARSE_JSON(${name}, wide_number_mode => 'round')`,
    };
  return { name, type, write: name, read: name };
}

export const COLD_COLUMNS: readonly ColdColumn[] = logEntries.columns.map((column) =>
  coldColumn(column as Column<never>),
);

/** First hexadecimal digit of a service's MD5: the folders of a day, 16 at most. */
export const SERVICE_HASH = `SUBSTR(TO_HEX(MD5(service)), 1, 1)`;
