/** From the statistics of a service to what rules and models see of the window (models/features.ts). Pure. */
import type { ServiceWindow } from '../../models/features.ts';
import { CRITICAL, WARNING } from '../parse/severity.ts';
import type { ServiceStats } from '../service-stats.ts';

/** `newPatternErrors`: errors whose pattern is new to the service (pattern-memory.ts). */
export const windowRow = (stats: ServiceStats, startMs: number, newPatternErrors: number): ServiceWindow => ({
  window_start_ms: startMs,
  entries: stats.entries,
  errors: stats.errors,
  warning_count: stats.severities[WARNING / 100] ?? 0,
  critical_count: stats.severities.slice(CRITICAL / 100).reduce((sum, count) => sum + count, 0),
  http_4xx: stats.http[3] ?? 0,
  http_5xx: stats.http[4] ?? 0,
  latency_mean_ms: stats.latency.mean,
  latency_p50_ms: stats.latency.p50,
  latency_p99_ms: stats.latency.p99,
  distinct_users: stats.distinctUsers,
  new_pattern_errors: newPatternErrors,
});
