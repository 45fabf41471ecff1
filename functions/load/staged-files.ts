/** The files in the staging bucket that wait to be loaded. */
import type { Bucket } from '@google-cloud/storage';
import { ROWS_PREFIX, refusedName } from './layout.ts';

export interface StagedFiles {
  /** The oldest, by name, at most so many. */
  list(most: number): Promise<readonly StagedFile[]>;
  /** Those of the files that are there. */
  present(names: readonly string[]): Promise<readonly string[]>;
  /** Removes files; those that are gone already are passed over. */
  remove(names: readonly string[]): Promise<void>;
  read(name: string): Promise<Buffer>;
  /** Puts a file where nobody loads it, to be looked at. */
  setAside(name: string): Promise<void>;
}

export interface StagedFile {
  readonly name: string;
  readonly bytes: number;
}

const NOT_FOUND = 404;
/** Requests at once. */
const AT_ONCE = 32;

export function filesIn(bucket: Pick<Bucket, 'file' | 'getFiles'>): StagedFiles {
  const remove = async (name: string): Promise<void> => {
    await bucket.file(name).delete({ ignoreNotFound: true });
  };
  return {
    async list(most) {
      const [files] = await bucket.getFiles({ prefix: ROWS_PREFIX, maxResults: most });
      return files.map(({ name, metadata }) => ({ name, bytes: Number(metadata.size) }));
    },
    async present(names) {
      const there = await each(names, async (name) => (await bucket.file(name).exists())[0]);
      return names.filter((_, i) => there[i]);
    },
    async remove(names) {
      await each(names, remove);
    },
    read: async (name) => (await bucket.file(name).download())[0],
    async setAside(name) {
      try {
        await bucket.file(name).copy(bucket.file(refusedName(name)));
      } catch (error) {
        // Somebody else has done it.
        if ((error as { code?: unknown }).code !== NOT_FOUND) throw error;
      }
      await remove(name);
    },
  };
}

/** Does something to each, some at once; the results in their order. */
async function each<T>(names: readonly string[], work: (name: string) => Promise<T>): Promise<readonly T[]> {
  const results: T[] = new Array(names.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < names.length; i = next++) results[i] = await work(names[i]!);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, names.length) }, worker));
  return results;
}
