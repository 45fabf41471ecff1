/**
 * Builds the images of the models by their Dockerfiles and starts what they start: without Docker, by buildah, on a
 * stand-in of node:22-slim (images/base.ts). Says what a machine lacks for it, and ends with 2. Some ten minutes the
 * first time, most of it npm's; not part of `npm test`.
 *
 *     npx tsx test/infra/images.ts [--folder DIR] [--only serving|training]
 */
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { BASE, lacks, makeBase } from './images/base.ts';
import { type Images, imagesIn, run, sizeOf, startOf } from './images/buildah.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TRIAL = fileURLToPath(new URL('images/trial.ts', import.meta.url));
const DOCKERFILES = {
  serving: 'models/serving/Dockerfile',
  training: 'infra/images/training.Dockerfile',
} as const;
type Kind = keyof typeof DOCKERFILES;

/** Builds from the top of the repository, as Docker and Cloud Build do. */
async function build(images: Images, kind: Kind): Promise<string> {
  const name = `localhost/logweir-${kind}`;
  await images.buildah(
    ...['bud', '--isolation', 'chroot', '--pull-never', '--layers', '--quiet'],
    ...['--file', join(ROOT, DOCKERFILES[kind]), '--tag', name, ROOT],
  );
  return name;
}

/** Starts a container of the image in a network of its own; resolves to what it answered. */
async function attempt(images: Images, kind: Kind, image: string): Promise<string> {
  const { argv, user } = await startOf(images, image);
  if (user === '' || user === 'root' || user === '0') throw new Error(`${image} runs as root`);
  const container = await images.buildah('from', '--pull-never', image);
  try {
    const said = await run([
      ...['unshare', '--net', '--pid', '--fork', '--kill-child'],
      ...[process.execPath, '--import=tsx', TRIAL, kind, ...images.command, container, '--', ...argv],
    ]);
    const result = /^RESULT (.*)$/m.exec(said)?.[1];
    if (result === undefined) throw new Error(`no answer: ${said.slice(-1000)}`);
    return result;
  } finally {
    await images.buildah('rm', container);
  }
}

const { values } = parseArgs({ options: { folder: { type: 'string' }, only: { type: 'string' } } });
const missing = await lacks();
if (missing.length > 0) {
  console.log(`images cannot be built here:\n${missing.map((one) => `  ${one}`).join('\n')}`);
  process.exit(2);
}
const folder = values.folder ?? join(tmpdir(), 'logweir-images');
await mkdir(folder, { recursive: true });
const images = imagesIn(folder);
await makeBase(images, folder);
console.log(`${BASE}, a stand-in: ${await sizeOf(images, BASE)}`);
const kinds = (Object.keys(DOCKERFILES) as Kind[]).filter((kind) => (values.only ?? kind) === kind);
for (const kind of kinds) {
  const image = await build(images, kind);
  console.log(`${image}: ${await sizeOf(images, image)}`);
  console.log(`  ${await attempt(images, kind, image)}`);
}
