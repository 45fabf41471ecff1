/**
 * Last steps of every entry, in this order: exception out of a trace, redaction, pattern, anomaly. Redaction comes before
 * the pattern, so that no template or parameter holds a secret.
 */
import { anomalyOf } from './anomaly.ts';
import {
  addText,
  beginLayer,
  type Draft,
  hasLabel,
  labelsOf,
  SERVICE_RANK,
  UNKNOWN_SERVICE,
} from './draft.ts';
import type { LogEntry } from './log-entry.ts';
import type { Redactor } from './redact/redactor.ts';
import { SHORTEST_SECRET } from './redact/trigger.ts';
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
  if (draft.serviceRank === SERVICE_RANK.none) entry.service = UNKNOWN_SERVICE;
  if (draft.format !== '') entry.format = draft.format;
  if (draft.stack !== null || draft.exceptionType !== null || entry.message.includes('\n'))
    takeException(draft);
  entry.labels = labelsOf(draft);
  if (settings.redactor !== null) redactDraft(draft, settings.redactor);
  entry.pattern_id = settings.patternId(entry.message);
  const anomaly = anomalyOf(entry, settings.slowMs);
  entry.anomaly_score = anomaly.score;
  entry.anomaly_reasons = anomaly.reasons;
  return entry;
}

const FINGERPRINT = 'exception.fingerprint';

function takeException(draft: Draft): void {
  draft.clean = false;
  if (hasLabel(draft, FINGERPRINT)) return;
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

function redactDraft(draft: Draft, redactor: Redactor): void {
  const { entry } = draft;
  if (draft.clean && redactor.usual) {
    // A message's attribute may have given the service.
    entry.service = redactor.name(entry.service);
    if (draft.labelNames.some(redactor.concernsName)) entry.labels = redactor.json(entry.labels);
    return;
  }
  entry.message = redactor.text(entry.message);
  if (labelsConcern(draft, redactor)) entry.labels = redactor.json(entry.labels);
  entry.service = redactor.name(entry.service);
  if (entry.instance !== null) entry.instance = redactor.name(entry.instance);
  if (entry.error_code !== null) entry.error_code = redactor.id(entry.error_code);
  if (entry.trace_id !== null) entry.trace_id = redactor.id(entry.trace_id);
  if (entry.span_id !== null) entry.span_id = redactor.id(entry.span_id);
  if (entry.request_id !== null) entry.request_id = redactor.id(entry.request_id);
  if (entry.user_id !== null) entry.user_id = redactor.id(entry.user_id);
}

/** Whether the labels have to be redacted: their names are known after a while, and most values are short. */
function labelsConcern({ labelNames, labelValues }: Draft, redactor: Redactor): boolean {
  if (redactor.thorough) return labelNames.length > 0;
  for (let i = 0; i < labelNames.length; i++) {
    const value = labelValues[i]!;
    if (redactor.concernsName(labelNames[i]!)) return true;
    if ((value.length >= SHORTEST_SECRET || value.includes('@')) && redactor.concerns(value)) return true;
  }
  return false;
}
