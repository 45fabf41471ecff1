/** Options of DDL (`OPTIONS(...)`) applied to catalogue entries: absent leaves as it is, NULL removes. */
import type { TableOptions } from '../sql/statement.ts';
import type { DatasetEntry, TableEntry } from './entry.ts';

/** Sets each key that `patch` has; one that is null or undefined there is taken away. */
export function patched<T extends object>(entry: T, patch: { readonly [K in keyof T]?: T[K] | null }): T {
  const result = { ...entry } as Record<string, unknown>;
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined || value === null) delete result[key];
    else result[key] = value;
  }
  return result as T;
}

export function withTableOptions(entry: TableEntry, options: TableOptions): TableEntry {
  const { requirePartitionFilter, ...rest } = options;
  const kept = only(rest, [
    'description',
    'friendlyName',
    'labels',
    'expirationMs',
    'partitionExpirationMs',
    'maxStaleness',
  ]);
  const next = patched(entry, kept);
  return requirePartitionFilter === undefined
    ? next
    : { ...next, requirePartitionFilter: requirePartitionFilter === true };
}

export function withDatasetOptions(entry: DatasetEntry, options: TableOptions): DatasetEntry {
  const kept = only(options, [
    'description',
    'friendlyName',
    'labels',
    'defaultTableExpirationMs',
    'defaultPartitionExpirationMs',
  ]);
  const next = patched(entry, kept);
  return options.location ? { ...next, location: options.location } : next;
}

function only<T extends object, K extends keyof T>(options: T, keys: readonly K[]): Pick<T, K> {
  const kept = {} as Pick<T, K>;
  for (const key of keys) if (Object.hasOwn(options, key)) kept[key] = options[key];
  return kept;
}
