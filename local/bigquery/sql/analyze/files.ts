/** EXPORT DATA and external tables: which files, in which form. Source: GoogleSQL "EXPORT DATA", "CREATE EXTERNAL TABLE". */

import type { OptionTree, StatementTree } from '../parse/statement-tree.ts';
import type { FileOptions, Statement } from '../statement.ts';
import { declaredColumn } from './ddl.ts';
import { tableOptions } from './options.ts';
import { rootQuery } from './root.ts';
import type { Session } from './session.ts';
import { tableRef } from './table.ts';

type Tree<K extends StatementTree['kind']> = Extract<StatementTree, { kind: K }>;

interface Given {
  readonly option: OptionTree;
  readonly session: Session;
}

function wrongType({ option, session }: Given, type: string): Error {
  return session.failures.invalid(`Option value for ${option.name} must be ${type}`, option.value.at);
}

function text(given: Given): string {
  const { value } = given.option;
  if (value.kind !== 'string') throw wrongType(given, 'of type STRING');
  return value.text;
}

function bool(given: Given): boolean {
  const { value } = given.option;
  if (value.kind !== 'boolean') throw wrongType(given, 'of type BOOL');
  return value.value;
}

function integer(given: Given): number {
  const { value } = given.option;
  if (value.kind !== 'integer') throw wrongType(given, 'of type INT64');
  return Number(value.text);
}

function texts(given: Given): readonly string[] {
  const { value } = given.option;
  if (value.kind !== 'array') throw wrongType(given, 'of type ARRAY<STRING>');
  return value.items.map((item) => {
    if (item.kind !== 'string') throw wrongType(given, 'of type ARRAY<STRING>');
    return item.text;
  });
}

const formats: Readonly<Record<string, string>> = {
  PARQUET: 'PARQUET',
  CSV: 'CSV',
  JSON: 'NEWLINE_DELIMITED_JSON',
  NEWLINE_DELIMITED_JSON: 'NEWLINE_DELIMITED_JSON',
  AVRO: 'AVRO',
};

function format(given: Given): string {
  const name = text(given).toUpperCase();
  const known = Object.hasOwn(formats, name) ? formats[name] : undefined;
  if (known === undefined)
    throw given.session.failures.unsupported(`files of format ${name}`, given.option.value.at);
  return known;
}

const readers: Readonly<Record<string, (given: Given) => Partial<FileOptions>>> = {
  format: (given) => ({ format: format(given) }),
  uri: (given) => ({ uris: [text(given)] }),
  uris: (given) => ({ uris: texts(given) }),
  compression: (given) => ({ compression: text(given).toUpperCase() }),
  overwrite: (given) => ({ overwrite: bool(given) }),
  header: (given) => ({ header: bool(given) }),
  field_delimiter: (given) => ({ fieldDelimiter: text(given) }),
  skip_leading_rows: (given) => ({ skipLeadingRows: integer(given) }),
  hive_partition_uri_prefix: (given) => ({ hivePartitionUriPrefix: text(given) }),
  require_hive_partition_filter: (given) => ({ requireHivePartitionFilter: bool(given) }),
};

function fileOptions(options: readonly OptionTree[], at: number, session: Session) {
  const own = options.filter((option) => Object.hasOwn(readers, option.name));
  const read = own.map((option) => readers[option.name]!({ option, session }));
  const all = Object.assign({}, ...read) as Partial<FileOptions>;
  const { format: name, uris } = all;
  if (name === undefined) throw session.failures.invalid('Option format must be specified', at);
  if (uris === undefined || uris.length === 0)
    throw session.failures.invalid('Option uri or uris must be specified', at);
  return { files: { ...all, format: name, uris }, others: options.filter((option) => !own.includes(option)) };
}

export function exportData(tree: Tree<'export_data'>, session: Session): Statement {
  const { files, others } = fileOptions(tree.options, tree.at, session);
  const [other] = others;
  if (other && other.name !== 'use_avro_logical_types')
    throw session.failures.invalid(`Unknown option: ${other.name}`, other.at);
  if (!files.uris[0]?.includes('*'))
    throw session.failures.invalid(
      `Option 'uri' value must be a wildcard URI. Got '${files.uris[0]}'`,
      tree.at,
    );
  return { kind: 'export_data', files, query: rootQuery(tree.query, session) };
}

export function createExternalTable(tree: Tree<'create_external_table'>, session: Session): Statement {
  const { files, others } = fileOptions(tree.options, tree.at, session);
  const declared = (columns: Tree<'create_external_table'>['columns']) =>
    columns?.map((column) => declaredColumn(column, session)) ?? null;
  return {
    kind: 'create_external_table',
    table: tableRef(tree.table.parts, tree.table.at, session),
    ifNotExists: tree.ifNotExists,
    orReplace: tree.orReplace,
    columns: declared(tree.columns),
    partitionColumns: declared(tree.partitionColumns),
    files,
    connection: tree.connection && connectionId(tree.connection.parts, session),
    options: tableOptions(others, session),
  };
}

/** In the form in which tables.get tells it. */
function connectionId(parts: readonly string[], { context }: Session): string {
  const [name, location = 'us', project = context.projectId] = [...parts].reverse();
  const id = parts.length === 1 ? '__default_cloudresource_connection__' : name;
  return `${project}.${location}.${id}`;
}
