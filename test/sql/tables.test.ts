import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import * as detectTables from '../../functions/warehouse/detect-tables.ts';
import * as predictionTable from '../../functions/warehouse/prediction-table.ts';
import type { Column, Table } from '../../functions/warehouse/table.ts';
import * as tables from '../../functions/warehouse/tables.ts';
import * as windowTables from '../../functions/warehouse/window-tables.ts';
import { type Field, readTableDefinition } from '../../sql/table-definition.ts';

const TABLES = Object.values({ ...tables, ...windowTables, ...predictionTable, ...detectTables } as Record<
  string,
  unknown
>).filter(
  (value): value is Table<never> => typeof value === 'object' && value !== null && 'columns' in value,
);

const REST = { INT64: 'INTEGER', FLOAT64: 'FLOAT', BOOL: 'BOOLEAN', STRUCT: 'RECORD' } as const;

interface Shape {
  readonly name: string;
  readonly type: string;
  readonly mode: string;
  readonly fields?: readonly Shape[];
}

/** As the DDL says it; fields of a STRUCT are NULLABLE there, whatever the writer promises. */
const written = ({ name, type, mode, fields }: Column<never>): Shape => ({
  name,
  type: REST[type as keyof typeof REST] ?? type,
  mode,
  ...(fields === undefined
    ? {}
    : { fields: fields.map((field) => ({ ...written(field), mode: 'NULLABLE' })) }),
});

const declared = ({ name, type, mode, fields }: Field): Shape => ({
  name,
  type,
  mode,
  ...(fields === undefined ? {} : { fields: fields.map(declared) }),
});

async function definition(name: string) {
  const sql = await readFile(new URL(`../../sql/schema/${name}.sql`, import.meta.url), 'utf8');
  const read = readTableDefinition(sql);
  if (read === null) throw new Error(`sql/schema/${name}.sql makes no table`);
  return read;
}

describe.each(TABLES)('table $name', (table) => {
  it('has exactly the columns that the functions write, of their types and modes', async () => {
    const { fields } = await definition(table.name);
    const byName = (a: Shape, b: Shape): number => (a.name < b.name ? -1 : 1);
    expect(table.columns.map(written).sort(byName)).toEqual(fields.map(declared).sort(byName));
  });

  it('has a primary key where the functions upsert', async () => {
    const { primaryKey, fields } = await definition(table.name);
    expect(primaryKey.length > 0).toBe(table.upsert !== undefined);
    for (const name of primaryKey) {
      expect(fields.find((field) => field.name === name)).toMatchObject({ mode: 'REQUIRED' });
    }
  });

  it('describes itself and every column', async () => {
    const { fields, options } = await definition(table.name);
    expect(options.description).toMatch(/\w/);
    expect(fields.filter((field) => !field.description)).toEqual([]);
  });
});
