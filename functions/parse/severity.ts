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
export const ALERT = 700;
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
