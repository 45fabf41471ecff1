/**
 * Writes the messages of a Cloud Storage subscription to its bucket, as files of many.
 * Guarantee: at least once. A message is acknowledged when the object that holds it is stored; after a death before
 * that it is written again, in another file. A failed upload is tried again under the same name, for ever: nothing
 * goes to a dead-letter topic because the bucket is away.
 * Under pressure: one file is uploaded at a time and one collected; beyond that the messages wait in the queue.
 * Payloads are read from the journal as the file is sent.
 * Source: https://cloud.google.com/pubsub/docs/create-cloudstorage-subscription
 */
import { type Duplex, Readable } from 'node:stream';
import type { Timers } from '../timers.ts';
import { archivedMessage, avroFile } from './avro.ts';
import { backoffMs } from './backoff.ts';
import { type Consumer, NO_ROOM, type Room } from './dispatcher.ts';
import type { Delivery } from './entry.ts';
import type { MessageLog, StoredMessage } from './message-log.ts';
import { objectName } from './object-name.ts';
import type { Subscription } from './subscription.ts';
import { upload } from './upload.ts';
import { type CloudStorageConfig, decodeMessage, millisOf } from './wire.ts';

export interface ArchiveOptions {
  readonly subscription: Subscription;
  readonly log: MessageLog;
  readonly timers: Timers;
  /** Of the storage's JSON API. */
  readonly endpoint: string;
  /** A file is closed after this time even if the subscription allows longer. */
  readonly maxDurationMs?: number;
  /** The unique part of an object's name. */
  readonly unique: () => string;
}

interface File {
  readonly beganMs: number;
  readonly deliveries: Delivery<StoredMessage>[];
  bytes: number;
  /** To be sent as soon as the one before is stored. */
  isDue: boolean;
}

const RETRY = { minMs: 500, maxMs: 30_000 };
/** How long an upload may take after `close()`. */
const CLOSE_GRACE_MS = 10_000;

export class ArchiveWriter implements Consumer<StoredMessage> {
  readonly deadlineMs = Infinity;
  readonly #options: ArchiveOptions;
  readonly #config: CloudStorageConfig;
  readonly #maxMessages: number;
  readonly #maxBytes: number;
  readonly #abort = new AbortController();
  #open: File | undefined;
  #uploading: Promise<void> | undefined;
  #cancelDeadline = (): void => {};
  #endWait = (): void => {};
  #isClosed = false;

  constructor(options: ArchiveOptions) {
    this.#options = options;
    this.#config = options.subscription.settings.cloudStorageConfig ?? {};
    this.#maxMessages = Number(this.#config.maxMessages ?? 0) || Infinity;
    this.#maxBytes = Number(this.#config.maxBytes ?? 0) || Infinity;
    options.subscription.dispatcher.attach(this);
  }

  get room(): Room {
    if (this.#isClosed) return NO_ROOM;
    return {
      messages: this.#maxMessages - (this.#open?.deliveries.length ?? 0),
      bytes: this.#maxBytes - (this.#open?.bytes ?? 0),
    };
  }

  deliver(deliveries: readonly Delivery<StoredMessage>[]): void {
    this.#open ??= this.#begin();
    for (const delivery of deliveries) {
      this.#open.deliveries.push(delivery);
      this.#open.bytes += delivery.message.bytes;
    }
    if (this.room.messages <= 0 || this.room.bytes <= 0) this.#seal();
  }

  /** Stores what is collected; what cannot be stored now goes back to the queue. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#options.subscription.dispatcher.detach(this);
    const hurry = setTimeout(() => this.#abort.abort(), CLOSE_GRACE_MS);
    this.#endWait();
    while (this.#open || this.#uploading) {
      this.#seal();
      await this.#uploading;
    }
    clearTimeout(hurry);
  }

  /** The subscription is gone, and what it had. */
  abandon(): void {
    this.#isClosed = true;
    this.#options.subscription.dispatcher.detach(this);
    this.#cancelDeadline();
    this.#open = undefined;
    this.#abort.abort();
    this.#endWait();
  }

  #begin(): File {
    const { timers, maxDurationMs = Infinity } = this.#options;
    const durationMs = Math.min(millisOf(this.#config.maxDuration ?? {}), maxDurationMs);
    this.#cancelDeadline = timers.after(durationMs, () => this.#seal());
    return { beganMs: timers.now(), deliveries: [], bytes: 0, isDue: false };
  }

  /** Ends the collected file, now or when the one before is stored. */
  #seal(): void {
    const file = this.#open;
    if (file === undefined) return;
    this.#cancelDeadline();
    file.isDue = true;
    if (this.#uploading) return;
    this.#open = undefined;
    this.#uploading = this.#store(file).finally(() => {
      this.#uploading = undefined;
      if (this.#open?.isDue) this.#seal();
      this.#options.subscription.dispatcher.wake();
    });
  }

  async #store(file: File): Promise<void> {
    const { subscription, endpoint, unique } = this.#options;
    const { signal } = this.#abort;
    const name = objectName(this.#config, file.beganMs, unique());
    const bucket = this.#config.bucket ?? '';
    const contentType = this.#config.avroConfig ? 'application/octet-stream' : 'text/plain';
    for (let failures = 1; ; failures++) {
      try {
        await upload({ endpoint, bucket, name, contentType, body: this.#body(file), signal });
        for (const { message } of file.deliveries) subscription.queue.ack(message.id);
        return;
      } catch (error) {
        if (failures === 1 && !signal.aborted) report(subscription, bucket, error);
        if (this.#isClosed) break;
        await this.#wait(backoffMs(RETRY, failures));
      }
    }
    for (const delivery of file.deliveries) subscription.queue.release(delivery);
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.timers.after(ms, resolve);
      this.#endWait = () => {
        cancel();
        resolve();
      };
    });
  }

  #body({ deliveries }: File): readonly [Readable, ...Duplex[]] {
    const { avroConfig } = this.#config;
    if (avroConfig === undefined) return [Readable.from(this.#lines(deliveries))];
    return [Readable.from(this.#records(deliveries)), avroFile(avroConfig.writeMetadata ?? false)];
  }

  *#records(deliveries: readonly Delivery<StoredMessage>[]): Iterable<object> {
    const { subscription, log } = this.#options;
    for (const { message } of deliveries) {
      yield archivedMessage(subscription.name, decodeMessage(log.read(message)));
    }
  }

  *#lines(deliveries: readonly Delivery<StoredMessage>[]): Iterable<Buffer> {
    const newline = Buffer.from('\n');
    for (const [index, { message }] of deliveries.entries()) {
      const { data = Buffer.alloc(0) } = decodeMessage(this.#options.log.read(message));
      yield index === 0 ? data : Buffer.concat([newline, data]);
    }
  }
}

function report({ name }: Subscription, bucket: string, error: unknown): void {
  const cause = error instanceof Error ? error.message : String(error);
  const line = {
    severity: 'WARNING',
    stage: 'local-pubsub-archive',
    subscription: name,
    bucket,
    error: cause,
  };
  console.error(
    JSON.stringify({ ...line, message: 'an archive file cannot be stored; tried again until it is' }),
  );
}
