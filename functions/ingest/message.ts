/**
 * Stage 1, the border: the body of a Pub/Sub push, as Eventarc and functions-framework hand it over, to a typed
 * message. A body that is no Pub/Sub message throws: it is a wrong caller, not a log.
 * Source: https://cloud.google.com/pubsub/docs/push#receive_push
 */
import { z } from 'zod';

/** One Pub/Sub message. */
export interface PubsubMessage {
  readonly data: Buffer;
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageId: string;
  /** When Pub/Sub took it, in microseconds since the epoch. */
  readonly publishTimeUs: number;
}

const pushBody = z.object({
  message: z.object({
    data: z.string().default(''),
    attributes: z.record(z.string(), z.string()).nullish(),
    messageId: z.string().optional(),
    message_id: z.string().optional(),
    publishTime: z.string().optional(),
    publish_time: z.string().optional(),
  }),
});

/** Reads a push body. Throws an Error that names what is missing. */
export function readPushBody(body: unknown): PubsubMessage {
  const parsed = pushBody.safeParse(body);
  if (!parsed.success) throw new Error(`not a Pub/Sub push: ${z.prettifyError(parsed.error)}`);
  const { message } = parsed.data;
  const messageId = message.messageId ?? message.message_id;
  const publishTimeMs = Date.parse(message.publishTime ?? message.publish_time ?? '');
  if (messageId === undefined) throw new Error('not a Pub/Sub push: message.messageId is missing');
  if (Number.isNaN(publishTimeMs))
    throw new Error('not a Pub/Sub push: message.publishTime is missing or no time');
  return {
    data: Buffer.from(message.data, 'base64'),
    attributes: message.attributes ?? {},
    messageId,
    publishTimeUs: publishTimeMs * 1000,
  };
}
