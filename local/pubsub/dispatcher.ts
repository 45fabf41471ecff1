/**
 * Shares the messages of one subscription out among its consumers: pulls, streams, the pusher, the archive writer.
 * Each in turn gets a portion, as long as it has room and something is ready.
 * Under pressure: a consumer without room is passed over; messages wait in the queue.
 */
import type { DeliveryQueue } from './delivery-queue.ts';
import type { Delivery, DeliveryEnd, QueuedMessage } from './entry.ts';

export interface Room {
  readonly messages: number;
  readonly bytes: number;
}

export const NO_ROOM: Room = { messages: 0, bytes: 0 };

export interface Consumer<M extends QueuedMessage> {
  /** What it would take now. */
  readonly room: Room;
  /** Of its deliveries; the subscription's own when not given. */
  readonly deadlineMs?: number;
  /** Works on messages side by side: never gets two of one ordering key. */
  readonly isParallel?: boolean;
  deliver(deliveries: readonly Delivery<M>[]): void;
  /** A delivery of its is over; it may have room again. */
  ended?(delivery: Delivery<M>, end: DeliveryEnd): void;
}

const PORTION: Room = { messages: 100, bytes: 1 << 20 };

export class Dispatcher<M extends QueuedMessage> {
  readonly #queue: DeliveryQueue<M>;
  readonly #consumers: Consumer<M>[] = [];
  #isAwake = false;

  constructor(queue: DeliveryQueue<M>) {
    this.#queue = queue;
  }

  attach(consumer: Consumer<M>): void {
    this.#consumers.push(consumer);
    this.wake();
  }

  /** What it has in hand stays in its hands until it is settled or its deadline is past. */
  detach(consumer: Consumer<M>): void {
    const at = this.#consumers.indexOf(consumer);
    if (at >= 0) this.#consumers.splice(at, 1);
  }

  /** Something is ready, or a consumer has room: shares out before the next event is handled. */
  wake(): void {
    if (this.#isAwake) return;
    this.#isAwake = true;
    queueMicrotask(() => {
      this.#isAwake = false;
      this.#shareOut();
    });
  }

  #shareOut(): void {
    for (let idle = 0; idle < this.#consumers.length; ) {
      const consumer = this.#consumers.shift()!;
      this.#consumers.push(consumer);
      idle = this.#serve(consumer) ? 0 : idle + 1;
    }
  }

  #serve(consumer: Consumer<M>): boolean {
    const { messages, bytes } = consumer.room;
    if (messages <= 0 || bytes <= 0) return false;
    const deliveries = this.#queue.lease({
      messages: Math.min(messages, PORTION.messages),
      bytes: Math.min(bytes, PORTION.bytes),
      ...(consumer.deadlineMs === undefined ? {} : { deadlineMs: consumer.deadlineMs }),
      ...(consumer.isParallel ? { isParallel: true } : {}),
      onEnd: (delivery, end) => {
        consumer.ended?.(delivery, end);
        this.wake();
      },
    });
    if (deliveries.length === 0) return false;
    consumer.deliver(deliveries);
    return true;
  }
}
