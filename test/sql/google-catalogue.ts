/** The tables, views and functions of sql/ as a catalogue of Google's analyzer. */
import { columnType } from '../../local/bigquery/sql/type.ts';
import type { TestWarehouse } from '../local/bigquery/sql/duckdb.ts';
import type { Oracle } from '../local/bigquery/sql/oracle.ts';
import { protoType } from '../local/bigquery/sql/oracle-query.ts';
import { columnsOf } from './project.ts';

const fixed = (typeKind: string, options: object = {}) => ({
  kind: 'ARG_TYPE_FIXED',
  type: { typeKind },
  options,
  numOccurrences: 1,
});

/** BigQuery's SEARCH, which GoogleSQL lacks: what is searched for is a literal or a parameter. */
const search = {
  namePath: ['search'],
  group: 'BigQuery',
  type: 'SCALAR',
  signature: [
    {
      argument: [
        { kind: 'ARG_TYPE_ARBITRARY', options: { cardinality: 'REQUIRED' }, numOccurrences: 1 },
        fixed('TYPE_STRING', { mustBeConstant: true }),
      ],
      returnType: fixed('TYPE_BOOL'),
    },
  ],
};

function tableFunctions(warehouse: TestWarehouse): readonly object[] {
  return [...warehouse.routines].map(([key, info]) => {
    const name = key.split('.').at(-1)!;
    const types = info.arguments.map((argument) => argument.type ?? 'STRING');
    const nulls = types.map((type) => `CAST(NULL AS ${type})`).join(', ');
    const column = columnsOf(`SELECT * FROM ${name}(${nulls})`, warehouse).map((spec) => ({
      name: spec.name,
      type: protoType(columnType(spec)),
    }));
    return {
      namePath: [name],
      type: 'FIXED_OUTPUT_SCHEMA_TVF',
      signature: {
        argument: types.map((type) => fixed(`TYPE_${type}`)),
        returnType: {
          kind: 'ARG_TYPE_RELATION',
          options: { relationInputSchema: { column } },
          numOccurrences: 1,
        },
      },
    };
  });
}

export function googleCatalogue(warehouse: TestWarehouse, { options }: Oracle): object {
  const { languageOptions } = options as { readonly languageOptions: object };
  return {
    name: 'project',
    table: [...warehouse.tables].map(([key, { columns }], i) => ({
      name: key.split('.').at(-1),
      serializationId: i + 1,
      column: columns.map((spec) => ({ name: spec.name, type: protoType(columnType(spec)) })),
    })),
    customFunction: [search],
    customTvf: tableFunctions(warehouse),
    builtinFunctionOptions: { languageOptions },
  };
}

/** Analyzes one statement of any kind. Rejects with GoogleSQL's words. */
export async function analyze(oracle: Oracle, sqlStatement: string, simpleCatalog: object): Promise<void> {
  const { languageOptions } = oracle.options as { readonly languageOptions: object };
  const options = {
    ...oracle.options,
    languageOptions: { ...languageOptions, supportedStatementKinds: [] },
    allowUndeclaredParameters: true,
  };
  await oracle.call('Analyze', { sqlStatement, simpleCatalog, options });
}
