/**
 * Records of a Cloud Storage subscription's Avro files → Pub/Sub messages. Fields are read in the order in which the
 * file's schema has them; those that are not needed are passed over.
 * Source: https://cloud.google.com/pubsub/docs/create-cloudstorage-subscription#file_format
 */
import { z } from 'zod';
import type { PubsubMessage } from '../ingest/message.ts';
import type { Block } from './avro-container.ts';
import { AvroCursor, DamagedFile } from './avro-cursor.ts';

/** Reads the messages of a block. Throws DamagedFile when it does not hold what it says. */
export type MessagesOf = (block: Block) => Generator<PubsubMessage>;

const READERS = {
  string: (cursor: AvroCursor) => cursor.string(),
  bytes: (cursor: AvroCursor) => cursor.bytes(),
  long: (cursor: AvroCursor) => cursor.long(),
  map: (cursor: AvroCursor) => cursor.map(() => cursor.string()),
} as const;

type Kind = keyof typeof READERS;

const NEEDED: Readonly<Record<string, Kind>> = {
  message_id: 'string',
  publish_time: 'long',
  attributes: 'map',
  data: 'bytes',
};

const schemaShape = z.object({
  type: z.literal('record'),
  fields: z.array(z.object({ name: z.string(), type: z.unknown() })),
});

/** A reader of records of the schema. Throws DamagedFile when they are no messages with metadata. */
export function messagesOf(schema: string): MessagesOf {
  const fields = fieldsOf(schema);
  const read = (cursor: AvroCursor): PubsubMessage => {
    const record: Record<string, unknown> = {};
    for (const { name, kind } of fields) record[name] = READERS[kind](cursor);
    return pushed(record as unknown as Archived);
  };
  return function* ({ count, bytes }) {
    const cursor = new AvroCursor(bytes);
    for (let i = 0; i < count; i++) yield read(cursor);
    if (!cursor.isAtEnd) throw new DamagedFile('a block holds more than it says');
  };
}

function fieldsOf(schema: string): { readonly name: string; readonly kind: Kind }[] {
  const parsed = schemaShape.safeParse(parseJson(schema));
  const fields = parsed.data?.fields.map(({ name, type }) => ({ name, kind: kindOf(type) })) ?? [];
  const isNeeded = ([name, kind]: [string, Kind]): boolean =>
    fields.some((field) => field.name === name && field.kind === kind);
  const known = fields.filter((field): field is { name: string; kind: Kind } => field.kind !== null);
  if (known.length < fields.length || !Object.entries(NEEDED).every(isNeeded))
    throw new DamagedFile('its records are not Pub/Sub messages with metadata');
  return known;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A type's name, or that of a logical type's base; null: none that a message has. */
function kindOf(type: unknown): Kind | null {
  const name = typeof type === 'object' && type !== null ? (type as { type?: unknown }).type : type;
  if (name === 'map') return (type as { values?: unknown }).values === 'string' ? 'map' : null;
  return name === 'string' || name === 'bytes' || name === 'long' ? name : null;
}

interface Archived {
  readonly message_id: string;
  /** µs since the epoch. */
  readonly publish_time: number;
  readonly attributes: Readonly<Record<string, string>>;
  readonly data: Buffer;
}

/** The publish time of a push is read to the millisecond. */
const pushed = ({ message_id, publish_time, attributes, data }: Archived): PubsubMessage => ({
  data,
  attributes,
  messageId: message_id,
  publishTimeUs: Math.floor(publish_time / 1000) * 1000,
});
