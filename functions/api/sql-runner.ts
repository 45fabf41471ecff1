/**
 * Runs statements that people write: saved ones with bound parameters and, where the deployment allows it, any that
 * reads. Whether it reads BigQuery itself says, by a dry run, before anything is run.
 */
import type { BigQuery } from '@google-cloud/bigquery';
import { Fault } from './fault.ts';
import type { SqlResult } from './schema/sql.ts';

export interface Statement {
  readonly sql: string;
  readonly parameters: Readonly<Record<string, string | number | boolean | null>>;
  /** Types by name, as the statement's head says; what is not named is bound by its value. */
  readonly types?: Readonly<Record<string, string>>;
  readonly maxRows: number;
  readonly dryRun: boolean;
}

/** Rejects with a Fault for a statement that is wrong, that writes, or that scans too much. */
export type SqlRunner = (statement: Statement) => Promise<SqlResult>;

export interface SqlRunnerOptions {
  readonly bigquery: BigQuery;
  readonly dataset: string;
  readonly maxScanBytes: number;
  readonly clock: () => number;
}

const TIMEOUT_MS = 60_000;
const MAX_MESSAGE = 1000;

interface JobStatistics {
  readonly totalBytesProcessed?: string;
  readonly query?: {
    readonly statementType?: string;
    readonly totalBytesProcessed?: string;
    readonly schema?: { readonly fields?: readonly FieldShape[] };
  };
}

interface FieldShape {
  readonly name?: string;
  readonly type?: string;
  readonly mode?: string;
}

export function sqlRunner(options: SqlRunnerOptions): SqlRunner {
  const { clock } = options;
  return async (statement) => {
    const startedMs = clock();
    try {
      const planned = await plan(statement, options);
      if (statement.dryRun) return { ...planned, ...EMPTY, ms: clock() - startedMs, dry_run: true };
      const found = await run(statement, options);
      return { ...found, bytes_scanned: planned.bytes_scanned, ms: clock() - startedMs, dry_run: false };
    } catch (error) {
      throw faultOf(error);
    }
  };
}

const EMPTY = { rows: [], truncated: false, total_rows: 0 };

/** What it would scan, of which columns. Throws a Fault for what does more than read. */
async function plan(statement: Statement, options: SqlRunnerOptions) {
  const [job] = await options.bigquery.createQueryJob({ ...requestOf(statement, options), dryRun: true });
  const { statistics } = job.metadata as { readonly statistics?: JobStatistics };
  const kind = statistics?.query?.statementType ?? 'SELECT';
  if (kind !== 'SELECT')
    throw new Fault('refused', `${kind} is not run here; allowed: a statement that reads`);
  const bytes = statistics?.query?.totalBytesProcessed ?? statistics?.totalBytesProcessed ?? '0';
  const fields = statistics?.query?.schema?.fields ?? [];
  return { columns: fields.map(columnOf), bytes_scanned: Number(bytes) };
}

async function run(statement: Statement, options: SqlRunnerOptions) {
  const [job] = await options.bigquery.createQueryJob({
    ...requestOf(statement, options),
    jobTimeoutMs: TIMEOUT_MS,
    maximumBytesBilled: String(options.maxScanBytes),
  });
  const [rows, , answer] = await job.getQueryResults({
    maxResults: statement.maxRows,
    autoPaginate: false,
    timeoutMs: TIMEOUT_MS,
    // Whole numbers beyond 2^53 stay what they are.
    wrapIntegers: true,
  });
  const { schema, totalRows } = (answer ?? {}) as {
    readonly schema?: { readonly fields?: readonly FieldShape[] };
    readonly totalRows?: string;
  };
  const columns = (schema?.fields ?? []).map(columnOf);
  const shown = (rows as readonly Readonly<Record<string, unknown>>[]).map((row) =>
    columns.map(({ name }) => plain(row[name])),
  );
  const total = Number(totalRows ?? shown.length);
  return { columns, rows: shown, total_rows: total, truncated: total > shown.length };
}

function requestOf({ sql, parameters, types = {} }: Statement, { dataset }: SqlRunnerOptions) {
  const names = Object.keys(parameters);
  return {
    query: sql,
    defaultDataset: { datasetId: dataset },
    useLegacySql: false,
    ...(names.length === 0
      ? {}
      : {
          params: Object.fromEntries(
            names.map((name) => [name, boundOf(parameters[name] ?? null, types[name])]),
          ),
          types: Object.fromEntries(
            names.map((name) => [name, types[name] ?? typeOf(parameters[name] ?? null)]),
          ),
        }),
  };
}

/** The client wants times in an object. */
const boundOf = (value: string | number | boolean | null, type: string | undefined): unknown =>
  type !== undefined && /^(?:TIMESTAMP|DATE|DATETIME|TIME)$/.test(type) && value !== null
    ? { value: String(value) }
    : value;

const typeOf = (value: string | number | boolean | null): string =>
  typeof value === 'boolean'
    ? 'BOOL'
    : typeof value === 'number'
      ? Number.isInteger(value)
        ? 'INT64'
        : 'FLOAT64'
      : 'STRING';

const columnOf = ({ name = '', type = '', mode }: FieldShape) => ({
  name,
  type: mode === 'REPEATED' ? `ARRAY<${type}>` : type,
});

/** Values of Google's client as JSON. */
function plain(value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (Buffer.isBuffer(value)) return value.toString('base64');
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value !== 'object') return value;
  const { type, value: inner } = value as { readonly type?: unknown; readonly value?: unknown };
  if (type === 'BigQueryInt') {
    const whole = Number(inner);
    return Number.isSafeInteger(whole) ? whole : String(inner);
  }
  if (inner !== undefined && Object.getPrototypeOf(value) !== Object.prototype) return String(inner);
  if (Object.getPrototypeOf(value) !== Object.prototype) return String(value);
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]));
}

/** What BigQuery says of a statement is for who wrote it. */
function faultOf(error: unknown): unknown {
  if (error instanceof Fault) return error;
  const { code, message = '' } = error as { readonly code?: unknown; readonly message?: string };
  if (/bytes billed/i.test(message)) return new Fault('refused', message.slice(0, MAX_MESSAGE));
  if (code === 400 || code === 404 || code === 403)
    return new Fault('invalid', message.slice(0, MAX_MESSAGE) || 'BigQuery refuses it');
  if (/timed? ?out|timeout/i.test(message)) return new Fault('unavailable', 'it took too long');
  if (typeof code === 'number' && code >= 500)
    return new Fault('invalid', `BigQuery cannot run it: ${message.slice(0, MAX_MESSAGE)}`);
  return error;
}
