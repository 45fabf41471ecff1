/** The tables of experiments (sql/schema/), as rows of this code. Times in ms since the epoch. */
import { nullable, required, type Table } from '../../functions/warehouse/table.ts';

export interface ExperimentRow {
  readonly experimentId: string;
  readonly name: string;
  readonly startedAtMs: number;
  /** null: it was broken off. */
  readonly endedAtMs: number | null;
  readonly producers: number;
  readonly consumers: number;
  readonly shards: number;
  readonly rate: number;
  readonly seed: number;
  readonly saturated: boolean | null;
  /** JSON objects. */
  readonly machine: string;
  readonly settings: string;
}

export const experiments: Table<ExperimentRow> = {
  name: 'experiments',
  columns: [
    required('experiment_id', 'STRING', (row) => row.experimentId),
    required('name', 'STRING', (row) => row.name),
    required('started_at', 'TIMESTAMP', (row) => row.startedAtMs * 1000),
    nullable('ended_at', 'TIMESTAMP', (row) => (row.endedAtMs === null ? null : row.endedAtMs * 1000)),
    required('producers', 'INT64', (row) => row.producers),
    required('consumers', 'INT64', (row) => row.consumers),
    required('shards', 'INT64', (row) => row.shards),
    required('rate', 'FLOAT64', (row) => row.rate),
    required('seed', 'INT64', (row) => row.seed),
    nullable('saturated', 'BOOL', (row) => row.saturated),
    required('machine', 'JSON', (row) => row.machine),
    required('settings', 'JSON', (row) => row.settings),
  ],
  // Written when it starts and when it has ended.
  upsert: { sequence: ({ endedAtMs }) => (endedAtMs === null ? 1 : 2) },
};

export interface MetricRow {
  readonly experimentId: string;
  readonly measuredAtMs: number;
  readonly process: string;
  readonly metric: string;
  readonly quantile: number | null;
  readonly value: number;
  readonly unit: string;
}

export const performanceMetrics: Table<MetricRow> = {
  name: 'performance_metrics',
  columns: [
    required('experiment_id', 'STRING', (row) => row.experimentId),
    required('measured_at', 'TIMESTAMP', (row) => row.measuredAtMs * 1000),
    required('process', 'STRING', (row) => row.process),
    required('metric', 'STRING', (row) => row.metric),
    nullable('quantile', 'FLOAT64', (row) => row.quantile),
    required('value', 'FLOAT64', (row) => row.value),
    required('unit', 'STRING', (row) => row.unit),
  ],
};

export interface LagRow {
  readonly experimentId: string;
  readonly measuredAtMs: number;
  readonly shard: string;
  readonly waitingMessages: number;
  readonly oldestMs: number;
}

export const consumerLag: Table<LagRow> = {
  name: 'consumer_lag',
  columns: [
    required('experiment_id', 'STRING', (row) => row.experimentId),
    required('measured_at', 'TIMESTAMP', (row) => row.measuredAtMs * 1000),
    required('shard', 'STRING', (row) => row.shard),
    required('waiting_messages', 'INT64', (row) => row.waitingMessages),
    required('oldest_ms', 'INT64', (row) => row.oldestMs),
  ],
};
