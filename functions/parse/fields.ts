/**
 * The names that loggers give to the fields of LogEntry (pino, winston, bunyan, zap, logrus, structlog, logstash,
 * ECS, OpenTelemetry, Fluentd, Cloud Logging). What is not in the table stays in `labels` under its own name.
 */
export type Field =
  | 'timestamp'
  | 'severity'
  | 'message'
  | 'service'
  | 'tag'
  | 'instance'
  | 'http_status'
  | 'latency_ms'
  | 'latency_text'
  | 'error_code'
  | 'trace_id'
  | 'span_id'
  | 'request_id'
  | 'user_id';

const ALIASES: Readonly<Record<Field, string>> = {
  timestamp: 'timestamp time @timestamp ts datetime date eventTime event_time asctime @t t timeUnixNano',
  severity:
    'severity level lvl loglevel logLevel log_level log.level levelname severity_text severityText @l',
  message: 'message msg log text short_message MESSAGE @m textPayload body',
  service:
    'service service_name serviceName service.name app application app_name container_name kubernetes.container_name',
  tag: 'fluentd_tag tag',
  instance: 'instance host hostname host.name pod pod_name kubernetes.pod_name container_id node',
  http_status:
    'http_status status_code statusCode http.status_code http.response.status_code http_status_code status response_code',
  latency_ms: 'latency_ms duration_ms elapsed_ms response_time_ms responseTime durationMs latencyMs took_ms',
  latency_text: 'latency duration elapsed response_time',
  error_code: 'error_code errorCode error.code err_code',
  trace_id: 'trace_id traceId trace.id dd.trace_id logging.googleapis.com/trace trace',
  span_id: 'span_id spanId span.id dd.span_id logging.googleapis.com/spanId',
  request_id: 'request_id requestId req_id reqId correlation_id correlationId x-request-id http.request.id',
  user_id: 'user_id userId user.id uid usr.id',
};

/** Field by name in a log record. */
export const FIELD_OF: ReadonlyMap<string, Field> = new Map(
  (Object.entries(ALIASES) as [Field, string][]).flatMap(([field, names]) =>
    names.split(' ').map((name): [string, Field] => [name, field]),
  ),
);

/** Fields that hold text as it is; numbers are taken as text. */
export const TEXT_FIELDS: ReadonlySet<Field> = new Set([
  'instance',
  'error_code',
  'span_id',
  'request_id',
  'user_id',
]);

/** Longest text that such a field takes; longer stays in labels. */
export const MAX_FIELD_CHARS = 1024;

/** Milliseconds of `12ms`, `0.123s`, `1.5 s`, `250us`, `3m`; null for anything else. */
export function readLatencyMs(text: string): number | null {
  const match = /^(\d{1,15}(?:\.\d{1,9})?) ?(ns|us|µs|ms|s|m)$/.exec(text);
  if (match === null) return null;
  const unitMs: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1e3, m: 6e4 };
  return Number(match[1]) * unitMs[match[2]!]!;
}

/** A latency that can be one: finite, not negative, below a thousand days. */
export const isLatency = (ms: number): boolean => ms >= 0 && ms < 86_400_000_000;

/** A trace id without Cloud Logging's projects/P/traces/ before it. */
export const traceId = (text: string): string =>
  text.startsWith('projects/') ? text.slice(text.lastIndexOf('/') + 1) : text;
