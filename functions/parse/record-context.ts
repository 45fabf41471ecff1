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
}

/** Text of one record → entry, or why it is none. Never throws for what a log may hold. */
export type ParseRecord = (text: string, context: RecordContext) => LogEntry | Failure;
