/** Makes the file of assets.ts when the function is bundled, on a laptop and for a deployment alike. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ASSETS_FILE, type Assets } from './assets.ts';

/** The text of the file: the same sources make the same. */
export async function assetsText(): Promise<string> {
  const assets: Assets = { page: {}, queries: [], schema: [] };
  return JSON.stringify(assets);
}

/** Writes the file into the folder of a bundle. */
export async function writeAssets(folder: string): Promise<void> {
  await writeFile(join(folder, ASSETS_FILE), await assetsText());
}
