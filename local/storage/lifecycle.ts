/**
 * What the lifecycle rules of a bucket say of an object. Pure.
 * A rule with a condition that is not known here, or that is about versions no longer live (none are kept), applies
 * to nothing. Delete goes before SetStorageClass, a colder class before a warmer one.
 * Source: https://cloud.google.com/storage/docs/lifecycle
 */
import type { ObjectRecord, Settings } from './resource.ts';

export type LifecycleAction =
  | { readonly type: 'Delete' }
  | { readonly type: 'SetStorageClass'; readonly storageClass: string };

type Condition = (value: unknown, object: ObjectRecord, nowMs: number) => boolean;

const DAY_MS = 86_400_000;
/** From warm to cold; an object is only ever moved to the right. */
const COLDNESS = ['STANDARD', 'NEARLINE', 'COLDLINE', 'ARCHIVE'];

const CONDITIONS: Readonly<Record<string, Condition>> = {
  age: (days, { createMs }, nowMs) => nowMs - createMs >= Number(days) * DAY_MS,
  createdBefore: (date, { createMs }) => createMs < Date.parse(String(date)),
  customTimeBefore: (date, { settings }) =>
    Date.parse(String(settings.customTime)) < Date.parse(String(date)),
  daysSinceCustomTime: (days, { settings }, nowMs) =>
    nowMs - Date.parse(String(settings.customTime)) >= Number(days) * DAY_MS,
  isLive: (live) => live === true,
  matchesPrefix: (prefixes, { name }) => list(prefixes).some((prefix) => name.startsWith(prefix)),
  matchesSuffix: (suffixes, { name }) => list(suffixes).some((suffix) => name.endsWith(suffix)),
  matchesStorageClass: (classes, { storageClass }) => list(classes).includes(storageClass),
};

/** The action that is due for the object, if any. */
export function dueAction(
  bucket: Settings,
  object: ObjectRecord,
  nowMs: number,
): LifecycleAction | undefined {
  const { rule } = (bucket.lifecycle ?? {}) as { rule?: Settings[] };
  let coldest: LifecycleAction | undefined;
  for (const { action, condition } of Array.isArray(rule) ? rule : []) {
    if (!applies((condition ?? {}) as Settings, object, nowMs)) continue;
    const { type, storageClass } = (action ?? {}) as { type?: string; storageClass?: string };
    if (type === 'Delete' && !isHeld(object)) return { type };
    const reached = coldest?.type === 'SetStorageClass' ? coldest.storageClass : object.storageClass;
    if (type === 'SetStorageClass' && COLDNESS.indexOf(storageClass ?? '') > COLDNESS.indexOf(reached)) {
      coldest = { type, storageClass: storageClass! };
    }
  }
  return coldest;
}

function applies(condition: Settings, object: ObjectRecord, nowMs: number): boolean {
  const all = Object.entries(condition);
  return all.length > 0 && all.every(([name, value]) => CONDITIONS[name]?.(value, object, nowMs) ?? false);
}

function isHeld({ settings }: ObjectRecord): boolean {
  return settings.eventBasedHold === true || settings.temporaryHold === true;
}

function list(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
