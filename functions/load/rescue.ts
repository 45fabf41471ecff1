/**
 * A file that BigQuery refuses as a whole: its rows go the other way, by the Storage Write API, which refuses rows one by
 * one; those become dead letters. A file that cannot be read is put aside, and an operator hears of it.
 *
 * Guarantee: every row of a readable file is in log_entries or in dead_letters, at least once. Entries that are refused
 * here had been counted in their windows, which those that are streamed are not.
 */
import { Readable } from 'node:stream';
import { openContainer } from '../archive/avro-container.ts';
import { AvroCursor, DamagedFile } from '../archive/avro-cursor.ts';
import { ByteSource } from '../archive/byte-source.ts';
import type { LogEntry } from '../parse/log-entry.ts';
import type { Severity } from '../parse/severity.ts';
import { type DeadLetter, deadLetters, logEntries } from '../warehouse/tables.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import type { Rescued } from './load.ts';
import type { StagedFiles } from './staged-files.ts';

export interface RescueEffects {
  readonly files: Pick<StagedFiles, 'read' | 'setAside'>;
  readonly warehouse: Warehouse;
}

/** Writes the rows of a file. Rejects when a client fails. */
export async function rescue(file: string, { files, warehouse }: RescueEffects): Promise<Rescued> {
  const bytes = await files.read(file);
  let entries: readonly LogEntry[];
  try {
    entries = await entriesOf(bytes);
  } catch (error) {
    if (!(error instanceof DamagedFile)) throw error;
    await files.setAside(file);
    return { rows: 0, refused: 0, isReadable: false };
  }
  const refused = entries.length === 0 ? [] : await warehouse.append(logEntries, entries);
  const letters = refused.map((i) => letterOf(entries[i]!));
  if (letters.length > 0) await warehouse.append(deadLetters, letters);
  return { rows: entries.length - refused.length, refused: refused.length, isReadable: true };
}

/** The entries of a file. Throws DamagedFile where it does not hold what it says. */
export async function entriesOf(bytes: Buffer): Promise<LogEntry[]> {
  const container = await openContainer(new ByteSource(Readable.from([bytes])));
  const fields = fieldsOf(container.schema);
  const entries: LogEntry[] = [];
  for await (const { count, bytes: block } of container.blocks()) {
    const cursor = new AvroCursor(block);
    for (let i = 0; i < count; i++) {
      const { severity: _, severity_number, ...row } = readRow(cursor, fields);
      entries.push({ ...row, severity: severity_number as Severity } as unknown as LogEntry);
    }
    if (!cursor.isAtEnd) throw new DamagedFile('a block holds more than it says');
  }
  return entries;
}

type Read = (cursor: AvroCursor) => unknown;
type Fields = readonly { readonly name: string; readonly read: Read }[];

const SCALARS: Readonly<Record<string, Read>> = {
  string: (cursor) => cursor.string(),
  bytes: (cursor) => cursor.bytes(),
  long: (cursor) => cursor.long(),
  double: (cursor) => cursor.fixed(8).readDoubleLE(),
  boolean: (cursor) => cursor.fixed(1)[0] === 1,
};

const readRow = (cursor: AvroCursor, fields: Fields): Record<string, unknown> =>
  Object.fromEntries(fields.map(({ name, read }) => [name, read(cursor)]));

/** The fields by the file's own schema: an older version of the code may have written it. */
function fieldsOf(schema: string): Fields {
  try {
    const { fields } = JSON.parse(schema) as { fields: { name: string; type: unknown }[] };
    return fields.map(({ name, type }) => ({ name, read: readerOf(type) }));
  } catch {
    throw new DamagedFile('its schema is not that of rows');
  }
}

function readerOf(type: unknown): Read {
  if (Array.isArray(type)) {
    const [none, some] = type as unknown[];
    if (none !== 'null' || type.length !== 2) throw new DamagedFile('a union that no row has');
    const read = readerOf(some);
    return (cursor) => (cursor.long() === 0 ? null : read(cursor));
  }
  if (typeof type === 'string') {
    const read = SCALARS[type];
    if (read === undefined) throw new DamagedFile('a type that no row has');
    return read;
  }
  const { type: inner, items } = type as { type: unknown; items?: unknown };
  if (inner !== 'array') return readerOf(inner);
  const read = readerOf(items);
  return (cursor) => {
    const list: unknown[] = [];
    for (let count = cursor.long(); count !== 0; count = cursor.long()) {
      // A negative count is followed by the size of the block in bytes.
      if (count < 0) cursor.long();
      for (let i = Math.abs(count); i > 0; i--) list.push(read(cursor));
    }
    return list;
  };
}

/** The row stands in for the record that it was made of, which is gone: redacted as the row is. */
const letterOf = (entry: LogEntry): DeadLetter => ({
  ...{ insert_id: entry.insert_id, part: 0, parts: 1, received_at: entry.received_at },
  ...{ stage: 'warehouse', reason: 'refused', detail: 'BigQuery refused the row' },
  message_id: entry.insert_id.slice(0, entry.insert_id.lastIndexOf('-')),
  attributes: '{}',
  raw: Buffer.from(JSON.stringify(entry)).subarray(0, RAW_BYTES),
});

/** An append takes 10 MB at most. */
const RAW_BYTES = 4 * 1024 * 1024;
