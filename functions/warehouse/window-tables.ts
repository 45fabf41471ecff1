/**
 * The tables that windows are written to: what all have (identity, revision, completeness), then each job's
 * statistics. Upserted by (job, service, window_start); the highest revision stands.
 */
import { explanationOf, type Judgement } from '../detect/judgement.ts';
import type { ErrorCounts } from '../error-counter.ts';
import type { ServiceStats } from '../service-stats.ts';
import { type Column, nullable, repeatedStruct, required, type Table } from './table.ts';

/** The row of one key of one window at one revision. Times in ms since the epoch. */
export interface WindowRow<Value> {
  readonly job: string;
  readonly key: string;
  readonly start: number;
  readonly end: number;
  readonly revision: number;
  /** The window no longer exists: it merged into another. */
  readonly tombstone: boolean;
  readonly incomplete: boolean;
  readonly parts: number;
  readonly emittedAtMs: number;
  readonly value: Value;
  /** null: not judged. */
  readonly judgement?: Judgement | null;
}

type Row<Value> = Column<WindowRow<Value>>;

const identity: readonly Column<WindowRow<unknown>>[] = [
  required('job', 'STRING', (w) => w.job),
  required('service', 'STRING', (w) => w.key),
  required('window_start', 'TIMESTAMP', (w) => w.start * 1000),
  required('window_end', 'TIMESTAMP', (w) => w.end * 1000),
  required('revision', 'INT64', (w) => w.revision),
  required('tombstone', 'BOOL', (w) => w.tombstone),
  required('incomplete', 'BOOL', (w) => w.incomplete),
  required('partials', 'INT64', (w) => w.parts),
  required('emitted_at', 'TIMESTAMP', (w) => w.emittedAtMs * 1000),
];

const windowTable = <Value>(name: string, columns: readonly Row<Value>[]): Table<WindowRow<Value>> => ({
  name,
  columns: [...identity, ...columns],
  upsert: { sequence: (w) => w.revision },
});

const SEVERITIES = [
  'default',
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
] as const;

const LATENCIES = ['min', 'p50', 'p90', 'p95', 'p99', 'max'] as const;

export const serviceWindows = windowTable<ServiceStats>('service_windows', [
  required('entries', 'INT64', ({ value }) => value.entries),
  required('errors', 'INT64', ({ value }) => value.errors),
  required('error_rate', 'FLOAT64', ({ value }) => (value.entries === 0 ? 0 : value.errors / value.entries)),
  required('anomalies', 'INT64', ({ value }) => value.anomalies),
  required('max_anomaly_score', 'INT64', ({ value }) => value.maxAnomalyScore),
  ...SEVERITIES.map(
    (severity, i): Row<ServiceStats> =>
      required(`${severity}_count`, 'INT64', ({ value }) => value.severities[i]!),
  ),
  ...[1, 2, 3, 4, 5].map(
    (hundred): Row<ServiceStats> =>
      required(`http_${hundred}xx`, 'INT64', ({ value }) => value.http[hundred - 1]!),
  ),
  required('latency_count', 'INT64', ({ value }) => value.latency.count),
  nullable('latency_mean_ms', 'FLOAT64', ({ value }) => value.latency.mean),
  nullable('latency_variance_ms2', 'FLOAT64', ({ value }) => value.latency.variance),
  ...LATENCIES.map(
    (which): Row<ServiceStats> =>
      nullable(`latency_${which}_ms`, 'FLOAT64', ({ value }) => value.latency[which]),
  ),
  required('distinct_users', 'INT64', ({ value }) => value.distinctUsers),
  repeatedStruct<WindowRow<ServiceStats>, readonly [id: string, entries: number]>(
    'top_patterns',
    [nullable('pattern_id', 'STRING', ([id]) => id), nullable('entries', 'INT64', ([, entries]) => entries)],
    ({ value }) => value.topPatterns,
  ),
  nullable('verdict', 'STRING', ({ judgement }) => judgement?.severity),
  nullable('verdict_score', 'FLOAT64', ({ judgement }) => judgement?.score),
  nullable('decided_by', 'STRING', ({ judgement }) => judgement?.decidedBy),
  nullable('forest_score', 'FLOAT64', ({ judgement }) => judgement?.answer?.anomaly),
  nullable('failure_probability', 'FLOAT64', ({ judgement }) => judgement?.answer?.failure),
  nullable('new_pattern_errors', 'INT64', ({ judgement }) => judgement?.row.new_pattern_errors),
  nullable('category', 'STRING', ({ judgement }) => judgement?.category),
  nullable('explanation', 'JSON', ({ judgement }) => (judgement ? explanationOf(judgement) : null)),
]);

export const errorWindows = windowTable<ErrorCounts>('error_counts', [
  required('warnings', 'INT64', ({ value }) => value.warnings),
  required('errors', 'INT64', ({ value }) => value.errors),
  required('criticals', 'INT64', ({ value }) => value.criticals),
]);
