/**
 * The key that signs the laptop's tokens: made at the first start, kept in the data folder, the user's alone. Whoever has
 * the data folder may read and write everything in it anyway.
 */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const fileOf = (dataDir: string): string => join(dataDir, 'api-key');
const KEY = /^[\w-]{43}$/;

/** Reads the key; makes it where there is none. */
export async function apiKey(dataDir: string): Promise<string> {
  const found = await readFile(fileOf(dataDir), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return '';
  });
  if (KEY.test(found.trim())) return found.trim();
  const key = randomBytes(32).toString('base64url');
  await writeFile(fileOf(dataDir), `${key}\n`, { mode: 0o600 });
  return key;
}
