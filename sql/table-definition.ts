/**
 * `CREATE TABLE` as our files write it, read into the REST API's shape of a table: what `apply` compares with the
 * table that is there, and what a test compares with the writers' tables. Anything else in such a file is an error.
 */
import { isWord, type Token, tokensOf } from './token.ts';

/** `TableFieldSchema`. */
export interface Field {
  readonly name: string;
  readonly type: string;
  readonly mode: 'NULLABLE' | 'REQUIRED' | 'REPEATED';
  readonly description?: string;
  readonly fields?: readonly Field[];
  /** Tags that say who may read the column; never in a file, see table-settings.ts. */
  readonly policyTags?: { readonly names: readonly string[] };
}

export type OptionValue = string | number | boolean | readonly (readonly [string, string])[];

export interface TableDefinition {
  readonly name: string;
  readonly fields: readonly Field[];
  readonly primaryKey: readonly string[];
  /** Column whose day partitions the table; null: not partitioned. */
  readonly partitionField: string | null;
  readonly clustering: readonly string[];
  readonly options: Readonly<Record<string, OptionValue>>;
}

/** Names of types in the REST API, by those of GoogleSQL. */
const REST: Readonly<Record<string, string>> = {
  INT64: 'INTEGER',
  FLOAT64: 'FLOAT',
  BOOL: 'BOOLEAN',
  STRUCT: 'RECORD',
};

/** Reads a file's statement; null where it is no CREATE TABLE. Throws an error that says what was expected. */
export function readTableDefinition(sql: string): TableDefinition | null {
  const reader = new Reader(tokensOf(sql));
  if (!reader.take('CREATE') || !reader.take('TABLE')) return null;
  reader.takeAll('IF', 'NOT', 'EXISTS');
  const name = reader.path();
  const { fields, primaryKey } = readColumns(reader);
  let partitionField: string | null = null;
  let clustering: string[] = [];
  if (reader.take('PARTITION')) {
    reader.expect('BY');
    partitionField = readPartition(reader);
  }
  if (reader.take('CLUSTER')) {
    reader.expect('BY');
    clustering = reader.list(() => reader.word());
  }
  const options = reader.take('OPTIONS') ? readOptions(reader) : {};
  reader.take(';');
  reader.done();
  return { name, fields, primaryKey, partitionField, clustering, options };
}

function readColumns(reader: Reader): { fields: Field[]; primaryKey: string[] } {
  const fields: Field[] = [];
  let primaryKey: string[] = [];
  reader.expect('(');
  reader.list(() => {
    if (reader.takeAll('PRIMARY', 'KEY')) {
      primaryKey = reader.within(() => reader.list(() => reader.word()));
      reader.expect('NOT');
      reader.expect('ENFORCED');
    } else fields.push(readField(reader));
  });
  reader.expect(')');
  return { fields, primaryKey };
}

function readField(reader: Reader): Field {
  const name = reader.word();
  const type = readType(reader);
  const required = reader.takeAll('NOT', 'NULL');
  const { description } = reader.take('OPTIONS') ? readOptions(reader) : { description: undefined };
  return {
    name,
    ...type,
    mode: required ? 'REQUIRED' : type.mode,
    ...(typeof description === 'string' ? { description } : {}),
  };
}

function readType(reader: Reader): Pick<Field, 'type' | 'mode' | 'fields'> {
  if (reader.take('ARRAY')) {
    reader.expect('<');
    const item = readType(reader);
    reader.expect('>');
    return { ...item, mode: 'REPEATED' };
  }
  if (reader.take('STRUCT')) {
    reader.expect('<');
    const fields = reader.list(() => readField(reader));
    reader.expect('>');
    return { type: 'RECORD', mode: 'NULLABLE', fields };
  }
  const name = reader.word().toUpperCase();
  return { type: REST[name] ?? name, mode: 'NULLABLE' };
}

function readPartition(reader: Reader): string {
  if (!reader.take('DATE')) return reader.word();
  return reader.within(() => reader.word());
}

function readOptions(reader: Reader): Record<string, OptionValue> {
  const entries = reader.within(() =>
    reader.list(() => {
      const key = reader.word().toLowerCase();
      reader.expect('=');
      return [key, readValue(reader)] as const;
    }),
  );
  return Object.fromEntries(entries);
}

function readValue(reader: Reader): OptionValue {
  if (reader.take('TRUE')) return true;
  if (reader.take('FALSE')) return false;
  if (reader.take('[')) {
    const pairs = reader.list(() =>
      reader.within(() => {
        const key = reader.string();
        reader.expect(',');
        return [key, reader.string()] as const;
      }),
    );
    reader.expect(']');
    return pairs;
  }
  return reader.number() ?? reader.string();
}

class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** Passes over the word or sign, where it is next. */
  take(text: string): boolean {
    const token = this.#tokens[this.#at];
    const found = token?.kind === 'sign' ? token.text === text : isWord(token, text);
    if (found) this.#at++;
    return found;
  }

  takeAll(...words: string[]): boolean {
    const found = words.every((word, i) => isWord(this.#tokens[this.#at + i], word));
    if (found) this.#at += words.length;
    return found;
  }

  expect(text: string): void {
    if (!this.take(text)) throw this.#unexpected(text);
  }

  word(): string {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'word' && token?.kind !== 'name') throw this.#unexpected('a name');
    this.#at++;
    return token.text;
  }

  /** The last part of a name with dots. */
  path(): string {
    let name = this.word();
    while (this.take('.')) name = this.word();
    return name.slice(name.lastIndexOf('.') + 1);
  }

  string(): string {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'string') throw this.#unexpected('a string');
    this.#at++;
    return token.text.replace(/\\(n|.)/g, (_, code: string) => (code === 'n' ? '\n' : code));
  }

  number(): number | null {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'number') return null;
    this.#at++;
    return Number(token.text);
  }

  /** One or more, separated by commas. */
  list<T>(read: () => T): T[] {
    const items = [read()];
    while (this.take(',')) items.push(read());
    return items;
  }

  /** In parentheses. */
  within<T>(read: () => T): T {
    this.expect('(');
    const value = read();
    this.expect(')');
    return value;
  }

  done(): void {
    if (this.#at < this.#tokens.length) throw this.#unexpected('the end of the statement');
  }

  #unexpected(wanted: string): Error {
    const token = this.#tokens[this.#at];
    return new Error(`${wanted} is expected ${token ? `before "${token.text}"` : 'at the end'}`);
  }
}
