import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CreateSubscriptionOptions, PubSub, Topic } from '@google-cloud/pubsub';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PubsubOptions, type PubsubService, startPubsub } from '../../../local/pubsub/service.ts';
import { ManualTimers } from '../../manual-timers.ts';
import { startProcess } from '../service-process.ts';
import { clientOf } from './client.ts';
import { readAvro, type StorageTarget, type Stored, startStorageTarget } from './storage-target.ts';

type Config = NonNullable<CreateSubscriptionOptions['cloudStorageConfig']>;

const SUBSCRIPTION = 'projects/demo/subscriptions/archive';
const withMetadata = { avroConfig: { writeMetadata: true } };

let dataDir: string;
let service: PubsubService;
let client: PubSub;
let topic: Topic;
let storage: StorageTarget;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'pubsub-'));
});

afterEach(async () => {
  await client.close();
  await service.close();
  await storage.close();
  await rm(dataDir, { recursive: true });
});

async function start(options: Partial<PubsubOptions> = {}): Promise<void> {
  service = await startPubsub({ port: 0, dataDir, storageEndpoint: storage.url, ...options });
  client = clientOf(service.port);
}

async function startWith(config: Config, options: Partial<PubsubOptions> = {}): Promise<void> {
  await start(options);
  [topic] = await client.createTopic('logs');
  await topic.createSubscription('archive', { cloudStorageConfig: { bucket: 'raw-logs', ...config } });
}

const publish = (...lines: string[]): Promise<string[]> =>
  Promise.all(lines.map((line) => topic.publishMessage({ data: Buffer.from(line) })));

const linesOf = async ({ bytes }: Stored): Promise<string[]> =>
  (await readAvro(bytes)).records.map(({ data }) => String(data));

const unacked = (): number => service.stats().subscriptions[SUBSCRIPTION]!.unacked;

describe('an archive file', () => {
  it('with metadata is what the service writes: schema, fields, times in microseconds', async () => {
    storage = await startStorageTarget();
    await startWith({ ...withMetadata, filenamePrefix: 'logs/', filenameSuffix: '.avro' });
    const beforeUs = Date.now() * 1000;
    const sender = client.topic('logs', { messageOrdering: true });
    const id = await sender.publishMessage({
      data: Buffer.from([0, 255, 128]),
      attributes: { service: 'auth' },
      orderingKey: 'host-1',
    });
    await service.close();
    const [file] = storage.uploads;
    const { schema, codec, records } = await readAvro(file!.bytes);
    expect(file).toMatchObject({ bucket: 'raw-logs' });
    expect(file!.name).toMatch(/^logs\/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00_[0-9a-f]{12}\.avro$/);
    expect(codec).toBe('null');
    expect(schema).toEqual({
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
    });
    expect(records).toEqual([
      {
        subscription_name: SUBSCRIPTION,
        message_id: id,
        publish_time: expect.any(Number),
        attributes: { service: 'auth', ordering_key: 'host-1' },
        data: Buffer.from([0, 255, 128]),
      },
    ]);
    const { publish_time: timeUs } = records[0] as { publish_time: number };
    expect(timeUs).toBeGreaterThanOrEqual(beforeUs);
    expect(timeUs).toBeLessThanOrEqual(Date.now() * 1000);
  });

  it('without metadata has the payloads alone', async () => {
    storage = await startStorageTarget();
    await startWith({ avroConfig: {} });
    await publish('a', 'b');
    await service.close();
    const { schema, records } = await readAvro(storage.uploads[0]!.bytes);
    expect(schema).toMatchObject({ name: 'PubsubMessage', fields: [{ name: 'data', type: 'bytes' }] });
    expect(records).toEqual([{ data: Buffer.from('a') }, { data: Buffer.from('b') }]);
  });

  it('as text has the payloads, a newline between them', async () => {
    storage = await startStorageTarget();
    await startWith({});
    await publish('a', 'b', 'c');
    await service.close();
    expect(storage.uploads[0]!.bytes.toString()).toBe('a\nb\nc');
    expect(storage.uploads[0]!.contentType).toBe('text/plain');
  });

  it('holds messages larger than its blocks', async () => {
    storage = await startStorageTarget();
    await startWith(withMetadata);
    const large = ['x'.repeat(3_000_000), 'small', 'y'.repeat(700_000)];
    for (const line of large) await publish(line);
    await service.close();
    expect(await linesOf(storage.uploads[0]!)).toEqual(large);
  });
});

describe('an archive file is closed', () => {
  it('after the time that the subscription says', async () => {
    const timers = new ManualTimers();
    storage = await startStorageTarget();
    await startWith({ ...withMetadata, maxDuration: { seconds: 60 } }, { timers });
    await publish('a');
    await timers.advance(40_000);
    await publish('b');
    await timers.advance(19_999);
    expect(storage.uploads).toHaveLength(0);
    await timers.advance(1);
    await storage.reached(1);
    expect(await linesOf(storage.uploads[0]!)).toEqual(['a', 'b']);
  });

  it('sooner, when the laptop is told so', async () => {
    const timers = new ManualTimers();
    storage = await startStorageTarget();
    await startWith(withMetadata, { timers, storageMaxDurationMs: 2_000 });
    await publish('a');
    await timers.advance(2_000);
    await storage.reached(1);
  });

  it('when it has the bytes that the subscription says', async () => {
    storage = await startStorageTarget();
    await startWith({ ...withMetadata, maxBytes: 1_000 });
    for (let line = 0; line < 6; line++) await publish('x'.repeat(400));
    await storage.reached(2);
    const files = await Promise.all(storage.uploads.map(linesOf));
    expect(files.map((lines) => lines.length)).toEqual([3, 3]);
  });

  it('when it has the messages that the subscription says', async () => {
    storage = await startStorageTarget();
    await startWith({ ...withMetadata, maxMessages: 1_000 });
    await publish(...Array.from({ length: 2_000 }, (_, line) => String(line)));
    await storage.reached(2);
    const files = await Promise.all(storage.uploads.map(linesOf));
    expect(files.map((lines) => lines.length)).toEqual([1_000, 1_000]);
  });
});

describe('an archived message', () => {
  it('is acknowledged when its file is stored, and not before', async () => {
    let answer = (): void => {};
    storage = await startStorageTarget((response) => {
      answer = () => response.end('{}');
    });
    await startWith({ ...withMetadata, maxBytes: 1_000 });
    await publish('x'.repeat(2_000));
    await storage.reached(1);
    expect(unacked()).toBe(1);
    answer();
    await service.close();
    await start();
    expect(unacked()).toBe(0);
  });

  it('is sent again under the same name until the storage takes it', async () => {
    const timers = new ManualTimers();
    storage = await startStorageTarget((response, index) =>
      response.writeHead([404, 503, 200][index]!).end(),
    );
    await startWith({ ...withMetadata, maxBytes: 1_000 }, { timers });
    await publish('x'.repeat(2_000));
    while (storage.uploads.length < 3 || unacked() > 0) await timers.advance(500);
    expect(new Set(storage.uploads.map(({ name }) => name)).size).toBe(1);
    expect(service.stats().subscriptions[SUBSCRIPTION]).toMatchObject({ acked: 1, nacked: 0 });
  });

  it('waits for the next start when the storage is away at the end', async () => {
    storage = await startStorageTarget((response) => response.writeHead(503).end());
    await startWith(withMetadata);
    await publish('kept');
    await service.close();
    await storage.close();
    storage = await startStorageTarget();
    await start();
    await service.close();
    expect(await linesOf(storage.uploads[0]!)).toEqual(['kept']);
  });

  it('is written again, in another file, after SIGKILL before its file was stored', async () => {
    storage = await startStorageTarget(() => {});
    const killed = await startProcess('local/pubsub/service.ts', 'startPubsub', {
      dataDir,
      storageEndpoint: storage.url,
    });
    client = clientOf(killed.port);
    [topic] = await client.createTopic('logs');
    await topic.createSubscription('archive', {
      cloudStorageConfig: { bucket: 'raw-logs', ...withMetadata, maxBytes: 1_000 },
    });
    const line = 'x'.repeat(2_000);
    await publish(line);
    await storage.reached(1);
    await killed.kill();
    await client.close();
    const [unfinished] = storage.uploads;
    await storage.close();
    storage = await startStorageTarget();
    await start();
    await storage.reached(1);
    expect(await linesOf(storage.uploads[0]!)).toEqual([line]);
    expect(storage.uploads[0]!.name).not.toBe(unfinished!.name);
  });
});
