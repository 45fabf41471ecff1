/**
 * A file that grows: `tail -F` into batches. Once a second (and at the start) everything new is read, cut at whole
 * lines and shipped, so a line waits a second at most; a line without its newline waits until it is whole.
 *
 * Rotation: when the name stands for another file, the old one is read for one more round (its writer may still
 * hold it), its last line shipped with or without newline, and the new one read from its start. A file that has
 * become shorter was truncated, and is read from its start. What was rotated away while nobody followed is looked
 * for beside the file, by inode. A file truncated and grown beyond its old size within a round is not noticed.
 * Guarantee: at least once; duplicates bear the same batch id (follow-state.ts).
 */
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Timers } from '../timers.ts';
import type { FileIdentity } from './batch-id.ts';
import { type Cut, type CutLimits, Cutter } from './cutter.ts';
import { type FollowPosition, FollowState, readState } from './follow-state.ts';
import { pause } from './pause.ts';
import type { Sender } from './sender.ts';

export interface FollowOptions {
  /** Absolute path. */
  readonly path: string;
  readonly file: Omit<FileIdentity, 'generation'>;
  readonly stateFile: string;
  readonly limits: CutLimits;
  readonly sender: Pick<Sender, 'send' | 'settle'>;
  readonly timers: Timers;
  readonly newGeneration: () => string;
  readonly warn: (text: string) => void;
  readonly signal: AbortSignal;
  /** Called after each round, when everything that is there is shipped. */
  readonly caughtUp?: () => void;
}

/** How often the file is looked at. */
const ROUND_MS = 1000;
const READ_BYTES = 1 << 20;

/** Follows until `signal` aborts; then ships what is whole and returns. */
export async function follow(options: FollowOptions): Promise<void> {
  const saved = await readState(options.stateFile);
  const followed = new FollowedFile(options, saved);
  try {
    for (;;) {
      await followed.round();
      options.caughtUp?.();
      if (options.signal.aborted) return;
      await pause(options.timers, ROUND_MS, options.signal);
    }
  } finally {
    await followed.close();
  }
}

class FollowedFile {
  readonly #options: FollowOptions;
  /** Position of an earlier follower, until it is taken up. */
  #saved: FollowPosition | null;
  #state: FollowState | null = null;
  #handle: FileHandle | null = null;
  #cutter: Cutter;
  /** Where reading goes on. */
  #readAt = 0;
  /** The name stood for another file when last looked at. */
  #leaving = false;

  constructor(options: FollowOptions, saved: FollowPosition | null) {
    this.#options = options;
    this.#saved = saved;
    this.#cutter = new Cutter(options.limits);
  }

  /** Ships what is new. */
  async round(): Promise<void> {
    if (this.#handle === null && !(await this.#open())) return;
    const isLast = this.#leaving;
    await this.#checkTruncated();
    await this.#readOn();
    if (isLast && !this.#options.signal.aborted) await this.#leave();
    else {
      await this.#ship(this.#cutter.flush());
      this.#leaving = await this.#isAnother();
    }
    await this.#options.sender.settle();
    await this.#state!.save();
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = null;
  }

  /** Opens the file, at the saved position where it is still the same one. */
  async #open(): Promise<boolean> {
    const { path, stateFile } = this.#options;
    const saved = this.#saved;
    this.#saved = null;
    const old = saved === null ? null : await this.#openSaved(saved);
    if (saved !== null && old !== null) {
      this.#handle = old;
      this.#state = new FollowState(stateFile, saved);
      await this.#repeat(saved);
      return true;
    }
    const handle = await openIfThere(path);
    if (handle === null) return false;
    this.#handle = handle;
    const { dev, ino } = await handle.stat();
    this.#state ??= new FollowState(stateFile, freshPosition(path, '', dev, ino));
    await this.#begin(dev, ino);
    return true;
  }

  /** The file of the saved position, under its own name or the one it was rotated to; null: it is gone. */
  async #openSaved(saved: FollowPosition): Promise<FileHandle | null> {
    const { path, warn } = this.#options;
    const end = saved.planned.at(-1) ?? saved.shipped;
    for (const candidate of [path, ...(await siblings(path))]) {
      const handle = await openIfThere(candidate);
      if (handle === null) continue;
      const { dev, ino, size } = await handle.stat();
      if (dev === saved.dev && ino === saved.ino && size >= end) return handle;
      await handle.close();
    }
    const shipped = `after byte ${saved.shipped} of the old file is not shipped`;
    warn(`${path} was rotated or truncated while nobody followed it: what stood ${shipped}`);
    return null;
  }

  /** Ships again what was on its way when the last follower ended, batch by batch as it was cut then. */
  async #repeat(saved: FollowPosition): Promise<void> {
    const ends = [...saved.planned];
    let at = saved.shipped;
    for (const end of ends) {
      const cutter = new Cutter(this.#options.limits, at);
      const cuts: Cut[] = [];
      for await (const chunk of this.#read(at, end)) cuts.push(...cutter.push(chunk));
      cuts.push(...cutter.end());
      for (const cut of cuts) await this.#send(cut);
      at = end;
    }
    this.#cutter = new Cutter(this.#options.limits, at);
    this.#readAt = at;
  }

  async #begin(dev: number, ino: number): Promise<void> {
    const { path, newGeneration, limits } = this.#options;
    await this.#state!.begin(freshPosition(path, newGeneration(), dev, ino));
    this.#cutter = new Cutter(limits);
    this.#readAt = 0;
    this.#leaving = false;
  }

  async #checkTruncated(): Promise<void> {
    const { dev, ino, size } = await this.#handle!.stat();
    if (size >= this.#readAt) return;
    await this.#ship(this.#cutter.end());
    await this.#options.sender.settle();
    await this.#begin(dev, ino);
  }

  async #readOn(): Promise<void> {
    for await (const chunk of this.#read(this.#readAt, Number.POSITIVE_INFINITY)) {
      this.#readAt += chunk.length;
      await this.#ship(this.#cutter.push(chunk));
      if (this.#options.signal.aborted) return;
    }
  }

  async *#read(start: number, end: number): AsyncGenerator<Buffer> {
    for (let at = start; at < end; ) {
      const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, end - at));
      const { bytesRead } = await this.#handle!.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  async #ship(cuts: readonly Cut[]): Promise<void> {
    for (const cut of cuts) {
      await this.#state!.plan(cut.offset + cut.size);
      await this.#send(cut);
    }
  }

  #send(cut: Cut): Promise<void> {
    const state = this.#state!;
    const file = { ...this.#options.file, generation: state.position.generation };
    return this.#options.sender.send(file, cut, () => state.taken(cut.offset + cut.size));
  }

  /** Whether the name stands for another file by now; not while it stands for none. */
  async #isAnother(): Promise<boolean> {
    const now = await statIfThere(this.#options.path);
    if (now === null) return false;
    const { dev, ino } = this.#state!.position;
    return now.ino !== ino || now.dev !== dev;
  }

  /** Ends with the old file and begins with the one that has its name now. */
  async #leave(): Promise<void> {
    await this.#ship(this.#cutter.end());
    await this.#options.sender.settle();
    await this.close();
    if (await this.#open()) await this.#readOn();
    await this.#ship(this.#cutter.flush());
  }
}

const freshPosition = (path: string, generation: string, dev: number, ino: number): FollowPosition => ({
  version: 1,
  path,
  generation,
  dev,
  ino,
  shipped: 0,
  planned: [],
});

/** Files beside this one that bear its name with something behind it. */
async function siblings(path: string): Promise<string[]> {
  const dir = dirname(path);
  const names = await readdir(dir).catch(() => []);
  return names
    .filter((name) => name.startsWith(basename(path)) && name !== basename(path))
    .map((name) => join(dir, name));
}

const nullIfMissing = (error: NodeJS.ErrnoException): null => {
  if (error.code === 'ENOENT') return null;
  throw error;
};

const openIfThere = (path: string): Promise<FileHandle | null> => open(path, 'r').catch(nullIfMissing);
const statIfThere = (path: string) => stat(path).catch(nullIfMissing);
