import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PubSub } from '@google-cloud/pubsub';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PubsubOptions, type PubsubService, startPubsub } from '../../../local/pubsub/service.ts';
import { startProcess } from '../service-process.ts';
import { acknowledge, call, clientOf, modifyDeadline, type Pulled, pull, pullOne } from './client.ts';

const SUBSCRIPTION = 'projects/demo/subscriptions/parse';
const TOPIC = 'projects/demo/topics/logs';

let dataDir: string;
let service: PubsubService;
let client: PubSub;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'pubsub-'));
});

afterEach(async () => {
  await stop();
  await rm(dataDir, { recursive: true });
});

async function start(options: Partial<PubsubOptions> = {}): Promise<void> {
  service = await startPubsub({ port: 0, dataDir, ...options });
  client = clientOf(service.port);
}

async function stop(): Promise<void> {
  await client.close();
  await service.close();
}

async function restart(options: Partial<PubsubOptions> = {}): Promise<void> {
  await stop();
  await start(options);
}

const publish = async (lines: readonly (string | Buffer)[]): Promise<string[]> => {
  const request = { topic: TOPIC, messages: lines.map((line) => ({ data: Buffer.from(line) })) };
  const { messageIds } = await call<{ messageIds: string[] }>(client, 'publish', request, 'PublisherClient');
  return messageIds;
};

async function pullAll(count: number): Promise<Pulled[]> {
  const all: Pulled[] = [];
  while (all.length < count) all.push(...(await pull(client, SUBSCRIPTION, 1_000)));
  return all;
}

const textsOf = (messages: readonly Pulled[]): string[] =>
  messages.map(({ message }) => message.data.toString());

const journal = async (): Promise<string[]> => {
  const dir = join(dataDir, 'messages');
  return (await readdir(dir)).sort().map((file) => join(dir, file));
};

async function diskBytes(): Promise<number> {
  const sizes = await Promise.all((await journal()).map(async (file) => (await stat(file)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

describe('after a clean restart', () => {
  it('what was not acknowledged is delivered, with its id, and what was is not', async () => {
    await start();
    const [topic] = await client.createTopic('logs');
    await topic.createSubscription('parse');
    const ids = await publish(['a', 'b', 'c']);
    const pulled = await pullAll(3);
    await acknowledge(client, SUBSCRIPTION, [pulled[1]!.ackId]);
    await restart();
    const again = await pullAll(2);
    expect(textsOf(again)).toEqual(['a', 'c']);
    expect(again.map(({ message }) => message.messageId)).toEqual([ids[0], ids[2]]);
    expect(service.stats().subscriptions[SUBSCRIPTION]?.unacked).toBe(2);
  });

  it('a subscription has its settings, its filter and its count of failures', async () => {
    await start();
    const [topic] = await client.createTopic('logs');
    const deadLetterPolicy = { deadLetterTopic: topic.name, maxDeliveryAttempts: 7 };
    await topic.createSubscription('parse', {
      ackDeadlineSeconds: 33,
      filter: 'NOT attributes:skip',
      deadLetterPolicy,
    });
    await publish(['twice failed']);
    for (const attempt of [1, 2]) {
      const { ackId, deliveryAttempt } = await pullOne(client, SUBSCRIPTION);
      expect(deliveryAttempt).toBe(attempt);
      await modifyDeadline(client, SUBSCRIPTION, [ackId], 0);
    }
    await restart();
    const [settings] = await client.subscription('parse').getMetadata();
    expect(settings).toMatchObject({
      ackDeadlineSeconds: 33,
      filter: 'NOT attributes:skip',
      deadLetterPolicy,
    });
    expect((await pullOne(client, SUBSCRIPTION)).deliveryAttempt).toBe(3);
    await client.topic('logs').publishMessage({ data: Buffer.from('x'), attributes: { skip: '' } });
    expect(service.stats().subscriptions[SUBSCRIPTION]?.unacked).toBe(1);
  });

  it('an ack id from before is still good', async () => {
    await start();
    const [topic] = await client.createTopic('logs');
    await topic.createSubscription('parse');
    await publish(['a']);
    const { ackId } = await pullOne(client, SUBSCRIPTION);
    await restart();
    await acknowledge(client, SUBSCRIPTION, [ackId]);
    expect(service.stats().subscriptions[SUBSCRIPTION]?.unacked).toBe(0);
  });

  it('deleted topics and subscriptions stay deleted, and a new one of the same name starts empty', async () => {
    await start();
    const [topic] = await client.createTopic('logs');
    const [parse] = await topic.createSubscription('parse');
    await client.createTopic('other');
    await publish(['lost with its subscription']);
    await parse.delete();
    await client.topic('other').delete();
    await topic.createSubscription('parse');
    await restart();
    expect((await client.topic('other').exists())[0]).toBe(false);
    expect(service.stats()).toMatchObject({
      unackedBytes: 0,
      subscriptions: { [SUBSCRIPTION]: { unacked: 0 } },
    });
  });
});

describe('after SIGKILL', () => {
  it('all that publishers were told is there, is there', async () => {
    const process = await startProcess('local/pubsub/service.ts', 'startPubsub', { dataDir });
    client = clientOf(process.port);
    const [topic] = await client.createTopic('logs');
    await topic.createSubscription('parse');
    const acknowledged: string[] = [];
    const sending = (async () => {
      for (let batch = 0; ; batch++) {
        acknowledged.push(...(await publish(Array.from({ length: 20 }, (_, line) => `${batch}.${line}`))));
        if (batch === 10) void process.kill();
      }
    })();
    await sending.catch(() => {});
    await process.kill();
    await client.close();
    await start();
    const pulled = await pullAll(acknowledged.length);
    const found = new Set(pulled.map(({ message }) => message.messageId));
    expect(acknowledged.length).toBeGreaterThanOrEqual(220);
    expect(acknowledged.filter((id) => !found.has(id))).toEqual([]);
  });

  it('a record cut short is dropped, and what came before and comes after is whole', async () => {
    await start();
    const [topic] = await client.createTopic('logs');
    await topic.createSubscription('parse');
    await publish(['before']);
    await stop();
    const [file] = await journal();
    const whole = await readFile(file!);
    await start();
    await publish(['torn']);
    await stop();
    const longer = await readFile(file!);
    await writeFile(file!, longer.subarray(0, whole.length + 20));
    await start();
    await publish(['after']);
    await restart();
    expect(textsOf(await pullAll(2))).toEqual(['before', 'after']);
  });

  it('rubbish at the end of the journal is cut off', async () => {
    await start();
    const [topic] = await client.createTopic('logs');
    await topic.createSubscription('parse');
    await publish(['whole']);
    await stop();
    await appendFile((await journal()).at(-1)!, Buffer.alloc(3_000, 7));
    await start();
    await publish(['next']);
    expect(textsOf(await pullAll(2))).toEqual(['whole', 'next']);
  });
});

describe('damage before the end of the journal', () => {
  it('stops the start, and names the file', async () => {
    await start({ segmentBytes: 1_000 });
    const [topic] = await client.createTopic('logs');
    await topic.createSubscription('parse');
    for (let line = 0; line < 5; line++) await publish([Buffer.alloc(800, 1)]);
    await stop();
    const [first] = await journal();
    const bytes = await readFile(first!);
    bytes[bytes.length - 10]! ^= 0xff;
    await writeFile(first!, bytes);
    await expect(startPubsub({ port: 0, dataDir })).rejects.toThrow(`${first} is damaged at byte`);
  });
});

describe('the journal', () => {
  it('shrinks as messages are acknowledged, and holds none of them after the next start', async () => {
    await start({ segmentBytes: 1 << 20 });
    const [topic] = await client.createTopic('logs');
    await topic.createSubscription('parse');
    for (let batch = 0; batch < 20; batch++) {
      await publish(Array.from({ length: 10 }, () => Buffer.alloc(100_000, 'secret ')));
      const pulled = await pullAll(10);
      await acknowledge(
        client,
        SUBSCRIPTION,
        pulled.map(({ ackId }) => ackId),
      );
    }
    expect(await diskBytes()).toBeLessThan(3 << 20);
    await restart();
    expect(await diskBytes()).toBeLessThan(1_000);
  });

  it('does not grow with traffic around a message that nobody takes, and keeps that message', async () => {
    await start({ segmentBytes: 1 << 18 });
    const [topic] = await client.createTopic('logs');
    await topic.createSubscription('parse');
    await topic.createSubscription('stuck', { filter: 'attributes:stuck' });
    await topic.publishMessage({ data: Buffer.from('still here'), attributes: { stuck: '' } });
    for (let batch = 0; batch < 30; batch++) {
      await publish([Buffer.alloc(100_000, 1)]);
      const pulled = await pullAll(1);
      await acknowledge(
        client,
        SUBSCRIPTION,
        pulled.map(({ ackId }) => ackId),
      );
    }
    expect(await diskBytes()).toBeLessThan(1_800_000);
    await restart();
    const { message } = await pullOne(client, 'projects/demo/subscriptions/stuck');
    expect(message).toMatchObject({ attributes: { stuck: '' } });
    expect(message.data.toString()).toBe('still here');
  });

  it('gives new ids to new messages, also when nothing is left in it', async () => {
    await start();
    const [topic] = await client.createTopic('logs');
    await topic.createSubscription('parse');
    const [first] = await publish(['a']);
    await acknowledge(client, SUBSCRIPTION, [(await pullOne(client, SUBSCRIPTION)).ackId]);
    await restart();
    await restart();
    const [second] = await publish(['b']);
    expect(Number(second)).toBeGreaterThan(Number(first));
  });
});
