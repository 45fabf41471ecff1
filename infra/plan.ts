/**
 * What each function is given: who calls it, memory, time, instances, and how many calls an instance takes at once.
 * The figures of parse and close come from the benches (README.md); a stack may bound instances otherwise.
 */
import type { FunctionName } from './config.ts';

export interface FunctionPlan {
  /** push: a subscription of Pub/Sub; timer: Cloud Tasks; schedule: Cloud Scheduler; people: those whom a stack names. */
  readonly caller: 'push' | 'timer' | 'schedule' | 'people';
  readonly cpu: string;
  readonly memory: string;
  readonly concurrency: number;
  readonly minInstances: number;
  readonly maxInstances: number;
  readonly timeoutSeconds: number;
  /** Of scheduled functions, in unix-cron, UTC. */
  readonly cron?: string;
  /** Only where the stack has models, wherever they judge. */
  readonly models?: true;
  /** Only where the stack says how rows reach BigQuery. */
  readonly rows?: true;
  /** Instead of `concurrency` where rows are loaded: batches that wait for others to go into one file take little else. */
  readonly loadConcurrency?: number;
}

const SCHEDULED = {
  caller: 'schedule',
  cpu: '1',
  concurrency: 1,
  minInstances: 0,
  // One at work and one that overlaps: all of them bear it.
  maxInstances: 2,
} as const;

export const PLANS: Readonly<Record<FunctionName, FunctionPlan>> = {
  // A batch of 10 MB may unpack to 64 MiB; a core takes some 100,000 lines a second, so few at once is enough.
  parse: {
    caller: 'push',
    cpu: '1',
    memory: '1Gi',
    concurrency: 8,
    loadConcurrency: 24,
    minInstances: 1,
    maxInstances: 100,
    timeoutSeconds: 540,
  },
  close: {
    caller: 'timer',
    cpu: '1',
    memory: '1Gi',
    concurrency: 8,
    minInstances: 1,
    maxInstances: 20,
    timeoutSeconds: 300,
  },
  sweep: { ...SCHEDULED, memory: '512Mi', timeoutSeconds: 120, cron: '* * * * *' },
  learn: { ...SCHEDULED, memory: '2Gi', timeoutSeconds: 540, cron: '*/5 * * * *' },
  drift: { ...SCHEDULED, memory: '1Gi', timeoutSeconds: 540, cron: '*/10 * * * *', models: true },
  // Every minute: BigQuery takes 1,500 load jobs of a table a day.
  load: { ...SCHEDULED, memory: '512Mi', timeoutSeconds: 120, cron: '* * * * *', rows: true },
  tier: { ...SCHEDULED, memory: '512Mi', timeoutSeconds: 3600, cron: '17 3 * * *' },
  alert: {
    caller: 'push',
    cpu: '1',
    memory: '512Mi',
    concurrency: 16,
    minInstances: 0,
    maxInstances: 10,
    timeoutSeconds: 120,
  },
  remind: { ...SCHEDULED, memory: '512Mi', timeoutSeconds: 120, cron: '* * * * *' },
  // Live tails are long requests that mostly wait; the limit of time ends them, and the page goes on with a new one.
  api: {
    caller: 'people',
    cpu: '1',
    memory: '1Gi',
    concurrency: 250,
    minInstances: 0,
    maxInstances: 5,
    timeoutSeconds: 3600,
  },
};
