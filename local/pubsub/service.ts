/**
 * Pub/Sub on a laptop: the v1 API over gRPC, as Google's client speaks it with PUBSUB_EMULATOR_HOST, push with
 * Eventarc's headers, and Cloud Storage subscriptions.
 * Guarantee: at least once. What is published and acknowledged to the publisher survives a restart and SIGKILL.
 * Why a server of our own: Google's emulator pushes at most two requests at a time, ignores filters, tells no
 * delivery attempt, writes no archive, keeps everything in memory and loses it when it ends.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import type { LocalService } from '../service.ts';
import { type Timers, wallTimers } from '../timers.ts';
import type { RetryPolicy } from './backoff.ts';
import { Broker } from './broker.ts';
import type { QueueStats } from './delivery-queue.ts';
import { Failure, notFound } from './failure.ts';
import { Publisher } from './publisher.ts';
import { serve } from './server.ts';
import { StreamingPulls } from './streaming-pull.ts';
import { Subscriber } from './subscriber.ts';
import { Workers } from './workers.ts';

export interface PubsubOptions {
  /** 0 lets the system choose. */
  readonly port: number;
  /** Folder of the journal; made when missing. */
  readonly dataDir: string;
  readonly timers?: Timers;
  /** Pushes of one subscription under way at once, at most; 16 by default. */
  readonly pushConcurrency?: number;
  /** Pauses of a push subscription while nobody listens at its endpoint; 100 ms growing to 60 s by default. */
  readonly pushPause?: RetryPolicy;
  /** Cloud Storage's JSON API, such as `http://127.0.0.1:9199`; without it Cloud Storage subscriptions only collect. */
  readonly storageEndpoint?: string;
  /** Closes archive files sooner than their subscriptions say (which allow no less than a minute), in ms. */
  readonly storageMaxDurationMs?: number;
  /** Beyond so many bytes of unacknowledged messages publishing is refused; 1 GiB by default. */
  readonly maxUnackedBytes?: number;
  /** Of the journal; 64 MiB by default. */
  readonly segmentBytes?: number;
}

export interface PubsubStats {
  /** Messages that some subscription still wants, each counted once. */
  readonly unackedBytes: number;
  /** By full name. */
  readonly subscriptions: Readonly<Record<string, QueueStats>>;
}

export interface PubsubService extends LocalService {
  stats(): PubsubStats;
}

const MAX_UNACKED_BYTES = 2 ** 30;
const PUSH_CONCURRENCY = 16;

/** Starts the service. */
export async function startPubsub(options: PubsubOptions): Promise<PubsubService> {
  const { timers = wallTimers } = options;
  const broker = new Broker({
    dir: join(options.dataDir, 'messages'),
    timers,
    maxUnackedBytes: options.maxUnackedBytes ?? MAX_UNACKED_BYTES,
    ...(options.segmentBytes ? { segmentBytes: options.segmentBytes } : {}),
  });
  const streams = new StreamingPulls(broker);
  const services = { publisher: new Publisher(broker), subscriber: new Subscriber(broker, timers), streams };
  const server = await serve(options.port, services).catch((error: unknown) => {
    broker.close();
    throw error;
  });
  const workers = new Workers(workerOptions(options, broker, timers));
  broker.watch({
    changed: (subscription) => workers.changed(subscription),
    gone: (subscription) => {
      workers.gone(subscription);
      streams.end(notFound(subscription.name), subscription);
    },
  });
  const close = async (): Promise<void> => {
    const served = server.close();
    streams.end(new Failure(status.UNAVAILABLE, 'The service is shutting down.'));
    await Promise.all([served, workers.close()]);
    broker.close();
  };
  let closed: Promise<void> | undefined;
  return {
    port: server.port,
    stats: () => statsOf(broker),
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

function workerOptions(
  options: PubsubOptions,
  { log }: Broker,
  timers: Timers,
): ConstructorParameters<typeof Workers>[0] {
  const { pushPause, storageEndpoint, storageMaxDurationMs } = options;
  return {
    log,
    timers,
    pushConcurrency: options.pushConcurrency ?? PUSH_CONCURRENCY,
    unique: () => randomBytes(6).toString('hex'),
    ...(pushPause ? { pushPause } : {}),
    ...(storageEndpoint ? { storageEndpoint } : {}),
    ...(storageMaxDurationMs ? { storageMaxDurationMs } : {}),
  };
}

function statsOf({ log, subscriptions }: Broker): PubsubStats {
  const entries = [...subscriptions.values()].map(({ name, stats }) => [name, stats] as const);
  return { unackedBytes: log.unackedBytes, subscriptions: Object.fromEntries(entries) };
}
