/**
 * One file of the archive → Pub/Sub messages, as they were pushed.
 *
 * Guarantee: a file gives all of its messages or none. It is read twice: first the bytes are held against the
 * checksum that Cloud Storage keeps and every record is decoded, then messages are given; so what is damaged is
 * found before anything of it was used. What is readable before the damage is not used: part of a batch's windows
 * would look like all of them.
 * Under pressure: a file up to KEEP_BYTES is downloaded once and kept in between, a larger one twice; memory is one
 * file of that size, or one block.
 * Source: https://cloud.google.com/pubsub/docs/create-cloudstorage-subscription#file_format
 */
import { CRC32C } from '@google-cloud/storage';
import type { PubsubMessage } from '../ingest/message.ts';
import { openContainer } from './avro-container.ts';
import { DamagedFile } from './avro-cursor.ts';
import { ByteSource } from './byte-source.ts';
import { messagesOf } from './message-records.ts';

/** A file as the archive lists it. */
export interface ArchiveFile {
  readonly name: string;
  readonly bytes: number;
  /** When its first message came, by its name, and when it was stored; ms since the epoch. */
  readonly beganMs: number;
  readonly closedMs: number;
  /** CRC-32C in base64, as Cloud Storage gives it; null: it gives none. */
  readonly crc32c: string | null;
}

/** Downloads the bytes of a file. */
export type Download = () => AsyncIterable<Buffer>;

/** Files up to so many bytes are kept between the two readings; those of our subscription end at 100 MB. */
const KEEP_BYTES = 128 * 1024 * 1024;

/** Messages of a file that was found to be whole. */
export type Messages = () => AsyncGenerator<PubsubMessage>;

/** Reads a whole file. Throws DamagedFile. */
export async function openFile(file: ArchiveFile, download: Download): Promise<Messages> {
  const kept: Buffer[] = [];
  const keeps = file.bytes <= KEEP_BYTES;
  const checked = checkedBytes(file, download(), keeps ? kept : null);
  try {
    for await (const _ of messagesIn(checked)) {
      // Decoding is the check.
    }
  } finally {
    // Of a damaged file the rest is not downloaded.
    await checked.return(undefined);
  }
  return () => messagesIn(keeps ? again(kept) : download());
}

async function* again(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield Buffer.concat(chunks);
}

/** Passes the bytes on; throws at their end when they are not those that were stored. */
async function* checkedBytes(
  { bytes, crc32c }: ArchiveFile,
  chunks: AsyncIterable<Buffer>,
  kept: Buffer[] | null,
): AsyncGenerator<Buffer> {
  const crc = new CRC32C();
  let size = 0;
  for await (const chunk of chunks) {
    crc.update(chunk);
    size += chunk.length;
    kept?.push(chunk);
    yield chunk;
  }
  if (size !== bytes) throw new DamagedFile(`${size} bytes came of ${bytes}`);
  if (crc32c !== null && !crc.validate(crc32c)) throw new DamagedFile('its bytes do not have its checksum');
}

async function* messagesIn(chunks: AsyncIterable<Buffer>): AsyncGenerator<PubsubMessage> {
  const { schema, blocks } = await openContainer(new ByteSource(chunks));
  const read = messagesOf(schema);
  for await (const block of blocks()) yield* read(block);
}
