/** The tables of sql/schema as the REST API makes them, for tests that need no SQL. */
import type { TableMetadata } from '@google-cloud/bigquery';
import type { Column, Table } from '../../../functions/warehouse/table.ts';
import { deadLetters, lateEntries, logEntries } from '../../../functions/warehouse/tables.ts';

const schemaOf = (columns: readonly Column<never>[]): { name: string; type: string; mode: string }[] =>
  columns.map(({ name, type, mode, fields }) => ({
    name,
    type,
    mode,
    ...(fields === undefined ? {} : { fields: schemaOf(fields) }),
  }));

/** `tables.insert` for a table as the functions write it. */
export function tableMetadata(table: Table<never>, day: string): TableMetadata {
  return {
    schema: schemaOf(table.columns),
    timePartitioning: { type: 'DAY', field: day },
  };
}

export const TABLES: readonly { readonly table: Table<never>; readonly day: string }[] = [
  { table: logEntries as Table<never>, day: 'timestamp' },
  { table: deadLetters as Table<never>, day: 'received_at' },
  { table: lateEntries as Table<never>, day: 'received_at' },
];
