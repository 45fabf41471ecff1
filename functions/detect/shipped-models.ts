/**
 * The set of models that a function is deployed with, in a folder beside its code: put there when it is bundled, where
 * models run in the functions (infra/bundle.ts, local/start/bundle.ts).
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { MANIFEST } from '../../models/artifact.ts';

/** Its name within a bundle. */
export const SHIPPED_FOLDER = 'models';

/** Where a bundle's code finds it. */
export const shippedDir = (): string => fileURLToPath(new URL(`./${SHIPPED_FOLDER}`, import.meta.url));

const manifest = z.object({ version: z.string().min(1) });

/** Its version. Rejects when there is none. */
export async function shippedVersion(dir: string): Promise<string> {
  return manifest.parse(JSON.parse(await readFile(join(dir, MANIFEST), 'utf8'))).version;
}
