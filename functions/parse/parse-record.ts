/**
 * Stage 2: one record → LogEntry or the reason why not. Pure; never throws for what a log may hold.
 *
 * Records are read layer by layer (record.ts): wrappers, then JSON or text. Nothing is lost: what no field takes, or
 * what does not fit its field, stands in `labels` with its name and type; a line that opens like JSON but is none is
 * a text line.
 */
import { isFailure } from '../ingest/failure.ts';
import { anomalyOf } from './anomaly.ts';
import { type Draft, SERVICE_RANK } from './draft.ts';
import type { LogEntry } from './log-entry.ts';
import { patternOf } from './pattern/pattern.ts';
import { type ReadSettings, readDraft } from './record.ts';
import type { ParseRecord } from './record-context.ts';

export interface ParserSettings {
  /** Deepest nesting of a JSON record. */
  readonly maxDepth: number;
  /** Latency above which an entry is slow, in ms. */
  readonly slowMs: number;
  /** How far after its publish time an entry may claim to be, in ms. */
  readonly maxFutureMs: number;
  /** Format by service, where it is set rather than recognised. Default: none. */
  readonly formats?: Readonly<Record<string, string>>;
  /** Whether printed entries keep insert_id and received_at. Default: no, because a log must not choose its identity. */
  readonly keepIdentity?: boolean;
}

/** Makes the parser that `parseBatch` calls for each record. */
export function createParser(settings: ParserSettings): ParseRecord {
  const read: ReadSettings = {
    maxDepth: settings.maxDepth,
    maxFutureMs: settings.maxFutureMs,
    keepIdentity: settings.keepIdentity ?? false,
    formats: settings.formats ?? {},
  };
  return (text, context) => {
    const draft = readDraft(text, context, read);
    return isFailure(draft) ? draft : finish(draft, settings);
  };
}

function finish(draft: Draft, settings: ParserSettings): LogEntry {
  const { entry } = draft;
  if (draft.serviceRank === SERVICE_RANK.none) entry.service = 'unknown';
  if (draft.format !== '') entry.format = draft.format;
  entry.labels = `{${draft.labels}}`;
  entry.pattern_id = patternOf(entry.message).id;
  const anomaly = anomalyOf(entry, settings.slowMs);
  entry.anomaly_score = anomaly.score;
  entry.anomaly_reasons = anomaly.reasons;
  return entry;
}
