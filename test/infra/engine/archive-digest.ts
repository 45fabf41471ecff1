/** The SDK names an archive by its folder; an engine adds the digest of what lies there, by which it sees other code. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Fields, isArchive, mapValues } from '../wire.ts';

export const withArchiveDigests = (inputs: Fields, program: string): Fields =>
  mapValues(inputs, (value) =>
    isArchive(value) ? { ...value, hash: digestOf(resolve(program, value.path)) } : value,
  ) as Fields;

function digestOf(folder: string): string {
  const hash = createHash('sha256');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  for (const path of files.map(({ parentPath, name }) => join(parentPath, name)).sort())
    hash.update(`${path.slice(folder.length)}\0`).update(readFileSync(path));
  return hash.digest('hex');
}
