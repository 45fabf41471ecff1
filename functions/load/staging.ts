/**
 * What `parse` writes rows of log_entries with: files in the staging bucket. A file's name is its own, so an upload that
 * is tried again, after its answer was lost, finds the file there and is done.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Bucket } from '@google-cloud/storage';
import type { Clock } from '../clock.ts';
import type { LogEntry } from '../parse/log-entry.ts';
import { logEntries } from '../warehouse/tables.ts';
import { type StagedRows, stageRows } from './staged-rows.ts';

/** A file is written at this size without waiting: what an instance has in hand stays small. */
const MAX_BYTES = 16 * 1024 * 1024;
const PRECONDITION_FAILED = 412;

export function stagingIn(
  bucket: Pick<Bucket, 'file'>,
  { stagingWaitMs, clock }: { readonly stagingWaitMs: number; readonly clock: Clock },
): StagedRows<LogEntry> {
  const put = async (name: string, body: Buffer): Promise<void> => {
    try {
      await bucket.file(name).save(body, {
        resumable: false,
        contentType: 'avro/binary',
        preconditionOpts: { ifGenerationMatch: 0 },
      });
    } catch (error) {
      if ((error as { code?: unknown }).code !== PRECONDITION_FAILED) throw error;
    }
  };
  const newId = (): string => randomBytes(16).toString('hex');
  return stageRows(logEntries, { put, clock, pause, newId }, { stagingWaitMs, maxBytes: MAX_BYTES });
}
