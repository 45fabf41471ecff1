/**
 * A producer of an experiment, a process of its own: publishes batches at its share of the rate and says every second what
 * became of them, as a line of JSON. Latency counts from the moment a batch was due, so a producer that falls behind
 * does not hide it. Ends when it is told to.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { PubSub } from '@google-cloud/pubsub';
import { batches } from './load.ts';
import type { ProducerOptions } from './producer.ts';

const REPORT_MS = 1_000;

async function produce(options: ProducerOptions): Promise<void> {
  const { projectId, pubsub, topic: name, index, shards, batchLines, rate, startMs, endMs } = options;
  const client = new PubSub({ projectId, apiEndpoint: pubsub, emulatorMode: true });
  const topic = client.topic(name, { batching: { maxMilliseconds: 1 } });
  const { next } = batches(options.seed, index);
  const told = { published: 0, failed: 0, latencies: [] as number[] };
  const report = (done: boolean): void => {
    process.stdout.write(`${JSON.stringify({ ...told, done })}\n`);
    told.latencies = [];
  };
  const timer = setInterval(() => report(false), REPORT_MS);
  const pending = new Set<Promise<void>>();
  const everyMs = (1000 * batchLines) / rate;
  for (let i = 0; ; i++) {
    const dueMs = startMs + i * everyMs;
    if (dueMs >= endMs || Date.now() >= endMs) break;
    if (dueMs > Date.now()) await delay(dueMs - Date.now());
    const data = await next(batchLines, Date.now());
    // Producers begin with different shards, so that few batches of many producers reach all.
    const attributes = { compression_algorithm: 'zlib', shard: String((i + index) % shards) };
    const publishing: Promise<void> = topic
      .publishMessage({ data, attributes })
      .then(
        () => {
          told.published += batchLines;
        },
        () => {
          told.failed += batchLines;
        },
      )
      .then(() => {
        told.latencies.push(Date.now() - dueMs);
        pending.delete(publishing);
      });
    pending.add(publishing);
  }
  await Promise.all(pending);
  clearInterval(timer);
  report(true);
  await client.close();
}

// What started it ends it; until then its end would be taken for a crash.
setInterval(() => {}, 60_000);
await produce(JSON.parse(process.argv[2]!) as ProducerOptions);
