/**
 * The parse function without its edges: one Pub/Sub message in, rows and partials out.
 *
 *     message → batch of records → LogEntry or dead letter → rows in BigQuery → partials and timers
 *
 * Guarantee: when the promise resolves, every record of the message stands in log_entries or dead_letters, and
 * every entry is counted in its windows or stands in late_entries. Any failure of a client rejects; the message
 * is then not acknowledged and comes again, which adds nothing twice (insert_id, partial ids, timer names).
 * Under pressure: memory for one batch at a time per request; concurrency is the function's setting.
 */
import { type Batch, readBatch } from './ingest/batch.ts';
import { type Failure, isFailure } from './ingest/failure.ts';
import type { PubsubMessage } from './ingest/message.ts';
import { recordBytes } from './ingest/split.ts';
import type { LogEntry } from './parse/log-entry.ts';
import type { ParseRecord, RecordContext } from './parse/record-context.ts';
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
  parse: ParseRecord,
  jobs: readonly LogJob[],
  effects: ParseEffects,
  settings: ParseSettings,
): Promise<BatchSummary> {
  const batch = readBatch(message, settings);
  if (isFailure(batch)) {
    await effects.warehouse.append(
      deadLetters,
      letter(`${batch.id}-batch`, 'ingest', batch, message, message.data),
    );
    return { records: 0, entries: 0, deadLetters: 1, lateEntries: 0, windows: 0, duplicates: 0 };
  }
  const { entries, letters } = parseRecords(batch, parse, settings);
  const refused = await appendEntries(batch, entries, effects.warehouse);
  const allLetters = [...letters, ...refused.letters];
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
  const deadCount = allLetters.filter((one) => one.part === 0).length;
  return {
    records: batch.records.texts.length,
    entries: refused.kept.length,
    deadLetters: deadCount,
    ...counts,
  };
}

function parseRecords(batch: Batch, parse: ParseRecord, settings: ParseSettings) {
  const { records, message, id } = batch;
  const entries: LogEntry[] = [];
  const letters: DeadLetter[] = [];
  for (let index = 0; index < records.texts.length; index++) {
    const text = records.texts[index]!;
    const result = tooLarge(text, settings.maxRecordBytes) ?? parse(text, contextOf(batch, index));
    if (isFailure(result)) {
      letters.push(...letter(`${id}-${index}`, 'parse', result, message, recordBytes(records, index)));
    } else entries.push(result);
  }
  return { entries, letters };
}

const contextOf = ({ id, message, records }: Batch, index: number): RecordContext => ({
  batchId: id,
  index,
  receivedAtUs: message.publishTimeUs,
  attributes: message.attributes,
  latin1: records.latin1?.has(index) ?? false,
});

function tooLarge(text: string, maxBytes: number): Failure | null {
  // A string has at least a third as many characters as bytes, so most need no counting.
  if (text.length * 3 <= maxBytes) return null;
  const size = Buffer.byteLength(text);
  return size <= maxBytes
    ? null
    : { reason: 'too_large', detail: `record of ${size} bytes; allowed: ${maxBytes}` };
}

/** Appends entries; those that BigQuery refuses one by one become dead letters and are in no window. */
async function appendEntries(batch: Batch, entries: readonly LogEntry[], warehouse: Warehouse) {
  const refused = new Set(entries.length > 0 ? await warehouse.append(logEntries, entries) : []);
  if (refused.size === 0) return { kept: entries, letters: [] };
  const failure: Failure = { reason: 'refused', detail: 'BigQuery refused the row' };
  const letters = [...refused].flatMap((i) => {
    const { insert_id } = entries[i]!;
    const index = Number(insert_id.slice(insert_id.lastIndexOf('-') + 1));
    return letter(insert_id, 'warehouse', failure, batch.message, recordBytes(batch.records, index));
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
