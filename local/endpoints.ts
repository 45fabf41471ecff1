/**
 * Where the laptop cloud listens, as a file in its data folder: `logweir start` writes it, the other commands and
 * anybody's scripts read it.
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

export const DEFAULT_DATA_DIR = '.logweir';
export const PROJECT = 'logweir-local';
/** Bucket of the files that wait to be loaded. */
export const STAGING_BUCKET = 'logweir-staging';

const endpointsShape = z.object({
  projectId: z.string(),
  dataset: z.string(),
  /** Topic that logs are published to, its short name. */
  topic: z.string(),
  /** Bucket of the raw archive. */
  archiveBucket: z.string(),
  /** host:port of gRPC services, for PUBSUB_EMULATOR_HOST and the like. */
  pubsub: z.string(),
  bigqueryWrite: z.string(),
  firestore: z.string(),
  /** Base URLs of HTTP services. */
  bigquery: z.string(),
  storage: z.string(),
  tasks: z.string(),
  parse: z.string(),
  close: z.string(),
  sweep: z.string(),
  learn: z.string(),
  tier: z.string(),
  drift: z.string(),
  /** Vertex AI, and the id of the endpoint of the models. */
  vertex: z.string(),
  modelEndpoint: z.string(),
  /** Topic of the verdicts, its short name. */
  verdictTopic: z.string(),
  alert: z.string(),
  remind: z.string(),
  /** The page and the API. */
  page: z.string(),
  /** Page of the alerts as they were sent. */
  alerts: z.string(),
  /** host:port of the mail catcher. */
  smtp: z.string(),
  /** Bucket of what the functions keep: the catalogue of patterns. */
  stateBucket: z.string(),
  /** Process id of `logweir start`. */
  pid: z.int(),
});

export type Endpoints = Readonly<z.infer<typeof endpointsShape>>;

const fileOf = (dataDir: string): string => join(dataDir, 'endpoints.json');

/** Writes the file whole or not at all. */
export async function writeEndpoints(dataDir: string, endpoints: Endpoints): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  const part = `${fileOf(dataDir)}.part`;
  await writeFile(part, `${JSON.stringify(endpoints, null, 2)}\n`);
  await rename(part, fileOf(dataDir));
}

/** Says that nothing runs any more. */
export const removeEndpoints = (dataDir: string): Promise<void> => rm(fileOf(dataDir), { force: true });

/** Reads the file. Throws an Error that says how to get one when there is none. */
export async function readEndpoints(dataDir: string): Promise<Endpoints> {
  const found = await findEndpoints(dataDir);
  if (found === null) {
    throw new Error(
      `nothing runs with the data folder ${dataDir}; start it with "npm start", or name another with --data-dir`,
    );
  }
  return found;
}

/** As `readEndpoints`, but null where there is no file. */
export async function findEndpoints(dataDir: string): Promise<Endpoints | null> {
  let text: string;
  try {
    text = await readFile(fileOf(dataDir), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const parsed = endpointsShape.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw new Error(`${fileOf(dataDir)} is not what "logweir start" writes: ${z.prettifyError(parsed.error)}`);
}
