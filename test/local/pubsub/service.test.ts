import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CreateSubscriptionOptions, Message, PubSub, Topic } from '@google-cloud/pubsub';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PubsubService, startPubsub } from '../../../local/pubsub/service.ts';
import {
  call,
  clientOf,
  codeOf,
  FAILED_PRECONDITION,
  INVALID_ARGUMENT,
  NOT_FOUND,
  pull,
  pullOne,
  RESOURCE_EXHAUSTED,
  UNIMPLEMENTED,
} from './client.ts';

let dataDir: string;
let service: PubsubService;
let client: PubSub;
let topic: Topic;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'pubsub-'));
  service = await startPubsub({ port: 0, dataDir, maxUnackedBytes: 1 << 20 });
  client = clientOf(service.port);
  [topic] = await client.createTopic('logs');
});

afterEach(async () => {
  await client.close();
  await service.close();
  await rm(dataDir, { recursive: true });
});

const publish = (messages: readonly object[]): Promise<unknown> =>
  call(client, 'publish', { topic: topic.name, messages }, 'PublisherClient');

async function failureOf(promise: Promise<unknown>): Promise<{ code: number; details: string }> {
  const error: unknown = await promise.then(() => new Error('it did not fail')).catch((thrown) => thrown);
  const { code, details } = error as { code: number; details: string };
  return { code, details };
}

describe('what Google refuses', () => {
  it('is refused in the words of Google', async () => {
    expect(await failureOf(client.createTopic('logs'))).toEqual({
      code: 6,
      details: 'Resource already exists in the project (resource=logs).',
    });
    expect(await failureOf(client.topic('none').getMetadata())).toEqual({
      code: 5,
      details: 'Resource not found (resource=none).',
    });
    const { details } = await failureOf(client.createTopic('goog-things'));
    expect(details).toMatch(/^Invalid resource name given \(name=projects\/demo\/topics\/goog-things\)/);
  });

  it('a request of more than 10 MB, in one message or in many', async () => {
    const { code, details } = await failureOf(publish([{ data: Buffer.alloc(10_000_001) }]));
    expect(code).toBe(INVALID_ARGUMENT);
    expect(details).toMatch(
      /^The value for request_size is too large\. You passed 1000\d+ .* maximum value is 10000000\.$/,
    );
    const many = Array.from({ length: 11 }, () => ({ data: Buffer.alloc(1_000_000) }));
    expect(await codeOf(publish(many))).toBe(INVALID_ARGUMENT);
  });

  it('more than 1,000 messages, no message, too many or too long attributes, reserved keys', async () => {
    const line = { data: Buffer.from('x') };
    const attributes = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`k${index}`, 'v']));
    for (const messages of [
      Array.from({ length: 1_001 }, () => line),
      [],
      [{ attributes }],
      [{ attributes: { ['k'.repeat(257)]: 'v' } }],
      [{ attributes: { key: 'v'.repeat(1_025) } }],
      [{ attributes: { googly: 'v' } }],
      [{ ...line, orderingKey: 'k'.repeat(1_025) }],
      [line, {}],
    ]) {
      expect(await codeOf(publish(messages))).toBe(INVALID_ARGUMENT);
    }
  });

  it.each<[string, CreateSubscriptionOptions]>([
    ['an ack deadline below 10 s', { ackDeadlineSeconds: 9 }],
    ['a retention of a minute', { messageRetentionDuration: 60 }],
    ['a filter that it does not understand', { filter: 'attributes.a > "1"' }],
    ['a push endpoint that is no URL', { pushEndpoint: 'somewhere' }],
    ['a back-off beyond ten minutes', { retryPolicy: { maximumBackoff: { seconds: 601 } } }],
    [
      'a back-off that shrinks',
      { retryPolicy: { minimumBackoff: { seconds: 20 }, maximumBackoff: { seconds: 10 } } },
    ],
    [
      'an archive file of less than a minute',
      { cloudStorageConfig: { bucket: 'logs', maxDuration: { seconds: 10 } } },
    ],
    [
      'an archive file name that ends in a folder',
      { cloudStorageConfig: { bucket: 'logs', filenameSuffix: '/' } },
    ],
    [
      'push and archive at once',
      { pushEndpoint: 'http://127.0.0.1:1', cloudStorageConfig: { bucket: 'logs' } },
    ],
  ])('%s', async (_, options) => {
    expect(await codeOf(topic.createSubscription('parse', options))).toBe(INVALID_ARGUMENT);
  });

  it('a dead-letter topic that is not there, and one attempt', async () => {
    const nowhere = { deadLetterTopic: 'projects/demo/topics/nowhere', maxDeliveryAttempts: 5 };
    const once = { deadLetterTopic: topic.name, maxDeliveryAttempts: 1 };
    expect(await codeOf(topic.createSubscription('parse', { deadLetterPolicy: nowhere }))).toBe(NOT_FOUND);
    expect(await codeOf(topic.createSubscription('parse', { deadLetterPolicy: once }))).toBe(
      INVALID_ARGUMENT,
    );
  });

  it('a pull from a subscription that pushes', async () => {
    const [push] = await topic.createSubscription('push', { pushEndpoint: 'http://127.0.0.1:1/' });
    expect(await codeOf(pull(client, push.name))).toBe(FAILED_PRECONDITION);
  });

  it('a change of what cannot change', async () => {
    const [parse] = await topic.createSubscription('parse');
    expect(await codeOf(parse.setMetadata({ filter: 'attributes:a' }))).toBe(INVALID_ARGUMENT);
  });
});

describe('what this stand-in cannot do', () => {
  it.each<[string, CreateSubscriptionOptions]>([
    ['exactly-once delivery', { enableExactlyOnceDelivery: true }],
    ['keeping acknowledged messages', { retainAckedMessages: true }],
    ['BigQuery subscriptions', { bigqueryConfig: { table: 'p.d.t' } }],
    [
      'archives by the schema of the topic',
      { cloudStorageConfig: { bucket: 'logs', avroConfig: { useTopicSchema: true } } },
    ],
  ])('is refused by name: %s', async (_, options) => {
    const { code, details } = await failureOf(topic.createSubscription('parse', options));
    expect(code).toBe(UNIMPLEMENTED);
    expect(details).toMatch(/is not supported by the local Pub\/Sub\.$/);
  });
});

describe('a filter', () => {
  it('keeps what does not match from the subscription, and never counts it as waiting', async () => {
    const [errors] = await topic.createSubscription('errors', { filter: 'attributes.severity = "ERROR"' });
    await topic.publishMessage({ data: Buffer.from('fine'), attributes: { severity: 'INFO' } });
    await topic.publishMessage({ data: Buffer.from('bad'), attributes: { severity: 'ERROR' } });
    expect(service.stats().subscriptions[errors.name]?.unacked).toBe(1);
    expect((await pullOne(client, errors.name)).message.data.toString()).toBe('bad');
  });
});

describe('a message', () => {
  it('keeps no id or time that its publisher made up', async () => {
    const [parse] = await topic.createSubscription('parse');
    const made = { messageId: '42', publishTime: { seconds: 1, nanos: 5 }, data: Buffer.from('x') };
    await publish([made]);
    const { message } = await pullOne(client, parse.name);
    expect(message.messageId).not.toBe('42');
    expect(message).toMatchObject({ publishTime: { seconds: expect.stringMatching(/^1[78]\d{8}$/) } });
  });

  it('of 10 MB goes through a stream whole', async () => {
    const [parse] = await topic.createSubscription('parse');
    const data = Buffer.alloc(9_999_900, 'log ');
    await publish([{ data }]);
    const [message] = (await once(parse, 'message')) as [Message];
    expect(message.data.equals(data)).toBe(true);
    message.ack();
    await parse.close();
  });
});

describe('a subscriber that falls behind', () => {
  it('stops publishers with RESOURCE_EXHAUSTED at the limit, until it has caught up', async () => {
    const [parse] = await topic.createSubscription('parse');
    await publish([{ data: Buffer.alloc(1 << 20) }]);
    const { code, details } = await failureOf(publish([{ data: Buffer.from('one more') }]));
    expect(code).toBe(RESOURCE_EXHAUSTED);
    expect(details).toMatch(/^Unacknowledged messages hold \d+ bytes, the limit is 1048576/);
    const patient = topic.publishMessage({ data: Buffer.from('one more') });
    const { ackId } = await pullOne(client, parse.name);
    await call(client, 'acknowledge', { subscription: parse.name, ackIds: [ackId] });
    expect(await patient).toMatch(/^\d+$/);
  });

  it('gets no more than it said it can hold, and the rest as it acknowledges', async () => {
    const [parse] = await topic.createSubscription('parse');
    await publish(Array.from({ length: 30 }, () => ({ data: Buffer.from('x') })));
    const limited = client.subscription('parse', {
      flowControl: { maxMessages: 5, allowExcessMessages: false },
      streamingOptions: { maxStreams: 1 },
    });
    let seen = 0;
    let most = 0;
    await new Promise<void>((resolve) => {
      limited.on('message', (message: Message) => {
        seen++;
        most = Math.max(most, service.stats().subscriptions[parse.name]!.leased);
        setImmediate(() => message.ack());
        if (seen === 30) resolve();
      });
    });
    expect(most).toBeLessThanOrEqual(5);
    await limited.close();
  });
});

describe('seeking', () => {
  it('to a time drops what was published before', async () => {
    const [parse] = await topic.createSubscription('parse');
    await publish([{ data: Buffer.from('old') }]);
    await parse.seek(new Date(Date.now() + 1_000));
    await publish([{ data: Buffer.from('new') }]);
    expect((await pullOne(client, parse.name)).message.data.toString()).toBe('new');
  });
});

describe('a subscription that goes', () => {
  it('ends the streams that read it with NOT_FOUND', async () => {
    const [parse] = await topic.createSubscription('parse');
    const reader = client.subscription('parse');
    const failed = once(reader, 'error') as Promise<[{ code: number }]>;
    reader.on('message', () => {});
    const received = once(reader, 'message');
    await publish([{ data: Buffer.from('x') }]);
    await received;
    await parse.delete();
    expect((await failed)[0].code).toBe(NOT_FOUND);
    expect(service.stats().unackedBytes).toBe(0);
  });

  it('detached gets nothing any more, and says so', async () => {
    const [parse] = await topic.createSubscription('parse');
    await client.detachSubscription('parse');
    await publish([{ data: Buffer.from('x') }]);
    expect(service.stats().subscriptions[parse.name]?.unacked).toBe(0);
    expect(await parse.detached()).toEqual([true]);
    expect(await codeOf(pull(client, parse.name))).toBe(FAILED_PRECONDITION);
  });
});

it('lists page by page', async () => {
  for (const name of ['aaa', 'bbb', 'ccc']) await client.createTopic(name);
  const names: string[] = [];
  for (let pageToken: string | undefined; ; ) {
    const [page, next] = await client.getTopics({
      autoPaginate: false,
      pageSize: 3,
      ...(pageToken ? { pageToken } : {}),
    });
    names.push(...page.map(({ name }) => name.split('/').at(-1)!));
    pageToken = (next as { pageToken?: string } | null)?.pageToken;
    if (!pageToken) break;
  }
  expect(names).toEqual(['aaa', 'bbb', 'ccc', 'logs']);
});

it('answers a waiting pull with nothing when it closes, at once', async () => {
  const [parse] = await topic.createSubscription('parse');
  const waiting = pull(client, parse.name);
  await call(client, 'getSubscription', { subscription: parse.name });
  await service.close();
  expect(await waiting).toEqual([]);
});
