/**
 * The code of one function as it is deployed: functions/index.ts with the modules of the other functions left out, so
 * that an instance loads what it uses alone; packages stay outside and are listed, at the versions of the lock file, in
 * a package.json and a lock file of its own. The same sources give the same digest.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { ASSETS_FILE } from '../functions/api/assets.ts';
import { assetsText } from '../functions/api/assets-bundle.ts';
import { costTable } from '../local/cost/cost-table.ts';
import { type Lock, lockOf, readLock } from './bundle-lock.ts';
import type { FunctionName } from './config.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const INDEX = join(ROOT, 'functions', 'index.ts');
const REGISTERED = /(\w+): lazy\(async \(\) => \(await import\('\.\/([\w-]+)\.ts'\)\)/g;

export interface Bundle {
  readonly name: FunctionName;
  /** Folder of what is deployed; remade at each call. */
  readonly folder: string;
  /** Of all of it, for the name of the archive: other code is another object. */
  readonly digest: string;
  /** Packages it loads, with their versions. */
  readonly packages: Readonly<Record<string, string>>;
  /** All of the code, of all chunks. */
  readonly code: string;
}

/** Functions that functions/index.ts registers, with their modules. */
export async function registeredFunctions(): Promise<ReadonlyMap<string, string>> {
  const index = await readFile(INDEX, 'utf8');
  return new Map([...index.matchAll(REGISTERED)].map(([, name, module]) => [name!, `${module}.ts`]));
}

/** Bundles one function. Throws an Error when index.ts does not register it. */
export async function bundleFunction(
  name: FunctionName,
  outdir = join(ROOT, 'infra', 'dist'),
): Promise<Bundle> {
  const registered = await registeredFunctions();
  const module = registered.get(name);
  if (module === undefined)
    throw new Error(`functions/index.ts registers no ${name}; it has ${[...registered.keys()].join(', ')}`);
  const folder = join(outdir, name);
  const built = await build({
    entryPoints: [INDEX],
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    packages: 'external',
    plugins: [without([...registered.values()].filter((other) => other !== module))],
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const imports = Object.values(built.metafile.outputs).flatMap((output) => output.imports);
  const lock = await readLock(join(ROOT, 'package-lock.json'));
  const packages = versionsOf(
    lock,
    imports.filter(({ external }) => external).map(({ path }) => path),
  );
  const manifest = { type: 'module', main: 'index.js', engines: { node: '22' }, dependencies: packages };
  const files = [
    ...built.outputFiles.map(({ path, contents }) => ({ path, contents: Buffer.from(contents) })),
    { path: join(folder, 'package.json'), contents: Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`) },
    { path: join(folder, 'package-lock.json'), contents: Buffer.from(lockOf(lock, manifest)) },
    ...(name === 'api'
      ? [{ path: join(folder, ASSETS_FILE), contents: Buffer.from(await assetsText({ cost: costTable() })) }]
      : []),
  ].sort((a, b) => (a.path < b.path ? -1 : 1));
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const hash = createHash('sha256');
  for (const { path, contents } of files) {
    hash.update(`${path.slice(folder.length)}\0${contents.length}\0`).update(contents);
    await writeFile(path, contents);
  }
  const code = built.outputFiles.map(({ text }) => text).join('\n');
  return { name, folder, digest: hash.digest('hex').slice(0, 16), packages, code };
}

/** Leaves modules of functions/ out: index.ts asks for them only in instances that serve them. */
const without = (modules: readonly string[]): Plugin => ({
  name: 'without',
  setup(builder) {
    builder.onResolve({ filter: /^\.\/[\w-]+\.ts$/ }, ({ importer, kind, path }) =>
      importer === INDEX && kind === 'dynamic-import' && modules.includes(path.slice(2))
        ? { path, namespace: 'left-out' }
        : null,
    );
    builder.onLoad({ filter: /./, namespace: 'left-out' }, () => ({ contents: 'export {};' }));
  },
});

/** Versions of the packages, as the lock file has them. */
function versionsOf(lock: Lock, paths: readonly string[]): Record<string, string> {
  const names = paths
    .filter((path) => !path.startsWith('node:'))
    .map((path) =>
      path
        .split('/')
        .slice(0, path.startsWith('@') ? 2 : 1)
        .join('/'),
    );
  return Object.fromEntries(
    [...new Set(names)].sort().flatMap((name) => {
      const version = lock[`node_modules/${name}`]?.version;
      // Modules of Node without their prefix are in no lock file.
      return version === undefined ? [] : [[name, version]];
    }),
  );
}
