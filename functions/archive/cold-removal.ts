/**
 * Removes rows from the files of the cold tier, by a condition: files that hold such rows are written anew without them.
 *
 *   files with such rows ─▶ new files without ─▶ read back: count and checksums are the difference ─▶ manifest ─▶ old files removed
 *
 * Guarantee: other rows are neither lost nor doubled (while both files are there the views show an entry once); a
 * difference stops it and leaves the old files. After a death the next run goes on. Only one manifest of two is taken.
 * Under pressure: one folder of one day at a time.
 */
import { filesOfPart, removeFiles, replaceManifest } from './cold-files.ts';
import type { Part, StoredManifest } from './manifest.ts';
import type { StatementParameters } from './statements.ts';
import { sameSums, sumsOf, without } from './sums.ts';
import { ChecksumMismatch, type TierEffects } from './tier.ts';
import * as sql from './tier-sql.ts';

/** Which rows: a condition over the columns of log_entries_cold. */
export interface Condition {
  readonly where: string;
  /** Also a condition on the folders' column `day`, so that other days are not read. */
  readonly days?: string;
  readonly parameters: StatementParameters;
}

export interface ColdRemoval {
  rows: number;
  /** Files that were written anew, or removed whole. */
  filesReplaced: number;
  days: number;
}

/** A folder of a day with rows that the condition holds for. */
interface Folder {
  readonly day: string;
  readonly bucket: string;
}

/** Removes the rows. Rejects when a client fails, another run is faster or a checksum is wrong; run again then. */
export async function removeFromCold(condition: Condition, effects: TierEffects): Promise<ColdRemoval> {
  const { statements } = effects;
  const removed: ColdRemoval = { rows: 0, filesReplaced: 0, days: 0 };
  const found = await statements.run(foldersWith(condition), condition.parameters);
  const folders = found.map((row): Folder => ({ day: String(row.day), bucket: String(row.bucket) }));
  for (const { day } of new Map(folders.map((one) => [one.day, one])).values()) {
    const buckets = folders.filter((one) => one.day === day).map(({ bucket }) => bucket);
    const done = await cleanDay(day, buckets, condition, effects);
    removed.rows += done.rows;
    removed.filesReplaced += done.filesReplaced;
    removed.days++;
  }
  return removed;
}

const foldersWith = ({ where, days = 'TRUE' }: Condition): string => `
  SELECT CAST(day AS STRING) AS day, service_hash AS bucket, COUNT(*) AS n
  FROM ${sql.COLD_TABLE}
  WHERE ${days} AND ${where}
  GROUP BY day, bucket
  ORDER BY day, bucket`;

async function cleanDay(day: string, buckets: readonly string[], condition: Condition, effects: TierEffects) {
  const stored = await effects.manifests.read(day);
  const parts: Part[] = [];
  const done = { rows: 0, filesReplaced: 0 };
  for (const part of stored.manifest.parts) {
    let rest: Part = part;
    for (const bucket of buckets) {
      const cut = await cutFolder({ part: rest, day, bucket }, condition, effects);
      if (cut === null) continue;
      rest = cut.rest;
      if (cut.anew !== null) parts.push(cut.anew);
      done.rows += cut.gone;
      done.filesReplaced += cut.files;
    }
    if (rest.files.length > 0) parts.push(rest);
  }
  await writeParts(parts, stored, effects);
  return done;
}

/** Also when nothing changed: what was found is then in files that no part lists, which go now. */
const writeParts = (parts: readonly Part[], stored: StoredManifest, effects: TierEffects): Promise<void> =>
  replaceManifest({ ...stored.manifest, parts: [...parts] }, stored, effects);

interface Cut {
  /** The part without the files of the folder, and a part of what is kept of them; null: nothing is. */
  readonly rest: Part;
  readonly anew: Part | null;
  readonly gone: number;
  readonly files: number;
}

/** Null: the part has no such rows in the folder. */
async function cutFolder(
  of: { readonly part: Part; readonly day: string; readonly bucket: string },
  { where, parameters }: Condition,
  { statements, bucket, newId, clock }: TierEffects,
): Promise<Cut | null> {
  const { part, day } = of;
  const isHere = ({ name }: Part['files'][number]): boolean => name.includes(`/service_hash=${of.bucket}/`);
  const files = part.files.filter(isHere);
  if (files.length === 0) return null;
  const id = newId();
  const [source, check] = [`removal_${id}`, `removal_${id}_check`];
  const pattern = sql.filesOf(day, of.bucket, id);
  try {
    await statements.run(
      sql.checkTable(
        source,
        files.map(({ name }) => `gs://${bucket.name}/${name}`),
      ),
    );
    const before = sumsOf(await statements.run(sql.checksum(source)));
    const gone = sumsOf(await statements.run(`${sql.checksum(source, where)}`, parameters));
    if (gone.rows === 0) return null;
    const kept = without(before, gone);
    const rest = { ...part, ...without(part, before), files: part.files.filter((file) => !isHere(file)) };
    const cut = { rest, gone: gone.rows, files: files.length };
    if (kept.rows === 0) return { ...cut, anew: null };
    const uri = `gs://${bucket.name}/${pattern}`;
    await statements.run(sql.exportWithout(source, uri, where), parameters);
    await statements.run(sql.checkTable(check, [uri]));
    const found = sumsOf(await statements.run(sql.checksum(check)));
    if (!sameSums(found, kept)) {
      await removeFiles(bucket, pattern);
      throw new ChecksumMismatch(
        `day ${day}: new files hold ${found.rows} rows with sums ${found.sums}, ${kept.rows} with ${kept.sums} must stay`,
      );
    }
    const written = await filesOfPart(bucket, day, id);
    return { ...cut, anew: { id, ...kept, files: [...written], movedAt: new Date(clock()).toISOString() } };
  } finally {
    for (const name of [source, check]) await statements.run(sql.dropCheck(name));
  }
}
