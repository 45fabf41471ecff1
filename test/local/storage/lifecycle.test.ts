import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dueAction } from '../../../local/storage/lifecycle.ts';
import type { ObjectRecord, Settings } from '../../../local/storage/resource.ts';

interface Case {
  readonly it: string;
  readonly rule: Settings[];
  readonly name?: string;
  readonly storageClass?: string;
  readonly settings?: Settings;
  readonly ageDays: number;
  readonly action: Settings | null;
}

const cases = JSON.parse(
  readFileSync(new URL('../../cases/storage-lifecycle.json', import.meta.url), 'utf8'),
) as Case[];
const nowMs = Date.UTC(2026, 10, 20);

describe('lifecycle rules', () => {
  it.each(cases)(
    '$it',
    ({ rule, name = 'logs/a.avro', storageClass = 'STANDARD', settings = {}, ageDays, action }) => {
      const object = { name, storageClass, settings, createMs: nowMs - ageDays * 86_400_000 } as ObjectRecord;
      expect(dueAction({ lifecycle: { rule } }, object, nowMs)).toEqual(action ?? undefined);
    },
  );

  it('that are none do nothing', () => {
    const object = {
      name: 'a',
      storageClass: 'STANDARD',
      settings: {},
      createMs: 0,
    } as unknown as ObjectRecord;
    for (const bucket of [{}, { lifecycle: {} }, { lifecycle: { rule: 'no list' } }]) {
      expect(dueAction(bucket, object, nowMs)).toBeUndefined();
    }
  });
});
