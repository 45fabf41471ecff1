/**
 * Severities by Cloud Logging's names and numbers.
 * Source: LogSeverity, https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry#LogSeverity
 */
export const DEFAULT = 0;
export const DEBUG = 100;
export const INFO = 200;
export const NOTICE = 300;
export const WARNING = 400;
export const ERROR = 500;
export const CRITICAL = 600;
const ALERT = 700;
export const EMERGENCY = 800;

/** A severity as Cloud Logging numbers it: 0 (DEFAULT) to 800 (EMERGENCY) in steps of 100. */
export type Severity = 0 | 100 | 200 | 300 | 400 | 500 | 600 | 700 | 800;

const NAMES = [
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

/** Cloud Logging's name of a severity. */
export type SeverityName = (typeof NAMES)[number];

/** Cloud Logging's name of a severity, e.g. `severityName(400)` is `WARNING`. */
export function severityName(severity: Severity): SeverityName {
  return NAMES[severity / 100]!;
}

const WORDS: ReadonlyMap<string, Severity> = new Map<string, Severity>(
  (
    [
      [DEFAULT, 'default', 'none', 'unspecified', 'notset'],
      [
        DEBUG,
        'debug',
        'dbg',
        'dbug',
        'trace',
        'trce',
        'trc',
        'verbose',
        'vrb',
        'fine',
        'finer',
        'finest',
        'silly',
        'd',
        't',
        'v',
      ],
      [INFO, 'info', 'inf', 'information', 'audit', 'informational', 'log', 'config', 'http', 'i'],
      [NOTICE, 'notice', 'note', 'success', 'n'],
      [WARNING, 'warning', 'warn', 'wrn', 'w'],
      [ERROR, 'error', 'err', 'eror', 'fail', 'failure', 'severe', 'e'],
      [CRITICAL, 'critical', 'crit', 'fatal', 'ftl', 'dpanic', 'f', 'c'],
      [ALERT, 'alert', 'a'],
      [EMERGENCY, 'emergency', 'emerg', 'panic'],
    ] as const
  ).flatMap(([severity, ...words]) =>
    words.flatMap((word): [string, Severity][] => [
      [word, severity],
      [word.toUpperCase(), severity],
      [`${word[0]!.toUpperCase()}${word.slice(1)}`, severity],
    ]),
  ),
);

/** Severity by a level's word in any case (`WARN`, `err`, `Information`); null for a word that is none. */
export const severityOfWord = (word: string): Severity | null =>
  WORDS.get(word) ?? (word.length <= 13 ? (WORDS.get(word.toLowerCase()) ?? null) : null);

/**
 * Severity by a level's number: pino's and bunyan's 10 (trace) to 60 (fatal), or Cloud Logging's 0, 100 … 800.
 * Numbers from 1 to 9 are none: syslog counts down, OpenTelemetry up, and a guess would be wrong half the time.
 */
export function severityOfNumber(level: number): Severity | null {
  if (level % 100 === 0 && level >= 0 && level <= 800) return level as Severity;
  if (level < 10 || level > 60) return null;
  return ([DEBUG, DEBUG, INFO, WARNING, ERROR, CRITICAL] as const)[Math.floor(level / 10) - 1] ?? null;
}

/**
 * Severity by OpenTelemetry's SeverityNumber, 1 (TRACE) to 24 (FATAL4).
 * Source: https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber
 */
export function severityOfOtel(level: number): Severity | null {
  if (!(level >= 1 && level <= 24)) return null;
  return ([DEBUG, DEBUG, INFO, WARNING, ERROR, CRITICAL] as const)[Math.floor((level - 1) / 4)] ?? null;
}

const SYSLOG = [EMERGENCY, ALERT, CRITICAL, ERROR, WARNING, NOTICE, INFO, DEBUG] as const;

/** Severity by syslog's number, 0 (emergency) to 7 (debug). Source: RFC 5424, 6.2.1. */
export const severityOfSyslog = (level: number): Severity | null =>
  Number.isInteger(level) && level >= 0 && level <= 7 ? SYSLOG[level]! : null;
