/**
 * Whose data was deleted: kept in the archive bucket, because a replay reads raw messages that still hold it and must
 * not bring rows back. Ids are kept as salted hashes: not readable, though who guesses an id can check the guess.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Bucket } from '@google-cloud/storage';
import { z } from 'zod';
import { FORGOTTEN_NAME } from './layout.ts';

const shape = z.object({
  format: z.literal('logweir-forgotten-1'),
  salt: z.string(),
  users: z.array(z.object({ hash: z.string(), at: z.iso.datetime() })),
});

type Stored = Readonly<z.infer<typeof shape>>;

/** Whether an entry of a user that came at a time (µs since the epoch) was deleted. */
export type IsForgotten = (userId: string, receivedAtUs: number) => boolean;

const MAX_TRIES = 5;

/** Reads the list. */
export async function forgottenIn(bucket: Pick<Bucket, 'file'>): Promise<IsForgotten> {
  const { stored } = await read(bucket);
  const until = new Map(stored.users.map(({ hash, at }) => [hash, Date.parse(at) * 1000]));
  if (until.size === 0) return () => false;
  return (userId, receivedAtUs) => receivedAtUs <= (until.get(hashOf(userId, stored.salt)) ?? -1);
}

/** Adds a user, or moves the time on. */
export async function noteForgotten(
  bucket: Pick<Bucket, 'file'>,
  userId: string,
  nowMs: number,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const { stored, generation } = await read(bucket);
    const hash = hashOf(userId, stored.salt);
    const users = [
      ...stored.users.filter((one) => one.hash !== hash),
      { hash, at: new Date(nowMs).toISOString() },
    ];
    try {
      await bucket.file(FORGOTTEN_NAME).save(JSON.stringify({ ...stored, users }, null, 2), {
        resumable: false,
        contentType: 'application/json',
        preconditionOpts: { ifGenerationMatch: generation },
      });
      return;
    } catch (error) {
      if ((error as { code?: unknown }).code !== 412 || tries === MAX_TRIES) throw error;
    }
  }
}

const hashOf = (userId: string, salt: string): string =>
  createHash('sha256').update(salt).update(userId).digest('hex');

async function read(
  bucket: Pick<Bucket, 'file'>,
): Promise<{ readonly stored: Stored; readonly generation: string | number }> {
  try {
    const [metadata] = await bucket.file(FORGOTTEN_NAME).getMetadata();
    const generation = String(metadata.generation);
    const [text] = await bucket.file(FORGOTTEN_NAME, { generation }).download();
    return { stored: shape.parse(JSON.parse(text.toString('utf8'))), generation };
  } catch (error) {
    if ((error as { code?: unknown }).code !== 404) throw error;
    const salt = randomBytes(16).toString('hex');
    return { stored: { format: 'logweir-forgotten-1', salt, users: [] }, generation: 0 };
  }
}
