/**
 * A training job, as Vertex AI runs the container and the laptop a process: trains the window models on the generator's
 * logs and on windows of the services themselves, measures them and those that serve alike, and uploads all of it to
 * AIP_MODEL_DIR (gs://BUCKET/models/VERSION/model/). BERT stays as it serves. Ends with code 1 when it cannot.
 *
 *     job.ts --time 2026-11-21T10:00:00.000Z --seed 2026 --serving VERSION [--scale 0.1]
 */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Bucket } from '@google-cloud/storage';
import { z } from 'zod';
import { errorFields, log } from '../../functions/log.ts';
import { ERROR, INFO } from '../../functions/parse/severity.ts';
import { measureSets, type OwnWindow } from './job-measure.ts';
import { split } from './own-windows.ts';
import { trainModels } from './train.ts';

const options = z.object({
  time: z.iso.datetime(),
  seed: z.coerce.number().int(),
  serving: z.string().min(1),
  scale: z.coerce.number().positive().max(1).default(1),
});

const own: z.ZodType<OwnWindow[]> = z.array(
  z.object({
    ...{ service: z.string(), startMs: z.number(), said: z.boolean() },
    label: z.union([z.literal(0), z.literal(1)]),
    sequence: z.array(z.array(z.number())),
  }),
);

async function main(): Promise<void> {
  const { time, seed, serving, scale } = options.parse(
    parseArgs({
      options: {
        ...{ time: { type: 'string' }, seed: { type: 'string' } },
        ...{ serving: { type: 'string' }, scale: { type: 'string' } },
      },
    }).values,
  );
  const target = /^gs:\/\/([^/]+)\/(.+?)\/?$/.exec(process.env.AIP_MODEL_DIR ?? '');
  if (target === null) throw new Error('AIP_MODEL_DIR must be gs://BUCKET/FOLDER');
  const { Storage } = await import('@google-cloud/storage');
  const { LOGWEIR_PROJECT: projectId } = process.env;
  const bucket = new Storage(projectId === undefined ? {} : { projectId }).bucket(target[1]!);
  const folder = target[2]!;
  const work = await mkdtemp(join(tmpdir(), 'training-'));
  const [before, outDir] = [join(work, 'serving'), join(work, 'model')];
  try {
    await Promise.all([before, outDir].map((dir) => download(bucket, `models/${serving}/model/`, dir)));
    const windows = await readOwn(bucket, join(folder, '..', 'own-windows.json'));
    const parts = split(windows);
    const report = (line: string): void => log(INFO, 'training', line);
    const data = { train: parts.train, quiet: parts.quiet };
    await trainModels({
      ...{ models: ['forest', 'lstm'], seed, outDir, now: new Date(time), scale, report },
      ...(parts.train.length > 0 ? { own: data } : {}),
    });
    const sets = { candidate: outDir, serving: before };
    const measured = await measureSets(sets, parts.measured, { report, scale });
    await writeFile(join(outDir, 'evaluation.json'), JSON.stringify(measured, null, 2));
    for (const name of await readdir(outDir))
      await bucket.upload(join(outDir, name), { destination: `${folder}/${name}`, resumable: false });
    log(INFO, 'training', 'models written', { own: windows.length, folder });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function download(bucket: Bucket, prefix: string, dir: string): Promise<void> {
  const [files] = await bucket.getFiles({ prefix });
  if (files.length === 0) throw new Error(`there are no models under ${prefix}`);
  await mkdir(dir, { recursive: true });
  await Promise.all(files.map((file) => file.download({ destination: join(dir, basename(file.name)) })));
}

async function readOwn(bucket: Bucket, name: string): Promise<OwnWindow[]> {
  const file = bucket.file(name);
  const [exists] = await file.exists();
  if (!exists) return [];
  const [content] = await file.download();
  return own.parse(JSON.parse(content.toString('utf8')));
}

main().catch((error: unknown) => {
  log(ERROR, 'training', error instanceof Error ? error.message.slice(0, 500) : 'failed', errorFields(error));
  process.exitCode = 1;
});
