/**
 * The environment that the laptop's functions run with, as a file in the data folder: whoever does the functions' work
 * again, as replay does, must do it with the same endpoints and settings. The file is the user's alone, as it may hold
 * the key of redaction.
 */
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

export type FunctionEnv = Readonly<Record<string, string>>;

const shape = z.record(z.string(), z.string());

const fileOf = (dataDir: string): string => join(dataDir, 'function-env.json');

/** Writes what the functions are given beside this process's own settings. */
export async function writeFunctionEnv(dataDir: string, given: FunctionEnv): Promise<void> {
  const inherited = Object.entries(process.env).filter(([name]) => name.startsWith('LOGWEIR_'));
  const text = JSON.stringify({ ...Object.fromEntries(inherited), ...given }, null, 2);
  await writeFile(fileOf(dataDir), `${text}\n`, { mode: 0o600 });
  // The mode counts for a new file alone.
  await chmod(fileOf(dataDir), 0o600);
}

/** Reads it. Throws an Error that says what writes it when it is not there. */
export async function readFunctionEnv(dataDir: string): Promise<FunctionEnv> {
  const text = await readFile(fileOf(dataDir), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw new Error(`${fileOf(dataDir)} is not there; "npm start" writes it`);
  });
  return shape.parse(JSON.parse(text));
}
