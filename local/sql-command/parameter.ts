/**
 * Query parameters as `bq` writes them: NAME:TYPE:VALUE, TYPE may be empty (STRING); an empty NAME is a positional
 * parameter; ARRAY<TYPE> takes a JSON list. Values are bound, never spliced into the query.
 */
export interface Parameters {
  readonly params: Record<string, unknown> | unknown[];
  readonly types: Record<string, unknown> | unknown[];
}

const TYPES = [
  'STRING',
  'INT64',
  'FLOAT64',
  'BOOL',
  'TIMESTAMP',
  'DATE',
  'TIME',
  'DATETIME',
  'NUMERIC',
  'BIGNUMERIC',
  'BYTES',
  'JSON',
];

/** Reads all `--param` options. Throws an Error that names the one that is wrong and what is allowed. */
export function readParameters(texts: readonly string[]): Parameters | null {
  if (texts.length === 0) return null;
  const read = texts.map(readOne);
  const named = read.filter(({ name }) => name !== '').length;
  if (named > 0 && named < read.length) throw new Error('--param: all with a name or all without');
  if (named === 0) return { params: read.map(({ value }) => value), types: read.map(({ type }) => type) };
  return {
    params: Object.fromEntries(read.map(({ name, value }) => [name, value])),
    types: Object.fromEntries(read.map(({ name, type }) => [name, type])),
  };
}

function readOne(text: string) {
  const match = /^([^:]*):([^:]*):([\s\S]*)$/.exec(text);
  if (match === null)
    throw new Error(`--param "${text}" is not NAME:TYPE:VALUE, e.g. since:TIMESTAMP:2026-11-20`);
  const [, name = '', typeText = '', value = ''] = match;
  const array = /^ARRAY<(.*)>$/i.exec(typeText)?.[1];
  const type = (array ?? typeText).toUpperCase() || 'STRING';
  if (!TYPES.includes(type))
    throw new Error(`--param "${text}": no type ${typeText}; allowed: ${TYPES.join(', ')}, ARRAY<…>`);
  return array === undefined
    ? { name, type, value: scalar(type, value) }
    : { name, type: [type], value: list(text, value).map((item) => scalar(type, String(item))) };
}

function list(text: string, value: string): unknown[] {
  try {
    const parsed: unknown = JSON.parse(value);
    if (Array.isArray(parsed)) return parsed;
  } catch {
    // said below
  }
  throw new Error(
    `--param "${text}": an ARRAY takes a JSON list, e.g. services:ARRAY<STRING>:["auth","user"]`,
  );
}

const scalar = (type: string, value: string): unknown => {
  if (type === 'BOOL') return /^true$/i.test(value);
  if (type === 'BYTES') return Buffer.from(value, 'base64');
  return value;
};
