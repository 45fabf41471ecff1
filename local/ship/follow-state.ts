/**
 * Where a follower stands, in a file that outlives it.
 * Guarantee: a batch is written down before it is published, with where it ends, and crossed out when Pub/Sub has
 * taken it. A follower that starts again first repeats what is not crossed out, cut at the same bytes, so under
 * the same ids: what was published after all is dropped as a duplicate, and what was not is not lost.
 * The file is replaced whole (temporary file, then rename).
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { ShipError, type Target } from './target.ts';

const savedState = z.object({
  version: z.literal(1),
  path: z.string(),
  /** Which of the files that bore this name; part of the batch ids. */
  generation: z.string(),
  dev: z.number(),
  ino: z.number(),
  /** Everything before this byte is shipped. */
  shipped: z.number(),
  /** Ends of the batches that are on their way, in order; the first begins at `shipped`. */
  planned: z.array(z.number()),
});

export type FollowPosition = z.infer<typeof savedState>;

/** Where the state of a followed file is kept: one per file and topic. */
export function statePath(dir: string, path: string, target: Target): string {
  const key = JSON.stringify([path, target.endpoint, target.project, target.topic]);
  return join(dir, `${createHash('sha256').update(key).digest('hex').slice(0, 24)}.json`);
}

/** Reads a state; null: there is none. Throws ShipError for one that is damaged: to guess would double or lose. */
export async function readState(file: string): Promise<FollowPosition | null> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  try {
    return savedState.parse(JSON.parse(text));
  } catch {
    throw new ShipError(`${file} is no state of a followed file: delete it to ship the file from its start`);
  }
}

/** The state of one followed file, kept on disk. */
export class FollowState {
  readonly #file: string;
  #position: FollowPosition;
  /** Ends that Pub/Sub has taken, but not everything before them. */
  readonly #taken = new Set<number>();
  #saving: Promise<void> = Promise.resolve();

  constructor(file: string, position: FollowPosition) {
    this.#file = file;
    this.#position = position;
  }

  get position(): FollowPosition {
    return this.#position;
  }

  /** Begins with another file. */
  async begin(position: FollowPosition): Promise<void> {
    this.#position = position;
    this.#taken.clear();
    await this.#save();
  }

  /** Writes down that the next batch ends at `end`. */
  async plan(end: number): Promise<void> {
    this.#position.planned.push(end);
    await this.#save();
  }

  /** Crosses out the batch that ends at `end`. On disk with the next save. */
  taken(end: number): void {
    const position = this.#position;
    this.#taken.add(end);
    while (position.planned.length > 0 && this.#taken.delete(position.planned[0]!)) {
      position.shipped = position.planned.shift()!;
    }
  }

  /** Resolves when the file holds what is known. */
  async save(): Promise<void> {
    await this.#save();
  }

  #save(): Promise<void> {
    const text = JSON.stringify(this.#position);
    this.#saving = this.#saving.then(() => replace(this.#file, text));
    return this.#saving;
  }
}

async function replace(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}
