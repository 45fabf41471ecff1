/**
 * What an experiment is asked to do, as plain data: its row holds all of it, and a run from the row is asked the same.
 * Pure.
 *
 * Producer: a process that publishes compressed batches. Consumer: a process of the parse function, as an instance in the
 * cloud. Shard: a push subscription of the topic with a filter on the attribute `shard`; producers give their batches to
 * the shards in turn, and a balancer gives each push to the consumer with the least in hand, as Cloud Run does.
 */
import { z } from 'zod';

const planShape = z.object({
  name: z.string().min(1).max(100),
  producers: z.int().min(1).max(32),
  consumers: z.int().min(1).max(32),
  shards: z.int().min(1).max(256),
  /** Measured time; the warm-up comes before it. */
  minutes: z
    .number()
    .positive()
    .max(24 * 60),
  /** Offered load of all producers together, in lines a second. */
  rate: z.number().positive().max(1_000_000),
  seed: z.int().min(0),
  batchLines: z.int().min(1).max(10_000),
  warmUpS: z.number().min(0).max(600),
  /** Settings of the functions beside the laptop's own. */
  settings: z.record(z.string().regex(/^LOGWEIR_[A-Z_]+$/), z.string()),
});

export type Plan = Readonly<z.infer<typeof planShape>>;

/** Producers connect and code is compiled in it; what happens then is not measured. */
export const WARM_UP_S = 10;
export const BATCH_LINES = 500;

/** Checks a plan. Throws an Error that names what is wrong and what is allowed. */
export function readPlan(value: unknown): Plan {
  const parsed = planShape.safeParse(value);
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  return parsed.data;
}

export interface SuiteOptions {
  readonly minutes: number;
  readonly rate: number;
  readonly seed: number;
  readonly batchLines: number;
  readonly warmUpS: number;
  readonly settings: Plan['settings'];
}

/** From small to too much. `times`: the load against that of the baseline. */
const SUITE = [
  { name: 'baseline', producers: 1, consumers: 1, shards: 1, times: 1 },
  { name: 'producer-scaling', producers: 4, consumers: 1, shards: 1, times: 2 },
  { name: 'consumer-scaling', producers: 1, consumers: 4, shards: 4, times: 2 },
  { name: 'balanced', producers: 4, consumers: 4, shards: 4, times: 2 },
  { name: 'many-shards', producers: 4, consumers: 4, shards: 32, times: 2 },
  { name: 'stress', producers: 4, consumers: 4, shards: 4, times: 8 },
] as const;

export const SUITE_NAMES = SUITE.map(({ name }) => name);

/** The plans of a suite, in their order. */
export const suiteOf = ({ rate, ...common }: SuiteOptions): Plan[] =>
  SUITE.map(({ times, ...one }) => readPlan({ ...common, ...one, rate: rate * times }));
