/**
 * Avro object container files: the schema of the file as columns, its records as objects.
 * Source: https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-avro#avro_conversions
 */
import { Readable } from 'node:stream';
import avro, { type Schema, type Type } from 'avsc';
import { invalid, unsupported } from '../../failure.ts';
import { dateText, datetimeText, decimalText, timestampText, timeText } from '../../rows/text.ts';
import type { ColumnSpec } from '../../sql/statement.ts';
import { longType } from '../avro-long.ts';

/** Each 64-bit number exactly, whatever it stands for. */
const exactLong = (schema: unknown): Type | undefined => {
  const type = typeof schema === 'object' && schema !== null ? (schema as AvroSchema).type : schema;
  return type === 'long' ? longType : undefined;
};

interface AvroSchema {
  readonly type: unknown;
  readonly logicalType?: string;
  readonly scale?: number;
  readonly fields?: readonly { readonly name: string; readonly type: unknown; readonly doc?: string }[];
  readonly items?: unknown;
  readonly values?: unknown;
}

export interface AvroFile {
  readonly columns: readonly ColumnSpec[];
  readonly rows: AsyncIterable<Record<string, unknown>>;
}

/** Opens a file. `logicalTypes`: dates, times and decimals are these, not the numbers they are stored as. */
export async function openAvro(chunks: AsyncIterable<Buffer>, logicalTypes: boolean): Promise<AvroFile> {
  const decoder = new avro.streams.BlockDecoder({
    parseHook: (schema: Schema): Type =>
      avro.Type.forSchema(schema, { typeHook: exactLong, wrapUnions: false }),
  });
  const source = Readable.from(chunks);
  source.on('error', (error) => decoder.destroy(error));
  source.pipe(decoder);
  const schema = await new Promise<AvroSchema>((resolve, reject) => {
    decoder.once('metadata', (_type: Type, _codec: string, header: { meta: Record<string, Buffer> }) =>
      resolve(JSON.parse(String(header.meta['avro.schema'])) as AvroSchema),
    );
    decoder.once('error', reject);
    decoder.once('end', () => reject(new Error('it ends before its schema')));
  }).catch((error: unknown) => {
    throw invalid(
      `Error while reading data, error message: The Apache Avro library failed to parse the header: ${String(error)}`,
    );
  });
  if (schema.type !== 'record')
    throw invalid('Error while reading data, error message: the Avro schema is no record.');
  const named = new Map<string, AvroSchema>();
  const fields = (schema.fields ?? []).map((field) => fieldOf(field, named, logicalTypes));
  const rows = async function* (): AsyncGenerator<Record<string, unknown>> {
    for await (const record of decoder as AsyncIterable<Record<string, unknown>>) {
      yield Object.fromEntries(fields.map(({ spec, convert }) => [spec.name, convert(record[spec.name])]));
    }
  };
  return { columns: fields.map(({ spec }) => spec), rows: rows() };
}

interface AvroField {
  readonly spec: ColumnSpec;
  readonly convert: (value: unknown) => unknown;
}

function fieldOf(
  field: { readonly name: string; readonly type: unknown; readonly doc?: string },
  named: Map<string, AvroSchema>,
  logicalTypes: boolean,
): AvroField {
  const options = Array.isArray(field.type) ? (field.type as unknown[]) : [field.type];
  const types = options.filter((type) => type !== 'null');
  if (types.length !== 1) throw unsupported(`an Avro union of several types (field ${field.name})`);
  const inner = typeOf(field.name, types[0], named, logicalTypes);
  const nullable = options.length > types.length;
  const mode = inner.spec.mode === 'REPEATED' ? 'REPEATED' : nullable ? 'NULLABLE' : 'REQUIRED';
  const description = field.doc === undefined ? {} : { description: field.doc };
  return {
    spec: { ...inner.spec, ...description, mode },
    convert: (value) => (value === null || value === undefined ? null : inner.convert(value)),
  };
}

type Convert = (value: unknown) => unknown;
const same: Convert = (value) => value;

const LOGICAL: Readonly<Record<string, readonly [ColumnSpec['type'], Convert]>> = {
  date: ['DATE', (days) => dateText(days as number)],
  'time-micros': ['TIME', (micros) => timeText(Number(micros))],
  'time-millis': ['TIME', (millis) => timeText(Number(millis) * 1000)],
  'timestamp-micros': ['TIMESTAMP', (micros) => timestampText(micros as bigint)],
  'timestamp-millis': ['TIMESTAMP', (millis) => timestampText((millis as bigint) * 1000n)],
  'local-timestamp-micros': ['DATETIME', (micros) => datetimeText(micros as bigint, 'T')],
};

const PLAIN: Readonly<Record<string, ColumnSpec['type']>> = {
  string: 'STRING',
  enum: 'STRING',
  bytes: 'BYTES',
  fixed: 'BYTES',
  int: 'INTEGER',
  long: 'INTEGER',
  float: 'FLOAT',
  double: 'FLOAT',
  boolean: 'BOOLEAN',
};

function typeOf(
  name: string,
  given: unknown,
  named: Map<string, AvroSchema>,
  logicalTypes: boolean,
): AvroField {
  const schema: AvroSchema =
    typeof given === 'string' ? (named.get(given) ?? { type: given }) : (given as AvroSchema);
  const ownName = (schema as { readonly name?: string }).name;
  if (ownName !== undefined) named.set(ownName, schema);
  const one = (type: ColumnSpec['type'], convert: Convert = same): AvroField => ({
    spec: { name, type, mode: 'NULLABLE' },
    convert,
  });
  if (schema.type === 'record') return recordOf(name, schema.fields ?? [], named, logicalTypes);
  if (schema.type === 'array') {
    const { spec, convert } = typeOf(name, schema.items, named, logicalTypes);
    if (spec.mode === 'REPEATED') throw unsupported(`an Avro array of arrays (field ${name})`);
    return { spec: { ...spec, mode: 'REPEATED' }, convert: (items) => (items as unknown[]).map(convert) };
  }
  if (schema.type === 'map') {
    const pair = recordOf(
      name,
      [
        { name: 'key', type: 'string' },
        { name: 'value', type: schema.values },
      ],
      named,
      logicalTypes,
    );
    const pairs: Convert = (map) =>
      Object.entries(map as object).map(([key, value]) => pair.convert({ key, value: value as unknown }));
    return { spec: { ...pair.spec, mode: 'REPEATED' }, convert: pairs };
  }
  const logical = schema.logicalType === undefined ? undefined : LOGICAL[schema.logicalType];
  if (logicalTypes && logical) return one(...logical);
  if (logicalTypes && schema.logicalType === 'decimal') return one('NUMERIC', decimal(schema.scale ?? 0));
  if (typeof schema.type === 'object') return typeOf(name, schema.type, named, logicalTypes);
  const plain = PLAIN[String(schema.type)];
  if (plain === undefined) throw unsupported(`Avro type ${String(schema.type)} (field ${name})`);
  return one(plain);
}

function recordOf(
  name: string,
  given: NonNullable<AvroSchema['fields']>,
  named: Map<string, AvroSchema>,
  logicalTypes: boolean,
): AvroField {
  const fields = given.map((field) => fieldOf(field, named, logicalTypes));
  return {
    spec: { name, type: 'RECORD', mode: 'NULLABLE', fields: fields.map(({ spec }) => spec) },
    convert: (record) =>
      Object.fromEntries(
        fields.map(({ spec, convert }) => [
          spec.name,
          convert((record as Record<string, unknown>)[spec.name]),
        ]),
      ),
  };
}

const decimal =
  (scale: number): Convert =>
  (bytes) =>
    decimalText(
      BigInt.asIntN((bytes as Buffer).length * 8, BigInt(`0x${(bytes as Buffer).toString('hex') || '0'}`)),
      scale,
    );
