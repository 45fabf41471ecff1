/**
 * The HTTP request that brings one message to an endpoint: Pub/Sub's wrapped body, with the CloudEvents headers that
 * Eventarc adds, which functions-framework needs to keep subscription, ordering key and delivery attempt.
 * The payload is encoded once, straight into the request's only buffer.
 * Source: https://cloud.google.com/pubsub/docs/push#receive_push, https://cloud.google.com/eventarc/docs/cloudevents
 */
import { millisOf, type PubsubMessage } from './wire.ts';

export interface PushRequest {
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: Buffer;
}

export interface PushOf {
  readonly message: PubsubMessage;
  /** Full names. */
  readonly subscription: string;
  readonly topic: string;
  /** Told only where there is a dead-letter policy. */
  readonly deliveryAttempt: number | undefined;
}

export function pushRequest({ message, subscription, topic, deliveryAttempt }: PushOf): PushRequest {
  const id = message.messageId ?? '';
  const time = new Date(millisOf(message.publishTime ?? {})).toISOString();
  const rest = {
    messageId: id,
    message_id: id,
    publishTime: time,
    publish_time: time,
    ...(message.attributes ? { attributes: message.attributes } : {}),
    ...(message.orderingKey ? { orderingKey: message.orderingKey } : {}),
  };
  const attempt = deliveryAttempt === undefined ? '' : `,"deliveryAttempt":${deliveryAttempt}`;
  const tail = `${JSON.stringify(rest).slice(1)},"subscription":${JSON.stringify(subscription)}${attempt}}`;
  const body = joined('{"message":{"data":"', message.data ?? Buffer.alloc(0), `",${tail}`);
  return {
    headers: {
      'content-type': 'application/json',
      'content-length': body.length,
      'ce-id': id,
      'ce-source': `//pubsub.googleapis.com/${topic}`,
      'ce-specversion': '1.0',
      'ce-type': 'google.cloud.pubsub.topic.v1.messagePublished',
      'ce-time': time,
    },
    body,
  };
}

function joined(head: string, data: Buffer, tail: string): Buffer {
  const tailBytes = Buffer.byteLength(tail);
  const base64Bytes = 4 * Math.ceil(data.length / 3);
  const body = Buffer.allocUnsafe(head.length + base64Bytes + tailBytes);
  body.write(head, 0, 'latin1');
  body.write(data.toString('base64'), head.length, 'latin1');
  body.write(tail, head.length + base64Bytes, 'utf8');
  return body;
}
