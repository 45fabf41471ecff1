/**
 * The rules on a single entry: any one marks it. Score, 0 to 100: the highest weight of a rule that holds, plus 10
 * for each further one. Weights: severity ERROR 50, CRITICAL 70, ALERT 85, EMERGENCY 100; HTTP status 4xx 30,
 * 5xx 50; latency above the threshold 40; an error code 30.
 */
import { ERROR, type Severity } from './severity.ts';

export interface AnomalyInput {
  readonly severity: Severity;
  readonly http_status: number | null;
  readonly latency_ms: number | null;
  readonly error_code: string | null;
}

export interface Anomaly {
  readonly score: number;
  readonly reasons: readonly string[];
}

const NONE: Anomaly = { score: 0, reasons: [] };
const SEVERITY_WEIGHT: Readonly<Record<number, number>> = { 500: 50, 600: 70, 700: 85, 800: 100 };

/** Marks an entry; `slowMs` is the latency above which it is slow. */
export function anomalyOf(entry: AnomalyInput, slowMs: number): Anomaly {
  const bySeverity = entry.severity >= ERROR;
  const byStatus = entry.http_status !== null && entry.http_status >= 400;
  const byLatency = entry.latency_ms !== null && entry.latency_ms > slowMs;
  const byCode = entry.error_code !== null;
  if (!bySeverity && !byStatus && !byLatency && !byCode) return NONE;
  const reasons: string[] = [];
  let highest = 0;
  const hold = (reason: string, weight: number): void => {
    reasons.push(reason);
    highest = Math.max(highest, weight);
  };
  if (bySeverity) hold('severity', SEVERITY_WEIGHT[entry.severity] ?? 0);
  if (byStatus) hold('http_status', (entry.http_status ?? 0) >= 500 ? 50 : 30);
  if (byLatency) hold('latency', 40);
  if (byCode) hold('error_code', 30);
  return { score: Math.min(100, highest + 10 * (reasons.length - 1)), reasons };
}
