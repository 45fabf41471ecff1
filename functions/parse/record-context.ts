import type { Failure } from '../ingest/failure.ts';
import type { LogEntry } from './log-entry.ts';

/** Where a record came from: what a parser needs beside its text. */
export interface RecordContext {
  readonly batchId: string;
  readonly index: number;
  readonly receivedAtUs: number;
  readonly attributes: Readonly<Record<string, string>>;
  /** The record was not valid UTF-8 and was read as latin1. */
  readonly latin1: boolean;
  /** The bytes of its batch, and where it stands there, character for character the text; -1: it is not ASCII. */
  readonly bytes?: Buffer;
  readonly offset?: number;
}

/** Text of one record → entry, or why it is none. Never throws for what a log may hold. */
export type ParseRecord = (text: string, context: RecordContext) => LogEntry | Failure;

/** What became of records of a batch: one entry of several where they are one event, a stack trace for example. */
export interface ParsedRecord {
  readonly result: LogEntry | Failure;
  /** Records of the batch it was made of, in order; the first gives the entry its identity. */
  readonly indices: readonly number[];
}

/** Records that are one event, before it is made an entry. */
export interface PendingRecord {
  readonly indices: readonly number[];
  /** Makes the entry; to be called once. */
  finish(): LogEntry | Failure;
}

/** What has been done so far, in counts. */
export interface ParseCounts {
  /** Values redacted, by rule. */
  readonly redacted: Readonly<Record<string, number>>;
  /** Entries that have the publish time because they had none that could be read. */
  readonly untimed: number;
}

/** A parser for whole batches, too. */
export interface Parser extends ParseRecord {
  /** Joins records of one batch that are one event; every record is in exactly one of the results. */
  join(texts: readonly string[], contextOf: (index: number) => RecordContext): PendingRecord[];
  /** As `join`, and makes the entries. */
  parseAll(texts: readonly string[], contextOf: (index: number) => RecordContext): ParsedRecord[];
  /** Redacts a text that is stored beside entries: a dead letter's bytes, a message's attributes. */
  redact(text: string): string;
  counts(): ParseCounts;
}
