/** What goes wrong in services and between them: timeouts, databases, dependencies, code, configuration. */
import type { TextTable } from './text.ts';

export const timeout: TextTable = {
  category: 'timeout',
  scope: 'request',
  statuses: [504, 503],
  codes: ['ETIMEDOUT', 'DEADLINE_EXCEEDED', 'UPSTREAM_TIMEOUT', 'ReadTimeoutException'],
  texts: {
    warn: [
      'slow answer from {upstream}: {bigms} ms',
      '{fn} took {bigms} ms, more than the {ms} ms it should',
      'attempt {try} of 3 to reach {upstream} timed out, retrying',
      'request still running after {bigms} ms',
      'deadline is near: {ms} ms left for {fn}',
    ],
    error: [
      'request to {upstream} timed out after {bigms} ms',
      'DEADLINE_EXCEEDED: {fn} did not finish within {bigms} ms',
      'gateway timeout waiting for {upstream}',
      'ReadTimeoutException: no answer from {upstream} in {bigms} ms',
      'operation {fn} timed out, {try} retries used up',
      'timed out after {bigms} ms waiting for a response of {host}',
      'context deadline exceeded calling {upstream}',
      'lock on {key} not acquired within {bigms} ms, timeout',
      'client gave up: no response within the deadline of {bigms} ms',
      'timeout of {bigms} ms exceeded in {cls}.{fn}',
      'ETIMEDOUT: {upstream} did not answer in time',
    ],
    critical: [
      '{pct}% of calls to {upstream} time out, failing fast',
      'every call of {fn} exceeds its deadline of {bigms} ms',
    ],
  },
  heldOut: {
    warn: ['{upstream} answers slowly, {bigms} ms for {fn}', '{fn} is close to its deadline: {ms} ms left'],
    error: [
      'no response from {upstream} before the timeout of {bigms} ms',
      '{cls}.{fn} exceeded its deadline after {bigms} ms',
      'waited {bigms} ms for {upstream}, then timed out',
      'call to {host} aborted: timed out after {try} retries',
      'deadline exceeded while waiting for {fn}',
    ],
    critical: ['calls to {upstream} keep timing out: {pct}% exceeded the deadline'],
  },
};

export const database: TextTable = {
  category: 'database',
  scope: 'request',
  statuses: [500, 503],
  codes: ['SQLSTATE_40P01', 'SQLSTATE_23505', 'SQLSTATE_57P01', 'ER_LOCK_WAIT', 'DB_READONLY'],
  texts: {
    warn: [
      'slow query on {table}: {bigms} ms, {big} rows scanned',
      'replica {db} lags {n} seconds behind the primary',
      'transaction on {table} retried after serialization failure (attempt {try})',
      'query plan of {table} changed: sequential scan of {big} rows',
      'autovacuum of {table} runs for {n} minutes',
    ],
    error: [
      'deadlock detected while updating {table}, transaction rolled back',
      'duplicate key value violates unique constraint "{table}_pkey"',
      'could not serialize access to {table} due to concurrent update',
      'FATAL: terminating connection due to administrator command on {db}',
      'relation "{table}" does not exist in database {db}',
      'lock wait timeout on rows of {table}, transaction aborted',
      'cannot execute UPDATE in a read-only transaction on {db}',
      'SQLException: insert into {table} failed: value too long for column {col}',
      'foreign key violation on {table}.{col}',
      'primary {db} is not available, no writer elected',
      'commit of {n} rows to {table} failed: transaction is aborted',
    ],
    critical: [
      'database {db} is in recovery mode, all writes fail',
      'replication of {db} broken: primary and replica diverge',
    ],
  },
  heldOut: {
    warn: ['replica of {db} is {n} seconds behind', 'query on {table} scanned {big} rows in {bigms} ms'],
    error: [
      'transaction on {table} was chosen as deadlock victim and rolled back',
      'insert into {table} violates a unique constraint on {col}',
      'SQL error: column {col} of relation {table} does not exist',
      'database {db} only takes reads, update of {table} refused',
      'rollback: rows of {table} changed by a concurrent transaction',
    ],
    critical: ['no primary elected for database {db}, writes fail'],
  },
};

export const dependency: TextTable = {
  category: 'dependency',
  scope: 'request',
  statuses: [502, 503, 424],
  codes: ['UPSTREAM_5XX', 'CIRCUIT_OPEN', 'BAD_GATEWAY', 'DEPENDENCY_FAILED'],
  texts: {
    warn: [
      '{upstream} answered 503, using cached value',
      'circuit breaker for {upstream} is half open, trying one call',
      'fallback used: {upstream} is degraded',
      '{upstream} asks to retry after {n} seconds',
      'health check of {upstream} failed {try} times',
    ],
    error: [
      'upstream {upstream} answered 502 Bad Gateway',
      'circuit breaker open for {upstream}, call rejected',
      'dependency {upstream} failed: HTTP 500 from its API',
      'bad response from {upstream}: status 503, body of {n} bytes',
      '{upstream} is unavailable, fallback failed too',
      'third-party API {upstream} returned an error: service unavailable',
      'downstream {upstream} failed, giving up on this request',
      'no healthy upstream for {upstream}',
      'webhook of {upstream} answered 500 after {try} deliveries',
      'provider {upstream} rejects calls: maintenance mode',
      'partial failure: {n} of {n} calls to {upstream} answered 5xx',
    ],
    critical: [
      'dependency {upstream} is down, circuit breaker open for {n} minutes',
      'no healthy upstream left for {upstream}',
    ],
  },
  heldOut: {
    warn: ['{upstream} is degraded, serving the fallback', '{upstream} failed its health check'],
    error: [
      'upstream service {upstream} returned HTTP 503',
      'call rejected because the circuit breaker of {upstream} is open',
      'API of provider {upstream} unavailable: answered 500',
      'dependency {upstream} unhealthy, no fallback left',
      'received bad gateway from downstream {upstream}',
    ],
    critical: ['circuit breaker open: dependency {upstream} has no healthy upstream'],
  },
};

export const code: TextTable = {
  category: 'code_error',
  scope: 'request',
  statuses: [500],
  codes: ['INTERNAL', 'TypeError', 'NullPointerException', 'KeyError', 'AssertionError'],
  texts: {
    warn: [
      'deprecated method {cls}.{fn} was called',
      'unexpected value in field {col}, using its default',
      'unhandled case in {cls}.{fn}: {hex}',
      'retrying {fn} after an exception in {cls}',
    ],
    error: [
      "TypeError: Cannot read properties of undefined (reading '{col}')",
      'NullPointerException in {cls}.{fn}({file}:{n})',
      "KeyError: '{col}' in {file} line {n}",
      'panic: runtime error: index out of range [{n}] with length {n}',
      'IllegalStateException: {cls} was closed before {fn}',
      'unhandled exception in {cls}.{fn}: division by zero',
      'assertion failed in {file} line {n}: {col} must not be null',
      'JSON parse error at position {n}: unexpected token in {cls}',
      'ClassCastException: {cls} cannot be cast to {cls}',
      'ReferenceError: {fn} is not defined at {file}:{n}',
      "invalid argument: {fn} expects a number, got undefined for '{col}'",
    ],
    critical: [
      'uncaught exception in {cls}.{fn}, process exits with code {n}',
      'panic: nil pointer dereference in {fn} ({file}:{n})',
    ],
  },
  heldOut: {
    warn: [
      '{cls}.{fn} is deprecated and will be removed',
      'exception in {fn} swallowed, default of {col} used',
    ],
    error: [
      'uncaught TypeError in {file}:{n}: {col} is undefined',
      'null pointer dereferenced in {cls}.{fn}',
      'IndexError: list index out of range in {file} line {n}',
      'unexpected exception in {cls}.{fn}: {col} is null',
      'stack overflow: {fn} recursed {big} times',
    ],
    critical: ['process exits: unhandled panic in {cls}.{fn}'],
  },
};

export const configuration: TextTable = {
  category: 'configuration',
  scope: 'job',
  statuses: [500],
  codes: ['CONFIG_INVALID', 'ENV_MISSING', 'FLAG_UNKNOWN', 'SCHEMA_MISMATCH'],
  texts: {
    warn: [
      'setting {setting} is deprecated, use its successor',
      'configuration of {key} not found, using the default',
      'feature flag {key} is unknown, treated as off',
      'config version {n} is older than the running one, ignored',
    ],
    error: [
      'missing environment variable {setting}',
      'invalid value "{hex}" for setting {setting}: expected a number',
      'cannot parse configuration file {path}: unexpected key {key}',
      'configuration {key} refers to an unknown backend {upstream}',
      'config reload failed: schema of {key} does not match version {n}',
      'required setting {setting} is empty',
      'feature flag file {path} is not valid YAML, line {n}',
      'no route configured for {key}, check the settings',
      'conflicting settings {setting} and {key}, refusing the configuration',
      'secret {key} is not mounted at {path}',
    ],
    critical: [
      'configuration invalid: {setting} missing, service does not start',
      'rolled back configuration version {n}: validation of {key} failed',
    ],
  },
  heldOut: {
    warn: ['default used: no configuration for {key}', 'setting {setting} will be removed, it is deprecated'],
    error: [
      'environment variable {setting} is not set',
      'configuration file {path} has an invalid value for {key}',
      'setting {setting} is invalid: expected a duration',
      'reload of the configuration refused: unknown key {key} in line {n}',
      'config error: {key} is required but missing in {path}',
    ],
    critical: ['invalid configuration {path}: required setting {setting} is missing'],
  },
};
