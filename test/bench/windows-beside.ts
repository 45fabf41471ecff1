/**
 * The same windows of the same lines, four ways in one run: this job in memory (parse, then fold), the way of a function
 * (batches → rows and partials), DuckDB in SQL over the file of NDJSON, and the floor: reading and JSON.parse alone.
 * `npx tsx test/bench/windows-beside.ts [--runs 5] [--lines 200000]`
 *
 * DuckDB counts entries and errors and takes mean and quantiles of latency per service and 10 s, on one thread, as we do;
 * it neither redacts nor finds patterns, ids or formats, and needs no batches. Counts must be the same.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { loadConfig } from '../../functions/config.ts';
import { isFailure } from '../../functions/ingest/failure.ts';
import { pipelines } from '../../functions/job.ts';
import { createParser } from '../../functions/parse/parse-record.ts';
import { fold } from '../../functions/window/pane.ts';
import { coreWork, line, median, messageOf, round } from './core-work.ts';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '5' }, lines: { type: 'string', default: '200000' } },
});
const [RUNS, LINES] = [Number(values.runs), Number(values.lines)];
const WINDOW_MS = 10_000;

const SQL = (file: string): string => `
  SELECT service, time_bucket(INTERVAL 10 SECONDS, "timestamp"::TIMESTAMP) AS start,
    COUNT(*) AS entries, COUNT(*) FILTER (level = 'error') AS errors, AVG(latency_ms) AS mean,
    approx_quantile(latency_ms, [0.5, 0.9, 0.95, 0.99]) AS quantiles
  FROM read_json('${file}', format = 'newline_delimited', columns = {
    timestamp: 'VARCHAR', level: 'VARCHAR', service: 'VARCHAR', latency_ms: 'DOUBLE'})
  GROUP BY ALL`;

const folder = await mkdtemp(join(tmpdir(), 'windows-beside-'));
const file = join(folder, 'lines.ndjson');
const texts = Array.from({ length: LINES }, (_, i) => line(i));
await writeFile(file, texts.map((text) => `${text}\n`).join(''));
const messages = Array.from({ length: Math.ceil(LINES / 1_000) }, (_, b) =>
  messageOf(texts.slice(b * 1_000, (b + 1) * 1_000), b),
);
const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
const connection = await instance.connect();

const config = loadConfig({ LOGWEIR_PROJECT: 'p', LOGWEIR_CLOSE_URL: 'http://127.0.0.1/' });
const parse = createParser(config);
const job = pipelines(config)[0]!.job;
const core = coreWork();
const origin = { batchId: 'b', receivedAtUs: 1_795_168_900_000_000, attributes: {}, latin1: false };

interface Counted {
  readonly windows: number;
  readonly entries: number;
}

const WAYS: Readonly<Record<string, () => Promise<Counted | null>>> = {
  'bare: read the file, JSON.parse': async () => {
    let entries = 0;
    for (const text of (await readFile(file, 'utf8')).split('\n'))
      if (text !== '' && JSON.parse(text).service !== '') entries++;
    return { windows: 0, entries };
  },
  'this job in memory: parse and fold': async () => {
    const all = (await readFile(file, 'utf8')).split('\n');
    const seen = new Set<string>();
    let entries = 0;
    for (let from = 0; from < all.length - 1; from += 1_000) {
      const parsed = all
        .slice(from, Math.min(from + 1_000, all.length - 1))
        .map((text, index) => parse(text, { ...origin, index }))
        .flatMap((one) => (isFailure(one) ? [] : [one]));
      entries += parsed.length;
      for (const { pane, accumulators } of fold(job, parsed))
        for (const key of accumulators.keys()) seen.add(`${key} ${pane.start}`);
    }
    return { windows: seen.size, entries };
  },
  'a function: compressed batches → rows and partials': async () => {
    let entries = 0;
    for (const message of messages) entries += core.message(message);
    return { windows: 0, entries };
  },
  'DuckDB: SQL over the NDJSON, one thread': async () => {
    const rows = await (await connection.runAndReadAll(SQL(file))).getRowObjects();
    return { windows: rows.length, entries: rows.reduce((sum, { entries }) => sum + Number(entries), 0) };
  },
};

const rates = new Map<string, number[]>();
const windows = new Set<number>();
for (let run = -1; run < RUNS; run++)
  for (const [name, way] of Object.entries(WAYS)) {
    const started = process.cpuUsage();
    const counted = await way();
    const { user, system } = process.cpuUsage(started);
    if (counted?.entries !== LINES) throw new Error(`${name} counted ${counted?.entries} of ${LINES} lines`);
    if (counted.windows > 0) windows.add(counted.windows);
    if (run >= 0) rates.set(name, [...(rates.get(name) ?? []), (LINES * 1e6) / (user + system)]);
  }
if (windows.size !== 1) throw new Error(`windows differ: ${[...windows].join(', ')}`);
connection.closeSync();
instance.closeSync();
await rm(folder, { recursive: true, force: true });

console.log(
  `${round(LINES)} lines, ${[...windows][0]} windows of ${WINDOW_MS / 1000} s, medians of ${RUNS} runs, lines a second of processor time`,
);
const [floor] = [...rates.values()].map(median);
for (const [name, all] of rates)
  console.log(
    `${name.padEnd(52)}${round(median(all)).padStart(10)}  ${((100 * median(all)) / floor!).toFixed(1)} %`,
  );
