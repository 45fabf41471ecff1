/**
 * The consumers of an experiment: processes of the parse function behind a balancer, and a push subscription for each
 * shard, in place of the laptop's one.
 */
import { rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { PubSub } from '@google-cloud/pubsub';
import { bundleFunctions } from '../start/bundle.ts';
import type { Cloud } from '../start/cloud.ts';
import { functionEnv } from '../start/functions.ts';
import { logFile, SupervisedProcess } from '../start/process.ts';
import { startBalancer } from './balancer.ts';
import type { Plan } from './plan.ts';

const FRAMEWORK = fileURLToPath(
  new URL('../../node_modules/@google-cloud/functions-framework/build/src/main.js', import.meta.url),
);

/** What a consumer said of a batch. */
export interface BatchDone {
  readonly consumer: string;
  readonly entries: number;
  /** From Pub/Sub's taking it to its rows and partials being kept, in ms. */
  readonly lagMs: number;
  readonly atMs: number;
}

export interface Consumers {
  readonly processes: readonly SupervisedProcess[];
  close(): Promise<void>;
}

export const shardName = (shard: number): string => `shard-${shard}`;

/** Starts them; `onBatch` is told of every batch that is done. */
export async function startConsumers(
  cloud: Cloud,
  { consumers, shards, settings }: Plan,
  onBatch: (batch: BatchDone) => void,
): Promise<Consumers> {
  const source = await bundleFunctions();
  const undo: (() => Promise<void>)[] = [() => rm(source, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const stop of undo.splice(0).reverse()) await stop();
  };
  try {
    const ports = await freePortsOf(consumers);
    const processes = await Promise.all(
      ports.map(async (port, i) => {
        const name = `parse-${i + 1}`;
        const started = await SupervisedProcess.start({
          name,
          args: [
            FRAMEWORK,
            ...['--target=parse', `--source=${source}`, `--port=${port}`, '--signature-type=cloudevent'],
          ],
          env: { ...functionEnv(cloud.endpoints), ...settings, FUNCTION_TARGET: 'parse' },
          ports: [port],
          logFile: logFile(cloud.dataDir, name),
          onLine: (line) => hear(name, line, onBatch),
        });
        undo.push(() => started.stop());
        return started;
      }),
    );
    const balancer = await startBalancer(ports);
    undo.push(() => balancer.close());
    await makeShards(cloud, shards, balancer.port);
    return { processes, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function hear(consumer: string, line: string, onBatch: (batch: BatchDone) => void): void {
  if (!line.includes('"batch done"')) return;
  const { entries, lag_ms } = JSON.parse(line) as { readonly entries: number; readonly lag_ms: number };
  onBatch({ consumer, entries, lagMs: lag_ms, atMs: Date.now() });
}

async function makeShards({ endpoints }: Cloud, shards: number, port: number): Promise<void> {
  const { projectId, pubsub, topic } = endpoints;
  const client = new PubSub({ projectId, apiEndpoint: pubsub, emulatorMode: true });
  try {
    await client.subscription('parse').delete();
    await Promise.all(
      Array.from({ length: shards }, (_, shard) =>
        client.topic(topic).createSubscription(shardName(shard), {
          pushEndpoint: `http://127.0.0.1:${port}`,
          filter: `attributes.shard = "${shard}"`,
          ackDeadlineSeconds: 600,
          retryPolicy: { minimumBackoff: { seconds: 1 }, maximumBackoff: { seconds: 600 } },
        }),
      ),
    );
  } finally {
    await client.close();
  }
}

/** Ports that are free just now, all different. */
async function freePortsOf(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(
    servers.map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
  return ports;
}
