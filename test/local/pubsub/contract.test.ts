import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Message, PubSub, Subscription, Topic } from '@google-cloud/pubsub';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startPubsub } from '../../../local/pubsub/service.ts';
import {
  ALREADY_EXISTS,
  acknowledge,
  clientOf,
  codeOf,
  INVALID_ARGUMENT,
  modifyDeadline,
  NOT_FOUND,
  pull,
  pullOne,
} from './client.ts';
import { findEmulator, startEmulator } from './emulator.ts';
import { startPushTarget, textOf } from './push-target.ts';

interface Running {
  readonly port: number;
  close(): Promise<void>;
}

async function startOurs(): Promise<Running> {
  const dataDir = await mkdtemp(join(tmpdir(), 'pubsub-'));
  const service = await startPubsub({ port: 0, dataDir });
  return {
    port: service.port,
    close: async () => {
      await service.close();
      await rm(dataDir, { recursive: true });
    },
  };
}

const jar = findEmulator();

describe('the local Pub/Sub', () => contract(startOurs));

describe.skipIf(jar === undefined)(
  "Google's Pub/Sub emulator (skipped where it or Java is not installed)",
  () => contract(() => startEmulator(jar!)),
);

/** What Google's client sees, the same on either. */
function contract(start: () => Promise<Running>): void {
  let running: Running;
  let client: PubSub;
  let topic: Topic;
  let subscription: Subscription;
  let tests = 0;

  beforeAll(async () => {
    running = await start();
  });
  afterAll(() => running.close());

  beforeEach(async () => {
    client = clientOf(running.port, `project-${tests++}`);
    [topic] = await client.createTopic('logs');
    [subscription] = await topic.createSubscription('parse');
  });
  afterEach(() => client.close());

  const text = (data: string, more: object = {}) =>
    topic.publishMessage({ data: Buffer.from(data), ...more });

  it('refuses a topic and a subscription that exist already', async () => {
    expect(await codeOf(client.createTopic('logs'))).toBe(ALREADY_EXISTS);
    expect(await codeOf(topic.createSubscription('parse'))).toBe(ALREADY_EXISTS);
  });

  it('knows what exists, and forgets what is deleted', async () => {
    expect(await topic.exists()).toEqual([true]);
    expect(await subscription.exists()).toEqual([true]);
    await subscription.delete();
    await topic.delete();
    expect(await topic.exists()).toEqual([false]);
    expect(await subscription.exists()).toEqual([false]);
    expect(await codeOf(topic.delete())).toBe(NOT_FOUND);
    expect(await codeOf(subscription.delete())).toBe(NOT_FOUND);
  });

  it('lists topics, subscriptions, and the subscriptions of a topic', async () => {
    const [other] = await client.createTopic('other');
    await other.createSubscription('other-sub');
    const [topics] = await client.getTopics();
    const [all] = await client.getSubscriptions();
    const [own] = await topic.getSubscriptions();
    expect(topics.map(({ name }) => name).sort()).toEqual([topic.name, other.name].sort());
    expect(all).toHaveLength(2);
    expect(own.map(({ name }) => name)).toEqual([subscription.name]);
  });

  it('finds no topic to publish to, nor to subscribe to, where there is none', async () => {
    const nowhere = client.topic('nowhere');
    expect(await codeOf(nowhere.publishMessage({ data: Buffer.from('x') }))).toBe(NOT_FOUND);
    expect(await codeOf(nowhere.createSubscription('lost'))).toBe(NOT_FOUND);
    expect(await codeOf(client.subscription('lost').getMetadata())).toBe(NOT_FOUND);
  });

  it('refuses names that are too short or begin with a digit', async () => {
    expect(await codeOf(client.createTopic('x'))).toBe(INVALID_ARGUMENT);
    expect(await codeOf(client.createTopic('1st-topic'))).toBe(INVALID_ARGUMENT);
    expect(await codeOf(topic.createSubscription('2'))).toBe(INVALID_ARGUMENT);
  });

  it('refuses a message with neither data nor attributes', async () => {
    expect(await codeOf(text(''))).toBe(INVALID_ARGUMENT);
    expect(await codeOf(text('', { attributes: { only: 'attributes' } }))).toBe(0);
  });

  it('refuses an ack deadline beyond ten minutes', async () => {
    expect(await codeOf(topic.createSubscription('lazy', { ackDeadlineSeconds: 601 }))).toBe(
      INVALID_ARGUMENT,
    );
  });

  it('changes a subscription, field by field', async () => {
    await subscription.setMetadata({ ackDeadlineSeconds: 77 });
    await subscription.setMetadata({ retryPolicy: { minimumBackoff: { seconds: 20 } } });
    const [settings] = await subscription.getMetadata();
    expect(settings.ackDeadlineSeconds).toBe(77);
    expect(settings.retryPolicy?.minimumBackoff).toMatchObject({ seconds: '20' });
  });

  it('streams a message whole: data, attributes, id, time', async () => {
    const received = once(subscription, 'message') as Promise<[Message]>;
    const beforeMs = Date.now();
    const id = await text('a line', { attributes: { service: 'auth' } });
    const [message] = await received;
    message.ack();
    expect(message.data.toString()).toBe('a line');
    expect(message.attributes).toEqual({ service: 'auth' });
    expect(message.id).toBe(id);
    expect(message.publishTime.getTime()).toBeGreaterThanOrEqual(beforeMs - 1);
    await subscription.close();
  });

  it('delivers to each subscription of the topic', async () => {
    const [second] = await topic.createSubscription('archive');
    await text('for both');
    const [one, two] = [await pullOne(client, subscription.name), await pullOne(client, second.name)];
    expect(one.message.messageId).toBe(two.message.messageId);
  });

  it('gives a pull no more messages than it asked for', async () => {
    for (const data of ['a', 'b', 'c']) await text(data);
    const first = await pull(client, subscription.name, 2);
    expect(first.length).toBeGreaterThan(0);
    expect(first.length).toBeLessThanOrEqual(2);
  });

  it('delivers again what is given back, with another ack id', async () => {
    const id = await text('again');
    const first = await pullOne(client, subscription.name);
    await modifyDeadline(client, subscription.name, [first.ackId], 0);
    const second = await pullOne(client, subscription.name);
    expect(second.message.messageId).toBe(id);
    expect(second.ackId).not.toBe(first.ackId);
  });

  it('delivers again when the ack deadline has passed', async () => {
    const id = await text('slow');
    const first = await pullOne(client, subscription.name);
    await modifyDeadline(client, subscription.name, [first.ackId], 1);
    const second = await pullOne(client, subscription.name);
    expect(second.message.messageId).toBe(id);
  });

  it('does not deliver again what is acknowledged', async () => {
    await text('done');
    const first = await pullOne(client, subscription.name);
    await acknowledge(client, subscription.name, [first.ackId]);
    const id = await text('next');
    const next = await pullOne(client, subscription.name);
    expect(next.message.messageId).toBe(id);
  });

  it('refuses an ack id that it never gave out', async () => {
    expect(await codeOf(acknowledge(client, subscription.name, ['made up']))).toBe(INVALID_ARGUMENT);
  });

  it('keeps the order of messages with the same ordering key', async () => {
    const [ordered] = await topic.createSubscription('ordered', { enableMessageOrdering: true });
    const sender = client.topic('logs', { messageOrdering: true });
    const lines = Array.from({ length: 60 }, (_, index) => ({ key: `k${index % 3}`, line: String(index) }));
    for (const { key, line } of lines) {
      void sender.publishMessage({ data: Buffer.from(line), orderingKey: key });
    }
    const seen: { key: string; line: string }[] = [];
    await new Promise<void>((resolve) => {
      ordered.on('message', (message: Message) => {
        seen.push({ key: message.orderingKey!, line: message.data.toString() });
        message.ack();
        if (seen.length >= lines.length) resolve();
      });
    });
    await ordered.close();
    for (const key of ['k0', 'k1', 'k2']) {
      const of = (all: typeof lines) => all.filter((each) => each.key === key).map(({ line }) => line);
      expect(of(seen)).toEqual(of(lines));
    }
  });

  it('hands a message that failed five times to the dead-letter topic, and says where it came from', async () => {
    const [grave] = await client.createTopic('dead');
    const [dead] = await grave.createSubscription('dead-sub');
    const [careful] = await topic.createSubscription('careful', {
      deadLetterPolicy: { deadLetterTopic: grave.name, maxDeliveryAttempts: 5 },
    });
    await text('poison', { attributes: { service: 'auth' } });
    const attempts: number[] = [];
    careful.on('message', (message: Message) => {
      attempts.push(message.deliveryAttempt);
      message.nack();
    });
    const [message] = (await once(dead, 'message')) as [Message];
    message.ack();
    await Promise.all([careful.close(), dead.close()]);
    expect(attempts).toEqual([1, 2, 3, 4, 5]);
    expect(message.data.toString()).toBe('poison');
    expect(message.attributes).toMatchObject({
      service: 'auth',
      CloudPubSubDeadLetterSourceSubscription: 'careful',
      CloudPubSubDeadLetterSourceSubscriptionProject: client.projectId,
    });
    expect(Object.keys(message.attributes)).toContain('CloudPubSubDeadLetterSourceDeliveryCount');
    expect(Object.keys(message.attributes)).toContain('CloudPubSubDeadLetterSourceTopicPublishTime');
  });

  it('pushes the wrapped message, and again after an answer that is no success', async () => {
    const target = await startPushTarget((response, _arrival, index) => {
      response.writeHead(index === 0 ? 500 : 204).end();
    });
    await topic.createSubscription('push', { pushEndpoint: `${target.url}/parse` });
    const id = await text('pushed', { attributes: { service: 'auth' } });
    await target.reached(2);
    const [first, second] = target.arrivals;
    expect(first!.path).toBe('/parse');
    expect(textOf(first!)).toBe('pushed');
    expect(first!.body.message).toMatchObject({ messageId: id, attributes: { service: 'auth' } });
    expect(first!.body.subscription).toBe(client.subscription('push').name);
    expect(Date.parse(first!.body.message.publishTime)).toBeLessThanOrEqual(Date.now());
    expect(second!.body.message.messageId).toBe(id);
    await client.subscription('push').delete();
    await target.close();
  });

  it('keeps what a subscription has when its topic is deleted', async () => {
    await text('orphan');
    await topic.delete();
    const { message } = await pullOne(client, subscription.name);
    const [settings] = await subscription.getMetadata();
    expect(message.data.toString()).toBe('orphan');
    expect(settings.topic).toBe('_deleted-topic_');
  });
}
