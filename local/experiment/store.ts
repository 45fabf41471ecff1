/**
 * Where experiments are kept: the warehouse of the data folder, that of the running laptop where one runs, else opened for
 * as long as it takes. Experiments themselves run in folders of their own.
 */
import { join } from 'node:path';
import { BigQuery } from '@google-cloud/bigquery';
import { openWarehouse } from '../../functions/warehouse/warehouse.ts';
import { applySql } from '../../sql/apply.ts';
import { startBigquery } from '../bigquery/service.ts';
import { findEndpoints, PROJECT } from '../endpoints.ts';
import { answers } from '../start/process.ts';
import { type Plan, readPlan } from './plan.ts';
import type { Result } from './result.ts';
import { consumerLag, experiments, performanceMetrics } from './tables.ts';

const DATASET = 'logweir';
const ROWS_AT_ONCE = 2_000;

/** A kept experiment with what it measured. */
export interface Kept {
  readonly id: string;
  readonly name: string;
  readonly startedAt: string;
  readonly plan: Plan;
  readonly saturated: boolean | null;
  readonly machine: Readonly<Record<string, unknown>>;
  readonly why: readonly string[];
}

export interface Metric {
  readonly process: string;
  readonly metric: string;
  readonly quantile: number | null;
  readonly unit: string;
  readonly mean: number;
  readonly most: number;
}

export interface Lag {
  /** Seconds since the start. */
  readonly second: number;
  readonly waiting: number;
  readonly oldestMs: number;
}

export interface ExperimentStore {
  keep(result: Result): Promise<void>;
  list(): Promise<readonly Kept[]>;
  /** By id, or the newest of a name; null: there is none. */
  find(idOrName: string): Promise<Kept | null>;
  metrics(id: string): Promise<readonly Metric[]>;
  /** Of all shards together, second by second. */
  lag(id: string): Promise<readonly Lag[]>;
  close(): Promise<void>;
}

/** Opens it. */
export async function openStore(dataDir: string): Promise<ExperimentStore> {
  const running = await runningAt(dataDir);
  const own =
    running === null
      ? await startBigquery({ port: 0, writePort: 0, projectId: PROJECT, dataDir: join(dataDir, 'bigquery') })
      : null;
  const { url, write } = running ?? {
    url: `http://127.0.0.1:${own!.port}`,
    write: { host: '127.0.0.1', port: own!.writePort },
  };
  const bigquery = new BigQuery({ projectId: PROJECT, apiEndpoint: url });
  if (own !== null) await applySql({ bigquery, dataset: DATASET });
  const warehouse = openWarehouse({ projectId: PROJECT, datasetId: DATASET, endpoint: write });
  const ask = async <Row>(query: string, params: Record<string, unknown> = {}): Promise<readonly Row[]> =>
    (await bigquery.query({ query, params, defaultDataset: { datasetId: DATASET } }))[0] as Row[];
  return {
    async keep({ experiment, metrics, lag }) {
      await warehouse.append(experiments, [experiment]);
      for (const some of chunks(metrics)) await warehouse.append(performanceMetrics, some);
      for (const some of chunks(lag)) await warehouse.append(consumerLag, some);
    },
    list: async () => (await ask<StoredRow>(`${KEPT} ORDER BY started_at DESC LIMIT 100`)).map(keptOf),
    async find(idOrName) {
      const rows = await ask<StoredRow>(
        `${KEPT} AND (experiment_id = @asked OR name = @asked) ORDER BY started_at DESC LIMIT 1`,
        { asked: idOrName },
      );
      return rows[0] === undefined ? null : keptOf(rows[0]);
    },
    metrics: (id) => ask<Metric>(METRICS, { id }),
    lag: (id) => ask<Lag>(LAG, { id }),
    close: async () => {
      await warehouse.close();
      await own?.close();
    },
  };
}

async function runningAt(dataDir: string) {
  const endpoints = await findEndpoints(dataDir);
  if (endpoints === null) return null;
  const [host = '', port = ''] = endpoints.bigqueryWrite.split(':');
  return (await answers(Number(port)))
    ? { url: endpoints.bigquery, write: { host, port: Number(port) } }
    : null;
}

function* chunks<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let i = 0; i < rows.length; i += ROWS_AT_ONCE) yield rows.slice(i, i + ROWS_AT_ONCE);
}

interface StoredRow {
  readonly id: string;
  readonly name: string;
  readonly started: string;
  readonly producers: number;
  readonly consumers: number;
  readonly shards: number;
  readonly rate: number;
  readonly seed: number;
  readonly saturated: boolean | null;
  readonly machine: string;
  readonly settings: string;
}

const KEPT = `SELECT experiment_id AS id, name, FORMAT_TIMESTAMP('%F %T', started_at) AS started, producers, consumers,
  shards, rate, seed, saturated, TO_JSON_STRING(machine) AS machine, TO_JSON_STRING(settings) AS settings
FROM experiments
WHERE started_at > TIMESTAMP '2020-01-01' AND ended_at IS NOT NULL`;

const METRICS = `SELECT process, metric, quantile, unit, AVG(value) AS mean, MAX(value) AS most
FROM performance_metrics
WHERE measured_at > TIMESTAMP '2020-01-01' AND experiment_id = @id
GROUP BY process, metric, quantile, unit`;

const LAG = `SELECT TIMESTAMP_DIFF(measured_at, MIN(measured_at) OVER (), SECOND) AS second,
  SUM(waiting_messages) AS waiting, MAX(oldest_ms) AS oldestMs
FROM consumer_lag
WHERE measured_at > TIMESTAMP '2020-01-01' AND experiment_id = @id
GROUP BY measured_at
ORDER BY second`;

function keptOf({ id, name, started, saturated, ...row }: StoredRow): Kept {
  const { saturation = [], ...settings } = JSON.parse(row.settings) as { saturation?: string[] };
  const { producers, consumers, shards, rate, seed } = row;
  return {
    ...{ id, name, startedAt: started, saturated, why: saturation },
    plan: readPlan({ ...settings, name, producers, consumers, shards, rate, seed }),
    machine: JSON.parse(row.machine) as Record<string, unknown>,
  };
}
