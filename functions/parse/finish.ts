/**
 * Last steps of every entry, in this order: exception out of a trace, redaction, pattern, anomaly. Redaction comes before
 * the pattern, so that no template or parameter holds a secret.
 */
import { anomalyOf } from './anomaly.ts';
import { addText, beginLayer, type Draft, SERVICE_RANK } from './draft.ts';
import type { LogEntry } from './log-entry.ts';
import type { Redactor } from './redact/redactor.ts';
import { ERROR } from './severity.ts';
import { exceptionOf } from './trace/exception.ts';

export interface FinishSettings {
  readonly slowMs: number;
  /** null: redaction is off. */
  readonly redactor: Redactor | null;
  readonly patternId: (message: string) => string;
}

/** Makes the entry of a draft. */
export function finishDraft(draft: Draft, settings: FinishSettings): LogEntry {
  const { entry } = draft;
  if (draft.serviceRank === SERVICE_RANK.none) entry.service = 'unknown';
  if (draft.format !== '') entry.format = draft.format;
  if (draft.stack !== null || draft.exceptionType !== null || entry.message.includes('\n'))
    takeException(draft);
  entry.labels = draft.labels === '' ? '{}' : `{${draft.labels}}`;
  if (draft.numbered) entry.labels = JSON.stringify(JSON.parse(entry.labels));
  if (settings.redactor !== null) redactEntry(entry, settings.redactor);
  entry.pattern_id = settings.patternId(entry.message);
  const anomaly = anomalyOf(entry, settings.slowMs);
  entry.anomaly_score = anomaly.score;
  entry.anomaly_reasons = anomaly.reasons;
  return entry;
}

const FINGERPRINT = 'exception.fingerprint';

function takeException(draft: Draft): void {
  if (draft.labels.includes(`"${FINGERPRINT}":`)) return;
  const { stack, exceptionType, entry } = draft;
  const inStack = stack === null ? null : exceptionOf(stack, exceptionType);
  const found = inStack ?? (entry.message.includes('\n') ? exceptionOf(entry.message, exceptionType) : null);
  const type = exceptionType ?? found?.type ?? null;
  if (type === null) return;
  beginLayer(draft);
  addText(draft, 'exception.type', type);
  if (found === null) return;
  if (found.frame !== null) addText(draft, 'exception.frame', found.frame);
  if (found.cause !== null) addText(draft, 'exception.cause', found.cause);
  addText(draft, FINGERPRINT, found.fingerprint);
  // An exception that no logger gave a level was not caught.
  if (!draft.severityKnown && entry.severity < ERROR) entry.severity = ERROR;
}

const FIELDS = ['instance', 'error_code', 'trace_id', 'span_id', 'request_id', 'user_id'] as const;

function redactEntry(entry: LogEntry, redactor: Redactor): void {
  entry.message = redactor.text(entry.message);
  if (entry.labels.length > 2) entry.labels = redactor.json(entry.labels);
  entry.service = redactor.text(entry.service);
  for (const name of FIELDS) {
    const value = entry[name];
    if (value !== null) entry[name] = redactor.text(value);
  }
}
