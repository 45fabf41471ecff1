/** Windows for tests of detection: entries by the handful, counted by the project's own aggregate. */
import type { ClosedWindow } from '../../../functions/detect/preparation.ts';
import type { LogEntry } from '../../../functions/parse/log-entry.ts';
import { type ServiceStats, serviceStats } from '../../../functions/service-stats.ts';

export const START_MS = Date.UTC(2026, 10, 20, 10);
export const SIZE_MS = 10_000;

/** What a window of a service holds. */
export interface Content {
  readonly entries: number;
  readonly errors?: number;
  readonly latencyMs?: number;
  readonly pattern?: string;
  readonly message?: string;
}

export function statsOf({
  entries,
  errors = 0,
  latencyMs = 50,
  pattern = 'known',
  message = 'failed',
}: Content): ServiceStats {
  const acc = serviceStats.create();
  for (let i = 0; i < entries; i++) {
    const isError = i < errors;
    serviceStats.add(acc, {
      insert_id: `b-${i}`,
      timestamp: START_MS * 1000 + i,
      severity: isError ? 500 : 200,
      message: isError ? message : 'done',
      pattern_id: isError ? pattern : 'ordinary',
      http_status: isError ? 503 : 200,
      latency_ms: latencyMs + (i % 5),
      trace_id: isError ? `trace-${i}` : null,
      user_id: `user-${i % 7}`,
      anomaly_score: isError ? 60 : 0,
    } as LogEntry);
  }
  return serviceStats.result(acc);
}

/** The window `index` after START_MS. */
export const windowAt = (
  index: number,
  services: Readonly<Record<string, Content>>,
  rest: Partial<ClosedWindow> = {},
): ClosedWindow => ({
  startMs: START_MS + index * SIZE_MS,
  endMs: START_MS + (index + 1) * SIZE_MS,
  revision: 1,
  incomplete: false,
  backfill: false,
  services: new Map(Object.entries(services).map(([name, content]) => [name, statsOf(content)])),
  ...rest,
});

export const SETTINGS = {
  latencyZ: 3,
  errorRatio: 5,
  errorRate: 0.1,
  minErrors: 3,
  silenceMs: 60_000,
  degradationWindows: 3,
  recoveryMs: 60_000,
};
