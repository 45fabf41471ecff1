/**
 * The parse function without its edges: one Pub/Sub message in, rows and partials out.
 *
 *     message → batch of records → LogEntry or dead letter → rows in BigQuery → partials and timers
 *
 * Guarantee: when the promise resolves, every record of the message stands in log_entries (or in a file that is loaded
 * into it, load/), alone or joined to the event it is part of, or in dead_letters, and every entry is counted in its windows or stands in late_entries. Any
 * failure of a client rejects; the message is then not acknowledged and comes again, which adds nothing twice
 * (insert_id, partial ids, timer names).
 * Under pressure: memory for one batch at a time per request; concurrency is the function's setting.
 */
import { type Batch, readBatch } from './ingest/batch.ts';
import { type Failure, isFailure } from './ingest/failure.ts';
import type { PubsubMessage } from './ingest/message.ts';
import { recordBytes } from './ingest/split.ts';
import type { StagedRows } from './load/staged-rows.ts';
import { countedSince, countsOf } from './parse/counts.ts';
import type { LogEntry } from './parse/log-entry.ts';
import { parseRecordsOf } from './parse/parse-records.ts';
import type { ParseRecord, Parser } from './parse/record-context.ts';
import { redactedBytes, redactedMessage } from './parse/redact/raw.ts';
import type { Job } from './stream/job.ts';
import { type DeadLetter, deadLetters, type LateEntry, lateEntries, logEntries } from './warehouse/tables.ts';
import type { Warehouse } from './warehouse/warehouse.ts';
import {
  type ContributeEffects,
  type ContributeSettings,
  contribute,
  type Missed,
} from './window/contribute.ts';

export interface ParseEffects extends ContributeEffects {
  readonly warehouse: Warehouse;
  /** Takes the entries instead of the warehouse, while windows are counted. */
  readonly staged?: StagedRows<LogEntry>;
}

export interface ParseSettings extends ContributeSettings {
  readonly maxUnpackedBytes: number;
  readonly maxRecordBytes: number;
}

/** What became of a message, in counts. */
export interface BatchSummary {
  readonly records: number;
  readonly entries: number;
  readonly deadLetters: number;
  /** Entries that have the publish time, because they had none that could be read. */
  readonly untimed: number;
  /** Values redacted, by rule; rules that found nothing are left out. */
  readonly redacted: Readonly<Record<string, number>>;
  readonly lateEntries: number;
  readonly windows: number;
  /** Windows that had counted the batch before. */
  readonly duplicates: number;
}

/** A dead letter's raw bytes go in parts of this size: an append takes 10 MB at most. */
const RAW_PART_BYTES = 4 * 1024 * 1024;

/** Any job over log entries: its accumulators and results are its own business. */
export type LogJob = Job<LogEntry, unknown, unknown>;

/** Processes one message. */
export async function parseBatch(
  message: PubsubMessage,
  parse: ParseRecord | Parser,
  jobs: readonly LogJob[],
  effects: ParseEffects,
  settings: ParseSettings,
): Promise<BatchSummary> {
  const batch = readBatch(message, settings);
  if (isFailure(batch)) {
    await effects.warehouse.append(
      deadLetters,
      letter(
        `${batch.id}-batch`,
        'ingest',
        batch,
        redactedMessage(message, parse),
        redactedBytes(message.data, parse),
      ),
    );
    return {
      ...{ records: 0, entries: 0, deadLetters: 1, untimed: 0, redacted: {} },
      ...{ lateEntries: 0, windows: 0, duplicates: 0 },
    };
  }
  const countedBefore = countsOf(parse);
  const parsed = parseRecords(batch, parse, settings);
  const counted = countedSince(countedBefore, countsOf(parse));
  const staged = effects.staged?.write(parsed.entries);
  // Awaited at the end, if nothing else fails before.
  staged?.catch(() => undefined);
  const refused =
    staged === undefined
      ? await appendEntries(batch, parsed, parse, effects.warehouse)
      : { kept: parsed.entries, letters: [] };
  const allLetters = [...parsed.letters, ...refused.letters];
  if (allLetters.length > 0) await effects.warehouse.append(deadLetters, allLetters);

  const counts = { lateEntries: 0, windows: 0, duplicates: 0 };
  for (const job of jobs) {
    const contributed = await contribute(job, { ...batch, elements: refused.kept }, effects, settings);
    const late = lateRows(job, contributed.missed);
    if (late.length > 0) await effects.warehouse.append(lateEntries, late);
    counts.lateEntries += late.length;
    counts.windows += contributed.counted;
    counts.duplicates += contributed.duplicates;
  }
  await staged;
  const deadCount = allLetters.filter((one) => one.part === 0).length;
  return {
    records: batch.records.texts.length,
    entries: refused.kept.length,
    deadLetters: deadCount,
    ...counted,
    ...counts,
  };
}

/** Entries of a batch, each with the records it was made of, and letters for the records that became none. */
function parseRecords(batch: Batch, parse: ParseRecord | Parser, settings: ParseSettings) {
  const entries: LogEntry[] = [];
  const letters: DeadLetter[] = [];
  const recordsOf = new Map<string, readonly number[]>();
  for (const { result, indices } of parseRecordsOf(batch, parse, settings.maxRecordBytes)) {
    if (isFailure(result))
      letters.push(...recordLetter(batch, parse, { failure: result, indices, stage: 'parse' }));
    else {
      entries.push(result);
      if (indices.length > 1) recordsOf.set(result.insert_id, indices);
    }
  }
  return { entries, letters, recordsOf };
}

interface Refusal {
  readonly failure: Failure;
  readonly indices: readonly number[];
  readonly stage: DeadLetter['stage'];
}

/**
 * One letter for the records of one event, lines joined, under the identity of the first. What is to be redacted in an
 * entry is redacted in a letter's bytes.
 */
function recordLetter(
  batch: Batch,
  parse: ParseRecord | Parser,
  { failure, indices, stage }: Refusal,
): DeadLetter[] {
  const lines = indices.map((index) => recordBytes(batch.records, index));
  const raw = Buffer.concat(lines.flatMap((line, i) => (i === 0 ? [line] : [LINE_END, line])));
  const id = `${batch.id}-${indices[0]}`;
  return letter(id, stage, failure, redactedMessage(batch.message, parse), redactedBytes(raw, parse));
}

const LINE_END = Buffer.from('\n');

/** Appends entries; the records of those that BigQuery refuses one by one become dead letters and are in no window. */
async function appendEntries(
  batch: Batch,
  { entries, recordsOf }: ReturnType<typeof parseRecords>,
  parse: ParseRecord | Parser,
  warehouse: Warehouse,
) {
  const refused = new Set(entries.length > 0 ? await warehouse.append(logEntries, entries) : []);
  if (refused.size === 0) return { kept: entries, letters: [] };
  const failure: Failure = { reason: 'refused', detail: 'BigQuery refused the row' };
  const letters = [...refused].flatMap((i) => {
    const { insert_id } = entries[i]!;
    const indices = recordsOf.get(insert_id) ?? [Number(insert_id.slice(insert_id.lastIndexOf('-') + 1))];
    return recordLetter(batch, parse, { failure, indices, stage: 'warehouse' });
  });
  return { kept: entries.filter((_, i) => !refused.has(i)), letters };
}

function lateRows(job: LogJob, missed: readonly Missed<LogEntry>[]): LateEntry[] {
  return missed.flatMap(({ window, reason, elements }) =>
    elements.map((entry) => ({
      insert_id: entry.insert_id,
      job: job.name,
      service: job.key(entry),
      window_start: window.start * 1000,
      window_end: window.end * 1000,
      timestamp: entry.timestamp,
      received_at: entry.received_at,
      reason,
    })),
  );
}

function letter(
  insertId: string,
  stage: DeadLetter['stage'],
  failure: Failure,
  message: PubsubMessage,
  raw: Uint8Array,
): DeadLetter[] {
  const parts = Math.max(1, Math.ceil(raw.length / RAW_PART_BYTES));
  return Array.from({ length: parts }, (_, part) => ({
    insert_id: insertId,
    part,
    parts,
    received_at: message.publishTimeUs,
    stage,
    reason: failure.reason,
    detail: failure.detail,
    message_id: message.messageId,
    attributes: JSON.stringify(message.attributes),
    raw: raw.subarray(part * RAW_PART_BYTES, (part + 1) * RAW_PART_BYTES),
  }));
}
