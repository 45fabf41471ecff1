/**
 * The Avro files of a Cloud Storage subscription: schemas word for word as the service writes them, records, and the
 * object container around them.
 * The codec is null: what is worth compressing is compressed by the publisher.
 * Source: https://cloud.google.com/pubsub/docs/create-cloudstorage-subscription#file_format
 */
import type { Duplex } from 'node:stream';
import avro from 'avsc';
import { millisOf, type PubsubMessage } from './wire.ts';

const MESSAGE_SCHEMA = {
  type: 'record',
  namespace: 'com.google.pubsub',
  name: 'PubsubMessage',
  fields: [{ name: 'data', type: 'bytes' }],
} as const;

const MESSAGE_WITH_METADATA_SCHEMA = {
  type: 'record',
  namespace: 'com.google.pubsub',
  name: 'PubsubMessageWithMetadata',
  fields: [
    { name: 'subscription_name', type: 'string' },
    { name: 'message_id', type: 'string' },
    { name: 'publish_time', type: { type: 'long', logicalType: 'timestamp-micros' } },
    { name: 'attributes', type: { type: 'map', values: 'string' } },
    { name: 'data', type: 'bytes' },
  ],
} as const;

/** One message of the archive, as it is in a file with metadata. */
export interface ArchivedMessage {
  readonly subscription_name: string;
  readonly message_id: string;
  /** Microseconds since the epoch. */
  readonly publish_time: number;
  /** With the ordering key, where there is one, as `ordering_key`. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly data: Buffer;
}

const BLOCK_BYTES = 1 << 18;

/** Takes records, gives the bytes of an Avro file. Numbers are what goes in for times. */
export function avroFile(withMetadata: boolean): Duplex {
  const schema = withMetadata ? MESSAGE_WITH_METADATA_SCHEMA : MESSAGE_SCHEMA;
  return new avro.streams.BlockEncoder(schema as unknown as avro.Schema, {
    codec: 'null',
    blockSize: BLOCK_BYTES,
  });
}

export function archivedMessage(subscription: string, message: PubsubMessage): ArchivedMessage {
  const { attributes = {}, orderingKey } = message;
  return {
    subscription_name: subscription,
    message_id: message.messageId ?? '',
    publish_time: Math.round(millisOf(message.publishTime ?? {}) * 1000),
    attributes: orderingKey ? { ...attributes, ordering_key: orderingKey } : attributes,
    data: message.data ?? Buffer.alloc(0),
  };
}
