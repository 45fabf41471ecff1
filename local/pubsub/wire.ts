/**
 * Pub/Sub's v1 messages, from the protocol description that Google's own client ships, as plain objects: int64 as
 * decimal strings, enums as numbers, unset fields absent.
 * Messages in transit stay encoded: the views below read `PubsubMessage` as bytes where the protocol has a message
 * (both have the same wire type), so that a payload is never encoded anew between a publisher and a subscriber.
 * Source: build/protos/protos.json of @google-cloud/pubsub.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import protobuf from 'protobufjs';

/** Seconds and nanoseconds, as a span or since the epoch. */
export interface Seconds {
  readonly seconds?: string | number;
  readonly nanos?: number;
}

export interface PubsubMessage {
  readonly data?: Buffer;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly messageId?: string;
  readonly publishTime?: Seconds;
  readonly orderingKey?: string;
}

export interface Topic {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

export interface PushConfig {
  readonly pushEndpoint?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly oidcToken?: unknown;
  readonly pubsubWrapper?: object;
  readonly noWrapper?: object;
}

export interface CloudStorageConfig {
  readonly bucket?: string;
  readonly filenamePrefix?: string;
  readonly filenameSuffix?: string;
  readonly filenameDatetimeFormat?: string;
  readonly textConfig?: object;
  readonly avroConfig?: { readonly writeMetadata?: boolean; readonly useTopicSchema?: boolean };
  readonly maxDuration?: Seconds;
  readonly maxBytes?: string;
  readonly maxMessages?: string;
  readonly state?: number;
}

export interface Subscription {
  readonly name: string;
  readonly topic: string;
  readonly pushConfig?: PushConfig;
  readonly cloudStorageConfig?: CloudStorageConfig;
  readonly ackDeadlineSeconds?: number;
  readonly retainAckedMessages?: boolean;
  readonly messageRetentionDuration?: Seconds;
  readonly enableMessageOrdering?: boolean;
  readonly expirationPolicy?: { readonly ttl?: Seconds };
  readonly filter?: string;
  readonly deadLetterPolicy?: { readonly deadLetterTopic?: string; readonly maxDeliveryAttempts?: number };
  readonly retryPolicy?: { readonly minimumBackoff?: Seconds; readonly maximumBackoff?: Seconds };
  readonly detached?: boolean;
  readonly state?: number;
  readonly [field: string]: unknown;
}

/** One method of a service as its messages describe it. */
export interface Method {
  readonly service: string;
  readonly name: string;
  readonly requestType: protobuf.Type;
  readonly responseType: protobuf.Type;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
}

const PACKAGE = 'google.pubsub.v1';
const root = loadRoot();

/** The part of each message that the views spell otherwise. */
const views = protobuf.Root.fromJSON({
  nested: {
    PublishRequest: {
      fields: { topic: { type: 'string', id: 1 }, messages: { rule: 'repeated', type: 'bytes', id: 2 } },
    },
    ReceivedMessage: {
      fields: {
        ackId: { type: 'string', id: 1 },
        message: { type: 'bytes', id: 2 },
        deliveryAttempt: { type: 'int32', id: 3 },
      },
    },
    PullResponse: {
      fields: { receivedMessages: { rule: 'repeated', type: 'ReceivedMessage', id: 1 } },
    },
    SubscriptionProperties: {
      fields: {
        exactlyOnceDeliveryEnabled: { type: 'bool', id: 1 },
        messageOrderingEnabled: { type: 'bool', id: 2 },
      },
    },
    StreamingPullResponse: {
      fields: {
        receivedMessages: { rule: 'repeated', type: 'ReceivedMessage', id: 1 },
        subscriptionProperties: { type: 'SubscriptionProperties', id: 4 },
      },
    },
  },
});
const messageType = root.lookupType(`${PACKAGE}.PubsubMessage`);

/** All methods of Publisher and Subscriber, with views in place of what they replace. */
export function methods(): Method[] {
  return ['Publisher', 'Subscriber'].flatMap((name) => {
    const service = `${PACKAGE}.${name}`;
    return root.lookupService(service).methodsArray.map((method) => {
      method.resolve();
      return {
        service,
        name: method.name,
        requestType: viewOf(method.resolvedRequestType!),
        responseType: viewOf(method.resolvedResponseType!),
        requestStream: method.requestStream ?? false,
        responseStream: method.responseStream ?? false,
      };
    });
  });
}

/** Decodes a message into a plain object. */
export function decode(type: protobuf.Type, bytes: Uint8Array): Record<string, unknown> {
  return type.toObject(type.decode(bytes), { longs: String, json: false });
}

/** Encodes a plain object. */
export function encode(type: protobuf.Type, message: object): Buffer {
  const bytes = type.encode(message).finish();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function decodeMessage(bytes: Uint8Array): PubsubMessage {
  return decode(messageType, bytes) as PubsubMessage;
}

export function encodeMessage(message: PubsubMessage): Buffer {
  return encode(messageType, message);
}

/** The two fields that the service adds to a message, encoded: protobuf takes them appended to the rest. */
export function encodeStamp(messageId: string, publishTimeMs: number): Buffer {
  return encodeMessage({ messageId, publishTime: secondsOf(publishTimeMs) });
}

function secondsOf(ms: number): Seconds {
  const seconds = Math.floor(ms / 1000);
  return { seconds, nanos: Math.round((ms - seconds * 1000) * 1e6) };
}

export function millisOf({ seconds = 0, nanos = 0 }: Seconds): number {
  return Number(seconds) * 1000 + nanos / 1e6;
}

function viewOf(type: protobuf.Type): protobuf.Type {
  const view = views.get(type.name);
  return view instanceof protobuf.Type ? view : type;
}

function loadRoot(): protobuf.Root {
  const require = createRequire(import.meta.url);
  const entry = require.resolve('@google-cloud/pubsub');
  return protobuf.Root.fromJSON(
    JSON.parse(readFileSync(join(dirname(entry), '../protos/protos.json'), 'utf8')),
  );
}
