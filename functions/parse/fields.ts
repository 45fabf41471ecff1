/**
 * The names that loggers give to the fields of LogEntry (pino, winston, bunyan, zap, logrus, serilog, structlog,
 * logstash, ECS, OpenTelemetry, Fluentd, Cloud Logging, journald, GELF). What is not in the table stays in `labels`
 * under its own name. A dotted name is found flat ("log.level": …) and nested ("log": {"level": …}).
 */
export type Field =
  | 'timestamp'
  | 'severity'
  | 'severity_otel'
  | 'severity_syslog'
  | 'message'
  | 'message_weak'
  | 'service'
  | 'application'
  | 'container'
  | 'program'
  | 'tag'
  | 'instance'
  | 'http_status'
  | 'latency_ms'
  | 'latency_s'
  | 'latency_us'
  | 'latency_ns'
  | 'latency_text'
  | 'error_code'
  | 'trace_id'
  | 'span_id'
  | 'request_id'
  | 'user_id'
  | 'stream'
  | 'stack'
  | 'exception_type';

const ALIASES: Readonly<Record<Field, string>> = {
  timestamp:
    'timestamp time @timestamp ts datetime date eventTime event_time asctime @t t timeUnixNano Timestamp Time ' +
    '__REALTIME_TIMESTAMP syslog_timestamp log_time logTime timeMillis instant epoch created_at isodate',
  severity:
    'severity level lvl loglevel logLevel log_level log.level levelname level_name severity_text severityText @l ' +
    'Level LogLevel Severity SeverityText LEVEL @fields.level',
  severity_otel: 'severityNumber SeverityNumber severity_number',
  severity_syslog: 'PRIORITY syslog_severity log.syslog.severity.code',
  message: 'message msg short_message MESSAGE Message @m @message textPayload RenderedMessage',
  message_weak: 'log event text body Body @mt MessageTemplate line full_message',
  service:
    'service service_name serviceName service.name serviceId service_id ServiceName dd.service serviceContext.service',
  application:
    'app application app_name appName appname application_name applicationName kubernetes.labels.app_kubernetes_io/name ' +
    'kubernetes.labels.app kubernetes.labels.k8s-app',
  container: 'container_name kubernetes.container_name container.name k8s.container.name k8s.deployment.name',
  program: 'SYSLOG_IDENTIFIER syslog_program program ident',
  tag: 'fluentd_tag tag',
  instance:
    'instance host hostname host.name host.hostname _HOSTNAME pod pod_name kubernetes.pod_name kubernetes.pod.name ' +
    'k8s.pod.name service.instance.id container_id node',
  http_status:
    'http_status status_code statusCode http.status_code http.response.status_code http_status_code status response_code ' +
    'res.statusCode res.status response.status response.status_code httpRequest.status',
  latency_ms:
    'latency_ms duration_ms elapsed_ms response_time_ms responseTime durationMs latencyMs elapsedMs took_ms ' +
    'responseTimeMs execution_time_ms',
  latency_s:
    'duration_s latency_s elapsed_s duration_seconds elapsed_seconds latency_seconds request_time took_s',
  latency_us: 'duration_us latency_us elapsed_us duration_micros',
  latency_ns: 'duration_ns latency_ns elapsed_ns event.duration duration_nanos',
  latency_text: 'latency duration elapsed response_time httpRequest.latency took',
  error_code:
    'error_code errorCode error.code err_code err.code errcode ErrorCode sqlstate state_code exception.code',
  trace_id:
    'trace_id traceId trace.id dd.trace_id logging.googleapis.com/trace trace traceID TraceId TraceID traceid ' +
    'otelTraceID X-B3-TraceId x-b3-traceid @tr',
  span_id:
    'span_id spanId span.id dd.span_id logging.googleapis.com/spanId spanID SpanId SpanID otelSpanID X-B3-SpanId @sp',
  request_id:
    'request_id requestId req_id reqId correlation_id correlationId x-request-id http.request.id req.id RequestId ' +
    'requestID CorrelationId X-Request-Id',
  user_id: 'user_id userId user.id uid usr.id UserId userID enduser.id',
  stream: 'stream',
  stack:
    'stack stack_trace stacktrace stackTrace exception exc_info error.stack_trace error.stack err.stack @x Exception ' +
    'exception.stacktrace exception.stack_trace thrown.extendedStackTrace errorVerbose',
  exception_type:
    'error.type err.type exception.type exception_type exc_type error.kind exception.class exception.exception_class ' +
    'thrown.name error.name err.name',
};

/** Field by name in a log record, dotted names included. */
export const FIELD_OF: ReadonlyMap<string, Field> = new Map(
  (Object.entries(ALIASES) as [Field, string][]).flatMap(([field, names]) =>
    names.split(' ').map((name): [string, Field] => [name, field]),
  ),
);

/** Where a field stands inside an object: the names below the object's own, and the field. */
export interface NestedField {
  readonly path: readonly string[];
  readonly field: Field;
}

/** By the name of an object in a record: the fields inside it. */
export const NESTED_FIELDS: ReadonlyMap<string, readonly NestedField[]> = nestedFields();

function nestedFields(): Map<string, NestedField[]> {
  const nested = new Map<string, NestedField[]>();
  for (const [name, field] of FIELD_OF) {
    const [parent, ...path] = name.split('.');
    if (path.length === 0) continue;
    nested.set(parent!, [...(nested.get(parent!) ?? []), { path, field }]);
  }
  nested.get('kubernetes')?.unshift({ path: ['labels', 'app.kubernetes.io/name'], field: 'application' });
  return nested;
}

/** Milliseconds of `12ms`, `0.123s`, `1.5 s`, `250us`, `3m`; null for anything else. */
export function readLatencyMs(text: string): number | null {
  if (text.length > 24) return null;
  const match = /^(\d{1,15}(?:\.\d{1,9})?) ?(ns|us|µs|μs|ms|s|sec|m)$/.exec(text);
  return match === null ? null : Number(match[1]) * UNIT_MS[match[2]!]!;
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1e3,
  sec: 1e3,
  m: 6e4,
};

/** A latency that can be one: finite, not negative, below a thousand days. */
export const isLatency = (ms: number): boolean => ms >= 0 && ms < 86_400_000_000;
