/**
 * The functions' own log: one JSON line with severity, stage and counts, as Cloud Logging reads it from standard
 * output. Never a payload, never a secret: callers pass numbers, ids and fixed words only.
 */
import { type Severity, severityName } from './parse/severity.ts';

export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

/** Writes one line: `log(INFO, 'parse', 'batch done', { rows: 500 })`. */
export function log(severity: Severity, stage: string, message: string, fields: LogFields = {}): void {
  process.stdout.write(
    `${JSON.stringify({ severity: severityName(severity), stage, message, ...fields })}\n`,
  );
}

/**
 * What of an error may be logged: its kind and code; its message (cut to 500 characters) only where a code says
 * that it comes from a client or the system, because V8 quotes the input in a SyntaxError.
 */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: 'not an Error' };
  const code = (error as { code?: unknown }).code;
  if (typeof code !== 'string' && typeof code !== 'number') return { error: error.name };
  return { error: error.name, code, detail: error.message.slice(0, 500) };
}
