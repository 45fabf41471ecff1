/** Log entries: which, in which order, with what around them, how many of what. */
import { z } from 'zod';
import { cursor, limit, pageOfRange, range } from './range.ts';
import { count, instant, json, name, text, time } from './value.ts';

export const SEVERITY_NAMES = [
  'DEFAULT',
  'DEBUG',
  'INFO',
  'NOTICE',
  'WARNING',
  'ERROR',
  'CRITICAL',
  'ALERT',
  'EMERGENCY',
] as const;
export const severityName = z.enum(SEVERITY_NAMES);
export type SeverityName = z.infer<typeof severityName>;

/** Columns and meaning as in the table log_entries. */
export const logEntry = z.object({
  insert_id: z.string(),
  timestamp: time,
  timestamp_source: z.string(),
  received_at: time,
  service: z.string(),
  instance: z.string().nullable(),
  severity: severityName,
  severity_number: z.number().int(),
  message: z.string(),
  pattern_id: z.string().nullable(),
  http_status: z.number().int().nullable(),
  latency_ms: z.number().nullable(),
  error_code: z.string().nullable(),
  trace_id: z.string().nullable(),
  span_id: z.string().nullable(),
  request_id: z.string().nullable(),
  user_id: z.string().nullable(),
  labels: json.meta({ description: 'object of every other field, or null' }),
  anomaly_score: z.number().int(),
  anomaly_reasons: z.array(z.string()),
  format: z.string(),
});
export type LogEntry = z.infer<typeof logEntry>;

const MANY = 50;
const many = <T extends z.ZodType>(one: T) => z.array(one).min(1).max(MANY);

/** Which entries; all that is given must hold, of a parameter given several times any. */
export const logFilters = {
  service: many(name).optional(),
  severity: many(severityName).optional(),
  min_severity: severityName.optional().meta({ description: 'this severity or worse' }),
  status: many(z.string().regex(/^[1-9](\d\d|xx)$/))
    .optional()
    .meta({ description: 'HTTP status, such as 503, or a class of them, such as 5xx' }),
  anomaly: z.boolean().optional().meta({ description: 'true: marked by a rule; false: not marked' }),
  pattern: many(name).optional(),
  trace: name.optional(),
  q: text(500).optional().meta({
    description:
      'words that the message or a label holds, any case; "in quotes" a phrase, -word: without it, label=value: a label',
  }),
};

export const LOG_SORTS = ['-timestamp', 'timestamp', '-latency_ms', '-anomaly_score'] as const;

export const logsQuery = z.strictObject({
  ...range,
  ...logFilters,
  sort: z.enum(LOG_SORTS).default('-timestamp'),
  limit: limit(1000, 100),
  cursor: cursor.optional(),
});
export type LogsQuery = z.input<typeof logsQuery>;

export const logsPage = pageOfRange(logEntry);
export type LogsPage = z.infer<typeof logsPage>;

export const contextQuery = z.strictObject({
  at: instant.meta({ description: "the entry's timestamp" }),
  before: z.number().int().min(0).max(200).default(20),
  after: z.number().int().min(0).max(200).default(20),
});
export type ContextQuery = z.input<typeof contextQuery>;

/** Lists are in order of time; `trace` has the entry itself too, and is empty without a trace. */
export const logContext = z.object({
  entry: logEntry,
  before: z.array(logEntry),
  after: z.array(logEntry),
  trace: z.array(logEntry),
});
export type LogContext = z.infer<typeof logContext>;

export const statsQuery = z.strictObject({
  ...range,
  ...logFilters,
  buckets: z
    .number()
    .int()
    .min(1)
    .max(500)
    .default(60)
    .meta({ description: 'about so many; their size is rounded' }),
});
export type StatsQuery = z.input<typeof statsQuery>;

const facet = z.array(z.object({ value: z.string(), count }));

export const logStats = z.object({
  from: time,
  to: time,
  total: count,
  errors: count,
  anomalies: count,
  /** errors / total; 0 without entries. */
  error_rate: z.number(),
  bucket_ms: z.number(),
  /** Each bucket of the range, those without entries too. `counts` has the severities that are there. */
  histogram: z.array(
    z.object({
      start: time,
      total: count,
      anomalies: count,
      counts: z.partialRecord(severityName, count),
    }),
  ),
  /** The most frequent 20 of each, most frequent first. */
  facets: z.object({
    service: facet,
    severity: facet,
    /** HTTP statuses. */
    status: facet,
    pattern: z.array(z.object({ value: z.string(), count, template: z.string().nullable() })),
  }),
});
export type LogStats = z.infer<typeof logStats>;

export const exportQuery = z.strictObject({
  ...range,
  ...logFilters,
  format: z.enum(['csv', 'ndjson']).default('csv'),
  limit: limit(100_000, 10_000),
});
export type ExportQuery = z.input<typeof exportQuery>;
