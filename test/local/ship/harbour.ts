import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { PubSub } from '@google-cloud/pubsub';
import { type Batch, readBatch } from '../../../functions/ingest/batch.ts';
import { isFailure } from '../../../functions/ingest/failure.ts';
import { createParser } from '../../../functions/parse/parse-record.ts';
import { type PubsubService, startPubsub } from '../../../local/pubsub/service.ts';
import type { ShipOptions } from '../../../local/ship/ship.ts';
import { wallTimers } from '../../../local/timers.ts';
import { acknowledge, clientOf, pull } from '../pubsub/client.ts';

const SUBSCRIPTION = 'projects/demo/subscriptions/all';

/** A topic `logs` to ship to, and what arrives there as the ingest reads it. */
export interface Harbour {
  readonly dir: string;
  readonly service: PubsubService;
  readonly client: PubSub;
  readonly endpoint: string;
  /** What a test leaves out of ShipOptions. */
  readonly options: Omit<ShipOptions, 'files'> & { readonly warnings: string[] };
  /** Waits for so many batches, takes them off the subscription and gives them in order of arrival. */
  arrived(count: number): Promise<Batch[]>;
  /** Everything that has been published by now. */
  all(): Promise<Batch[]>;
  close(): Promise<void>;
}

export async function openHarbour(): Promise<Harbour> {
  const dir = await mkdtemp(join(tmpdir(), 'ship-'));
  const service = await startPubsub({ port: 0, dataDir: join(dir, 'pubsub') });
  const client = clientOf(service.port);
  const [topic] = await client.createTopic('logs');
  await topic.createSubscription('all');
  const take = async (): Promise<Batch[]> => {
    const pulled = await pull(client, SUBSCRIPTION, 1000);
    if (pulled.length > 0) {
      await acknowledge(
        client,
        SUBSCRIPTION,
        pulled.map(({ ackId }) => ackId),
      );
    }
    return pulled.map(({ message }) => read(message));
  };
  const endpoint = `127.0.0.1:${service.port}`;
  const warnings: string[] = [];
  return {
    dir,
    service,
    client,
    endpoint,
    options: {
      target: { endpoint, project: 'demo', topic: 'logs' },
      follow: false,
      latenessMs: 3_600_000,
      parse: createParser({ maxDepth: 100, slowMs: 3000, maxFutureMs: 86_400_000 }),
      host: 'host-1',
      stateDir: join(dir, 'state'),
      stdin: Readable.from([]),
      timers: wallTimers,
      signal: new AbortController().signal,
      warn: (text) => warnings.push(text),
      warnings,
    },
    async arrived(count) {
      const batches: Batch[] = [];
      while (batches.length < count) batches.push(...(await take()));
      return batches;
    },
    async all() {
      const { unacked } = service.stats().subscriptions[SUBSCRIPTION]!;
      const batches: Batch[] = [];
      while (batches.length < unacked) batches.push(...(await take()));
      return batches;
    },
    async close() {
      await client.close();
      await service.close();
      await rm(dir, { recursive: true });
    },
  };
}

function read(message: {
  data: Buffer;
  attributes: Readonly<Record<string, string>>;
  messageId: string;
}): Batch {
  const batch = readBatch({ ...message, publishTimeUs: 0 }, { maxUnpackedBytes: 64 * 2 ** 20 });
  if (isFailure(batch)) throw new Error(batch.detail);
  return batch;
}

/** All records of the batches. */
export const recordsOf = (batches: readonly Batch[]): string[] =>
  batches.flatMap(({ records }) => records.texts);
