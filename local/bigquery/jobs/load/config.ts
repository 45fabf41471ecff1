/** `JobConfigurationLoad`, read: what is not honoured here is refused. */
import { z } from 'zod';
import { readFields, schemaShape } from '../../catalogue/schema.ts';
import { invalid } from '../../failure.ts';
import type { ColumnSpec } from '../../sql/statement.ts';
import { parse, partitioningShape, refuseSet, tableShape } from '../shapes.ts';

const FORMATS = ['CSV', 'NEWLINE_DELIMITED_JSON', 'AVRO', 'PARQUET'] as const;

const shape = z.looseObject({
  sourceUris: z.array(z.string()).optional(),
  destinationTable: tableShape,
  sourceFormat: z.enum(FORMATS).default('CSV'),
  schema: schemaShape.nullish(),
  autodetect: z.boolean().nullish(),
  writeDisposition: z.enum(['WRITE_TRUNCATE', 'WRITE_APPEND', 'WRITE_EMPTY']).default('WRITE_APPEND'),
  createDisposition: z.enum(['CREATE_IF_NEEDED', 'CREATE_NEVER']).default('CREATE_IF_NEEDED'),
  skipLeadingRows: z.coerce.number().int().min(0).nullish(),
  fieldDelimiter: z.string().nullish(),
  quote: z.string().nullish(),
  nullMarker: z.string().nullish(),
  allowQuotedNewlines: z.boolean().nullish(),
  allowJaggedRows: z.boolean().nullish(),
  maxBadRecords: z.coerce.number().int().min(0).nullish(),
  ignoreUnknownValues: z.boolean().nullish(),
  encoding: z.string().nullish(),
  useAvroLogicalTypes: z.boolean().nullish(),
  timePartitioning: partitioningShape.optional(),
  clustering: z.looseObject({ fields: z.array(z.string()).optional() }).nullish(),
  schemaUpdateOptions: z.array(z.string()).nullish(),
});

export type LoadConfiguration = z.infer<typeof shape>;

const UNSUPPORTED = [
  'rangePartitioning',
  'hivePartitioningOptions',
  'decimalTargetTypes',
  'parquetOptions',
  'projectionFields',
  'schemaInline',
  'jsonExtension',
  'columnNameCharacterMap',
  'destinationEncryptionConfiguration',
];

export function readLoad(configuration: unknown): LoadConfiguration {
  const load = parse(shape, configuration);
  refuseSet(load, UNSUPPORTED);
  if (load.encoding && !/^utf-?8$/i.test(load.encoding))
    throw invalid(`not supported locally: encoding ${load.encoding}`);
  for (const option of load.schemaUpdateOptions ?? []) {
    if (option !== 'ALLOW_FIELD_ADDITION')
      throw invalid(`not supported locally: schemaUpdateOptions ${option}`);
  }
  return load;
}

/** The columns the job names; null where it names none. */
export function givenColumns({ schema }: LoadConfiguration): readonly ColumnSpec[] | null {
  return schema?.fields?.length ? readFields(schema.fields) : null;
}

/** `tab`, `\t` and the character itself. */
export function delimiterOf({ fieldDelimiter }: LoadConfiguration): string {
  const given = fieldDelimiter || ',';
  if (given === '\\t' || given.toLowerCase() === 'tab') return '\t';
  if ([...given].length !== 1)
    throw invalid(`Invalid field delimiter "${given}": one character is expected.`);
  return given;
}
