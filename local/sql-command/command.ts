/**
 * `logweir sql`: one GoogleSQL statement or script, through Google's client, against the laptop's BigQuery or that of a
 * project (warehouse.ts). Rows go to standard output as they come, everything else to standard error.
 */
import { readFile } from 'node:fs/promises';
import { text as readStream } from 'node:stream/consumers';
import type { Job, Query } from '@google-cloud/bigquery';
import { Command } from 'commander';
import { SETTINGS } from '../../functions/config.ts';
import { bytes, httpUrl } from '../../functions/setting-kinds.ts';
import { reportLinks } from '../../sql/looker-studio.ts';
import { DEFAULT_DATA_DIR } from '../endpoints.ts';
import { inKind, oneOf, whole } from '../option.ts';
import { type Column, type Format, type Row, rowWriter } from './format.ts';
import { readParameters } from './parameter.ts';
import { listText, savedQueries, savedQuery } from './saved.ts';
import { advised, openWarehouse, overLimit, type WarehouseOptions } from './warehouse.ts';

interface SqlOptions extends WarehouseOptions {
  readonly file?: string;
  readonly saved?: string;
  readonly list?: boolean;
  readonly lookerStudio?: string;
  readonly format: Format;
  readonly dryRun?: boolean;
  readonly param: readonly string[];
  readonly maxRows?: number;
}

const PAGE_ROWS = 10_000;
const PROGRESS_MS = 1_000;

/** The command. */
export const sqlCommand = (): Command =>
  new Command('sql')
    .description(
      "ask the laptop's warehouse in GoogleSQL, or that of a project; tables without a dataset are those of logweir",
    )
    .argument('[query]', 'the query; "-" or nothing reads it from standard input')
    .option('-f, --file <file>', 'read the query from a file')
    .option('--saved <name>', 'ask a saved query of sql/queries')
    .option('--list', 'list the saved queries: name, question, parameters')
    .option(
      '--format <format>',
      'table, csv or json (one object a line)',
      oneOf('table', 'csv', 'json'),
      'table',
    )
    .option('--dry-run', 'do not run it: say what it would read and the columns it would give')
    .option('--param <name:type:value>', 'bind a parameter (may be given again)', collect, [])
    .option('--project <id>', 'ask BigQuery in this Google Cloud project, by your credentials')
    .option('--dataset <name>', "dataset of the project's stack (default: logweir)")
    .option('--location <place>', 'where the query runs, e.g. europe-west1 (default: where its tables are)')
    .option(
      '--max-bytes <size>',
      'refuse a query that BigQuery would bill for more (default: 10GiB)',
      inKind(bytes(1, 1024 ** 5)),
    )
    .option('--endpoint <url>', "another BigQuery than Google's own, for the project", inKind(httpUrl))
    .option('--max-rows <rows>', 'print at most so many rows', whole(0, 1e9))
    .option('--data-dir <folder>', 'data folder of the running start', DEFAULT_DATA_DIR)
    .option(
      '--looker-studio <project>',
      'print links that open reports on the views in a Google Cloud project',
    )
    .addHelpText('after', EXAMPLES)
    .action(sql);

const EXAMPLES = `
Examples:
  logweir sql "SELECT * FROM service_health"
  logweir sql --saved trace --param since:TIMESTAMP:2026-11-20 --param until:TIMESTAMP:2026-11-21 --param trace_id::4bf9
  logweir sql --project my-project --dataset logweir_dev --dry-run "SELECT * FROM service_health"
  logweir sql --project my-project --max-bytes 100GiB -f month.sql
  logweir sql --format csv "SELECT * FROM failures" > failures.csv
  echo "SELECT COUNT(*) FROM windows" | logweir sql`;

async function sql(argument: string | undefined, options: SqlOptions): Promise<void> {
  process.stdout.off('error', quietEnd).on('error', quietEnd);
  if (options.list) console.log(listText(await savedQueries()));
  else if (options.lookerStudio !== undefined) {
    console.log(reportLinks({ projectId: options.lookerStudio, dataset: SETTINGS.dataset.default ?? '' }));
  } else await ask(argument, options);
}

/** The reader of a pipe may stop early, as `head` does: no reason for words. */
function quietEnd(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
}

async function ask(argument: string | undefined, options: SqlOptions): Promise<void> {
  const query = await queryText(argument, options);
  const parameters = readParameters(options.param);
  const { client, request: common, maxBytes } = await openWarehouse(options);
  const { maximumBytesBilled: _, ...free } = common;
  const request: Query = {
    // What is not run is not billed; whether it would be refused, tellPlan says.
    ...(options.dryRun ? free : common),
    query,
    useLegacySql: false,
    ...(parameters as Pick<Query, 'params' | 'types'>),
    ...(options.dryRun ? { dryRun: true } : {}),
  };
  const startedMs = Date.now();
  const stop = progress(startedMs);
  try {
    const [job] = await client.createQueryJob(request);
    if (options.dryRun) tellPlan(job, maxBytes);
    else await interruptible(job, () => tellRows(job, options, startedMs));
  } catch (error) {
    throw advised(await withParameters(error, options), options);
  } finally {
    stop();
  }
}

/** Ctrl-C ends the query too, not only the command. */
async function interruptible(job: Job, work: () => Promise<void>): Promise<void> {
  const end = (): never => process.exit(130);
  const cancel = (): void => void job.cancel().then(end, end);
  process.once('SIGINT', cancel);
  await work().finally(() => process.off('SIGINT', cancel));
}

/** What a saved query asks for, where a parameter is missing. */
async function withParameters(error: unknown, { saved }: SqlOptions): Promise<unknown> {
  if (saved === undefined || !(error instanceof Error) || !/Query parameter .* not found/.test(error.message))
    return error;
  const { parameters } = await savedQuery(saved);
  return new Error(`${error.message}; ${saved} asks for --param name:TYPE:value of ${parameters}`, {
    cause: error,
  });
}

async function queryText(argument: string | undefined, { file, saved }: SqlOptions): Promise<string> {
  if ([file, saved, argument].filter((one) => one !== undefined).length > 1)
    throw new Error('give one of a query, --file and --saved');
  if (saved !== undefined) return (await savedQuery(saved)).sql;
  if (file !== undefined) return readQuery(file);
  if (argument !== undefined && argument !== '-') return argument;
  if (process.stdin.isTTY && argument === undefined) {
    throw new Error('no query: logweir sql "SELECT …", -f FILE, --saved NAME, or through standard input');
  }
  return readStream(process.stdin);
}

async function readQuery(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Error(
      `cannot read ${file}: ${error.code === 'ENOENT' ? 'there is no such file' : error.message}`,
    );
  });
}

async function tellRows(job: Job, { format, maxRows }: SqlOptions, startedMs: number): Promise<void> {
  const put = (text: string): void => void process.stdout.write(text);
  let writer: ReturnType<typeof rowWriter> | null = null;
  let count = 0;
  let pageToken: string | undefined;
  do {
    const left = (maxRows ?? Number.POSITIVE_INFINITY) - count;
    const [rows, next, response] = await job.getQueryResults({
      autoPaginate: false,
      maxResults: Math.min(PAGE_ROWS, left),
      wrapIntegers: true,
      ...(pageToken === undefined ? {} : { pageToken }),
    });
    const fields = (response as { schema?: { fields?: Column[] } } | undefined)?.schema?.fields;
    if (fields !== undefined && fields.length > 0) writer ??= rowWriter(format, fields, put);
    writer?.rows(rows as Row[]);
    count += rows.length;
    pageToken = (next as { pageToken?: string } | null)?.pageToken;
  } while (pageToken !== undefined && count < (maxRows ?? Number.POSITIVE_INFINITY));
  writer?.end();
  const seconds = ((Date.now() - startedMs) / 1000).toFixed(2);
  const [metadata] = await job.getMetadata();
  const changed = metadata.statistics?.query?.numDmlAffectedRows;
  const done =
    writer === null
      ? changed === undefined
        ? 'done'
        : `${changed} rows changed`
      : `${count} row${count === 1 ? '' : 's'}`;
  console.error(
    `${done}, ${seconds} s, ${size(Number(metadata.statistics?.query?.totalBytesProcessed ?? 0))} read`,
  );
}

/** Of files outside BigQuery it knows the bytes only when it reads them. */
const BOUNDS: Readonly<Record<string, string>> = { LOWER_BOUND: ' at least', PRECISE: '' };

function tellPlan(job: Job, maxBytes: number | null): void {
  const { statistics } = job.metadata;
  const bytes = Number(statistics?.totalBytesProcessed ?? statistics?.query?.totalBytesProcessed ?? 0);
  const bound = BOUNDS[statistics?.query?.totalBytesProcessedAccuracy ?? ''] ?? ' at most';
  console.log(`would read${bound} ${size(bytes)}${bytes < 1000 ? '' : ` (${bytes} bytes)`}`);
  const refusal = overLimit(bytes, maxBytes);
  if (refusal !== null) console.error(refusal);
  const fields = (statistics?.query?.schema?.fields ?? []) as { name: string; type: string; mode?: string }[];
  for (const { name, type, mode } of fields)
    console.log(`  ${name} ${mode === 'REPEATED' ? `ARRAY<${type}>` : type}`);
}

/** Says on a terminal that the query is still running. */
function progress(startedMs: number): () => void {
  if (!process.stderr.isTTY) return () => {};
  let shown = false;
  const timer = setInterval(() => {
    shown = true;
    process.stderr.write(`\rrunning for ${Math.round((Date.now() - startedMs) / 1000)} s … `);
  }, PROGRESS_MS);
  return () => {
    clearInterval(timer);
    if (shown) process.stderr.write('\r\x1b[K');
  };
}

function size(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

const collect = (text: string, before: readonly string[]): string[] => [...before, text];
