/**
 * How each kind of service writes a line: its logger's own field names, time and level. The gateway is on Node.js
 * with pino, auth with winston, payment on the JVM with Logback's logstash encoder, inventory on Python with
 * python-json-logger, user on Go with zap; together they name every field of a log entry in several ways.
 */
import type { Service } from './services.ts';
import type { Level } from './texts/text.ts';
import type { Kind } from './vocabulary.ts';

/** What a line tells. Texts are escaped for JSON already; empty ones, a status of 0 and a latency of −1 are not told. */
export interface Told {
  service: Service;
  instance: string;
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

/** Writes a line, without line end. */
export type Shape = (told: Told) => string;

const PINO: Readonly<Record<Level, number>> = { debug: 20, info: 30, warn: 40, error: 50, critical: 60 };
const WINSTON: Readonly<Record<Level, string>> = {
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  error: 'error',
  critical: 'crit',
};
const LOGBACK: Readonly<Record<Level, readonly [string, number]>> = {
  debug: ['DEBUG', 10000],
  info: ['INFO', 20000],
  warn: ['WARN', 30000],
  error: ['ERROR', 40000],
  critical: ['FATAL', 50000],
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

const text = (name: string, value: string): string => (value === '' ? '' : `,"${name}":"${value}"`);
const status = (name: string, value: number): string => (value === 0 ? '' : `,"${name}":${value}`);
const latency = (name: string, value: number): string => (value < 0 ? '' : `,"${name}":${value}`);

function pino(t: Told): string {
  return (
    `{"level":${PINO[t.level]},"time":${t.timestampMs},"hostname":"${t.instance}","service":"${t.service.name}"` +
    text('reqId', t.requestId) +
    text('trace_id', t.traceId) +
    text('span_id', t.spanId) +
    text('userId', t.userId) +
    text('method', t.method) +
    text('url', t.path) +
    status('statusCode', t.status) +
    latency('responseTime', t.latencyMs) +
    text('errorCode', t.errorCode) +
    `,"msg":"${t.message}"}`
  );
}

function winston(t: Told): string {
  return (
    `{"level":"${WINSTON[t.level]}","message":"${t.message}","service":"${t.service.name}","hostname":"${t.instance}"` +
    text('requestId', t.requestId) +
    text('traceId', t.traceId) +
    text('spanId', t.spanId) +
    text('user_id', t.userId) +
    status('status', t.status) +
    latency('durationMs', t.latencyMs) +
    text('errorCode', t.errorCode) +
    `,"timestamp":"${isoTime(t.timestampMs)}Z"}`
  );
}

function logstash(t: Told): string {
  const [level, value] = LOGBACK[t.level];
  return (
    `{"@timestamp":"${isoTime(t.timestampMs)}Z","@version":"1","message":"${t.message}","logger_name":"shop.payment.${t.place}"` +
    `,"thread_name":"http-nio-8080-exec-${(t.timestampMs % 16) + 1}","level":"${level}","level_value":${value}` +
    `,"app":"${t.service.name}","host":"${t.instance}"` +
    text('correlationId', t.requestId) +
    text('traceId', t.traceId) +
    text('spanId', t.spanId) +
    text('uid', t.userId) +
    status('http_status', t.status) +
    latency('elapsed_ms', t.latencyMs) +
    text('error_code', t.errorCode) +
    '}'
  );
}

function python(t: Told): string {
  const time = isoTime(t.timestampMs);
  return (
    `{"asctime":"${time.slice(0, 10)} ${time.slice(11, 19)},${time.slice(20)}","levelname":"${PYTHON[t.level]}"` +
    `,"name":"inventory.${t.place}","message":"${t.message}","service_name":"${t.service.name}","pod":"${t.instance}"` +
    text('request_id', t.requestId) +
    text('trace_id', t.traceId) +
    text('span_id', t.spanId) +
    text('user_id', t.userId) +
    status('status_code', t.status) +
    latency('took_ms', t.latencyMs) +
    text('error_code', t.errorCode) +
    '}'
  );
}

function zap(t: Told): string {
  return (
    `{"level":"${ZAP[t.level]}","ts":${t.timestampMs / 1000},"caller":"${t.place}","msg":"${t.message}"` +
    `,"application":"${t.service.name}","host.name":"${t.instance}"` +
    text('x-request-id', t.requestId) +
    text('trace.id', t.traceId) +
    text('span.id', t.spanId) +
    text('user.id', t.userId) +
    status('response_code', t.status) +
    (t.latencyMs < 0 ? '' : `,"latency":"${t.latencyMs}ms"`) +
    text('error.code', t.errorCode) +
    '}'
  );
}

export const SHAPES: Readonly<Record<Kind, Shape>> = {
  'api-gateway': pino,
  auth: winston,
  payment: logstash,
  inventory: python,
  user: zap,
};

const MILLIS = Array.from({ length: 1000 }, (_, ms) => String(ms).padStart(3, '0'));
const SECONDS_KEPT = 16;
const seconds: { second: number; text: string }[] = Array.from({ length: SECONDS_KEPT }, () => ({
  second: Number.NaN,
  text: '',
}));

/** `2026-11-20T10:00:00.123`, in UTC; the second's part is made once. */
function isoTime(timestampMs: number): string {
  const second = Math.floor(timestampMs / 1000);
  const kept = seconds[second & (SECONDS_KEPT - 1)]!;
  if (kept.second !== second) {
    kept.second = second;
    kept.text = new Date(second * 1000).toISOString().slice(0, 20);
  }
  return kept.text + MILLIS[timestampMs - second * 1000]!;
}
