/**
 * Query parameters as `bq` writes them: NAME:TYPE:VALUE, TYPE may be empty (STRING); an empty NAME is a positional
 * parameter; ARRAY<TYPE> takes a JSON list; the value NULL, without quotes, is NULL. Values are bound, never spliced
 * into the query. What BigQuery would refuse is refused here, with the parameter's name.
 */
export interface Parameters {
  readonly params: Record<string, unknown> | unknown[];
  readonly types: Record<string, unknown> | unknown[];
}

interface ScalarType {
  /** Texts that are a value of the type. */
  readonly pattern: RegExp;
  readonly example: string;
  /** Google's client takes the values of these types in an object; a plain text becomes NULL without a word. */
  readonly wrapped?: true;
}

const ANY: ScalarType = { pattern: /^/, example: 'text' };
const DATE = String.raw`\d{1,4}-\d{1,2}-\d{1,2}`;
const TIME = String.raw`\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d{1,6})?`;
const NUMBER: ScalarType = { pattern: /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i, example: '1.5' };

const TYPES: Readonly<Record<string, ScalarType>> = {
  STRING: ANY,
  INT64: { pattern: /^[+-]?\d{1,19}$/, example: '42' },
  FLOAT64: {
    pattern: /^(?:[+-]?(?:inf|infinity)|nan)$|^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i,
    example: '1.5',
  },
  BOOL: { pattern: /^(?:true|false)$/i, example: 'true' },
  TIMESTAMP: {
    pattern: new RegExp(`^${DATE}(?:[T ]${TIME})? ?(?:Z|UTC|[+-]\\d{1,2}(?::?\\d{2})?)?$`, 'i'),
    example: '2026-11-20 10:00:00',
    wrapped: true,
  },
  DATE: { pattern: new RegExp(`^${DATE}$`), example: '2026-11-20', wrapped: true },
  TIME: { pattern: new RegExp(`^${TIME}$`), example: '10:00:00', wrapped: true },
  DATETIME: {
    pattern: new RegExp(`^${DATE}(?:[T ]${TIME})?$`, 'i'),
    example: '2026-11-20 10:00:00',
    wrapped: true,
  },
  NUMERIC: NUMBER,
  BIGNUMERIC: NUMBER,
  BYTES: {
    pattern: /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
    example: 'aGk= (base64)',
  },
  JSON: ANY,
};

/** Reads all `--param` options. Throws an Error that names the one that is wrong and what is allowed. */
export function readParameters(texts: readonly string[]): Parameters | null {
  if (texts.length === 0) return null;
  const read = texts.map(readOne);
  const named = read.filter(({ name }) => name !== '').length;
  if (named > 0 && named < read.length) throw new Error('--param: all with a name or all without');
  if (named === 0) return { params: read.map(({ value }) => value), types: read.map(({ type }) => type) };
  const twice = read.find(({ name }, i) => read.findIndex((one) => one.name === name) < i);
  if (twice) throw new Error(`--param: ${twice.name} is given twice`);
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
  if (!Object.hasOwn(TYPES, type))
    throw new Error(
      `--param "${text}": no type ${typeText}; allowed: ${Object.keys(TYPES).join(', ')}, ARRAY<…>`,
    );
  if (array !== undefined) {
    return { name, type: [type], value: list(text, value).map((item) => scalar(text, type, String(item))) };
  }
  return { name, type, value: value === 'NULL' ? null : scalar(text, type, value) };
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

function scalar(text: string, type: string, value: string): unknown {
  const { pattern, example, wrapped } = TYPES[type]!;
  if (!pattern.test(value))
    throw new Error(`--param "${text}": "${value}" is not of type ${type}, e.g. ${example}`);
  return wrapped ? { value } : value;
}
