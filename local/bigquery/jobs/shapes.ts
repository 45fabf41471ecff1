/** Shapes that several requests of the REST API share, and their reading. */
import { z } from 'zod';
import { invalid, unsupported } from '../failure.ts';
import type { Partitioning } from '../sql/statement.ts';

/** A number that JSON may hold as text. */
export const int64Shape = z.union([z.string(), z.number()]);

export const datasetShape = z.looseObject({ projectId: z.string().optional(), datasetId: z.string() });

export const tableShape = z.looseObject({
  projectId: z.string().optional(),
  datasetId: z.string(),
  tableId: z.string(),
});

export const partitioningShape = z
  .looseObject({
    type: z.string().optional(),
    field: z.string().nullish(),
    expirationMs: int64Shape.nullish(),
    requirePartitionFilter: z.boolean().nullish(),
  })
  .nullable();

const UNITS = ['DAY', 'HOUR', 'MONTH', 'YEAR'] as const;

/** `timePartitioning` as the catalogue keeps it. */
export function readPartitioning(given: z.infer<typeof partitioningShape> | undefined): {
  readonly partitioning: Partitioning | null;
  readonly partitionExpirationMs?: number;
  readonly requirePartitionFilter?: boolean;
} {
  if (!given) return { partitioning: null };
  const type = UNITS.find((unit) => unit === (given.type ?? 'DAY').toUpperCase());
  if (type === undefined)
    throw invalid(`Invalid time partitioning type "${given.type}": ${UNITS.join(', ')}.`);
  return {
    partitioning: { type, field: given.field || null },
    ...(given.expirationMs == null ? {} : { partitionExpirationMs: Number(given.expirationMs) }),
    ...(given.requirePartitionFilter == null ? {} : { requirePartitionFilter: given.requirePartitionFilter }),
  };
}

/** Refuses each of `names` that the request sets. */
export function refuseSet(given: Readonly<Record<string, unknown>>, names: readonly string[]): void {
  for (const name of names) {
    if (!isUnset(given[name])) throw unsupported(name);
  }
}

/** Absent, or as good as absent: some clients send every field they know. */
const isUnset = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  value === '' ||
  (typeof value === 'object' && Object.keys(value).length === 0);

/** The value in its shape, or 400 that names the field. */
export function parse<T>(shape: z.ZodType<T>, value: unknown): T {
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw invalid(`Invalid value at '${issue?.path.join('.') ?? ''}': ${issue?.message ?? 'not understood'}`);
}
