/**
 * Avro object container files: the schema of the file as columns, its records as objects. One that is cut off or damaged
 * is refused.
 * Source: https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-avro#avro_conversions
 */
import avro, { type Schema, type Type } from 'avsc';
import { type Block, openContainer } from '../../../../functions/archive/avro-container.ts';
import { DamagedFile } from '../../../../functions/archive/avro-cursor.ts';
import { ByteSource } from '../../../../functions/archive/byte-source.ts';
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
  /** BigQuery's own: JSON text. */
  readonly sqlType?: string;
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
  const container = await openContainer(new ByteSource(chunks)).catch(refuse('parse the header'));
  const [schema, type] = typeOfFile(container.schema);
  if (schema.type !== 'record')
    throw invalid('Error while reading data, error message: the Avro schema is no record.');
  const named = new Map<string, AvroSchema>();
  const fields = (schema.fields ?? []).map((field) => fieldOf(field, named, logicalTypes));
  const rows = async function* (): AsyncGenerator<Record<string, unknown>> {
    const blocks = container.blocks();
    for (;;) {
      const { value: block } = await blocks.next().catch(refuse('read data'));
      if (block === undefined) return;
      for (const record of recordsOf(type, block))
        yield Object.fromEntries(fields.map(({ spec, convert }) => [spec.name, convert(record[spec.name])]));
    }
  };
  return { columns: fields.map(({ spec }) => spec), rows: rows() };
}

/** Damaged bytes are the file's fault; what else happens is not. */
const refuse =
  (what: string) =>
  (error: unknown): never => {
    if (!(error instanceof DamagedFile)) throw error;
    throw invalid(
      `Error while reading data, error message: The Apache Avro library failed to ${what} with the following error: ${error.message}`,
    );
  };

function typeOfFile(text: string): readonly [AvroSchema, Type] {
  try {
    const schema = JSON.parse(text) as Schema;
    return [schema as AvroSchema, avro.Type.forSchema(schema, { typeHook: exactLong, wrapUnions: false })];
  } catch (error) {
    return refuse('parse the header')(new DamagedFile(String(error)));
  }
}

function* recordsOf(type: Type, { count, bytes }: Block): Generator<Record<string, unknown>> {
  let at = 0;
  for (let i = 0; i < count; i++) {
    const { value, offset } = decoded(type, bytes, at);
    yield value;
    at = offset;
  }
  if (at !== bytes.length) refuse('read data')(new DamagedFile('a block holds more than it says'));
}

function decoded(type: Type, bytes: Buffer, at: number): { value: Record<string, unknown>; offset: number } {
  try {
    const found = type.decode(bytes, at) as { value?: Record<string, unknown>; offset: number };
    if (found.value !== undefined && found.offset >= 0) return { value: found.value, offset: found.offset };
  } catch (error) {
    return refuse('read data')(new DamagedFile(String(error)));
  }
  return refuse('read data')(new DamagedFile('cut off in a record'));
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
  if (schema.type === 'string' && schema.sqlType === 'JSON') return one('JSON');
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
