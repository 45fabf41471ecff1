/**
 * What the warehouse adds to a message: the last windows of a service, the templates of its patterns. A message waits
 * three seconds for it at most and does without what does not come: late evidence is worth less than an early alert.
 */
import type { BigQuery } from '@google-cloud/bigquery';
import { errorFields, log } from '../log.ts';
import { WARNING } from '../parse/severity.ts';
import type { History } from './handle.ts';
import type { Series } from './incident.ts';
import type { Change } from './service.ts';

const DEADLINE_MS = 3_000;
const WINDOWS = 30;

const SERIES = `SELECT entries, error_rate, latency_mean_ms
FROM windows
WHERE job = 'service_health' AND service = @service
  AND window_start > TIMESTAMP_SUB(TIMESTAMP_MILLIS(@until), INTERVAL 1 HOUR)
  AND window_start <= TIMESTAMP_MILLIS(@until)
ORDER BY window_start DESC
LIMIT ${WINDOWS}`;

const TEMPLATES = 'SELECT pattern_id, template FROM patterns WHERE pattern_id IN UNNEST(@ids)';

interface WindowRow {
  readonly entries: number;
  readonly error_rate: number;
  readonly latency_mean_ms: number | null;
}

export function warehouseHistory(bigquery: BigQuery, dataset: string): History {
  const ask = async <Row>(query: string, params: Record<string, unknown>): Promise<readonly Row[]> => {
    const asked = bigquery.query({
      query,
      params,
      defaultDataset: { datasetId: dataset },
      jobTimeoutMs: DEADLINE_MS,
    });
    const [rows] = await within(DEADLINE_MS, asked);
    return rows as Row[];
  };
  return {
    async series(change) {
      const params = { service: change.service, until: change.atMs };
      const rows = await ask<WindowRow>(SERIES, params).catch(tell);
      return rows === null || rows.length === 0 ? null : seriesOf(change, rows.toReversed());
    },
    async templates(ids) {
      if (ids.length === 0) return new Map();
      const rows = await ask<{ pattern_id: string; template: string }>(TEMPLATES, { ids: [...ids] }).catch(
        tell,
      );
      return new Map((rows ?? []).map(({ pattern_id, template }) => [pattern_id, template]));
    },
  };
}

function seriesOf({ signal }: Change, rows: readonly WindowRow[]): Series {
  if (signal === 'latency') return { of: 'latency', values: rows.map((row) => row.latency_mean_ms ?? 0) };
  if (signal === 'silence') return { of: 'entries', values: rows.map(({ entries }) => entries) };
  return { of: 'error rate', values: rows.map((row) => row.error_rate) };
}

function tell(error: unknown): null {
  log(WARNING, 'alert', 'the warehouse adds nothing to a message', errorFields(error));
  return null;
}

function within<T>(ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = Object.assign(new Error(`no answer within ${ms} ms`), { code: 'ETIMEDOUT' });
    const timer = setTimeout(() => reject(late), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
