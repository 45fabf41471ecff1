/**
 * What the local Vertex AI keeps: models, what is deployed on its endpoint, traffic, training jobs. One JSON file,
 * written beside and moved into place before a change is acknowledged.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const job = z.object({
  name: z.string(),
  displayName: z.string(),
  state: z.enum(['JOB_STATE_RUNNING', 'JOB_STATE_SUCCEEDED', 'JOB_STATE_FAILED', 'JOB_STATE_CANCELLED']),
  createTime: z.string(),
  endTime: z.string().optional(),
  jobSpec: z.unknown(),
  error: z.object({ code: z.int(), message: z.string() }).optional(),
});

const model = z.object({
  name: z.string(),
  displayName: z.string(),
  versionId: z.string(),
  /** gs://…, or empty: the models of the repository. */
  artifactUri: z.string(),
});

const deployed = z.object({ id: z.string(), model: z.string(), displayName: z.string() });

const shape = z.object({
  nextId: z.int(),
  models: z.array(model),
  deployed: z.array(deployed),
  /** Percent by id of the deployed model. */
  traffic: z.record(z.string(), z.int().min(0).max(100)),
  jobs: z.array(job),
  /** What operations came to, the newest last; all are done when they are answered. */
  operations: z.array(z.object({ name: z.string(), response: z.unknown() })).default([]),
});

export type VertexState = z.infer<typeof shape>;
export type VertexJob = z.infer<typeof job>;

export const EMPTY: VertexState = {
  nextId: 1,
  models: [],
  deployed: [],
  traffic: {},
  jobs: [],
  operations: [],
};

const fileOf = (dataDir: string): string => join(dataDir, 'vertex.json');

export async function readState(dataDir: string): Promise<VertexState> {
  try {
    return shape.parse(JSON.parse(await readFile(fileOf(dataDir), 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return EMPTY;
    throw error;
  }
}

export async function writeState(dataDir: string, state: VertexState): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  const part = `${fileOf(dataDir)}.part`;
  await writeFile(part, JSON.stringify(state, null, 2));
  await rename(part, fileOf(dataDir));
}
