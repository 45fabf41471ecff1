/**
 * Messages to Pub/Sub through Google's client, which retries what can be retried; each is a whole batch of lines.
 * Guarantee: at least once; `publish` resolves when Pub/Sub has taken the message.
 * Under pressure: `room` waits while too many messages or bytes are on their way.
 */
import type { PubSub, Topic } from '@google-cloud/pubsub';
import { ShipError, type Target } from './target.ts';

export interface Message {
  readonly data: Buffer;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface PublisherOptions extends Target {
  /** Messages on their way at once, at most; 16 by default. */
  readonly maxInFlight?: number;
  /** Their bytes, at most, but for one message; 32 MiB by default. */
  readonly maxInFlightBytes?: number;
}

const NOT_FOUND = 5;
const PERMISSION_DENIED = 7;

/** Opens the client; it is loaded now, not when this file is. Throws ShipError when the topic is not there. */
export async function openPublisher(options: PublisherOptions): Promise<Publisher> {
  const { PubSub } = await import('@google-cloud/pubsub');
  const { endpoint, project } = options;
  const client = new PubSub({
    projectId: project,
    ...(endpoint === null
      ? { apiEndpoint: 'pubsub.googleapis.com:443', emulatorMode: false }
      : { apiEndpoint: endpoint, emulatorMode: true }),
  });
  // One message is a batch already: each goes at once.
  const topic = client.topic(options.topic, { batching: { maxMessages: 1 } });
  const publisher = new Publisher(client, topic, options);
  try {
    if (endpoint !== null && !(await topic.exists())[0]) throw noTopic(options);
  } catch (error) {
    await publisher.close();
    throw error;
  }
  return publisher;
}

export class Publisher {
  readonly #client: PubSub;
  readonly #topic: Topic;
  readonly #options: PublisherOptions;
  readonly #inFlight = new Set<Promise<unknown>>();
  #bytes = 0;

  constructor(client: PubSub, topic: Topic, options: PublisherOptions) {
    this.#client = client;
    this.#topic = topic;
    this.#options = options;
  }

  /** Messages on their way. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Resolves when another message may be given. */
  async room(): Promise<void> {
    const { maxInFlight = 16, maxInFlightBytes = 32 * 2 ** 20 } = this.#options;
    while (this.#inFlight.size >= maxInFlight || this.#bytes >= maxInFlightBytes) {
      await Promise.race(this.#inFlight);
    }
  }

  /** Resolves when Pub/Sub has taken the message. Throws ShipError where trying again would not help. */
  async publish({ data, attributes }: Message): Promise<void> {
    const sent = this.#topic.publishMessage({ data, attributes: { ...attributes } });
    // Waiters must not fail with it: whoever published learns of the failure.
    const settled = sent.catch(() => undefined);
    this.#inFlight.add(settled);
    this.#bytes += data.length;
    try {
      await sent;
    } catch (error) {
      throw explained(error, this.#options);
    } finally {
      this.#inFlight.delete(settled);
      this.#bytes -= data.length;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#inFlight);
    await this.#client.close();
  }
}

const noTopic = ({ topic, project, endpoint }: Target): ShipError =>
  new ShipError(`topic "${topic}" does not exist in project "${project}" at ${endpoint ?? 'Google'}`);

function explained(error: unknown, target: Target): unknown {
  const { code, message } = error as { code?: number; message?: string };
  if (code === NOT_FOUND) return noTopic(target);
  if (code === PERMISSION_DENIED) return new ShipError(`may not publish to "${target.topic}": ${message}`);
  return error;
}
