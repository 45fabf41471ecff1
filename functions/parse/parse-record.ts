/**
 * Stage 2: records → LogEntries or the reasons why not. Pure; never throws for what a log may hold.
 *
 * A record is read layer by layer (record.ts): wrappers, then JSON or text. The records of a batch that are one event
 * are joined (trace/). Then exception, redaction, pattern and anomaly (finish.ts). Nothing is lost: what no field takes, or
 * what does not fit its field, stands in `labels` with its name and type; a line that opens like JSON but is none is
 * a text line.
 */
import { type Failure, isFailure } from '../ingest/failure.ts';
import type { Draft } from './draft.ts';
import { type FinishSettings, finishDraft } from './finish.ts';
import type { LogEntry } from './log-entry.ts';
import { maskedId } from './pattern/pattern.ts';
import { type ReadSettings, readDraft, readWhole } from './record.ts';
import type { ParsedRecord, Parser, PendingRecord, RecordContext } from './record-context.ts';
import { createRedactor, type Redactor } from './redact/redactor.ts';
import type { Rule } from './redact/rule.ts';
import { DEFAULT_RULES } from './redact/rules.ts';
import type { FormatName } from './text/format-names.ts';
import { joinDrafts } from './trace/join.ts';

export interface ParserSettings {
  /** Deepest nesting of a JSON record. */
  readonly maxDepth: number;
  /** Latency above which an entry is slow, in ms. */
  readonly slowMs: number;
  /** How far after its publish time an entry may claim to be, in ms. */
  readonly maxFutureMs: number;
  /** Format by service, where it is set rather than recognised. Default: none. */
  readonly formats?: Readonly<Record<string, FormatName>>;
  /** Whether printed entries keep insert_id and received_at. Default: no, because a log must not choose its identity. */
  readonly keepIdentity?: boolean;
  /** Rules of redaction that are on, or `off`. Default: all but `ip`. */
  readonly redactRules?: readonly string[];
  /** Key of the hash that stands for a redacted value; null: none. */
  readonly redactKey?: string | null;
  /** Further rules. */
  readonly redactOwn?: readonly Rule[];
  /** Pattern id of a message. Default: by the message's shape alone. */
  readonly patternId?: (message: string) => string;
}

type ContextOf = (index: number) => RecordContext;

/** Makes a parser. It holds no state but its counts. */
export function createParser(settings: ParserSettings): Parser {
  const read: ReadSettings = {
    maxDepth: settings.maxDepth,
    maxFutureMs: settings.maxFutureMs,
    keepIdentity: settings.keepIdentity ?? false,
    formats: settings.formats ?? {},
  };
  const finish: FinishSettings = {
    slowMs: settings.slowMs,
    redactor: redactorOf(settings),
    patternId: settings.patternId ?? maskedId,
  };
  let untimed = 0;
  const count = (entry: LogEntry): LogEntry => {
    if (entry.timestamp_source === 'publish') untimed++;
    return entry;
  };
  const end = (result: Draft | Failure) => (isFailure(result) ? result : count(finishDraft(result, finish)));
  const whole = readWhole(read);
  const parse = (text: string, context: RecordContext) => end(readDraft(text, context, read));
  const joined = (texts: readonly string[], contextOf: ContextOf) => {
    const drafts = texts.map((text, index) => readDraft(text, contextOf(index), read));
    return joinDrafts(drafts, whole);
  };
  const join = (texts: readonly string[], contextOf: ContextOf): PendingRecord[] =>
    joined(texts, contextOf).map(({ result, indices }) => ({ indices, finish: () => end(result) }));
  const parseAll = (texts: readonly string[], contextOf: ContextOf): ParsedRecord[] =>
    joined(texts, contextOf).map(({ result, indices }) => ({ result: end(result), indices }));
  const redact = (text: string): string => finish.redactor?.text(text) ?? text;
  const counts = () => ({ redacted: finish.redactor?.counts ?? {}, untimed });
  return Object.assign(parse, { join, parseAll, redact, counts });
}

function redactorOf(settings: ParserSettings): Redactor | null {
  const rules = settings.redactRules ?? DEFAULT_RULES;
  const own = settings.redactOwn ?? [];
  return rules.includes('off') && own.length === 0
    ? null
    : createRedactor({ rules, own, key: settings.redactKey ?? null });
}
