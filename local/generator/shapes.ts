/**
 * How each kind of service writes a line: its logger's own field names, time and level. The gateway is on Node.js
 * with pino, auth with winston, payment on the JVM with Logback's logstash encoder, inventory on Python with
 * python-json-logger, user on Go with zap; together they name every field of a log entry in several ways.
 */
import type { Service } from './services.ts';
import type { Level } from './texts/text.ts';
import type { Kind } from './vocabulary.ts';

/**
 * What a line tells; texts are escaped for JSON already. Without a trace it is about no request, and what is told of
 * requests stands for nothing; an empty error code is not told.
 */
export interface Told {
  /** Who says it: the shape's own `source`. */
  source: string;
  timestampMs: number;
  level: Level;
  message: string;
  /** Where in the code it was said. */
  place: string;
  method: string;
  path: string;
  status: number;
  latencyMs: number;
  errorCode: string;
  traceId: string;
  spanId: string;
  requestId: string;
  userId: string;
}

export interface Shape {
  /** The members that name service and instance: the same for every line of an instance. */
  readonly source: (service: Service, instance: string) => string;
  /** Writes a line, without line end. */
  readonly write: (told: Told) => string;
}

const PINO: Readonly<Record<Level, number>> = { debug: 20, info: 30, warn: 40, error: 50, critical: 60 };
const WINSTON: Readonly<Record<Level, string>> = {
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  error: 'error',
  critical: 'crit',
};
const LOGBACK: Readonly<Record<Level, string>> = {
  debug: '"level":"DEBUG","level_value":10000',
  info: '"level":"INFO","level_value":20000',
  warn: '"level":"WARN","level_value":30000',
  error: '"level":"ERROR","level_value":40000',
  critical: '"level":"FATAL","level_value":50000',
};
const PYTHON: Readonly<Record<Level, string>> = {
  debug: 'DEBUG',
  info: 'INFO',
  warn: 'WARNING',
  error: 'ERROR',
  critical: 'CRITICAL',
};
const ZAP: Readonly<Record<Level, string>> = {
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  error: 'error',
  critical: 'fatal',
};

/** Each line in as few pieces as can be: every piece costs. */
function pino(t: Told): string {
  const request =
    t.traceId === ''
      ? ''
      : `,"reqId":"${t.requestId}","trace_id":"${t.traceId}","span_id":"${t.spanId}","userId":"${t.userId}","method":"${t.method}","url":"${t.path}","statusCode":${t.status},"responseTime":${latencyText(t.latencyMs)}`;
  const error = t.errorCode === '' ? '' : `,"errorCode":"${t.errorCode}"`;
  return `{"level":${PINO[t.level]},"time":${secondOf(t.timestampMs).epoch}${millisOf(t.timestampMs)},${t.source}${request}${error},"msg":"${t.message}"}`;
}

function winston(t: Told): string {
  const request =
    t.traceId === ''
      ? ''
      : `,"requestId":"${t.requestId}","traceId":"${t.traceId}","spanId":"${t.spanId}","user_id":"${t.userId}","status":${t.status},"durationMs":${latencyText(t.latencyMs)}`;
  const error = t.errorCode === '' ? '' : `,"errorCode":"${t.errorCode}"`;
  return `{"level":"${WINSTON[t.level]}","message":"${t.message}",${t.source}${request}${error},"timestamp":"${isoTime(t.timestampMs)}Z"}`;
}

function logstash(t: Told): string {
  const thread = (t.timestampMs % 16) + 1;
  const request =
    t.traceId === ''
      ? ''
      : `,"correlationId":"${t.requestId}","traceId":"${t.traceId}","spanId":"${t.spanId}","uid":"${t.userId}","http_status":${t.status},"elapsed_ms":${latencyText(t.latencyMs)}`;
  const error = t.errorCode === '' ? '' : `,"error_code":"${t.errorCode}"`;
  return `{"@timestamp":"${isoTime(t.timestampMs)}Z","@version":"1","message":"${t.message}","logger_name":"shop.payment.${t.place}","thread_name":"http-nio-8080-exec-${thread}",${LOGBACK[t.level]},${t.source}${request}${error}}`;
}

function python(t: Told): string {
  const request =
    t.traceId === ''
      ? ''
      : `,"request_id":"${t.requestId}","trace_id":"${t.traceId}","span_id":"${t.spanId}","user_id":"${t.userId}","status_code":${t.status},"took_ms":${latencyText(t.latencyMs)}`;
  const error = t.errorCode === '' ? '' : `,"error_code":"${t.errorCode}"`;
  return `{"asctime":"${secondOf(t.timestampMs).python}${millisOf(t.timestampMs)}","levelname":"${PYTHON[t.level]}","name":"inventory.${t.place}","message":"${t.message}",${t.source}${request}${error}}`;
}

function zap(t: Told): string {
  const request =
    t.traceId === ''
      ? ''
      : `,"x-request-id":"${t.requestId}","trace.id":"${t.traceId}","span.id":"${t.spanId}","user.id":"${t.userId}","response_code":${t.status},"latency":"${latencyText(t.latencyMs)}ms"`;
  const error = t.errorCode === '' ? '' : `,"error.code":"${t.errorCode}"`;
  return `{"level":"${ZAP[t.level]}","ts":${secondOf(t.timestampMs).epoch}.${millisOf(t.timestampMs)},"caller":"${t.place}","msg":"${t.message}",${t.source}${request}${error}}`;
}

const shape = (serviceField: string, instanceField: string, write: Shape['write']): Shape => ({
  source: ({ name }, instance) => `"${serviceField}":"${name}","${instanceField}":"${instance}"`,
  write,
});

export const SHAPES: Readonly<Record<Kind, Shape>> = {
  'api-gateway': shape('service', 'hostname', pino),
  auth: shape('service', 'hostname', winston),
  payment: shape('app', 'host', logstash),
  inventory: shape('service_name', 'pod', python),
  user: shape('application', 'host.name', zap),
};

const MILLIS = Array.from({ length: 1000 }, (_, ms) => String(ms).padStart(3, '0'));
const TENTHS = Array.from({ length: 10_000 }, (_, tenths) => String(tenths / 10));

/** Milliseconds with one decimal place: fractions are slow to print, so the usual ones are printed beforehand. */
const latencyText = (ms: number): string => TENTHS[Math.round(ms * 10)] ?? String(ms);

/** The texts of a second, made once: most lines are of the same one. */
interface Second {
  second: number;
  epoch: string;
  iso: string;
  python: string;
}

const SECONDS_KEPT = 16;
const seconds: Second[] = Array.from({ length: SECONDS_KEPT }, () => ({
  second: Number.NaN,
  epoch: '',
  iso: '',
  python: '',
}));

function secondOf(timestampMs: number): Second {
  const second = Math.floor(timestampMs / 1000);
  const kept = seconds[second & (SECONDS_KEPT - 1)]!;
  if (kept.second === second) return kept;
  const iso = new Date(second * 1000).toISOString();
  kept.second = second;
  kept.epoch = String(second);
  kept.iso = iso.slice(0, 20);
  kept.python = `${iso.slice(0, 10)} ${iso.slice(11, 19)},`;
  return kept;
}

/** Milliseconds of the second, three digits. */
const millisOf = (timestampMs: number): string =>
  MILLIS[timestampMs - Math.floor(timestampMs / 1000) * 1000]!;

/** `2026-11-20T10:00:00.123`, in UTC. */
const isoTime = (timestampMs: number): string => secondOf(timestampMs).iso + millisOf(timestampMs);
