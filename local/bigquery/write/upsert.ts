/**
 * Change data capture: rows that replace or delete the row of their primary key. The change with the highest
 * sequence number stands, whatever the order of arrival; of two with the same number the later one. Sequence numbers
 * are kept beside the table, also those of deleted rows, so that an old change never brings a row back.
 * Source: https://cloud.google.com/bigquery/docs/change-data-capture
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { duckdbName } from '../catalogue/catalogue.ts';
import { keyColumns, sequenceName } from '../catalogue/definition.ts';
import type { TableEntry } from '../catalogue/entry.ts';
import { columnList } from '../jobs/destination.ts';
import type { ColumnSpec } from '../sql/statement.ts';
import { columnType, duckdbType, quoteName } from '../sql/type.ts';

/** Pseudo-columns of the writer's rows. */
export const CHANGE_TYPE = '_CHANGE_TYPE';
export const CHANGE_SEQUENCE = '_CHANGE_SEQUENCE_NUMBER';
/** Order of arrival, in the staging table. */
const ARRIVAL = '$arrival';

const STAGE = { catalog: 'temp', schema: 'main', table: '$changes' } as const;

/** Columns of the changes of a table: only its key must be there, because a deletion has no more. */
export function changeColumns(entry: TableEntry): ColumnSpec[] {
  const key = new Set(keyColumns(entry).map((column) => column.name));
  const columns = entry.columns.map((column): ColumnSpec => {
    const nullable = column.mode === 'REQUIRED' && !key.has(column.name);
    return nullable ? { ...column, mode: 'NULLABLE' } : column;
  });
  return [
    ...columns,
    { name: CHANGE_TYPE, type: 'STRING', mode: 'REQUIRED' },
    { name: CHANGE_SEQUENCE, type: 'STRING', mode: 'NULLABLE' },
    { name: ARRIVAL, type: 'INTEGER', mode: 'NULLABLE' },
  ];
}

/** Up to four hexadecimal numbers of up to 16 digits each, separated by `/`. */
export const isSequence = (text: string): boolean =>
  /^[0-9A-Fa-f]{1,16}(?:\/[0-9A-Fa-f]{1,16}){0,3}$/.test(text);

/** The sequence number as a text that sorts as the number does; a change without one comes before all that have. */
const SORTABLE = `coalesce(array_to_string(list_transform(string_split(upper(${quoteName(CHANGE_SEQUENCE)}), '/'), lambda part: lpad(part, 16, '0')), '/'), '')`;

/** Makes the staging table, empty. */
export async function stageOf(connection: DuckDBConnection, entry: TableEntry): Promise<typeof STAGE> {
  const columns = changeColumns(entry).map(
    (column) => `${quoteName(column.name)} ${duckdbType(columnType(column))}`,
  );
  await connection.run(`CREATE OR REPLACE TEMP TABLE ${stage} (${columns.join(', ')})`);
  return STAGE;
}

const stage = `temp.main.${quoteName(STAGE.table)}`;
const winners = 'temp.main."$winners"';

/** Applies the staged changes. */
export async function mergeChanges(connection: DuckDBConnection, entry: TableEntry): Promise<void> {
  const keys = keyColumns(entry).map((column) => quoteName(column.name));
  const key = keys.join(', ');
  const same = (a: string, b: string): string =>
    keys.map((name) => `${a}.${name} IS NOT DISTINCT FROM ${b}.${name}`).join(' AND ');
  const table = duckdbName(entry.ref);
  const sequences = sequenceName(entry.ref);
  const columns = columnList(entry.columns);
  for (const sql of [
    `CREATE OR REPLACE TEMP TABLE ${winners} AS SELECT *, ${SORTABLE} AS "$sequence" FROM ${stage} QUALIFY row_number() OVER (` +
      `PARTITION BY ${key} ORDER BY "$sequence" DESC, ${quoteName(ARRIVAL)} DESC) = 1`,
    `DELETE FROM ${winners} AS w USING ${sequences} AS s WHERE ${same('w', 's')}` +
      ` AND s."$sequence" > w."$sequence"`,
    `DELETE FROM ${table} AS t USING ${winners} AS w WHERE ${same('t', 'w')}`,
    `DELETE FROM ${sequences} AS s USING ${winners} AS w WHERE ${same('s', 'w')}`,
    `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM ${winners} WHERE ${quoteName(CHANGE_TYPE)} = 'UPSERT'`,
    `INSERT INTO ${sequences} (${key}, "$sequence") SELECT ${key}, "$sequence" FROM ${winners}`,
    `DROP TABLE ${winners}`,
    `DROP TABLE ${stage}`,
  ]) {
    await connection.run(sql);
  }
}
