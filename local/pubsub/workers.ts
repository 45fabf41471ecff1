/** Who delivers for the subscriptions that deliver by themselves: a pusher or an archive writer each. */
import type { Timers } from '../timers.ts';
import type { RetryPolicy } from './backoff.ts';
import type { Watcher } from './broker.ts';
import { ArchiveWriter } from './cloud-storage.ts';
import type { MessageLog } from './message-log.ts';
import { Pusher } from './push.ts';
import type { Subscription } from './subscription.ts';

export interface WorkerOptions {
  readonly log: MessageLog;
  readonly timers: Timers;
  readonly pushConcurrency: number;
  readonly pushPause?: RetryPolicy;
  /** Without it, messages of Cloud Storage subscriptions wait. */
  readonly storageEndpoint?: string;
  readonly storageMaxDurationMs?: number;
  readonly unique: () => string;
}

interface Worker {
  /** The settings that it was made for. */
  readonly made: string;
  readonly worker: Pusher | ArchiveWriter;
}

export class Workers implements Watcher {
  readonly #options: WorkerOptions;
  readonly #workers = new Map<number, Worker>();
  readonly #closing = new Set<Promise<void>>();
  #isClosed = false;

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  /** Gives the subscription the worker that its settings ask for. */
  changed(subscription: Subscription): void {
    if (this.#isClosed) return;
    const { pushConfig, cloudStorageConfig, detached } = subscription.settings;
    const made = detached ? '' : JSON.stringify([pushConfig?.pushEndpoint || undefined, cloudStorageConfig]);
    const known = this.#workers.get(subscription.uid);
    if (known?.made === made) return;
    if (known) this.#dismiss(subscription.uid, known);
    const worker = made === '' ? undefined : this.#make(subscription);
    if (worker) this.#workers.set(subscription.uid, { made, worker });
  }

  gone({ uid }: Subscription): void {
    const known = this.#workers.get(uid);
    if (known === undefined) return;
    if (known.worker instanceof ArchiveWriter) known.worker.abandon();
    this.#dismiss(uid, known);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const [uid, known] of this.#workers) this.#dismiss(uid, known);
    await Promise.all(this.#closing);
  }

  #make(subscription: Subscription): Pusher | ArchiveWriter | undefined {
    const { pushConfig, cloudStorageConfig } = subscription.settings;
    const { log, timers, pushConcurrency, pushPause, unique } = this.#options;
    const { storageEndpoint: endpoint, storageMaxDurationMs: maxDurationMs } = this.#options;
    const common = { subscription, log, timers };
    if (pushConfig?.pushEndpoint) {
      return new Pusher({
        ...common,
        concurrency: pushConcurrency,
        ...(pushPause ? { pause: pushPause } : {}),
      });
    }
    if (cloudStorageConfig === undefined || endpoint === undefined) return undefined;
    return new ArchiveWriter({ ...common, endpoint, unique, ...(maxDurationMs ? { maxDurationMs } : {}) });
  }

  #dismiss(uid: number, { worker }: Worker): void {
    this.#workers.delete(uid);
    const closing: Promise<void> = worker.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}
