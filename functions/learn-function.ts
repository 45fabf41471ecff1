/**
 * The edge of `learn`, which Cloud Scheduler calls: samples of what arrived since the last run → the next catalogue
 * of patterns in Cloud Storage; what arrived of each pattern → the table `patterns`.
 *
 * Guarantee: each entry is counted once, also when runs overlap or die in between. A row says until when its pattern
 * was counted, and goes on from there; rows are upserted, the later count stands. How far all patterns were counted is
 * noted when a run is done, so that the next need not look further back.
 * Under pressure: reads at most 200,000 samples; what has arrived in the last minute waits for the next run. An entry
 * that reaches the warehouse later than a minute after Pub/Sub took it is learned from and counted by no run.
 */
import type { BigQuery } from '@google-cloud/bigquery';
import { z } from 'zod';
import { openBigquery, openBucket } from './clients.ts';
import { wallClock } from './clock.ts';
import type { Answer } from './close-function.ts';
import { loadConfig } from './config.ts';
import type { ModelClient } from './detect/model-client.ts';
import { openModels } from './detect/open-models.ts';
import { errorFields, log } from './log.ts';
import { type CatalogueStore, catalogueInBucket } from './parse/pattern/catalogue-store.ts';
import type { Sample } from './parse/pattern/learn.ts';
import {
  type PatternCount,
  type PatternRow,
  type PatternRun,
  patternRows,
} from './parse/pattern/pattern-rows.ts';
import { relearn, SAMPLES_SQL } from './parse/pattern/relearn.ts';
import { ERROR, INFO, type Severity } from './parse/severity.ts';
import { patternTable } from './warehouse/pattern-table.ts';
import { openWarehouse, type Warehouse } from './warehouse/warehouse.ts';

/** Messages of one pattern that a run learns from, at most. */
const SAMPLES_EACH = 20;
/** Rows that arrive may be visible a little later. */
const SETTLE_MS = 60_000;
/** The first run looks back so far. */
const FIRST_MS = 86_400_000;

const PROGRESS_NAME = 'patterns/counted-until.json';

export interface LearnContext {
  readonly bigquery: BigQuery;
  readonly datasetId: string;
  readonly store: CatalogueStore;
  /** Where is noted how far was counted. */
  readonly progress: CatalogueStore;
  readonly warehouse: Warehouse;
  readonly clock: () => number;
  /** Names patterns of errors; null: they stay without a name. */
  readonly models: ModelClient | null;
}

/** Opens the clients once an instance; returns what handles one call. */
export async function openLearn(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<() => Promise<Answer>> {
  const config = loadConfig(env);
  if (config.patternBucket === null) throw new Error('LOGWEIR_PATTERN_BUCKET is not set: learn needs it');
  const bucket = await openBucket(config, config.patternBucket);
  const context: LearnContext = {
    bigquery: await openBigquery(config),
    datasetId: config.dataset,
    store: catalogueInBucket(bucket),
    progress: catalogueInBucket(bucket, PROGRESS_NAME),
    warehouse: openWarehouse({
      projectId: config.project,
      datasetId: config.dataset,
      endpoint: config.bigqueryWriteEndpoint,
    }),
    clock: wallClock,
    models: await openModels(config),
  };
  return () => answerLearn(context);
}

/** Handles one call. Never throws. */
export async function answerLearn(context: LearnContext): Promise<Answer> {
  const startedMs = context.clock();
  try {
    const counts = await learnOnce(context);
    log(INFO, 'learn', 'patterns learned', { ...counts, ms: context.clock() - startedMs });
    return { status: 200, body: counts };
  } catch (error) {
    log(ERROR, 'learn', 'learning failed; the next run starts where the last one ended', errorFields(error));
    return { status: 500, body: { error: 'learning failed' } };
  }
}

async function learnOnce(context: LearnContext): Promise<Record<string, number>> {
  const { bigquery, datasetId, store, warehouse, clock } = context;
  const ask: Ask = async <Row>(query: string, params: Record<string, unknown> = {}) =>
    (await bigquery.query({ query, params, defaultDataset: { datasetId } }))[0] as Row[];
  const nowUs = clock() * 1000;
  const untilUs = nowUs - SETTLE_MS * 1000;
  const noted = await context.progress.read(null);
  const sinceUs = readNote(noted) ?? untilUs - FIRST_MS * 1000;
  const stretch = { since: bigquery.timestamp(isoOf(sinceUs)), until: bigquery.timestamp(isoOf(untilUs)) };

  const samples = await ask<Sample>(SAMPLES_SQL, { since: stretch.since, each: SAMPLES_EACH });
  const { catalogue, ...learned } = await relearn(samples, store);
  const counts = (await ask<CountRow>(COUNTS_SQL, stretch)).map(readCount);
  const rows = await rowsOf(counts, { catalogue, untilUs, nowUs }, ask);
  if (rows.length > 0) await warehouse.append(patternTable, await named(rows, ask, context.models));
  const generation = noted === null || noted === 'same' ? null : noted.generation;
  // Refused when another run noted its end meanwhile; the next run then starts from there.
  await context.progress.write(JSON.stringify({ until_us: untilUs }), generation);
  const entries = counts.reduce((sum, count) => sum + count.entries, 0);
  return { ...learned, entries, rows: rows.length };
}

type Ask = <Row>(query: string, params?: Record<string, unknown>) => Promise<Row[]>;

async function rowsOf(counts: readonly PatternCount[], run: Omit<PatternRun, 'allEntries'>, ask: Ask) {
  if (counts.length === 0) return [];
  const ids = counts.map(({ pattern_id }) => pattern_id);
  const before = (await ask<CountRow>(BEFORE_SQL, { ids })).map(readCount);
  const [all] = await ask<{ entries: number | null }>(ALL_SQL);
  const counted = counts.reduce((sum, count) => sum + count.entries, 0);
  return patternRows(counts, new Map(before.map((row) => [row.pattern_id, row])), {
    ...run,
    allEntries: (all?.entries ?? 0) + counted,
  });
}

/** Patterns that one run asks the models about, at most; the others stay for the next that counts them. */
const MAX_ASKED = 128;

/** Rows with what BERT calls their patterns: asked once a pattern of errors, then kept. */
async function named(rows: readonly PatternRow[], ask: Ask, models: ModelClient | null) {
  const ids = rows.map(({ pattern_id }) => pattern_id);
  const before = await ask<{ pattern_id: string; category: string }>(CATEGORIES_SQL, { ids });
  const categories = new Map(before.map(({ pattern_id, category }) => [pattern_id, category]));
  const asked = rows
    .filter(({ pattern_id, severity_number }) => severity_number >= ERROR && !categories.has(pattern_id))
    .filter(({ example }) => example.trim() !== '')
    .slice(0, MAX_ASKED);
  if (models !== null && asked.length > 0) {
    const { answers } = await models.messages(asked.map(({ example }) => ({ message: example })));
    asked.forEach(({ pattern_id }, i) => {
      const category = answers[i]?.category;
      if (category !== undefined) categories.set(pattern_id, category);
    });
  }
  return rows.map((row) => ({ ...row, category: categories.get(row.pattern_id) ?? null }));
}

const CATEGORIES_SQL =
  'SELECT pattern_id, category FROM patterns WHERE pattern_id IN UNNEST(@ids) AND category IS NOT NULL';

function readNote(stored: Awaited<ReturnType<CatalogueStore['read']>>): number | null {
  if (stored === null || stored === 'same') return null;
  return z.object({ until_us: z.number() }).parse(JSON.parse(stored.text)).until_us;
}

interface CountRow extends Omit<PatternCount, 'severity_number'> {
  readonly severity_number: number;
}

const readCount = (row: CountRow): PatternCount => ({
  ...row,
  severity_number: row.severity_number as Severity,
});

const isoOf = (us: number): string => new Date(us / 1000).toISOString();

const ALL_SQL = 'SELECT SUM(entries) AS entries FROM patterns';

/** A day of event time around the stretch of arrival bounds what is read; what is older still is not counted here. */
const COUNTS_SQL = `SELECT
  l.pattern_id,
  UNIX_MICROS(MIN(l.timestamp)) AS first_seen,
  UNIX_MICROS(MAX(l.timestamp)) AS last_seen,
  COUNT(*) AS entries,
  ARRAY_AGG(DISTINCT l.service ORDER BY l.service LIMIT 10) AS services,
  MAX(l.severity_number) AS severity_number,
  MIN(l.message) AS example
FROM hot_logs AS l
LEFT JOIN patterns AS p ON p.pattern_id = l.pattern_id
WHERE l.timestamp >= TIMESTAMP_SUB(@since, INTERVAL 1 DAY)
  AND l.received_at >= @since AND l.received_at < @until
  AND (p.counted_until IS NULL OR l.received_at >= p.counted_until)
GROUP BY l.pattern_id`;

const BEFORE_SQL = `SELECT
  pattern_id,
  UNIX_MICROS(first_seen) AS first_seen,
  UNIX_MICROS(last_seen) AS last_seen,
  entries,
  services,
  severity_number,
  example
FROM patterns
WHERE pattern_id IN UNNEST(@ids)`;
