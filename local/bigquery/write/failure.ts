/**
 * Refusals of the Storage Write API: a status that ends the call, with BigQuery's `StorageError` in its details
 * where there is a code for it; and errors of single rows, which refuse their request and leave the call open.
 */
import { status } from '@grpc/grpc-js';
import { ApiError } from '../../http.ts';
import { asFailure } from '../failure.ts';

/** Codes of `StorageError`. */
export const STORAGE_ERROR = {
  TABLE_NOT_FOUND: 1,
  STREAM_ALREADY_COMMITTED: 2,
  STREAM_NOT_FOUND: 3,
  INVALID_STREAM_TYPE: 4,
  INVALID_STREAM_STATE: 5,
  STREAM_FINALIZED: 6,
  SCHEMA_MISMATCH_EXTRA_FIELDS: 7,
  OFFSET_ALREADY_EXISTS: 8,
  OFFSET_OUT_OF_RANGE: 9,
} as const;

export class WriteFailure extends Error {
  readonly code: number;
  readonly storageError: number | null;
  readonly entity: string;

  constructor(code: number, message: string, storageError: number | null = null, entity = '') {
    super(message);
    this.code = code;
    this.storageError = storageError;
    this.entity = entity;
  }
}

export const invalidArgument = (message: string): WriteFailure =>
  new WriteFailure(status.INVALID_ARGUMENT, message);

/** One row that cannot be written. */
export interface RowError {
  readonly index: number;
  readonly code: 'FIELDS_ERROR';
  readonly message: string;
}

/** The rows of a request that cannot be written; none of its rows is. */
export class RowFailure extends Error {
  readonly rows: readonly RowError[];

  constructor(rows: readonly RowError[]) {
    super(
      'Errors found while processing rows. Please refer to the row_errors field for details. The list may not be complete because of the size limitations.',
    );
    this.rows = rows;
  }
}

/** Any error as one of this API. */
export function asWriteFailure(error: unknown): WriteFailure {
  if (error instanceof WriteFailure) return error;
  const seen = asFailure(error);
  if (seen instanceof ApiError) {
    const { status: name = 'INTERNAL' } = seen.detail;
    const code = status[name as keyof typeof status] ?? status.INTERNAL;
    const missing = code === status.NOT_FOUND ? STORAGE_ERROR.TABLE_NOT_FOUND : null;
    return new WriteFailure(code, seen.message, missing);
  }
  const cause = error instanceof Error ? error.stack : String(error);
  console.error(JSON.stringify({ severity: 'ERROR', stage: 'local-bigquery-write', error: cause }));
  return new WriteFailure(status.INTERNAL, 'Internal error encountered.');
}
