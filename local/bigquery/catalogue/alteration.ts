/**
 * Changes a table that is there: new columns, REQUIRED relaxed to NULLABLE, descriptions and options. Anything
 * else that a new schema asks for is refused, as BigQuery does.
 * Source: https://cloud.google.com/bigquery/docs/managing-table-schemas
 */
import { invalid, tableName, unsupported } from '../failure.ts';
import type { ColumnSpec, TableRef } from '../sql/statement.ts';
import { columnType, duckdbType, quoteName } from '../sql/type.ts';
import { type Catalogue, type Change, duckdbName } from './catalogue.ts';
import { checkRoles, makeSequences } from './definition.ts';
import type { TableEntry } from './entry.ts';
import { checkColumns } from './schema.ts';

/** Applies `edit` to the table's entry and makes DuckDB's table follow. */
export function alterTable(
  catalogue: Catalogue,
  table: TableRef,
  edit: (entry: TableEntry) => TableEntry,
): Promise<TableEntry> {
  return catalogue.change(async (change) => {
    const before = catalogue.table(table);
    const edited = edit(before);
    const after = { ...edited, columns: inPlace(before.columns, edited.columns) };
    checkColumns(after.columns);
    checkRoles(after);
    if (after.kind === 'TABLE') {
      for (const sql of differences(before, after)) await change.connection.run(sql);
      await keepKey(change, before, after);
    }
    await change.putTable(after);
    return after;
  });
}

/** Columns that were there keep their place; new ones come last. */
function inPlace(before: readonly ColumnSpec[], after: readonly ColumnSpec[]): ColumnSpec[] {
  const kept = before.flatMap((old) => after.filter((column) => same(column.name, old.name)));
  return [...kept, ...after.filter((column) => !before.some((old) => same(column.name, old.name)))];
}

function differences(before: TableEntry, after: TableEntry): string[] {
  const name = duckdbName(after.ref);
  if (before.partitioning?.field !== after.partitioning?.field) {
    throw invalid(`Cannot change partitioning/clustering spec for a partitioned/clustered table.`);
  }
  const refusal = (text: string): Error =>
    invalid(`Provided Schema does not match ${tableName(after.ref)}. ${text}`);
  const sql: string[] = [];
  for (const old of before.columns) {
    const column = after.columns.find((one) => same(one.name, old.name));
    if (!column) throw refusal(`Field ${old.name} is missing in new schema`);
    compare(old, column, old.name, refusal);
    if (old.mode === 'REQUIRED' && column.mode === 'NULLABLE') {
      sql.push(`ALTER TABLE ${name} ALTER COLUMN ${quoteName(old.name)} DROP NOT NULL`);
    }
  }
  for (const column of after.columns.slice(before.columns.length)) {
    if (column.mode === 'REQUIRED') {
      throw refusal(`Cannot add required fields to an existing schema. (field: ${column.name})`);
    }
    const rule = column.mode === 'REPEATED' ? ' DEFAULT []' : '';
    sql.push(
      `ALTER TABLE ${name} ADD COLUMN ${quoteName(column.name)} ${duckdbType(columnType(column))}${rule}`,
    );
  }
  return sql;
}

function compare(old: ColumnSpec, now: ColumnSpec, path: string, refusal: (text: string) => Error): void {
  if (old.type !== now.type) throw refusal(`Field ${path} has changed type from ${old.type} to ${now.type}`);
  if (old.mode !== now.mode && !(old.mode === 'REQUIRED' && now.mode === 'NULLABLE')) {
    throw refusal(`Field ${path} has changed mode from ${old.mode} to ${now.mode}`);
  }
  const fields = now.fields ?? [];
  for (const inner of old.fields ?? []) {
    const found = fields.find((one) => same(one.name, inner.name));
    if (!found) throw refusal(`Field ${path}.${inner.name} is missing in new schema`);
    compare(inner, found, `${path}.${inner.name}`, refusal);
  }
  if (fields.length > (old.fields ?? []).length) throw unsupported(`new fields in the RECORD ${path}`);
}

async function keepKey(change: Change, before: TableEntry, after: TableEntry): Promise<void> {
  const key = (entry: TableEntry): string => entry.primaryKey.join('\n').toLowerCase();
  if (key(before) !== key(after)) await makeSequences(change, after);
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
