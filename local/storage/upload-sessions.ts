/**
 * Resumable uploads: begun by one request, filled by others, continued after a broken line or a restart.
 * Guarantee: what a 308 said has arrived is on disk and stays; the object comes to be with the last byte, as a
 * whole. A session not finished within a week is forgotten.
 * Source: https://cloud.google.com/storage/docs/performing-resumable-uploads
 */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiError } from '../http.ts';
import { checkHashes, type Hashes, Intake } from './intake.ts';
import type { ObjectRecord } from './resource.ts';
import type { NewObject, ObjectStore } from './store.ts';

/** What an upload is to become. */
export interface Upload {
  readonly wanted: NewObject;
  /** What the client says of the content, where it does. */
  readonly expected: Hashes;
}

/** Where a chunk belongs: `bytes 0-99/200`; undefined stands for the `*`. */
export interface ChunkRange {
  readonly first?: number;
  readonly last?: number;
  readonly total?: number;
}

export type Progress = { readonly received: number } | { readonly object: ObjectRecord };

interface Session extends Upload {
  readonly intake: Intake;
  /** The request in hand; the next one waits for it. */
  turn: Promise<unknown>;
}

const LIFETIME_MS = 7 * 86_400_000;
/** Finished sessions that are still answered for. */
const REMEMBERED = 1000;

export class UploadSessions {
  readonly #dir: string;
  readonly #store: ObjectStore;
  readonly #open = new Map<string, Promise<Session>>();
  readonly #finished = new Map<string, ObjectRecord>();

  constructor(dir: string, store: ObjectStore, nowMs: number) {
    this.#dir = dir;
    this.#store = store;
    mkdirSync(dir, { recursive: true });
    for (const file of readdirSync(dir)) {
      if (nowMs - statSync(join(dir, file)).mtimeMs > LIFETIME_MS) rmSync(join(dir, file));
    }
  }

  /** Begins a session and returns its id. */
  begin(upload: Upload): string {
    const id = randomUUID();
    writeFileSync(this.#recordPath(id), JSON.stringify(upload));
    const intake = new Intake(this.#dataPath(id), { spill: true });
    this.#open.set(id, Promise.resolve({ ...upload, intake, turn: Promise.resolve() }));
    return id;
  }

  /** Takes in a chunk; `hashes` are those the client sent with it. */
  async put(id: string, range: ChunkRange, chunks: AsyncIterable<Buffer>, hashes: Hashes): Promise<Progress> {
    const done = this.#finished.get(id);
    if (done) return { object: done };
    const session = await this.#session(id);
    const turn = session.turn.catch(() => {}).then(() => this.#take(id, session, range, chunks, hashes));
    session.turn = turn;
    return turn;
  }

  /** How far a session is. */
  async status(id: string): Promise<Progress> {
    const done = this.#finished.get(id);
    return done ? { object: done } : { received: (await this.#session(id)).intake.bytes };
  }

  async cancel(id: string): Promise<void> {
    const { intake } = await this.#session(id);
    await intake.discard();
    this.#forget(id);
  }

  async close(): Promise<void> {
    for (const session of this.#open.values()) await (await session).intake.pause();
  }

  async #take(
    id: string,
    session: Session,
    range: ChunkRange,
    chunks: AsyncIterable<Buffer>,
    hashes: Hashes,
  ): Promise<Progress> {
    const { intake } = session;
    const first = range.first ?? 0;
    // A gap: the client is told where to go on.
    if (first > intake.bytes) return { received: intake.bytes };
    try {
      await intake.addAll(without(chunks, intake.bytes - first));
    } finally {
      await intake.pause();
    }
    const { total, last } = range;
    if (total !== undefined && intake.bytes > total) {
      throw new ApiError(400, `Invalid request. The upload is longer than its total of ${total} bytes.`, {
        reason: 'invalid',
      });
    }
    const whole = total === undefined ? last === undefined : intake.bytes === total;
    return whole ? { object: await this.#finish(id, session, hashes) } : { received: intake.bytes };
  }

  async #finish(id: string, { intake, wanted, expected }: Session, hashes: Hashes): Promise<ObjectRecord> {
    try {
      // Nothing may have arrived, and then there is no file yet.
      if (intake.bytes === 0) writeFileSync(this.#dataPath(id), '');
      checkHashes({ ...expected, ...hashes }, intake.hashes);
      const object = this.#store.commit(wanted, intake);
      this.#remember(id, object);
      return object;
    } finally {
      await intake.discard();
      this.#forget(id);
    }
  }

  #session(id: string): Promise<Session> {
    const open = this.#open.get(id);
    if (open) return open;
    if (!/^[0-9a-f-]{36}$/.test(id) || !existsSync(this.#recordPath(id))) {
      throw new ApiError(404, 'The upload session is unknown, finished or expired.', { reason: 'notFound' });
    }
    const upload = JSON.parse(readFileSync(this.#recordPath(id), 'utf8')) as Upload;
    const session = Intake.resume(this.#dataPath(id)).then((intake) => ({
      ...upload,
      intake,
      turn: Promise.resolve(),
    }));
    this.#open.set(id, session);
    return session;
  }

  #remember(id: string, object: ObjectRecord): void {
    this.#finished.set(id, object);
    if (this.#finished.size > REMEMBERED) this.#finished.delete(this.#finished.keys().next().value!);
  }

  #forget(id: string): void {
    this.#open.delete(id);
    rmSync(this.#recordPath(id), { force: true });
  }

  #recordPath(id: string): string {
    return join(this.#dir, `${id}.json`);
  }

  #dataPath(id: string): string {
    return join(this.#dir, `${id}.data`);
  }
}

/** The range of a chunk: none, `bytes 0-99/200`, `bytes 0-99/*`, `bytes 0-*\/*`, or a question `bytes *\/200`. */
export function parseContentRange(header: string | undefined): ChunkRange & { readonly isQuestion: boolean } {
  if (header === undefined) return { isQuestion: false };
  const [, first, last, total] = /^bytes (?:(\d+)-(\d+|\*)|\*)\/(\d+|\*)$/.exec(header) ?? [];
  if (total === undefined) {
    throw new ApiError(400, `Failed to parse Content-Range header: "${header}"`, { reason: 'badRequest' });
  }
  return {
    isQuestion: first === undefined,
    ...(first === undefined ? {} : { first: Number(first) }),
    ...(last === undefined || last === '*' ? {} : { last: Number(last) }),
    ...(total === '*' ? {} : { total: Number(total) }),
  };
}

/** The chunks after their first `skip` bytes. */
async function* without(chunks: AsyncIterable<Buffer>, skip: number): AsyncGenerator<Buffer> {
  let left = skip;
  for await (const chunk of chunks) {
    if (left >= chunk.length) left -= chunk.length;
    else {
      yield chunk.subarray(left);
      left = 0;
    }
  }
}
