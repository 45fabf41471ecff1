/** Archive files as the local Pub/Sub writes them, and an archive of them in memory. */
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { CRC32C } from '@google-cloud/storage';
import { type Archive, mayHold } from '../../../functions/archive/archive.ts';
import type { ArchiveFile, Download } from '../../../functions/archive/message-file.ts';
import type { PubsubMessage } from '../../../functions/ingest/message.ts';
import { type ArchivedMessage, avroFile } from '../../../local/pubsub/avro.ts';

/** The bytes of a file of messages. */
export function fileOf(messages: readonly PubsubMessage[]): Promise<Buffer> {
  const records = messages.map(
    ({ data, attributes, messageId, publishTimeUs }): ArchivedMessage => ({
      subscription_name: 'projects/p/subscriptions/archive',
      message_id: messageId,
      publish_time: publishTimeUs,
      attributes,
      data,
    }),
  );
  return buffer(Readable.from(records).pipe(avroFile(true)));
}

/** Its listing. */
export function listed(
  name: string,
  bytes: Buffer,
  times: { beganMs: number; closedMs: number },
): ArchiveFile {
  const crc = new CRC32C();
  crc.update(bytes);
  return { name, bytes: bytes.length, crc32c: crc.toString(), ...times };
}

/** Downloads in chunks of `chunkBytes`. */
export const inChunks = (bytes: Buffer, chunkBytes = 65_536): Download =>
  async function* () {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  };

export class MemoryArchive implements Archive {
  readonly #files = new Map<string, { readonly file: ArchiveFile; bytes: Buffer }>();
  /** Names in the order of downloads. */
  readonly downloads: string[] = [];

  /** Stores messages as one file that was open from the first to the last of them. */
  async store(messages: readonly PubsubMessage[]): Promise<string> {
    const bytes = await fileOf(messages);
    const times = messages.map(({ publishTimeUs }) => publishTimeUs / 1000);
    const [beganMs, closedMs] = [Math.min(...times), Math.max(...times) + 1];
    const name = `raw/${new Date(beganMs).toISOString()}_${this.#files.size}.avro`;
    this.#files.set(name, { file: listed(name, bytes, { beganMs, closedMs }), bytes });
    return name;
  }

  /** Changes the bytes of a file, behind the back of its checksum. */
  damage(name: string, change: (bytes: Buffer) => Buffer): void {
    const stored = this.#files.get(name)!;
    stored.bytes = change(Buffer.from(stored.bytes));
  }

  async files(published: Parameters<Archive['files']>[0]): Promise<readonly ArchiveFile[]> {
    return [...this.#files.values()].map(({ file }) => file).filter((file) => mayHold(file, published));
  }

  download(file: ArchiveFile): Download {
    return () => {
      this.downloads.push(file.name);
      return inChunks(this.#files.get(file.name)!.bytes)();
    };
  }
}
