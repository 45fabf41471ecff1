import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CloudEvent, cloudEvent } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import type { CreateSubscriptionOptions, Message, PubSub, Topic } from '@google-cloud/pubsub';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PubsubOptions, type PubsubService, startPubsub } from '../../../local/pubsub/service.ts';
import { ManualTimers } from '../../manual-timers.ts';
import { clientOf, pullOne } from './client.ts';
import { type Arrival, type PushTarget, startPushTarget, textOf } from './push-target.ts';

const SUBSCRIPTION = 'projects/demo/subscriptions/push';

let dataDir: string;
let service: PubsubService;
let client: PubSub;
let topic: Topic;
let target: PushTarget | undefined;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'pubsub-'));
});

afterEach(async () => {
  await client.close();
  await service.close();
  await target?.close();
  target = undefined;
  await rm(dataDir, { recursive: true });
});

async function start(options: Partial<PubsubOptions> = {}): Promise<void> {
  service = await startPubsub({ port: 0, dataDir, ...options });
  client = clientOf(service.port);
  [topic] = await client.createTopic('logs');
}

const subscribe = (url: string, options: CreateSubscriptionOptions = {}) =>
  topic.createSubscription('push', { pushEndpoint: url, ...options });

async function publish(...lines: string[]): Promise<void> {
  await Promise.all(lines.map((line) => topic.publishMessage({ data: Buffer.from(line) })));
}

const statsOf = () => service.stats().subscriptions[SUBSCRIPTION]!;

describe('a push', () => {
  it('has the body of Pub/Sub and the headers of Eventarc', async () => {
    target = await startPushTarget();
    await start();
    await subscribe(`${target.url}/parse?token=t`);
    const id = await topic.publishMessage({
      data: Buffer.from('line\u00e9'),
      attributes: { 'quo"te': '\u2028ü' },
    });
    await target.reached(1);
    const { path, headers, body } = target.arrivals[0]!;
    const time = body.message.publishTime;
    expect(path).toBe('/parse?token=t');
    expect(body).toEqual({
      subscription: SUBSCRIPTION,
      message: {
        data: Buffer.from('line\u00e9').toString('base64'),
        attributes: { 'quo"te': '\u2028ü' },
        messageId: id,
        message_id: id,
        publishTime: time,
        publish_time: time,
      },
    });
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'ce-id': id,
      'ce-source': '//pubsub.googleapis.com/projects/demo/topics/logs',
      'ce-specversion': '1.0',
      'ce-type': 'google.cloud.pubsub.topic.v1.messagePublished',
      'ce-time': time,
    });
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('arrives whole in a CloudEvent function of functions-framework', async () => {
    const events: { data: Arrival['body']; source: string; id: string }[] = [];
    const arrived = new Promise<void>((resolve) => {
      cloudEvent('parse-under-test', ({ id, source, data }: CloudEvent<Arrival['body']>) => {
        events.push({ id, source, data: data! });
        resolve();
      });
    });
    const server: Server = getTestServer('parse-under-test').listen(0, '127.0.0.1');
    await once(server, 'listening');
    await start();
    const deadLetterPolicy = { deadLetterTopic: topic.name, maxDeliveryAttempts: 5 };
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await subscribe(url, { enableMessageOrdering: true, deadLetterPolicy });
    const sender = client.topic('logs', { messageOrdering: true });
    const id = await sender.publishMessage({
      data: Buffer.from('x'),
      orderingKey: 'auth',
      attributes: { a: '1' },
    });
    await arrived;
    server.close();
    expect(events).toMatchObject([
      {
        id,
        source: '//pubsub.googleapis.com/projects/demo/topics/logs',
        data: {
          subscription: SUBSCRIPTION,
          deliveryAttempt: 1,
          message: { data: 'eA==', messageId: id, orderingKey: 'auth', attributes: { a: '1' } },
        },
      },
    ]);
  });

  it('that is answered 2xx is over', async () => {
    target = await startPushTarget((response, _, index) =>
      response.writeHead([200, 201, 202, 204][index]!).end('ok'),
    );
    await start();
    await subscribe(target.url);
    await publish('a', 'b', 'c', 'd');
    await target.reached(4);
    await client.subscription('push').delete();
    expect(target.arrivals).toHaveLength(4);
  });

  it.each<[string, (arrival: Parameters<typeof startPushTarget>[0]) => typeof arrival]>([
    ['is answered 404', () => (response, _, index) => response.writeHead(index ? 204 : 404).end()],
    [
      'is redirected',
      () => (response, _, index) => response.writeHead(index ? 204 : 302, { location: '/' }).end(),
    ],
    ['loses its connection', () => (response, _, index) => (index ? response.end() : response.destroy())],
  ])('that %s comes again', async (_, answer) => {
    target = await startPushTarget(answer(undefined));
    await start();
    await subscribe(target.url);
    await publish('again');
    await target.reached(2);
    expect(target.arrivals.map(textOf)).toEqual(['again', 'again']);
    expect(statsOf()).toMatchObject({ nacked: 1, delivered: 2 });
  });

  it('that is not answered before the ack deadline is broken off, and comes again', async () => {
    const timers = new ManualTimers();
    let broken: Promise<unknown> | undefined;
    target = await startPushTarget((response, _, index) => {
      if (index > 0) response.end();
      else broken = once(response, 'close');
    });
    await start({ timers });
    await subscribe(target.url, { ackDeadlineSeconds: 15 });
    await publish('slow');
    await target.reached(1);
    await timers.advance(14_999);
    expect(statsOf().leased).toBe(1);
    await timers.advance(1);
    await broken;
    await timers.advance(100);
    await target.reached(2);
    expect(statsOf()).toMatchObject({ nacked: 1, delivered: 2 });
  });

  it('waits 100 ms, then 200 ms, after failures, when its subscription has no retry policy', async () => {
    const timers = new ManualTimers();
    target = await startPushTarget((response, _, index) => response.writeHead(index < 2 ? 500 : 204).end());
    await start({ timers });
    await subscribe(target.url);
    await publish('twice');
    for (const [arrivals, waitMs] of [
      [1, 100],
      [2, 200],
    ] as const) {
      await target.reached(arrivals);
      while (statsOf().nacked < arrivals) await timers.advance(0);
      await timers.advance(waitMs - 1);
      expect(statsOf().delivered).toBe(arrivals);
      await timers.advance(1);
    }
    await target.reached(3);
  });

  it('that fails five times goes to the dead-letter topic, told its attempt each time', async () => {
    target = await startPushTarget((response) => response.writeHead(500).end());
    await start();
    const [grave] = await client.createTopic('dead');
    const [dead] = await grave.createSubscription('dead-sub');
    await subscribe(target.url, {
      retryPolicy: { minimumBackoff: { seconds: 0 }, maximumBackoff: { seconds: 0 } },
      deadLetterPolicy: { deadLetterTopic: grave.name, maxDeliveryAttempts: 5 },
    });
    await publish('poison');
    const { message } = await pullOne(client, dead.name);
    expect(target.arrivals.map(({ body }) => body.deliveryAttempt)).toEqual([1, 2, 3, 4, 5]);
    expect(message.data.toString()).toBe('poison');
    expect(message.attributes).toMatchObject({
      CloudPubSubDeadLetterSourceDeliveryCount: '5',
      CloudPubSubDeadLetterSourceSubscription: 'push',
      CloudPubSubDeadLetterSourceSubscriptionProject: 'demo',
      CloudPubSubDeadLetterSourceTopicPublishTime: expect.stringMatching(/^\d{4}-.*\+00:00$/),
    });
    expect(statsOf()).toMatchObject({ unacked: 0, deadLettered: 1, nacked: 5 });
  });
});

describe('an endpoint where nobody listens', () => {
  it('gets everything when somebody does again, and no attempt is counted until then', async () => {
    const gone = await startPushTarget();
    await gone.close();
    await start({ pushPause: { minMs: 5, maxMs: 20 } });
    const [grave] = await client.createTopic('dead');
    await subscribe(gone.url, {
      retryPolicy: { minimumBackoff: { seconds: 600 } },
      deadLetterPolicy: { deadLetterTopic: grave.name, maxDeliveryAttempts: 5 },
    });
    await publish('a', 'b', 'c');
    // Some refusals; each makes the queue hand out a message anew.
    const reader = client.subscription('push');
    while (statsOf().delivered < 12) await reader.exists();
    target = await startPushTarget(undefined, gone.port);
    await target.reached(3);
    expect(target.arrivals.map(textOf).sort()).toEqual(['a', 'b', 'c']);
    expect(target.arrivals.map(({ body }) => body.deliveryAttempt)).toEqual([1, 1, 1]);
    expect(statsOf()).toMatchObject({ nacked: 0, deadLettered: 0 });
  });

  it('is tried after 100 ms, then 200 ms, with one message', async () => {
    const timers = new ManualTimers();
    const gone = await startPushTarget();
    await gone.close();
    await start({ timers });
    await subscribe(gone.url);
    await publish('a', 'b', 'c');
    for (const [tries, waitMs] of [
      [1, 100],
      [2, 200],
      [3, 400],
    ] as const) {
      while (statsOf().leased > 0 || statsOf().delivered < tries) await timers.advance(0);
      await timers.advance(waitMs - 1);
      expect(statsOf().delivered).toBe(tries);
      await timers.advance(1);
    }
  });
});

describe('pushes under way', () => {
  it('are no more than the option says, and as many as that when all goes well', async () => {
    let most = 0;
    let waiting: ServerResponse[] = [];
    // Answers when all that were sent are here: as many as could be under way, were.
    const answer = (): void => {
      if (waiting.length === 0) return;
      if (waiting.length < statsOf().leased) return void setImmediate(answer);
      most = Math.max(most, waiting.length);
      for (const each of waiting) each.end();
      waiting = [];
    };
    target = await startPushTarget((response) => {
      waiting.push(response);
      if (waiting.length === 1) setImmediate(answer);
    });
    await start({ pushConcurrency: 4 });
    await subscribe(target.url);
    await publish(...Array.from({ length: 200 }, (_, index) => String(index)));
    await target.reached(200);
    expect(most).toBe(4);
  });

  it('are one for each ordering key, in order', async () => {
    const underWay = new Set<string>();
    let overlaps = 0;
    target = await startPushTarget((response, { body }) => {
      const key = body.message.orderingKey!;
      if (underWay.has(key)) overlaps++;
      underWay.add(key);
      setImmediate(() => {
        underWay.delete(key);
        response.end();
      });
    });
    await start();
    await subscribe(target.url, { enableMessageOrdering: true });
    const sender = client.topic('logs', { messageOrdering: true });
    for (let line = 0; line < 60; line++) {
      void sender.publishMessage({ data: Buffer.from(String(line)), orderingKey: `k${line % 3}` });
    }
    await target.reached(60);
    expect(overlaps).toBe(0);
    for (const key of ['k0', 'k1', 'k2']) {
      const lines = target.arrivals
        .filter(({ body }) => body.message.orderingKey === key)
        .map(textOf)
        .map(Number);
      expect(lines).toEqual([...lines].sort((a, b) => a - b));
    }
  });

  it('are answered before the service closes, and do not come again', async () => {
    target = await startPushTarget((response) => setImmediate(() => response.end()));
    await start();
    await subscribe(target.url);
    await publish('a');
    await target.reached(1);
    await service.close();
    service = await startPubsub({ port: 0, dataDir });
    expect(statsOf().unacked).toBe(0);
  });
});

describe('a change of endpoint', () => {
  it('sends what follows to the new one, and to whoever pulls when there is none', async () => {
    target = await startPushTarget();
    const second = await startPushTarget();
    await start();
    const [push] = await subscribe(target.url);
    await publish('one');
    await target.reached(1);
    await push.modifyPushConfig({ pushEndpoint: second.url });
    await publish('two');
    await second.reached(1);
    await push.modifyPushConfig({});
    await publish('three');
    const received = once(push, 'message') as Promise<[Message]>;
    const [message] = await received;
    message.ack();
    expect([textOf(target.arrivals[0]!), textOf(second.arrivals[0]!), message.data.toString()]).toEqual([
      'one',
      'two',
      'three',
    ]);
    await push.close();
    await second.close();
  });
});
