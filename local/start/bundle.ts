/**
 * The functions, bundled as they are deployed: ES modules, split where code is loaded lazily; packages stay outside. The
 * models lie beside the code, for LOGWEIR_MODELS=process.
 */
import { cp, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { writeAssets } from '../../functions/api/assets-bundle.ts';
import { SHIPPED_FOLDER } from '../../functions/detect/shipped-models.ts';
import { costTable } from '../cost/cost-table.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Bundles functions/index.ts; returns a new folder, which lies where the packages are found. */
export async function bundleFunctions(): Promise<string> {
  const cache = join(ROOT, 'node_modules', '.cache', 'logweir');
  await mkdir(cache, { recursive: true });
  const outdir = await mkdtemp(join(cache, 'functions-'));
  await build({
    entryPoints: [join(ROOT, 'functions', 'index.ts')],
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    // No source maps: Firestore's client takes a stack trace for every call, and mapping them costs a tenth of the CPU.
    logLevel: 'silent',
  });
  await writeAssets(outdir, { cost: costTable() });
  await cp(join(ROOT, 'models', 'artifacts'), join(outdir, SHIPPED_FOLDER), { recursive: true });
  await writeFile(join(outdir, 'package.json'), '{"type":"module","main":"index.js"}\n');
  return outdir;
}
