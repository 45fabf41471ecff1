/** Paths of predictions, each with the alert that came after it, and how long after. */
import { HORIZON_MS } from '../../detect/model-answer.ts';
import type { Principal } from '../auth/principal.ts';
import { type ApiContext, ownServices } from '../context.ts';
import { explanationOf, parsedJson, patternIdsIn } from '../explanation.ts';
import { has, type Paged, pageOfRows } from '../pages.ts';
import { all, isoOf, timeMs, when } from '../question.ts';
import { answers, type Route, route } from '../route.ts';
import { type Prediction, predictionsPage, predictionsQuery } from '../schema/predictions.ts';
import { type Span, spanOf } from '../span.ts';
import { templatesOf } from '../templates.ts';

interface PredictionRow
  extends Paged,
    Pick<
      Prediction,
      | 'service'
      | 'model'
      | 'model_version'
      | 'revision'
      | 'score'
      | 'threshold'
      | 'positive'
      | 'horizon_s'
      | 'category'
      | 'decided_by'
    > {
  readonly predicted_us: number;
  readonly explanation: string | null;
}

interface StartRow {
  readonly alert_id: string;
  readonly rule: string;
  readonly service: string;
  readonly started_us: number;
}

export const predictionRoutes = (context: ApiContext): Route[] => [
  route({
    ...{ method: 'GET', path: '/predictions', tag: 'predictions', role: 'viewer' },
    summary: 'What models, rules and the verdict said of windows, newest first, and what came of it',
    query: predictionsQuery,
    answer: answers('PredictionsPage', predictionsPage),
    async handle({ principal, query: { from, to, service, model, positive, limit, cursor }, nowMs }) {
      const span = spanOf({ from, to }, nowMs);
      const { rows, page } = await pageOfRows<PredictionRow>(
        {
          columns: `service, model, model_version, revision, UNIX_MICROS(predicted_at) AS predicted_us, score, threshold,
  positive, horizon_s, category, decided_by, TO_JSON_STRING(explanation) AS explanation`,
          ...{ from: 'predictions', time: 'window_start', id: "CONCAT(service, ' ', model)" },
          ...{ span, limit, cursor },
          conditions: [
            ownServices(principal),
            has('service', service),
            has('model', model),
            positive === undefined ? null : when(positive ? 'positive' : 'NOT positive'),
          ],
          sharedMs: 1000,
        },
        context.ask,
      );
      const [starts, templates] = await Promise.all([
        rows.some((row) => row.positive) ? startsOf(context, { span, service, principal }) : [],
        templatesOf(patternIdsIn(rows.map(({ explanation }) => explanation)), context.ask),
      ]);
      return { items: rows.map((row) => predictionOf(row, starts, templates)), ...page };
    },
  }),
];

function predictionOf(
  row: PredictionRow,
  starts: readonly StartRow[],
  templates: ReadonlyMap<string, string>,
): Prediction {
  const { at_us, row_id: _, predicted_us, explanation, ...rest } = row;
  return {
    ...rest,
    window_start: isoOf(at_us),
    predicted_at: isoOf(predicted_us),
    explanation: explanationOf(explanation, templates),
    reasons: reasonsOf(explanation),
    followed_by: row.positive ? followerOf(row, starts) : null,
  };
}

/** What the forest found odd, with the values of the features. */
function reasonsOf(json: string | null): Prediction['reasons'] {
  const { reasons, features } = (parsedJson(json) ?? {}) as {
    readonly reasons?: unknown;
    readonly features?: Readonly<Record<string, unknown>>;
  };
  if (!Array.isArray(reasons)) return [];
  return reasons
    .filter((one): one is string => typeof one === 'string')
    .map((feature) => {
      const value = features?.[feature];
      return { feature, value: typeof value === 'number' ? value : null };
    });
}

/** The first alert from the prediction on, within its horizon. */
function followerOf(row: PredictionRow, starts: readonly StartRow[]): Prediction['followed_by'] {
  const horizonUs = row.horizon_s === null ? HORIZON_MS * 1000 : row.horizon_s * 1e6;
  const found = starts.find(
    ({ service, started_us }) =>
      service === row.service && started_us >= row.at_us && started_us <= row.predicted_us + horizonUs,
  );
  if (found === undefined) return null;
  const { alert_id, rule, started_us } = found;
  const lead_ms = Math.round((started_us - row.predicted_us) / 1000);
  return { alert_id, rule, started_at: isoOf(started_us), lead_ms };
}

/** Alerts that rules on what happened raised, in order; that of the prediction itself is no trouble. */
async function startsOf(
  { ask }: ApiContext,
  {
    span,
    service,
    principal,
  }: { readonly span: Span; readonly service: string | undefined; readonly principal: Principal },
): Promise<readonly StartRow[]> {
  const where = all([
    when('started_at >= @since AND started_at < @until', {
      since: timeMs(span.fromMs),
      until: timeMs(span.toMs + HORIZON_MS),
    }),
    ownServices(principal),
    has('service', service),
    when("rule NOT IN ('predicted_failure', 'failure_predicted', 'anomaly')"),
  ]);
  return ask<StartRow>({
    sql: `SELECT alert_id, rule, service, UNIX_MICROS(started_at) AS started_us
FROM alerts
WHERE ${where.sql}
ORDER BY started_us
LIMIT 5000`,
    params: where.params,
    sharedMs: 1000,
  });
}
