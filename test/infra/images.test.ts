/**
 * The images of the models can be built from what their Dockerfiles copy: checked without a container, by their own lists
 * and the bundler. `npx tsx test/infra/images.ts` builds and starts them where buildah is there.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { readLock } from '../../infra/bundle-lock.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DOCKERFILES = ['models/serving/Dockerfile', 'infra/images/training.Dockerfile'];
const lock = await readLock(join(ROOT, 'package-lock.json'));

interface Recipe {
  /** Folders and files of the repository, before the bundler runs. */
  readonly copied: readonly string[];
  readonly entry: string;
  readonly external: readonly string[];
  /** Instructions of the last stage. */
  readonly last: string;
}

async function recipeOf(dockerfile: string): Promise<Recipe> {
  const text = (await readFile(join(ROOT, dockerfile), 'utf8')).replaceAll('\\\n', ' ');
  const stages = text.split(/^FROM /m);
  const copies = [...stages[1]!.matchAll(/^COPY (.+)$/gm)].flatMap(([, words]) =>
    words!.split(' ').slice(0, -1),
  );
  const command = /npx esbuild (\S+)(.+?)&&/.exec(stages[1]!)!;
  const external = [...command[2]!.matchAll(/--external:(\S+)/g)].map(([, name]) => name!);
  return { copied: copies, entry: command[1]!, external, last: stages.at(-1)! };
}

describe.each(DOCKERFILES)('the image of %s', (dockerfile) => {
  it('has all that its program loads: sources that are copied, packages that npm installs without those of development', async () => {
    const { copied, entry, external } = await recipeOf(dockerfile);
    const { metafile, warnings } = await build({
      absWorkingDir: ROOT,
      entryPoints: [entry],
      external: [...external],
      bundle: true,
      write: false,
      platform: 'node',
      target: 'node22',
      format: 'esm',
      metafile: true,
      // Packages may lie elsewhere, behind a link.
      preserveSymlinks: true,
      logLevel: 'silent',
    });
    expect(warnings).toEqual([]);
    const inputs = Object.keys(metafile.inputs);
    const packages = new Set(
      inputs.flatMap((path) => /^((?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []),
    );
    expect([...packages].filter((path) => lock[path] === undefined || lock[path]!.dev === true)).toEqual([]);
    const sources = inputs.filter((path) => !path.includes('node_modules/'));
    const isCopied = (path: string): boolean =>
      copied.some((one) => path === one || path.startsWith(`${one}/`));
    expect(sources.filter((path) => !isCopied(path))).toEqual([]);
    expect(lock['node_modules/onnxruntime-node']?.dev).not.toBe(true);
    expect(lock['node_modules/esbuild']?.dev).not.toBe(true);
  });

  it('does not run as root, and keeps nothing of the build but the program and its runtime', async () => {
    const { last } = await recipeOf(dockerfile);
    expect(last).toMatch(/^USER node$/m);
    expect([...last.matchAll(/^COPY (.+)$/gm)].map(([, what]) => what)).toEqual(
      dockerfile.includes('serving')
        ? ['--from=build /app /app', 'models/artifacts /app/models']
        : ['--from=build /app /app'],
    );
    expect(last).not.toMatch(/^RUN/m);
  });
});
