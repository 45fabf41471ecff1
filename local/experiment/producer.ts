/** What a producer is told, and what it tells; `producer-main.ts` is the process. */
import { z } from 'zod';

export interface ProducerOptions {
  readonly projectId: string;
  readonly pubsub: string;
  readonly topic: string;
  /** Which producer of the experiment it is, from 0. */
  readonly index: number;
  readonly seed: number;
  readonly shards: number;
  readonly batchLines: number;
  /** Lines a second of this producer. */
  readonly rate: number;
  /** When its first batch is due, and when it stops, in ms since the epoch. */
  readonly startMs: number;
  readonly endMs: number;
}

export const reportShape = z.object({
  /** Lines that Pub/Sub took, and lines that it refused, since the start. */
  published: z.int(),
  failed: z.int(),
  /** Latencies of the batches since the last report, in ms. */
  latencies: z.array(z.number()),
  done: z.boolean(),
});

export type ProducerReport = z.infer<typeof reportShape>;
