/**
 * What no window of a service tells: the pipeline's own health, and how fast objectives are spent. One query each, every
 * few minutes; a query reads the newest partitions alone.
 */
import type { BigQuery } from '@google-cloud/bigquery';
import { NO_EVIDENCE, type Observation, type Signal, type SignalName } from './observation.ts';
import { burnRate } from './rules/burn-rate.ts';
import type { AlertConfig, Objective } from './rules/config.ts';
import { PIPELINE } from './rules/defaults.ts';
import { fits } from './rules/rule.ts';

/**
 * Of the windows that closed in the last minutes, the one that came the soonest: late data says nothing about lag. A
 * dead letter counts once, in however many parts and however often it was written.
 */
const HEALTH = `SELECT
  (SELECT MIN(TIMESTAMP_DIFF(emitted_at, window_end, MILLISECOND)) FROM service_windows
    WHERE window_start > TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 2 HOUR)
      AND emitted_at > TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 5 MINUTE)) AS lag,
  (SELECT COUNT(DISTINCT insert_id) FROM dead_letters
    WHERE received_at > TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 5 MINUTE) AND stage != 'warehouse') AS dead_letters,
  (SELECT COUNT(DISTINCT insert_id) FROM dead_letters
    WHERE received_at > TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 5 MINUTE) AND stage = 'warehouse') AS failed_writes,
  (SELECT SAFE_DIVIDE(COUNTIF(decided_by = 'fallback'), COUNT(*)) FROM predictions
    WHERE window_start > TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 HOUR)
      AND predicted_at > TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 5 MINUTE) AND model = 'verdict') AS fallback`;

const SPENT = `SELECT service, SUM(entries) AS long_entries, SUM(errors) AS long_errors,
  SUM(IF(window_start >= TIMESTAMP_MILLIS(@short), entries, 0)) AS short_entries,
  SUM(IF(window_start >= TIMESTAMP_MILLIS(@short), errors, 0)) AS short_errors
FROM windows
WHERE job = 'service_health' AND window_start >= TIMESTAMP_MILLIS(@long)
GROUP BY service`;

interface HealthRow {
  readonly lag: number | null;
  readonly dead_letters: number | null;
  readonly failed_writes: number | null;
  readonly fallback: number | null;
}

interface SpentRow {
  readonly service: string;
  readonly long_entries: number;
  readonly long_errors: number;
  readonly short_entries: number;
  readonly short_errors: number;
}

export interface HealthOptions {
  readonly bigquery: BigQuery;
  readonly dataset: string;
  readonly config: AlertConfig;
  /** Without models to ask, that rules decide is no failure. */
  readonly hasModels: boolean;
  readonly everyMs: number;
}

/** One observation of the pipeline, one of each service with an objective. */
export async function checkHealth(options: HealthOptions, nowMs: number): Promise<Observation[]> {
  const { bigquery, dataset, config } = options;
  const ask = async (query: string, params: Record<string, unknown> = {}): Promise<readonly unknown[]> =>
    (await bigquery.query({ query, params, defaultDataset: { datasetId: dataset } }))[0];
  const [[health], spent] = await Promise.all([
    ask(HEALTH),
    Promise.all(
      config.objectives.map(async (objective, i) => {
        const rows = await ask(SPENT, { long: nowMs - objective.long, short: nowMs - objective.short });
        return (rows as SpentRow[])
          .filter(({ service }) => firstFor(service, config.objectives) === i)
          .map((row) => spentBy(row, objective, options, nowMs));
      }),
    ),
  ]);
  return [healthOf(health as HealthRow, options, nowMs), ...spent.flat()];
}

const firstFor = (service: string, objectives: readonly Objective[]): number =>
  objectives.findIndex(({ services }) => services.some((pattern) => fits(service, pattern)));

function healthOf(row: HealthRow, options: HealthOptions, nowMs: number): Observation {
  const signals: Partial<Record<SignalName, Signal>> = {
    dead_letters: plain(row.dead_letters ?? 0),
    failed_writes: plain(row.failed_writes ?? 0),
  };
  // Nothing closed: nothing came, or detection of silence has it.
  if (row.lag !== null) signals.lag = plain(row.lag);
  if (options.hasModels && row.fallback !== null) signals.model_fallback = plain(row.fallback);
  return observationOf(PIPELINE, signals, options, nowMs);
}

function spentBy(row: SpentRow, objective: Objective, options: HealthOptions, nowMs: number): Observation {
  const rate = burnRate(
    { entries: row.long_entries, errors: row.long_errors },
    { entries: row.short_entries, errors: row.short_errors },
    objective,
  );
  return observationOf(row.service, { burn_rate: plain(rate) }, options, nowMs);
}

const plain = (now: number): Signal => ({ now, usual: null, deviations: null, decided: null });

/** The check stands for the time since the last one. */
function observationOf(
  service: string,
  signals: Observation['signals'],
  { everyMs }: HealthOptions,
  nowMs: number,
): Observation {
  const endMs = Math.floor(nowMs / everyMs) * everyMs;
  return {
    ...{ service, startMs: endMs - everyMs, endMs, revision: 1, entries: 0, errors: 0 },
    ...{ signals, evidence: NO_EVIDENCE },
  };
}
