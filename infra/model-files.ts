/** The models that the repository holds, as they are put into the models' bucket. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

export interface ModelSet {
  readonly version: string;
  readonly files: readonly { readonly name: string; readonly path: string }[];
}

const manifest = z.object({ version: z.string().min(1) });

/** Throws an Error when the folder holds no manifest. */
export function modelSet(folder = new URL('../models/artifacts/', import.meta.url)): ModelSet {
  const { version } = manifest.parse(JSON.parse(readFileSync(new URL('manifest.json', folder), 'utf8')));
  const files = readdirSync(folder)
    // Cards in Markdown are for people.
    .filter((name) => !name.endsWith('.md'))
    .sort()
    .map((name) => ({ name, path: fileURLToPath(new URL(name, folder)) }));
  return { version, files };
}
