/** The paths of older systems: /logs, /logs/anomalies, /logs/stats with their own parameters and fields. */
import { z } from 'zod';
import { severityName } from './logs.ts';
import { count, instant, name } from './value.ts';

const filters = {
  from_timestamp: instant.optional().meta({ description: 'ms since the epoch, inclusive' }),
  to_timestamp: instant.optional().meta({ description: 'ms since the epoch, exclusive' }),
  service_name: name.optional(),
  level: z.string().max(20).optional().meta({ description: 'a severity in any case, e.g. error, warn' }),
  status_code: z.number().int().min(100).max(999).optional(),
  anomaly: z.boolean().optional(),
};

export const oldLogsQuery = z.strictObject({
  ...filters,
  page: z.number().int().min(1).max(10_000).default(1),
  size: z.number().int().min(1).max(1000).default(50),
});
export const oldStatsQuery = z.strictObject(filters);

export const oldEntry = z.object({
  id: z.string(),
  timestamp: z.number().meta({ description: 'ms since the epoch' }),
  service_name: z.string(),
  level: severityName,
  message: z.string(),
  status_code: z.number().nullable(),
  response_time_ms: z.number().nullable(),
  trace_id: z.string().nullable(),
  anomaly: z.boolean(),
  anomaly_score: z.number(),
});

export const oldLogs = z.object({
  items: z.array(oldEntry),
  total: count,
  page: count,
  size: count,
  pages: count,
});

const byName = z.record(z.string(), count);
export const oldStats = z.object({
  total_logs: count,
  anomaly_count: count,
  anomaly_rate: z.number(),
  error_rate: z.number(),
  by_service: byName,
  by_level: byName,
  by_status: byName,
  from_timestamp: z.number(),
  to_timestamp: z.number(),
});

export const oldHealth = z.object({ status: z.string(), timestamp: z.number() });
