/**
 * What must change in a table that is there, so that it is as its file says: columns added at the end, descriptions,
 * options, clustering, primary key. Pure. What BigQuery cannot change in place is refused.
 * Source: https://cloud.google.com/bigquery/docs/managing-table-schemas
 */
import type { TableMetadata } from '@google-cloud/bigquery';
import { z } from 'zod';
import type { Field, TableDefinition } from './table-definition.ts';

type Found = z.infer<typeof tableMetadata>;

const fieldShape: z.ZodType<FoundField> = z.lazy(() =>
  z.looseObject({
    name: z.string(),
    type: z.string(),
    mode: z.string().optional(),
    description: z.string().optional(),
    fields: z.array(fieldShape).optional(),
  }),
);

interface FoundField {
  readonly name: string;
  readonly type: string;
  readonly mode?: string | undefined;
  readonly description?: string | undefined;
  readonly fields?: readonly FoundField[] | undefined;
  readonly [other: string]: unknown;
}

/** `Table` of the REST API, as far as files say something about it. */
export const tableMetadata = z.looseObject({
  schema: z.looseObject({ fields: z.array(fieldShape).optional() }).optional(),
  description: z.string().optional(),
  timePartitioning: z
    .looseObject({
      type: z.string().optional(),
      field: z.string().optional(),
      expirationMs: z.string().optional(),
    })
    .optional(),
  requirePartitionFilter: z.boolean().optional(),
  clustering: z.looseObject({ fields: z.array(z.string()).optional() }).optional(),
  maxStaleness: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  tableConstraints: z
    .looseObject({ primaryKey: z.looseObject({ columns: z.array(z.string()) }).optional() })
    .optional(),
});

const DAY_MS = 86_400_000;

/** Options that a file may give. */
const OPTIONS = new Set([
  'description',
  'require_partition_filter',
  'partition_expiration_days',
  'labels',
  'max_staleness',
  'friendly_name',
]);

/** The part of the table's metadata to set; null where nothing differs. */
export function tableChanges(found: Found, wanted: TableDefinition): TableMetadata | null {
  for (const option of Object.keys(wanted.options)) {
    if (!OPTIONS.has(option)) throw new Error(`option ${option} cannot be changed in a table that is there`);
  }
  checkPartitioning(found, wanted);
  const fields = found.schema?.fields ?? [];
  const merged = mergeFields(fields, wanted.fields, '');
  const changes: Record<string, unknown> = {
    ...(same(fields, merged) ? {} : { schema: { fields: merged } }),
    ...optionChanges(found, wanted),
  };
  if (!same(found.clustering?.fields ?? [], wanted.clustering)) {
    changes.clustering = wanted.clustering.length > 0 ? { fields: wanted.clustering } : null;
  }
  if (!same(found.tableConstraints?.primaryKey?.columns ?? [], wanted.primaryKey)) {
    changes.tableConstraints =
      wanted.primaryKey.length > 0 ? { primaryKey: { columns: wanted.primaryKey } } : {};
  }
  return Object.keys(changes).length > 0 ? (changes as TableMetadata) : null;
}

function optionChanges(found: Found, { options }: TableDefinition): Record<string, unknown> {
  const changes: Record<string, unknown> = {};
  const text = (key: string): string | undefined =>
    typeof options[key] === 'string' ? options[key] : undefined;
  const description = text('description');
  if (description !== undefined && description !== found.description) changes.description = description;
  const required = options.require_partition_filter;
  if (required !== undefined && required !== (found.requirePartitionFilter ?? false)) {
    changes.requirePartitionFilter = required;
  }
  const days = options.partition_expiration_days;
  const expirationMs = typeof days === 'number' ? String(Math.round(days * DAY_MS)) : undefined;
  if (expirationMs !== undefined && expirationMs !== found.timePartitioning?.expirationMs) {
    changes.timePartitioning = { ...found.timePartitioning, expirationMs };
  }
  const { labels } = options;
  if (Array.isArray(labels)) {
    const wanted = Object.fromEntries(labels) as Record<string, string>;
    const differs = Object.entries(wanted).some(([key, value]) => found.labels?.[key] !== value);
    if (differs) changes.labels = { ...found.labels, ...wanted };
  }
  return changes;
}

function checkPartitioning({ timePartitioning }: Found, { partitionField }: TableDefinition): void {
  const field = timePartitioning?.field ?? null;
  if (field === partitionField) return;
  throw new Error(
    `the table is partitioned by ${field ?? 'nothing'}, the file says ${partitionField ?? 'nothing'}; BigQuery cannot change that in place`,
  );
}

/** Fields of the table with the file's descriptions; fields of the file that the table lacks come last. */
function mergeFields(found: readonly FoundField[], wanted: readonly Field[], path: string): FoundField[] {
  const merged = found.map((old) => {
    const now = wanted.find(({ name }) => sameName(name, old.name));
    return now ? mergeField(old, now, path + old.name) : old;
  });
  const added = wanted.filter((now) => !found.some(({ name }) => sameName(name, now.name)));
  for (const { name, mode } of added) {
    if (mode === 'REQUIRED') {
      throw new Error(
        `column ${path}${name} is new and NOT NULL; a table that has rows cannot get such a column`,
      );
    }
  }
  return [...merged, ...added.map((field) => ({ ...field }) as FoundField)];
}

function mergeField(old: FoundField, now: Field, path: string): FoundField {
  if (old.type !== now.type) {
    throw new Error(
      `column ${path} is ${old.type} in the table and ${now.type} in the file; BigQuery cannot change that`,
    );
  }
  const mode = old.mode ?? 'NULLABLE';
  const relaxed = mode === 'REQUIRED' && now.mode === 'NULLABLE';
  if (mode !== now.mode && !relaxed) {
    throw new Error(
      `column ${path} is ${mode} in the table and ${now.mode} in the file; BigQuery cannot change that`,
    );
  }
  return {
    ...old,
    mode: now.mode,
    ...(now.description === undefined ? {} : { description: now.description }),
    ...(now.policyTags === undefined ? {} : { policyTags: now.policyTags }),
    ...(now.fields === undefined ? {} : { fields: mergeFields(old.fields ?? [], now.fields, `${path}.`) }),
  };
}

const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
const same = (a: unknown, b: unknown): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

/** With the keys of objects in order, and the default mode written out. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, sorted(inner)] as const);
  const withMode =
    'name' in value && !('mode' in value) ? [...entries, ['mode', 'NULLABLE'] as const] : entries;
  return Object.fromEntries(withMode.sort(([a], [b]) => (a < b ? -1 : 1)));
}
