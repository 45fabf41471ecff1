/** Paths of load experiments. */
import { z } from 'zod';
import type { ApiContext } from '../context.ts';
import { parsedJson } from '../explanation.ts';
import { notFound } from '../fault.ts';
import { isoOf, isoOrNull, text } from '../question.ts';
import { answers, type Route, route } from '../route.ts';
import {
  type Experiment,
  type ExperimentDetail,
  experimentDetail,
  experiments,
} from '../schema/experiments.ts';
import { name } from '../schema/value.ts';

const tag = 'experiments';
const wide = true as const;
const YEAR = 'TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 365 DAY)';

export const experimentRoutes = (context: ApiContext): Route[] => [
  route({
    ...{ method: 'GET', path: '/experiments', tag, role: 'viewer', wide },
    summary: 'Load experiments of the last year, newest first',
    answer: answers('Experiments', experiments),
    async handle() {
      const rows = await context.ask<Omit<Experiment, 'started_at'> & { readonly started_us: number }>({
        sql: `SELECT experiment_id, name, UNIX_MICROS(started_at) AS started_us, producers, consumers, shards,
  offered_lines_per_s, throughput_lines_per_s, latency_p50_ms, latency_p99_ms, delivery_success,
  most_waiting_messages, saturated
FROM experiment_results
ORDER BY started_us DESC, experiment_id
LIMIT 500`,
        params: {},
        sharedMs: 2000,
      });
      return { items: rows.map(({ started_us, ...rest }) => ({ ...rest, started_at: isoOf(started_us) })) };
    },
  }),
  route({
    ...{ method: 'GET', path: '/experiments/{experiment_id}', tag, role: 'viewer', wide },
    summary: 'One experiment with all it measured',
    params: z.strictObject({ experiment_id: name }),
    answer: answers('ExperimentDetail', experimentDetail),
    handle: ({ params: { experiment_id } }) => detailOf(context, experiment_id),
  }),
];

async function detailOf({ ask }: ApiContext, id: string): Promise<ExperimentDetail> {
  const params = { id: text(id) };
  const [[run], metrics, lag] = await Promise.all([
    ask<{
      experiment_id: string;
      name: string;
      started_us: number;
      ended_us: number | null;
      machine: string;
      settings: string;
    }>({
      sql: `SELECT experiment_id, name, UNIX_MICROS(started_at) AS started_us, UNIX_MICROS(ended_at) AS ended_us,
  TO_JSON_STRING(machine) AS machine, TO_JSON_STRING(settings) AS settings
FROM experiments
WHERE started_at >= ${YEAR} AND experiment_id = @id
LIMIT 1`,
      params,
    }),
    ask<Omit<ExperimentDetail['metrics'][number], 'measured_at'> & { readonly measured_us: number }>({
      sql: `SELECT UNIX_MICROS(measured_at) AS measured_us, process, metric, quantile, value, unit
FROM performance_metrics
WHERE measured_at >= ${YEAR} AND experiment_id = @id
ORDER BY measured_us, process, metric, quantile
LIMIT 20000`,
      params,
    }),
    ask<Omit<ExperimentDetail['lag'][number], 'measured_at'> & { readonly measured_us: number }>({
      sql: `SELECT UNIX_MICROS(measured_at) AS measured_us, shard, waiting_messages, oldest_ms
FROM consumer_lag
WHERE measured_at >= ${YEAR} AND experiment_id = @id
ORDER BY measured_us, shard
LIMIT 20000`,
      params,
    }),
  ]);
  if (run === undefined) throw notFound('an experiment of this id in the last year');
  const { started_us, ended_us, machine, settings, ...rest } = run;
  return {
    ...rest,
    started_at: isoOf(started_us),
    ended_at: isoOrNull(ended_us),
    machine: parsedJson(machine),
    settings: parsedJson(settings),
    metrics: metrics.map(({ measured_us, ...one }) => ({ ...one, measured_at: isoOf(measured_us) })),
    lag: lag.map(({ measured_us, ...one }) => ({ ...one, measured_at: isoOf(measured_us) })),
  };
}
