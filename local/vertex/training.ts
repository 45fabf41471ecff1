/**
 * Training jobs on the laptop: a CustomJob's container is a process at the lowest priority, with the container's
 * arguments and environment. Its image must be one that is known here by a name, and stands for a script.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { ApiError } from '../http.ts';
import { INVALID } from './download.ts';

const LOWEST_PRIORITY = 19;

/** The part of a CustomJob that is understood; one pool of one machine. */
export const jobSpec = z.object({
  workerPoolSpecs: z
    .array(
      z.object({
        replicaCount: z.coerce.number().int().max(1).optional(),
        machineSpec: z.unknown().optional(),
        containerSpec: z.object({
          imageUri: z.string(),
          args: z.array(z.string()).default([]),
          env: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
        }),
      }),
    )
    .length(1),
  scheduling: z.unknown().optional(),
  serviceAccount: z.string().optional(),
  baseOutputDirectory: z.object({ outputUriPrefix: z.string() }).optional(),
});

export interface TrainingOptions {
  /** Scripts by the image that stands for them: arguments of node. */
  readonly images: Readonly<Record<string, readonly string[]>>;
  readonly env: Readonly<Record<string, string>>;
  readonly logDir: string;
}

/** Starts a job; `ended` resolves with what was wrong, or null. */
export async function runTraining(
  id: string,
  spec: unknown,
  { images, env, logDir }: TrainingOptions,
): Promise<{ readonly child: ChildProcess; readonly ended: Promise<string | null> }> {
  const parsed = jobSpec.safeParse(spec);
  if (!parsed.success) throw new ApiError(400, `jobSpec: ${z.prettifyError(parsed.error)}`, INVALID);
  const { workerPoolSpecs, baseOutputDirectory } = parsed.data;
  const { imageUri, args, env: given } = workerPoolSpecs[0]!.containerSpec;
  const script = images[imageUri.split('/').at(-1)!.split(/[:@]/)[0]!];
  if (script === undefined) {
    const allowed = Object.keys(images).join(', ');
    throw new ApiError(400, `the image ${imageUri} is not known on a laptop; allowed: ${allowed}`, INVALID);
  }
  await mkdir(logDir, { recursive: true });
  const log = createWriteStream(join(logDir, `training-${id}.log`), { flags: 'a' });
  const output = baseOutputDirectory && { AIP_MODEL_DIR: `${baseOutputDirectory.outputUriPrefix}/model/` };
  const child = spawn(process.execPath, [...script, ...args], {
    env: {
      ...process.env,
      ...env,
      ...output,
      ...Object.fromEntries(given.map(({ name, value }) => [name, value])),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid !== undefined) setPriority(child.pid, LOWEST_PRIORITY);
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const ended = new Promise<string | null>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => {
      log.end();
      resolve(code === 0 ? null : `the job ended with ${signal ?? `exit code ${code}`}`);
    });
  });
  return { child, ended };
}
