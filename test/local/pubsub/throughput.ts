/**
 * What the local Pub/Sub carries: `npx tsx test/local/pubsub/throughput.ts`. Service, endpoint and publisher are a
 * process each, as on a laptop; the endpoint reads the body and answers 204.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { PubSub } from '@google-cloud/pubsub';
import { startProcess } from '../service-process.ts';
import { call, clientOf } from './client.ts';

const ENDPOINT = `
  import { createServer } from 'node:http';
  let count = 0;
  createServer((request, response) => {
    if (request.method === 'GET') return response.end(String(count));
    request.resume();
    request.on('end', () => { count++; response.writeHead(204).end(); });
  }).listen(0, '127.0.0.1', function () { console.log('port ' + this.address().port); });`;

interface Case {
  readonly bytes: number;
  readonly messages: number;
  readonly batch: number;
}

const CASES: readonly Case[] = [
  { bytes: 1_024, messages: 30_000, batch: 100 },
  { bytes: 102_400, messages: 6_000, batch: 20 },
];

async function startEndpoint(): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', ENDPOINT], {
    cwd: fileURLToPath(new URL('../../../', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
  return { child, url: `http://127.0.0.1:${line.slice(5)}` };
}

async function publishAll(client: PubSub, topic: string, { bytes, messages, batch }: Case): Promise<void> {
  const data = Buffer.alloc(bytes, 'log line ');
  const request = { topic, messages: Array.from({ length: batch }, () => ({ data })) };
  let sent = 0;
  const send = async (): Promise<void> => {
    while (sent < messages) {
      sent += batch;
      await call(client, 'publish', request, 'PublisherClient');
    }
  };
  await Promise.all(Array.from({ length: 8 }, send));
}

async function reached(url: string, count: number): Promise<void> {
  for (;;) {
    const response = await fetch(url);
    if (Number(await response.text()) >= count) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function report(what: string, { bytes, messages }: Case, ms: number): void {
  const rate = Math.round((messages / ms) * 1000);
  const megabytes = Math.round((rate * bytes) / 1e6);
  console.log(`${what.padEnd(28)} ${String(bytes).padStart(7)} bytes ${rate} messages/s ${megabytes} MB/s`);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const beganMs = performance.now();
  await work();
  return performance.now() - beganMs;
}

for (const each of CASES) {
  const dataDir = await mkdtemp(join(tmpdir(), 'pubsub-bench-'));
  const service = await startProcess('local/pubsub/service.ts', 'startPubsub', {
    dataDir,
    pushConcurrency: 32,
  });
  const client = clientOf(service.port);
  const endpoint = await startEndpoint();
  const [topic] = await client.createTopic('logs');
  const [kept] = await topic.createSubscription('kept');
  report('publish, one subscription', each, await timed(() => publishAll(client, topic.name, each)));
  const push = timed(async () => {
    await kept.modifyPushConfig({ pushEndpoint: endpoint.url });
    await reached(endpoint.url, each.messages);
  });
  report('push of a backlog', each, await push);
  const both = timed(async () => {
    await publishAll(client, topic.name, each);
    await reached(endpoint.url, 2 * each.messages);
  });
  report('publish and push together', each, await both);
  await client.close();
  endpoint.child.kill();
  await service.kill();
  await rm(dataDir, { recursive: true });
}
