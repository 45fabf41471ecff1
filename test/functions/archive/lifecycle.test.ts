import { describe, expect, it } from 'vitest';
import { lifecycleRules } from '../../../functions/archive/lifecycle.ts';
import { dueAction } from '../../../local/storage/lifecycle.ts';
import type { ObjectRecord } from '../../../local/storage/resource.ts';

const DAY_MS = 86_400_000;

/** What becomes of an object at each age at which anything does, by the laptop's storage. */
function life(name: string, keepDays: number, tierAfterDays = 30): string[] {
  const rule = lifecycleRules({ archiveKeepMs: keepDays * DAY_MS, tierAfterMs: tierAfterDays * DAY_MS });
  const bucket = { lifecycle: { rule } };
  const steps: string[] = [];
  let storageClass = 'STANDARD';
  for (let day = 0; day <= keepDays; day++) {
    const object = { name, storageClass, createMs: 0, settings: {} } as unknown as ObjectRecord;
    const due = dueAction(bucket, object, day * DAY_MS);
    if (due === undefined) continue;
    storageClass = due.type === 'Delete' ? 'gone' : due.storageClass;
    steps.push(`${day} ${storageClass}`);
    if (due.type === 'Delete') break;
  }
  return steps;
}

describe('an object of the archive bucket', () => {
  it('grows colder with age and is deleted at its retention', () => {
    expect(life('raw/2026-11-20/10_00_00_a.avro', 800)).toEqual([
      '30 NEARLINE',
      '90 COLDLINE',
      '365 ARCHIVE',
      '800 gone',
    ]);
  });

  it('goes to no class that it would leave too early', () => {
    expect(life('raw/a.avro', 400)).toEqual(['30 NEARLINE', '90 COLDLINE', '400 gone']);
    expect(life('raw/a.avro', 100)).toEqual(['30 NEARLINE', '100 gone']);
    expect(life('raw/a.avro', 45)).toEqual(['45 gone']);
  });

  it('of the cold tier is deleted when its entries are of that age, with its manifest', () => {
    expect(life('cold/log_entries/day=2026-01-01/service_hash=0/a-0.parquet', 400).at(-1)).toBe('370 gone');
    expect(life('cold-manifests/log_entries/2026-01-01.json', 400)).toEqual(['370 gone']);
  });

  it('that is something else is left alone', () => {
    expect(life('patterns/catalogue.json', 400)).toEqual([]);
  });
});
