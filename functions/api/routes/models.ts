/** Paths of models: versions, quality, drift, promote and roll back. */

import type { ApiContext } from '../context.ts';
import { parsedJson } from '../explanation.ts';
import { Fault } from '../fault.ts';
import { isoOf, whole } from '../question.ts';
import { answers, type Route, route } from '../route.ts';
import {
  type Drift,
  drift,
  type ModelAction,
  type Models,
  type ModelVersion,
  modelAction,
  models,
  type Quality,
  quality,
  qualityQuery,
} from '../schema/models.ts';

const tag = 'models';
const wide = true as const;

interface VersionRow extends Omit<ModelVersion, 'trained_at' | 'changed_at' | 'metrics'> {
  readonly trained_us: number;
  readonly changed_us: number;
  readonly metrics: string;
}

export const modelRoutes = (context: ApiContext): Route[] => [
  route({
    ...{ method: 'GET', path: '/models', tag, role: 'viewer', wide },
    summary: 'Versions of the models, what serves, where retraining stands',
    answer: answers('Models', models),
    handle: () => modelsOf(context),
  }),
  route({
    ...{ method: 'GET', path: '/models/quality', tag, role: 'viewer', wide },
    summary: 'How often verdicts were right by what people said, and how far the probability can be believed',
    query: qualityQuery,
    answer: answers('Quality', quality),
    handle: ({ query: { days } }) => qualityOf(context, days),
  }),
  route({
    ...{ method: 'POST', path: '/models/promote', tag, role: 'admin', wide },
    summary: 'Gives all traffic to the models that are tried now',
    answer: answers('ModelAction', modelAction),
    async handle(): Promise<ModelAction> {
      const { done, phase } = await keeperOf(context).promote();
      return { done, phase, message: done ? 'the new models serve' : 'there are no models on trial' };
    },
  }),
  route({
    ...{ method: 'POST', path: '/models/roll-back', tag, role: 'admin', wide },
    summary: 'Gives the traffic back to the models before',
    answer: answers('ModelAction', modelAction),
    async handle(): Promise<ModelAction> {
      const { done, phase } = await keeperOf(context).rollBack();
      return { done, phase, message: done ? 'the models before serve again' : 'there are no models before' };
    },
  }),
  route({
    ...{ method: 'GET', path: '/drift', tag, role: 'viewer', wide },
    summary: 'The last drift test of each model and feature',
    answer: answers('Drift', drift),
    async handle() {
      const rows = await context.ask<
        Omit<Drift['items'][number], 'reported_at'> & { readonly reported_us: number }
      >({
        sql: `SELECT model, model_version, UNIX_MICROS(reported_at) AS reported_us, feature, statistic, p_value, significance,
  drifted, reference_rows, current_rows
FROM drift
ORDER BY model, drifted DESC, statistic DESC, feature`,
        params: {},
        sharedMs: 5000,
      });
      return {
        items: rows.map(({ reported_us, ...rest }) => ({ ...rest, reported_at: isoOf(reported_us) })),
      };
    },
  }),
];

function keeperOf({ models: keeper }: ApiContext): NonNullable<ApiContext['models']> {
  if (keeper === null) throw new Fault('conflict', 'this deployment has no models');
  return keeper;
}

async function modelsOf({ ask, models: keeper }: ApiContext): Promise<Models> {
  const [rows, [last], state] = await Promise.all([
    ask<VersionRow>({
      sql: `SELECT model, version, UNIX_MICROS(trained_at) AS trained_us, state, UNIX_MICROS(changed_at) AS changed_us,
  traffic_percent, seed, sha256, TO_JSON_STRING(metrics) AS metrics, card
FROM model_versions
ORDER BY trained_us DESC, version DESC, model
LIMIT 300`,
      params: {},
      sharedMs: 2000,
    }),
    ask<{ version: string }>({
      sql: `SELECT model_version AS version
FROM predictions
WHERE window_start >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 HOUR) AND model = 'lstm' AND model_version IS NOT NULL
GROUP BY model_version
ORDER BY MAX(window_start) DESC
LIMIT 1`,
      params: {},
      sharedMs: 2000,
    }),
    keeper === null ? null : keeper.state().catch(() => null),
  ]);
  return {
    items: rows.map(({ trained_us, changed_us, metrics, ...rest }) => ({
      ...rest,
      trained_at: isoOf(trained_us),
      changed_at: isoOf(changed_us),
      metrics: parsedJson(metrics),
    })),
    serving: last?.version ?? null,
    endpoint: state?.endpoint ?? null,
    retraining: state && {
      phase: state.phase,
      since: state.since_ms === 0 ? null : new Date(state.since_ms).toISOString(),
      candidate: state.candidate,
      last_training_at:
        state.last_training_ms === null ? null : new Date(state.last_training_ms).toISOString(),
      can_promote: state.can_promote,
      can_roll_back: state.can_roll_back,
    },
  };
}

type Outcomes = Quality['totals'];
const OUTCOMES = ['windows', 'normal', 'caught', 'false_positives', 'missed', 'unjudged_positives'] as const;

async function qualityOf({ ask }: ApiContext, days: number): Promise<Quality> {
  const params = { days: whole(days) };
  const [items, bins] = await Promise.all([
    ask<Quality['items'][number]>({
      sql: `SELECT service, CAST(day AS STRING) AS day, windows, normal, caught, false_positives, missed, unjudged_positives
FROM prediction_quality
WHERE day > DATE_SUB(CURRENT_DATE(), INTERVAL @days DAY)
ORDER BY day DESC, service
LIMIT 5000`,
      params,
      sharedMs: 5000,
    }),
    ask<{ bin: number; windows: number; mean_predicted: number; observed: number; squared: number }>({
      sql: RELIABILITY,
      params,
      sharedMs: 5000,
    }),
  ]);
  const windows = bins.reduce((sum, one) => sum + one.windows, 0);
  return {
    totals: Object.fromEntries(
      OUTCOMES.map((name) => [name, items.reduce((sum, one) => sum + one[name], 0)]),
    ) as Outcomes,
    items: [...items],
    reliability: bins.map(({ bin, windows, mean_predicted, observed }) => ({
      ...{ from: bin / 10, to: (bin + 1) / 10 },
      ...{ windows, mean_predicted, observed },
    })),
    brier: windows === 0 ? null : bins.reduce((sum, one) => sum + one.squared, 0) / windows,
  };
}

/** Trouble: an alert of the service by a rule on what happened began within the horizon. */
const RELIABILITY = `WITH predicted AS (
  SELECT service, window_start, score
  FROM predictions
  WHERE window_start >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL @days DAY)
    AND window_start < TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 5 MINUTE)
    AND model = 'lstm' AND score IS NOT NULL
), trouble AS (
  SELECT service, started_at, COALESCE(resolved_at, CURRENT_TIMESTAMP()) AS ended_at
  FROM alerts
  WHERE started_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL @days DAY)
    AND rule NOT IN ('predicted_failure', 'anomaly') AND state != 'pending'
), judged AS (
  SELECT p.service, p.window_start, ANY_VALUE(p.score) AS score, MAX(IF(t.service IS NULL, 0, 1)) AS came
  FROM predicted AS p
  LEFT JOIN trouble AS t
    ON t.service = p.service AND t.started_at <= TIMESTAMP_ADD(p.window_start, INTERVAL 5 MINUTE)
      AND t.ended_at >= p.window_start
  GROUP BY p.service, p.window_start
)
SELECT LEAST(9, CAST(FLOOR(score * 10) AS INT64)) AS bin, COUNT(*) AS windows, AVG(score) AS mean_predicted,
  AVG(came) AS observed, SUM((score - came) * (score - came)) AS squared
FROM judged
GROUP BY bin
ORDER BY bin`;
