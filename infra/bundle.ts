/**
 * The code of one function as it is deployed: functions/index.ts with the modules of the other functions left out, and
 * of the two ways to the models the one that is not used, so that an instance loads what it uses alone; packages stay
 * outside and are listed, at the versions of the lock file, in a package.json and a lock file of its own. Where models
 * judge in the process, they lie beside the code. The same sources give the same digest.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { ASSETS_FILE } from '../functions/api/assets.ts';
import { assetsText } from '../functions/api/assets-bundle.ts';
import { SHIPPED_FOLDER } from '../functions/detect/shipped-models.ts';
import { costTable } from '../local/cost/cost-table.ts';
import { type Lock, lockOf, readLock } from './bundle-lock.ts';
import type { FunctionName, ModelPlace } from './config.ts';
import { modelSet } from './model-files.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const INDEX = join(ROOT, 'functions', 'index.ts');
const REGISTERED = /(\w+): lazy\(async \(\) => \(await import\('\.\/([\w-]+)\.ts'\)\)/g;

/** What asks them, of which a bundle has one. */
const DETECT = join(ROOT, 'functions', 'detect');
const MODEL_MODULES: Readonly<Record<ModelPlace, string>> = {
  endpoint: join(DETECT, 'open-endpoint-models.ts'),
  process: join(DETECT, 'open-process-models.ts'),
};
/** Looks beside the code for the version of the models. */
const SHIPPED_MODULE = join(DETECT, 'shipped-models.ts');
const NATIVE = 'onnxruntime-node';

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
  models: ModelPlace = 'endpoint',
): Promise<Bundle> {
  const registered = await registeredFunctions();
  const module = registered.get(name);
  if (module === undefined)
    throw new Error(`functions/index.ts registers no ${name}; it has ${[...registered.keys()].join(', ')}`);
  const folder = join(outdir, name);
  const others = [...registered.values()].filter((other) => other !== module);
  const leftOut = [
    ...others.map((other) => join(dirname(INDEX), other)),
    MODEL_MODULES[models === 'process' ? 'endpoint' : 'process'],
  ];
  const built = await buildCode(folder, leftOut);
  const outputs = Object.values(built.metafile.outputs);
  const lock = await readLock(join(ROOT, 'package-lock.json'));
  const imports = outputs.flatMap((output) => output.imports).filter(({ external }) => external);
  const packages = versionsOf(
    lock,
    imports.map(({ path }) => path),
  );
  const manifest = { type: 'module', main: 'index.js', engines: { node: '22' }, dependencies: packages };
  const inputs = new Set(
    outputs.flatMap((output) => Object.keys(output.inputs)).map((path) => join(ROOT, path)),
  );
  const code = built.outputFiles.map(({ text }) => text).join('\n');
  const files = [
    ...built.outputFiles.map(({ path, contents }) => ({ path, contents: Buffer.from(contents) })),
    { path: join(folder, 'package.json'), contents: Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`) },
    { path: join(folder, 'package-lock.json'), contents: Buffer.from(lockOf(lock, manifest)) },
    ...(await besides(name, { folder, packages, inputs, models })),
  ];
  return { name, folder, digest: await write(folder, files), packages, code };
}

const buildCode = (folder: string, leftOut: readonly string[]) =>
  build({
    entryPoints: [INDEX],
    absWorkingDir: ROOT,
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    packages: 'external',
    plugins: [without(leftOut)],
    metafile: true,
    write: false,
    logLevel: 'silent',
  });

interface BundledFile {
  readonly path: string;
  readonly contents: Buffer;
}

/** What lies beside the code. */
async function besides(
  name: FunctionName,
  bundled: {
    readonly folder: string;
    readonly packages: Readonly<Record<string, string>>;
    /** Sources that are in the code. */
    readonly inputs: ReadonlySet<string>;
    readonly models: ModelPlace;
  },
): Promise<BundledFile[]> {
  const { folder, packages, inputs, models } = bundled;
  const files: BundledFile[] = [];
  if (name === 'api')
    files.push({
      path: join(folder, ASSETS_FILE),
      contents: Buffer.from(await assetsText({ cost: costTable() })),
    });
  // Its install script would fetch libraries for graphics cards; what a function needs is in the package.
  if (packages[NATIVE] !== undefined)
    files.push({ path: join(folder, '.npmrc'), contents: Buffer.from(`${NATIVE}-install=skip\n`) });
  const judges = inputs.has(MODEL_MODULES.process);
  if (models === 'process' && (judges || inputs.has(SHIPPED_MODULE)))
    for (const { name: file, path } of modelSet().files)
      if (judges ? !file.endsWith('.card.json') : file === 'manifest.json')
        files.push({ path: join(folder, SHIPPED_FOLDER, file), contents: await readFile(path) });
  return files;
}

/** Writes them in place of what was there; returns a digest of all. */
async function write(folder: string, files: readonly BundledFile[]): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  const hash = createHash('sha256');
  for (const { path, contents } of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    hash.update(`${path.slice(folder.length)}\0${contents.length}\0`).update(contents);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, contents);
  }
  return hash.digest('hex').slice(0, 16);
}

/** Leaves modules out that are imported when they are needed: in what is bundled they never are. */
const without = (modules: readonly string[]): Plugin => ({
  name: 'without',
  setup(builder) {
    builder.onResolve({ filter: /^\.\/[\w-]+\.ts$/ }, ({ importer, kind, path }) => {
      const module = join(dirname(importer), path);
      return kind === 'dynamic-import' && modules.includes(module)
        ? { path: module, namespace: 'left-out' }
        : null;
    });
    builder.onLoad({ filter: /./, namespace: 'left-out' }, ({ path }) => ({
      contents: `throw new Error("${basename(path)} is not part of this bundle: infra/bundle.ts");`,
    }));
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
