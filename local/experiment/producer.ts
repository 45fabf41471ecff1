/** Starts a producer, and hears what it says; `producer-main.ts` is the process. */
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { logFile, SupervisedProcess } from '../start/process.ts';

const PRODUCER_MAIN = fileURLToPath(new URL('./producer-main.ts', import.meta.url));

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

const reportShape = z.object({
  /** Lines that Pub/Sub took, and lines that it refused, since the start. */
  published: z.int(),
  failed: z.int(),
  /** Latencies of the batches since the last report, in ms. */
  latencies: z.array(z.number()),
  done: z.boolean(),
});

export type ProducerReport = z.infer<typeof reportShape>;

export interface Producer {
  readonly process: SupervisedProcess;
  /** Resolves when all that it published was answered. */
  readonly done: Promise<void>;
}

/** Starts one. `dataDir`: of the laptop cloud, for its log file. */
export async function startProducer(
  dataDir: string,
  options: ProducerOptions,
  onReport: (report: ProducerReport) => void,
): Promise<Producer> {
  const name = `producer-${options.index + 1}`;
  let finish: () => void = () => {};
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const process = await SupervisedProcess.start({
    name,
    args: ['--import', 'tsx', PRODUCER_MAIN, JSON.stringify(options)],
    env: { METADATA_SERVER_DETECTION: 'none' },
    logFile: logFile(dataDir, name),
    onLine: (line) => {
      const parsed = line.startsWith('{') ? reportShape.safeParse(JSON.parse(line)) : null;
      if (!parsed?.success) return;
      onReport(parsed.data);
      if (parsed.data.done) finish();
    },
  });
  return { process, done };
}
