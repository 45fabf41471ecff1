/**
 * What a publish request must be to be taken.
 * Source: https://cloud.google.com/pubsub/quotas#resource_limits
 */
import { type Failure, invalid } from './failure.ts';
import type { PubsubMessage } from './wire.ts';

const MAX_REQUEST_BYTES = 10_000_000;
const MAX_MESSAGES = 1_000;
const MAX_ATTRIBUTES = 100;
const MAX_KEY_BYTES = 256;
const MAX_VALUE_BYTES = 1_024;
const MAX_ORDERING_KEY_BYTES = 1_024;

/** Checks count and size of the encoded messages of one request. */
export function checkRequest(messages: readonly Uint8Array[]): void {
  if (messages.length === 0) throw outOfBounds('message_count', 0, 'small', 1);
  if (messages.length > MAX_MESSAGES) {
    throw outOfBounds('message_count', messages.length, 'large', MAX_MESSAGES);
  }
  const bytes = messages.reduce((sum, message) => sum + message.length, 0);
  if (bytes > MAX_REQUEST_BYTES) throw outOfBounds('request_size', bytes, 'large', MAX_REQUEST_BYTES);
}

/** Checks one message. */
export function checkMessage({ data, attributes = {}, orderingKey = '' }: PubsubMessage): void {
  const keys = Object.keys(attributes);
  if (keys.length === 0 && (data === undefined || data.length === 0)) {
    throw invalid(
      'One or more messages in the publish request is empty. Each message must contain either non-empty data, or at least one attribute.',
    );
  }
  if (keys.length > MAX_ATTRIBUTES) {
    throw outOfBounds('attributes_count', keys.length, 'large', MAX_ATTRIBUTES);
  }
  for (const key of keys) checkAttribute(key, attributes[key]!);
  const bytes = Buffer.byteLength(orderingKey);
  if (bytes > MAX_ORDERING_KEY_BYTES) {
    throw outOfBounds('ordering_key_size', bytes, 'large', MAX_ORDERING_KEY_BYTES);
  }
}

function checkAttribute(key: string, value: string): void {
  if (key === '') throw invalid('An attribute key must not be empty.');
  if (key.startsWith('goog')) throw invalid(`An attribute key must not begin with goog (key=${key}).`);
  const keyBytes = Buffer.byteLength(key);
  if (keyBytes > MAX_KEY_BYTES) throw outOfBounds('attribute_key_size', keyBytes, 'large', MAX_KEY_BYTES);
  const valueBytes = Buffer.byteLength(value);
  if (valueBytes > MAX_VALUE_BYTES) {
    throw outOfBounds('attribute_value_size', valueBytes, 'large', MAX_VALUE_BYTES);
  }
}

function outOfBounds(field: string, value: number, side: 'small' | 'large', bound: number): Failure {
  const word = side === 'small' ? 'minimum' : 'maximum';
  return invalid(
    `The value for ${field} is too ${side}. You passed ${value} in the request, but the ${word} value is ${bound}.`,
  );
}
