/**
 * Our own push subscriptions send Pub/Sub's own body, not the headers that an event trigger adds: the framework makes
 * an event of it, and what parse and alert read of a message must survive that.
 */
import { type CloudEvent, cloudEvent } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PubsubMessage, readPushBody } from '../../functions/ingest/message.ts';

let last: PubsubMessage | undefined;
let address: string;
let server: ReturnType<typeof getTestServer>;

beforeAll(async () => {
  cloudEvent('push', (event: CloudEvent<unknown>) => {
    last = readPushBody(event.data);
  });
  server = getTestServer('push');
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  address = `http://127.0.0.1:${typeof bound === 'object' ? bound?.port : bound}`;
});
afterAll(() => new Promise<void>((resolve) => void server.close(() => resolve())));

describe('a push of a subscription of ours', () => {
  it('reaches the function with data, attributes, id and time', async () => {
    const response = await fetch(`${address}/projects/my-project/topics/logweir-logs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        message: {
          data: Buffer.from('a line').toString('base64'),
          attributes: { compression_algorithm: 'zlib' },
          messageId: '42',
          message_id: '42',
          publishTime: '2026-11-21T12:00:00.5Z',
          publish_time: '2026-11-21T12:00:00.5Z',
        },
        subscription: 'projects/my-project/subscriptions/logweir-parse',
        deliveryAttempt: 2,
      }),
    });
    expect(response.status).toBeLessThan(300);
    expect(last).toEqual({
      data: Buffer.from('a line'),
      attributes: { compression_algorithm: 'zlib' },
      messageId: '42',
      publishTimeUs: Date.parse('2026-11-21T12:00:00.5Z') * 1000,
    });
  });
});
