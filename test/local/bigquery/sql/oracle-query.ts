/** Runs a query on the oracle over the tables of a test warehouse: its schema and its rows, sent along. */

import type { ColumnSpec } from '../../../../local/bigquery/sql/index.ts';
import { columnType, type Type } from '../../../../local/bigquery/sql/type.ts';
import type { Answer, Cell, Row, TestWarehouse } from './duckdb.ts';
import type { Oracle, ProtoType, ProtoValue } from './oracle.ts';
import { cellOf, typeName } from './oracle-value.ts';

/** The type as the oracle's protocol writes it. */
export function protoType(type: Type): ProtoType {
  if (type.kind === 'ARRAY')
    return { typeKind: 'TYPE_ARRAY', arrayType: { elementType: protoType(type.element) } };
  if (type.kind === 'STRUCT') {
    const field = type.fields.map((one) => ({ fieldName: one.name ?? '', fieldType: protoType(one.type) }));
    return { typeKind: 'TYPE_STRUCT', structType: { field } };
  }
  return { typeKind: type.kind === 'FLOAT64' ? 'TYPE_DOUBLE' : `TYPE_${type.kind}` };
}

function protoValue(cell: Cell, type: Type): ProtoValue {
  if (type.kind === 'ARRAY') {
    return { arrayValue: { element: (cell as readonly Cell[]).map((one) => protoValue(one, type.element)) } };
  }
  if (cell === null) return {};
  if (type.kind === 'STRUCT') {
    const values = Object.values(cell as Readonly<Record<string, Cell>>);
    return {
      structValue: { field: type.fields.map((field, i) => protoValue(values[i] ?? null, field.type)) },
    };
  }
  const text = String(cell);
  switch (type.kind) {
    case 'INT64':
      return { int64Value: text };
    case 'FLOAT64':
      return { doubleValue: Number(text) };
    case 'BOOL':
      return { boolValue: text === 'true' };
    case 'STRING':
      return { stringValue: text };
    case 'JSON':
      return { jsonValue: text };
    case 'BYTES':
      return { bytesValue: Buffer.from(text, 'base64') };
    case 'DATE':
      return { dateValue: Date.parse(`${text}T00:00:00Z`) / 86_400_000 };
    case 'TIMESTAMP': {
      const [, seconds = '', micros = '0'] = /^(.*)\.(\d{6})Z$/.exec(text) ?? [];
      return { timestampValue: { seconds: Date.parse(`${seconds}Z`) / 1000, nanos: Number(micros) * 1000 } };
    }
    default:
      throw new Error(`no rows of type ${type.kind} for the oracle`);
  }
}

interface Table {
  readonly name: string;
  readonly columns: readonly ColumnSpec[];
  readonly rows: readonly Row[];
}

/** All tables of the warehouse, as the oracle takes them; with the views as tables without rows, where asked. */
export async function oracleTables(warehouse: TestWarehouse, withViews = false): Promise<readonly Table[]> {
  const tables: Table[] = [];
  for (const [key, info] of warehouse.tables) {
    if (info.kind !== 'TABLE') {
      if (withViews) tables.push({ name: `local-proj.${key}`, columns: info.columns, rows: [] });
      continue;
    }
    const { rows } = await warehouse.run(
      `SELECT * FROM ${key} ${info.requirePartitionFilter ? `WHERE ${info.partitioning?.field} > '1900-01-01'` : ''}`,
    );
    tables.push({ name: `local-proj.${key}`, columns: info.columns, rows });
  }
  return tables;
}

/** The oracle's answer to a query. Rejects with GoogleSQL's words. */
export async function oracleQuery(oracle: Oracle, sql: string, tables: readonly Table[]): Promise<Answer> {
  const { languageOptions } = oracle.options as { languageOptions: object };
  const protoTable = (table: Table, name: string, id: number) => ({
    name,
    serializationId: id,
    column: table.columns.map((column) => ({ name: column.name, type: protoType(columnType(column)) })),
  });
  const plain = (name: string): string => name.split('.').at(-1) ?? '';
  const simpleCatalog = {
    name: 'c',
    table: tables.flatMap((table, i) => [
      protoTable(table, table.name, 2 * i + 1),
      protoTable(table, plain(table.name), 2 * i + 2),
    ]),
    builtinFunctionOptions: { languageOptions },
  };
  const content = tables.map((table) => {
    const row = table.rows.map((one) => ({
      cell: table.columns.map((column) => protoValue(one[column.name] ?? null, columnType(column))),
    }));
    return [table.name, { tableData: { row } }] as const;
  });
  const tableContent = Object.fromEntries(
    content.flatMap(([name, one]) => [
      [name, one],
      [plain(name), one],
    ]),
  );
  const options = { ...oracle.options, preserveColumnAliases: true };
  const answer = (await oracle.call('EvaluateQuery', { sql, options, simpleCatalog, tableContent })) as {
    content: { tableData: { row?: readonly { cell?: readonly ProtoValue[] }[] } };
    prepared: { columns: readonly { name: string; type: ProtoType }[] };
  };
  const { columns } = answer.prepared;
  const rows = (answer.content.tableData.row ?? []).map((row) =>
    Object.fromEntries(
      columns.map((column, i) => [columnName(column.name, i), cellOf(row.cell?.[i] ?? {}, column.type)]),
    ),
  );
  return {
    columns: columns.map((column, i) => ({
      name: columnName(column.name, i),
      type: typeName(column.type) as 'STRING',
      mode: 'NULLABLE',
    })),
    rows,
    changed: 0,
  };
}

/** The oracle calls a column without a name `$col1`. */
const columnName = (name: string, index: number): string =>
  name === '' || name.startsWith('$') ? `f${index}_` : name;
