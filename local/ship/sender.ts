/**
 * The batches of one file → messages: gzip, attributes, publish. Several are on their way at once.
 * Guarantee: at least once; a batch is counted as shipped when Pub/Sub has taken it. The first failure is kept and
 * thrown at the next call, so that nothing more is read once something cannot be shipped.
 * Under pressure: `send` waits for room at the publisher.
 */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { BACKFILL_ATTRIBUTE, BATCH_ID_ATTRIBUTE } from '../../functions/ingest/batch.ts';
import { batchId, type FileIdentity } from './batch-id.ts';
import { type Counts, formatBytes } from './counts.ts';
import type { Cut } from './cutter.ts';
import type { Message, Publisher } from './publisher.ts';

export interface SenderOptions {
  readonly publisher: Publisher;
  readonly counts: Counts;
  /** Whether a batch is marked as backfill. */
  readonly isBackfill: (bytes: Buffer) => boolean;
  /** Tells the user of a line that cannot be shipped. */
  readonly warn: (text: string) => void;
  /** Largest message, compressed. */
  readonly maxPackedBytes: number;
  /** File's name as the message carries it. */
  readonly fileName: string;
  /** Asked when the client has given up: resolves to true to try again. */
  readonly again: (error: unknown) => Promise<boolean>;
}

const packed = promisify(gzip);
/** Pub/Sub takes 1,024 bytes for an attribute's value. */
const MAX_ATTRIBUTE_BYTES = 1000;
/** Batches of a file that are compressed or on their way at once. */
const MAX_UNDER_WAY = 4;

export class Sender {
  readonly #options: SenderOptions;
  readonly #underWay = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | null = null;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** Starts to ship a batch; `done` is called when Pub/Sub has it, or when there was nothing to ship. */
  async send(file: FileIdentity, cut: Cut, done: () => void = () => undefined): Promise<void> {
    await this.#options.publisher.room();
    this.#check();
    const shipped = this.#ship(file, cut)
      .then(done)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#underWay.delete(shipped));
    this.#underWay.add(shipped);
    if (this.#underWay.size >= MAX_UNDER_WAY) await Promise.race(this.#underWay);
  }

  /** Resolves when everything that was given is shipped; throws what failed. */
  async settle(): Promise<void> {
    await Promise.all(this.#underWay);
    this.#check();
  }

  #check(): void {
    if (this.#failure) throw this.#failure.error;
  }

  async #ship(file: FileIdentity, cut: Cut): Promise<void> {
    const { counts, maxPackedBytes } = this.#options;
    counts.blank += cut.blank;
    if (cut.bytes === null) return this.#tooLong(file, cut, 'too long to be shipped');
    if (cut.lines === 0) return;
    const attributes = this.#attributes(file, cut.offset, cut.bytes);
    const data = await packed(cut.bytes);
    if (data.length > maxPackedBytes) {
      return this.#tooLong(
        file,
        cut,
        `${formatBytes(data.length)} when compressed, more than a message takes`,
      );
    }
    await this.#publish({ data, attributes });
    counts.lines += cut.lines;
    counts.bytes += cut.size;
    counts.packedBytes += data.length;
    counts.batches++;
    if (attributes[BACKFILL_ATTRIBUTE] !== undefined) counts.backfill++;
  }

  async #publish(message: Message): Promise<void> {
    for (;;) {
      try {
        return await this.#options.publisher.publish(message);
      } catch (error) {
        if (!(await this.#options.again(error))) throw error;
      }
    }
  }

  #attributes(file: FileIdentity, offset: number, bytes: Buffer): Record<string, string> {
    return {
      service: cutText(file.service),
      host: cutText(file.host),
      file: cutText(this.#options.fileName),
      [BATCH_ID_ATTRIBUTE]: batchId(file, offset, bytes),
      ...(this.#options.isBackfill(bytes) ? { [BACKFILL_ATTRIBUTE]: 'true' } : {}),
    };
  }

  #tooLong(file: FileIdentity, cut: Cut, why: string): void {
    this.#options.counts.tooLong++;
    this.#options.warn(
      `${file.path}: the line of ${formatBytes(cut.size)} at byte ${cut.offset} is ${why}; not shipped`,
    );
  }
}

const cutText = (text: string): string => Buffer.from(text).subarray(0, MAX_ATTRIBUTE_BYTES).toString();
