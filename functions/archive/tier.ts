/**
 * Tiering: days of log_entries older than a setting become Parquet in Cloud Storage and leave BigQuery.
 *
 *   rows of the day ─▶ stage ─▶ files ─▶ read back: same count and checksums ─▶ manifest ─▶ rows deleted ─▶ stage dropped
 *
 * Guarantee: a row is deleted only after the manifest lists files that were read back and hold it, and only if it is
 * one of the rows that were staged; what arrives meanwhile, or later for a day that has moved, becomes the day's next
 * part. After a death at any point the next run goes on from what it finds: the stage, the jobs by their names, the
 * manifest. Two runs at once do no harm: each has files of its own, and of two manifests one is refused.
 * While a day moves its rows may stand on both sides; the views show them once.
 * Under pressure: one day at a time, oldest first, until `maxMs`; the rest waits for the next run. BigQuery refuses to
 * delete rows of the last minutes: then the day is finished by a later run.
 */
import type { Bucket } from '@google-cloud/storage';
import { filesOfPart, removeFiles, replaceManifest } from './cold-files.ts';
import { utcDay } from './layout.ts';
import type { Manifests, Part, StoredManifest } from './manifest.ts';
import { connectionName, type Statements, type TableFacts } from './statements.ts';
import { sumsOf } from './sums.ts';
import * as sql from './tier-sql.ts';

export interface TierEffects {
  readonly statements: Statements;
  readonly bucket: Pick<Bucket, 'name' | 'getFiles'>;
  readonly manifests: Manifests;
  /** Connection of BigQuery by which the cold table reads its files; null: who asks reads them. */
  readonly connection: string | null;
  readonly clock: () => number;
  /** A new id, in hexadecimal digits. */
  readonly newId: () => string;
  /** Told of each day that is done. */
  readonly onDay?: (moved: MovedDay) => void;
}

/** A day that has moved, and its place among those of the run. */
export interface MovedDay {
  readonly day: string;
  readonly number: number;
  readonly days: number;
  readonly rows: number;
  readonly files: number;
  readonly bytes: number;
}

export interface TierSettings {
  /** Age at which a day moves, in ms. */
  readonly tierAfterMs: number;
  /** No day is begun after so long, in ms. */
  readonly maxMs: number;
}

/** What a run did. */
export interface Tiered {
  readonly days: number;
  readonly rows: number;
  readonly files: number;
  readonly bytes: number;
  /** Days left for the next run. */
  readonly left: number;
}

/** Thrown when the files of a part do not hold what was staged. They are removed; the rows stay in BigQuery. */
export class ChecksumMismatch extends Error {
  override readonly name = 'ChecksumMismatch';
  readonly code = 'CHECKSUM_MISMATCH';
}

interface Stage {
  readonly table: string;
  readonly day: string;
  /** The number of its part, and the part's id. */
  readonly n: number;
  readonly id: string;
}

/** Moves the days that are due. Rejects when a client fails or a checksum is wrong; the next run goes on. */
export async function tier(effects: TierEffects, settings: TierSettings): Promise<Tiered> {
  const { statements, clock } = effects;
  const startedMs = clock();
  await renewColdTable(effects);
  const stages = await stagesOf(effects);
  const full = (await dueDays(statements, startedMs - settings.tierAfterMs)).map(({ day }) => day);
  const days = [...new Set([...stages.map(({ day }) => day), ...full])].sort();
  const done = { days: 0, rows: 0, files: 0, bytes: 0 };
  for (const day of days) {
    if (clock() - startedMs > settings.maxMs) break;
    const parts = await tierDay(
      day,
      stages.filter((one) => one.day === day),
      full.includes(day),
      effects,
    );
    done.days++;
    const files = parts.flatMap((part) => part.files);
    const moved = {
      rows: parts.reduce((sum, part) => sum + part.rows, 0),
      files: files.length,
      bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    };
    done.rows += moved.rows;
    done.files += moved.files;
    done.bytes += moved.bytes;
    effects.onDay?.({ day, number: done.days, days: days.length, ...moved });
  }
  return { ...done, left: days.length - done.days };
}

/** A day of log_entries, and how many rows it has. */
export interface HotDay {
  readonly day: string;
  readonly rows: number;
}

/** Days that ended before a time (ms since the epoch) and have rows in log_entries, oldest first. */
export async function dueDays(statements: Pick<Statements, 'run'>, beforeMs: number): Promise<HotDay[]> {
  const lastDay = utcDay(beforeMs);
  return (await statements.run(sql.DAYS))
    .map(({ day, n }) => ({ day: String(day), rows: Number(n) }))
    .filter(({ day }) => day < lastDay);
}

/** Finishes what is under way of a day, then moves what it still has. Resolves to the parts that are new. */
async function tierDay(
  day: string,
  stages: readonly Stage[],
  isFull: boolean,
  effects: TierEffects,
): Promise<Part[]> {
  const { statements, manifests } = effects;
  const stored = await manifests.read(day);
  const listed = new Set(stored.manifest.parts.map(({ id }) => id));
  const n = listed.size;
  for (const stage of stages) {
    if (listed.has(stage.id)) await finish(stage, effects);
    // One that another run had made too late: its rows are where they were.
    else if (stage.n !== n) await drop(stage, statements);
  }
  const begun = stages.find((one) => one.n === n && !listed.has(one.id));
  if (begun === undefined && !isFull) return [];
  const stage = begun ?? (await begin(day, n, effects));
  const part = await write(stage, effects);
  if (part !== null) {
    await record(part, stored, effects);
    await finish(stage, effects);
  } else {
    await drop(stage, statements);
  }
  return part === null ? [] : [part];
}

async function begin(day: string, n: number, { statements, newId }: TierEffects): Promise<Stage> {
  const id = newId();
  const table = sql.stageName(day, n, id);
  await statements.run(sql.stage(table, day));
  return { table, day, n, id };
}

async function stagesOf({ statements }: Pick<TierEffects, 'statements'>): Promise<Stage[]> {
  return (await statements.run(sql.STAGES)).flatMap((row) => {
    const match = sql.STAGE_PATTERN.exec(String(row.name));
    if (match === null) return [];
    const [table = '', year, month, date, n, id = ''] = match;
    return [{ table, day: `${year}-${month}-${date}`, n: Number(n), id }];
  });
}

/** Exports a stage and reads it back; null: it is empty. */
async function write(stage: Stage, effects: TierEffects): Promise<Part | null> {
  const { statements, bucket, clock } = effects;
  const { table, day, id } = stage;
  const expected = sumsOf(await statements.run(sql.checksum(table)));
  if (expected.rows === 0) return null;
  const buckets = (await statements.run(sql.buckets(table))).map((row) => String(row.bucket));
  const uris = buckets.map((one) => `gs://${bucket.name}/${sql.filesOf(day, one, id)}`);
  for (const [i, one] of buckets.entries()) {
    const again = () => removeFiles(bucket, sql.filesOf(day, one, id));
    await statements.runOnce(`${table}_${one}`, sql.exportBucket(table, uris[i]!, one), again);
  }
  await statements.run(sql.checkTable(checkOf(table), uris));
  const found = sumsOf(await statements.run(sql.checksum(checkOf(table))));
  if (found.rows !== expected.rows || String(found.sums) !== String(expected.sums)) {
    for (const one of buckets) await removeFiles(bucket, sql.filesOf(day, one, id));
    await drop(stage, statements);
    throw new ChecksumMismatch(
      `day ${day}: files hold ${found.rows} rows with sums ${found.sums}, the table ${expected.rows} with ${expected.sums}`,
    );
  }
  const files = await filesOfPart(bucket, day, id);
  return { id, ...expected, files, movedAt: new Date(clock()).toISOString() };
}

const record = (part: Part, stored: StoredManifest, effects: TierEffects): Promise<void> =>
  replaceManifest({ ...stored.manifest, parts: [...stored.manifest.parts, part] }, stored, effects);

/** The views read the files before rows go; from then on a row is on one side alone. */
async function finish(stage: Stage, effects: TierEffects): Promise<void> {
  const { statements } = effects;
  const found = await statements.table(sql.COLD_TABLE);
  if (found === null || !isAsWanted(found, effects)) await makeColdTable(found, effects);
  await statements.run(sql.deleteStaged(stage.day, stage.table));
  await drop(stage, statements);
}

/** Files that were read by who asks are read by the connection from the next run on, also when no day moves, and back. */
async function renewColdTable(effects: TierEffects): Promise<void> {
  const found = await effects.statements.table(sql.COLD_TABLE);
  if (found?.isExternal && !isAsWanted(found, effects)) await makeColdTable(found, effects);
}

const isAsWanted = (
  { isExternal, columns, connection }: TableFacts,
  { connection: wanted }: TierEffects,
): boolean =>
  isExternal &&
  columns === sql.COLD_TABLE_COLUMNS &&
  connection === (wanted === null ? null : connectionName(wanted));

async function makeColdTable(
  found: TableFacts | null,
  { statements, bucket, connection }: TierEffects,
): Promise<void> {
  const isPlain = found !== null && !found.isExternal;
  await statements.run(sql.coldTable({ bucketName: bucket.name, connection, isPlain }));
}

/** The stage last: as long as it is there, the next run finds the rest. */
async function drop({ table }: Stage, statements: Statements): Promise<void> {
  await statements.run(sql.dropCheck(checkOf(table)));
  await statements.run(sql.dropStage(table));
}

const checkOf = (table: string): string => `${table}_check`;
