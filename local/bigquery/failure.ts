/**
 * Refusals in BigQuery's words: each has the reason, the HTTP code and the status that BigQuery gives, so that
 * clients decide rightly what to retry. Source: https://cloud.google.com/bigquery/docs/error-messages
 */
import { ApiError } from '../http.ts';
import { failureMessage, SqlError } from './sql/index.ts';

/** `ErrorProto` of the REST API: what a job says about its failure. */
export interface ErrorProto {
  readonly reason: string;
  readonly message: string;
  readonly location?: string;
}

const CODES: Readonly<Record<string, readonly [code: number, status: string]>> = {
  invalid: [400, 'INVALID_ARGUMENT'],
  invalidQuery: [400, 'INVALID_ARGUMENT'],
  resourcesExceeded: [400, 'INVALID_ARGUMENT'],
  bytesBilledLimitExceeded: [400, 'INVALID_ARGUMENT'],
  resourceInUse: [400, 'FAILED_PRECONDITION'],
  stopped: [400, 'CANCELLED'],
  timeout: [400, 'DEADLINE_EXCEEDED'],
  accessDenied: [403, 'PERMISSION_DENIED'],
  notFound: [404, 'NOT_FOUND'],
  duplicate: [409, 'ALREADY_EXISTS'],
  conditionNotMet: [412, 'FAILED_PRECONDITION'],
  internalError: [500, 'INTERNAL'],
  notImplemented: [501, 'UNIMPLEMENTED'],
  backendError: [503, 'UNAVAILABLE'],
};

/** A refusal with one of BigQuery's reasons. */
export function failure(reason: string, message: string, location?: string): ApiError {
  const [code, status] = CODES[reason] ?? [400, 'INVALID_ARGUMENT'];
  return new ApiError(code, message, {
    reason,
    status,
    ...(location === undefined ? {} : { location: { type: 'other', name: location } }),
  });
}

export const invalid = (message: string, location?: string): ApiError =>
  failure('invalid', message, location);
export const notFound = (what: string): ApiError => failure('notFound', `Not found: ${what}`);
export const duplicate = (what: string): ApiError => failure('duplicate', `Already Exists: ${what}`);
/** For what BigQuery has and the laptop has not. */
export const unsupported = (what: string): ApiError =>
  failure('notImplemented', `not supported locally: ${what}`);

export const datasetName = (projectId: string, datasetId: string): string =>
  `Dataset ${projectId}:${datasetId}`;
export const tableName = (table: {
  readonly projectId: string;
  readonly datasetId: string;
  readonly tableId: string;
}): string => `Table ${table.projectId}:${table.datasetId}.${table.tableId}`;

/** Any error as a refusal; what nobody foresaw stays as it is. */
export function asFailure(error: unknown): unknown {
  if (error instanceof ApiError) return error;
  if (error instanceof SqlError) {
    const where = error.line > 0 && !/ at \[\d+:\d+\]$/.test(error.message);
    const message = where ? `${error.message} at [${error.line}:${error.column}]` : error.message;
    return failure(error.reason, message, error.reason === 'invalidQuery' ? 'query' : undefined);
  }
  return error instanceof Error ? (fromDuckdb(error.message) ?? error) : error;
}

/** The refusal as a job shows it. */
export function errorProto(error: unknown): ErrorProto {
  const seen = asFailure(error);
  if (!(seen instanceof ApiError)) {
    return {
      reason: 'internalError',
      message: 'An internal error occurred and the request could not be completed.',
    };
  }
  const location = seen.detail.location?.name;
  return {
    reason: seen.detail.reason ?? 'invalid',
    message: seen.message,
    ...(location === undefined ? {} : { location }),
  };
}

/** What DuckDB says while a statement runs, in BigQuery's words where they are known. */
function fromDuckdb(text: string): ApiError | null {
  const ours = failureMessage(text);
  if (ours !== null) {
    return failure(
      ours.startsWith('not supported locally') ? 'notImplemented' : 'invalidQuery',
      ours,
      'query',
    );
  }
  const line = text.split('\n')[0] ?? text;
  const found = /^([A-Z][A-Za-z ]*) Error: (.*)$/s.exec(line);
  if (!found) return null;
  const [, kind, message = ''] = found;
  if (kind === 'INTERRUPT')
    return failure('stopped', 'Job execution was cancelled: User requested cancellation');
  const disk = /^Failed to commit: .*(?:Could not write|No space left|Disk quota)/.test(message);
  if (kind === 'FATAL' || kind === 'IO' || disk)
    return failure('backendError', `The local warehouse cannot go on: ${message}`);
  if (kind === 'Out of Memory') {
    return failure('resourcesExceeded', `Resources exceeded during query execution: ${message}`);
  }
  const required = /^NOT NULL constraint failed: .*?([^.]+)$/.exec(message)?.[1];
  if (required !== undefined)
    return failure('invalidQuery', `Required field ${required} cannot be null`, 'query');
  if (kind === 'INTERNAL' || kind === 'TransactionContext') return null;
  return failure('invalidQuery', message, 'query');
}
