/**
 * Lifecycle rules of the archive bucket, as data for those who provision it: what grows old moves to colder classes and
 * is deleted at its retention. A class is used only where its minimum storage time ends before the deletion: leaving
 * earlier is charged in full.
 * Source: https://cloud.google.com/storage/docs/lifecycle, https://cloud.google.com/storage/docs/storage-classes
 */
import type { Config } from '../config.ts';
import { COLD_PREFIX, MANIFEST_PREFIX, RAW_PREFIX } from './layout.ts';

/** A rule in the form of Cloud Storage's API. */
export interface LifecycleRule {
  readonly action:
    | { readonly type: 'SetStorageClass'; readonly storageClass: string }
    | { readonly type: 'Delete' };
  readonly condition: { readonly age: number; readonly matchesPrefix: string[] };
}

const DAY_MS = 86_400_000;

/** From which age, in days, and for how many at least. */
const CLASSES = [
  { storageClass: 'NEARLINE', age: 30, minimum: 30 },
  { storageClass: 'COLDLINE', age: 90, minimum: 90 },
  { storageClass: 'ARCHIVE', age: 365, minimum: 365 },
] as const;

/** The rules. Ages count from when an object was made: raw when it was published, cold when its day was moved. */
export function lifecycleRules({
  archiveKeepMs,
  tierAfterMs,
}: Pick<Config, 'archiveKeepMs' | 'tierAfterMs'>): LifecycleRule[] {
  const keepRaw = Math.ceil(archiveKeepMs / DAY_MS);
  const keepCold = Math.max(1, Math.ceil((archiveKeepMs - tierAfterMs) / DAY_MS));
  return [
    ...rulesOf([RAW_PREFIX], keepRaw),
    ...rulesOf([COLD_PREFIX], keepCold),
    { action: { type: 'Delete' }, condition: { age: keepCold, matchesPrefix: [MANIFEST_PREFIX] } },
  ];
}

function rulesOf(matchesPrefix: string[], keepDays: number): LifecycleRule[] {
  const classes = CLASSES.filter(({ age, minimum }, i) => {
    // What moves on to a colder class has to stay until then alone.
    const untilDays = CLASSES[i + 1]?.age ?? Number.POSITIVE_INFINITY;
    return Math.min(untilDays, keepDays) - age >= minimum;
  });
  return [
    ...classes.map(
      ({ storageClass, age }): LifecycleRule => ({
        action: { type: 'SetStorageClass', storageClass },
        condition: { age, matchesPrefix },
      }),
    ),
    { action: { type: 'Delete' }, condition: { age: keepDays, matchesPrefix } },
  ];
}
