/**
 * Correctness of the parser on raw log files whose fields are known: the share of lines whose time, severity (where the
 * format has one) and message are right, one configuration for all:
 *
 *     npx tsx test/bench/raw-files.ts [DIR] [--wrong]
 *
 * DIR (default: LOGWEIR_BENCH_DATA, else ../shared/data/loghub-2k) holds folders with a raw `*_2k.log` and its fields in
 * a `*_structured_corrected.csv`, as loghub-2k does. The expected time is worked out from the columns by `Date` alone.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isFailure } from '../../functions/ingest/failure.ts';
import { createParser } from '../../functions/parse/parse-record.ts';
import { severityName } from '../../functions/parse/severity.ts';
import { recordsOf } from '../../local/patterns/csv.ts';
import { blocksOf } from '../../local/patterns/lines.ts';
import { dataDirectory } from './data-directory.ts';

type Row = Readonly<Record<string, string>>;

/** The logs of the sets without a year were published then; what came later is of the year before. */
const PUBLISHED = Date.parse('2006-01-01T00:00:00Z');
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const two = (text: string): string => text.padStart(2, '0');

/** Expected time in ms, by the columns a set has. */
const TIMES: Readonly<Record<string, (row: Row) => number>> = {
  Apache: ({ Time }) => Date.parse(`${Time} UTC`),
  // The epoch is in UTC; the time beside it is of the machine room in California.
  BGL: ({ Timestamp }) => Number(Timestamp) * 1000,
  HDFS: ({ Date: day, Time }) => compact(`20${day!.padStart(6, '0')}`, Time!.padStart(6, '0')),
  HealthApp: ({ Time }) => {
    const [, day, clock, ms] = /^(\d{8})-(.+):(\d+)$/.exec(Time!)!;
    const [hour, minute, second] = clock!.split(':').map(two);
    return compact(day!, `${hour}${minute}${second}`) + Number(ms);
  },
  Linux: ({ Month, Date: day, Time }) => yearless(Month!, day!, Time!),
  OpenSSH: ({ Date: month, Day, Time }) => yearless(month!, Day!, Time!),
  Spark: ({ Date: day, Time }) => Date.parse(`20${day!.replaceAll('/', '-')}T${Time}Z`),
};

const compact = (day: string, clock: string): number =>
  Date.parse(
    `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T${clock.slice(0, 2)}:${clock.slice(2, 4)}:${clock.slice(4)}Z`,
  );

const yearless = (month: string, day: string, time: string): number =>
  Date.parse(`2005-${two(String(MONTHS.indexOf(month) + 1))}-${two(day)}T${time}Z`);

/** Severities by the words these logs use. */
const SEVERITIES: Readonly<Record<string, string>> = {
  FATAL: 'CRITICAL',
  SEVERE: 'ERROR',
  FAILURE: 'ERROR',
  WARN: 'WARNING',
};

const parser = createParser({ maxDepth: 100, slowMs: 3000, maxFutureMs: 86_400_000, redactRules: ['off'] });

function wrongOf(line: string, row: Row, set: string): string[] {
  const entry = parser(line, {
    batchId: 'b',
    index: 0,
    receivedAtUs: (TIMES[set]!(row) > PUBLISHED ? Date.parse('2027-01-01T00:00:00Z') : PUBLISHED) * 1000,
    attributes: {},
    latin1: false,
  });
  if (isFailure(entry)) return ['time', 'severity', 'message'];
  const wrong: string[] = [];
  if (Math.floor(entry.timestamp / 1000) !== TIMES[set]!(row)) wrong.push('time');
  const level = hasLevels(row) ? row.Level!.toUpperCase() : null;
  if (level !== null && severityName(entry.severity) !== (SEVERITIES[level] ?? level)) wrong.push('severity');
  if (entry.message.trim() !== row.Content!.trim()) wrong.push('message');
  return wrong;
}

/** In Linux's table the host stands under Level. */
const hasLevels = (row: Row): boolean => row.Level !== undefined && row.Month === undefined;

const directory = dataDirectory(process.argv[2]);
if (directory === null) console.log('no data sets: name their folder, or set LOGWEIR_BENCH_DATA');
for (const set of directory === null ? [] : readdirSync(directory)) {
  const files = set in TIMES ? readdirSync(join(directory!, set)) : [];
  const [csv, raw] = [
    files.find((file) => file.endsWith('structured_corrected.csv')),
    files.find((file) => file.endsWith('.log')),
  ];
  if (csv === undefined || raw === undefined) continue;
  const [header, ...records] = recordsOf(blocksOf(join(directory!, set, csv)));
  const rows = records.map((record): Row => Object.fromEntries(header!.map((name, i) => [name, record[i]!])));
  const lines = readFileSync(join(directory!, set, raw), 'utf8')
    .split(/\r?\n/)
    .filter((line) => line !== '');
  const wrong = { time: 0, severity: 0, message: 0 };
  lines.forEach((line, i) => {
    const faults = wrongOf(line, rows[i]!, set);
    for (const what of faults) wrong[what as keyof typeof wrong]++;
    if (faults.length > 0 && process.argv.includes('--wrong')) console.log(`  ${faults.join()}: ${line}`);
  });
  const right = (count: number): string => `${((100 * (lines.length - count)) / lines.length).toFixed(2)} %`;
  const severity = hasLevels(rows[0]!) ? right(wrong.severity) : '-';
  console.log(
    `${set.padEnd(12)} ${lines.length} lines: time ${right(wrong.time)}, severity ${severity}, message ${right(wrong.message)}`,
  );
}
