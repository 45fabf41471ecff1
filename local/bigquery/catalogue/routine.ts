/** Functions of datasets, made and dropped: kept as they were written, expanded by the translator where they are called. */
import { duplicate, invalid, notFound } from '../failure.ts';
import type { RoutineRef } from '../sql/statement.ts';
import type { Catalogue } from './catalogue.ts';
import type { Existing, Outcome } from './definition.ts';
import type { RoutineEntry } from './entry.ts';

export const routineName = ({ projectId, datasetId, routineId }: RoutineRef): string =>
  `Routine ${projectId}:${datasetId}.${routineId}`;

/** Makes a function. */
export function createRoutine(
  catalogue: Catalogue,
  entry: RoutineEntry,
  existing: Existing = 'refuse',
): Promise<Outcome> {
  return catalogue.change(async (change) => {
    const { ref } = entry;
    catalogue.dataset(ref.datasetId, ref.projectId);
    if (!/^[A-Za-z0-9_]{1,256}$/.test(ref.routineId)) throw invalid(`Invalid routine ID "${ref.routineId}".`);
    const before = catalogue.findRoutine(ref);
    if (before && existing === 'keep') return 'SKIP';
    if (before && existing === 'refuse') throw duplicate(routineName(ref));
    await change.putRoutine(before ? { ...entry, createdMs: before.createdMs } : entry);
    return before ? 'REPLACE' : 'CREATE';
  });
}

/** Drops a function; false where there was none and that is all right. */
export function dropRoutine(catalogue: Catalogue, ref: RoutineRef, ifExists: boolean): Promise<boolean> {
  return catalogue.change(async (change) => {
    const there = catalogue.findRoutine(ref) !== undefined;
    if (!there && !ifExists) throw notFound(routineName(ref));
    if (there) await change.removeRoutine(ref);
    return there;
  });
}
