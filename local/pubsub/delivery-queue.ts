/**
 * The delivery state machine of one subscription: which message may go out, until when its consumer has it, when it
 * comes again, when it is given up. Pure but for the timers it is given; states and moves are drawn in entry.ts.
 * Guarantee: at least once. A message leaves the queue only by an acknowledgement, by being taken over by the
 * dead-letter topic, or by its retention; with an ordering key, never before those ahead of it.
 * Under pressure: nothing is pushed out. Consumers lease what they have room for, the rest waits here as a few
 * hundred bytes a message; payloads are not held.
 * Source: https://cloud.google.com/pubsub/docs/subscription-overview, handling-failures, ordering
 */
import type { Timers } from '../timers.ts';
import { backoffMs, type RetryPolicy } from './backoff.ts';
import { DueHeap } from './due-heap.ts';
import { type Delivery, type DeliveryEnd, type Entry, OrderedKey, type QueuedMessage } from './entry.ts';
import { Fifo } from './fifo.ts';

export interface DeliveryPolicy {
  readonly ackDeadlineMs: number;
  /** None: a failed message is ready again at once. */
  readonly retry?: RetryPolicy;
  /** A message that failed so many times goes to the dead-letter topic. */
  readonly maxAttempts?: number;
  readonly isOrdered: boolean;
}

export interface QueueEvents<M> {
  /** Something can be leased. */
  ready(): void;
  /** The message is out of the queue: acknowledged, dead-lettered or dropped. */
  settled(message: M): void;
  /** The message failed and stays. */
  failed(message: M, failures: number): void;
  /** Asks for the message to be taken over; false leaves it in the queue. */
  deadLetter(message: M, attempts: number): boolean;
}

export interface LeaseOptions<M extends QueuedMessage> {
  readonly messages: number;
  /** A message goes out while any of this is left. */
  readonly bytes: number;
  /** The subscription's own when not given; Infinity: until the consumer ends it. */
  readonly deadlineMs?: number;
  /** At most one message of each ordering key at a time, for consumers that work in parallel. */
  readonly isParallel?: boolean;
  readonly onEnd?: (delivery: Delivery<M>, end: DeliveryEnd) => void;
}

export interface QueueStats {
  readonly unacked: number;
  /** In the hands of consumers. */
  readonly leased: number;
  /** Age of the oldest message; 0 when there is none. */
  readonly oldestUnackedMs: number;
  readonly delivered: number;
  readonly acked: number;
  /** Negative acknowledgements and expired deadlines. */
  readonly nacked: number;
  readonly deadLettered: number;
}

export class DeliveryQueue<M extends QueuedMessage> {
  readonly #timers: Timers;
  readonly #events: QueueEvents<M>;
  #policy: DeliveryPolicy;
  readonly #entries = new Map<number, Entry<M>>();
  readonly #keys = new Map<string, OrderedKey<M>>();
  readonly #line = new Fifo<Entry<M> | OrderedKey<M>>();
  /** Leased entries by deadline, waiting entries by the end of their back-off. */
  readonly #due = new DueHeap<Entry<M>>();
  #armed: { readonly dueMs: number; readonly cancel: () => void } | undefined;
  #closed = false;
  #leased = 0;
  #delivered = 0;
  #acked = 0;
  #nacked = 0;
  #deadLettered = 0;

  constructor(policy: DeliveryPolicy, timers: Timers, events: QueueEvents<M>) {
    this.#policy = policy;
    this.#timers = timers;
    this.#events = events;
  }

  get policy(): DeliveryPolicy {
    return this.#policy;
  }

  /** For deliveries from now on. */
  set policy(policy: DeliveryPolicy) {
    this.#policy = policy;
  }

  get stats(): QueueStats {
    const [oldest] = this.#entries.values();
    return {
      unacked: this.#entries.size,
      leased: this.#leased,
      oldestUnackedMs: oldest ? Math.max(0, this.#timers.now() - oldest.message.publishTimeMs) : 0,
      delivered: this.#delivered,
      acked: this.#acked,
      nacked: this.#nacked,
      deadLettered: this.#deadLettered,
    };
  }

  /** Takes a message in. Messages come in the order of their ids; `failures` of an earlier run of the process. */
  add(message: M, failures = 0): void {
    const key =
      this.#policy.isOrdered && message.orderingKey !== '' ? this.#key(message.orderingKey) : undefined;
    const entry: Entry<M> = {
      message,
      key,
      state: 'ready',
      failures,
      deliveries: 0,
      delivery: undefined,
      dueMs: 0,
      heapIndex: -1,
    };
    this.#entries.set(message.id, entry);
    key?.entries.push(entry);
    this.#lineUp(entry);
  }

  /** Hands out messages, oldest first. */
  lease(options: LeaseOptions<M>): Delivery<M>[] {
    const deliveries: Delivery<M>[] = [];
    let bytes = options.bytes;
    const hasRoom = (): boolean => !this.#closed && deliveries.length < options.messages && bytes > 0;
    const handOut = (entry: Entry<M>): void => {
      deliveries.push(this.#handOut(entry, options));
      bytes -= entry.message.bytes;
    };
    while (hasRoom()) {
      const next = this.#line.shift();
      if (next === undefined) break;
      if (!(next instanceof OrderedKey)) {
        if (next.state === 'ready') handOut(next);
        continue;
      }
      next.queued = false;
      for (let entry = next.next(); entry && hasRoom(); entry = next.next()) {
        next.run++;
        handOut(entry);
        if (options.isParallel) break;
      }
      if (next.entries.length === 0) this.#keys.delete(next.name);
    }
    if (deliveries.length > 0) this.#arm();
    return deliveries;
  }

  /** A delivery by message and serial number, while it is the current one. */
  find(messageId: number, serial: number): Delivery<M> | undefined {
    const delivery = this.#entries.get(messageId)?.delivery;
    return delivery?.serial === serial ? delivery : undefined;
  }

  /** Acknowledges a message, also when its deadline is past and it waits to go out again. */
  ack(messageId: number): boolean {
    const entry = this.#entries.get(messageId);
    if (entry === undefined || entry.state === 'done') return false;
    this.#acked++;
    this.#settle(entry, 'acked');
    return true;
  }

  /** The consumer gives the message up: it comes again after the back-off. */
  nack(delivery: Delivery<M>): void {
    if (delivery.entry.delivery === delivery) this.#fail(delivery.entry, 'nacked');
  }

  /** The message never reached its consumer: it is ready again, and no attempt is counted. */
  release(delivery: Delivery<M>): void {
    const { entry } = delivery;
    if (entry.delivery !== delivery) return;
    this.#endDelivery(entry, 'released');
    this.#retake(entry);
    this.#lineUp(entry);
  }

  /** Gives the consumer so much time from now. */
  extend(delivery: Delivery<M>, deadlineMs: number): void {
    if (delivery.entry.delivery !== delivery) return;
    this.#due.put(delivery.entry, this.#timers.now() + deadlineMs);
    this.#arm();
  }

  /** Drops messages published before this time; returns how many. */
  dropBefore(timeMs: number): number {
    let dropped = 0;
    for (const entry of this.#entries.values()) {
      if (entry.message.publishTimeMs >= timeMs || entry.state === 'done') continue;
      this.#settle(entry, 'dropped');
      dropped++;
    }
    return dropped;
  }

  /** How often a message failed; undefined when it is not in the queue. */
  failuresOf(messageId: number): number | undefined {
    return this.#entries.get(messageId)?.failures;
  }

  /** Closes the queue and takes all messages out of it, without telling of any. */
  clear(): M[] {
    this.close();
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    for (const entry of entries) {
      this.#endDelivery(entry, 'dropped');
      entry.state = 'gone';
    }
    return entries.map(({ message }) => message);
  }

  /** Stops the timer; nothing goes out any more. */
  close(): void {
    this.#closed = true;
    this.#armed?.cancel();
    this.#armed = undefined;
  }

  #key(name: string): OrderedKey<M> {
    const known = this.#keys.get(name);
    if (known) return known;
    const key = new OrderedKey<M>(name);
    this.#keys.set(name, key);
    return key;
  }

  #handOut(entry: Entry<M>, options: LeaseOptions<M>): Delivery<M> {
    const delivery: Delivery<M> = {
      entry,
      message: entry.message,
      attempt: entry.failures + 1,
      serial: ++entry.deliveries,
      onEnd: options.onEnd,
    };
    entry.delivery = delivery;
    entry.state = 'leased';
    this.#leased++;
    this.#delivered++;
    const deadlineMs = options.deadlineMs ?? this.#policy.ackDeadlineMs;
    if (deadlineMs !== Infinity) this.#due.put(entry, this.#timers.now() + deadlineMs);
    return delivery;
  }

  #fail(entry: Entry<M>, end: 'nacked' | 'expired'): void {
    this.#nacked++;
    entry.failures++;
    const { maxAttempts, retry } = this.#policy;
    const isSpent = maxAttempts !== undefined && entry.failures >= maxAttempts;
    if (isSpent && this.#events.deadLetter(entry.message, entry.failures)) {
      this.#deadLettered++;
      this.#settle(entry, end);
      return;
    }
    this.#events.failed(entry.message, entry.failures);
    this.#endDelivery(entry, end);
    this.#retake(entry);
    const delayMs = retry ? backoffMs(retry, entry.failures) : 0;
    if (delayMs > 0) {
      entry.state = 'waiting';
      this.#due.put(entry, this.#timers.now() + delayMs);
      this.#arm();
    } else {
      this.#lineUp(entry);
    }
  }

  /** A message that failed takes along what was handed out after it under its key. */
  #retake(entry: Entry<M>): void {
    for (const later of entry.key?.cut(entry) ?? []) {
      if (later.delivery) this.#endDelivery(later, 'revoked');
      later.state = 'ready';
    }
  }

  #endDelivery(entry: Entry<M>, end: DeliveryEnd): void {
    const { delivery } = entry;
    this.#due.remove(entry);
    entry.state = 'ready';
    if (delivery === undefined) return;
    entry.delivery = undefined;
    this.#leased--;
    delivery.onEnd?.(delivery, end);
  }

  #settle(entry: Entry<M>, end: DeliveryEnd): void {
    this.#endDelivery(entry, end);
    const { key } = entry;
    if (key === undefined) {
      this.#forget(entry);
      return;
    }
    entry.state = 'done';
    for (const settled of key.trim()) this.#forget(settled);
    if (key.entries.length === 0 && !key.queued) this.#keys.delete(key.name);
    else this.#lineUpKey(key);
  }

  #forget(entry: Entry<M>): void {
    entry.state = 'gone';
    this.#entries.delete(entry.message.id);
    this.#events.settled(entry.message);
  }

  #lineUp(entry: Entry<M>): void {
    if (entry.key) {
      this.#lineUpKey(entry.key);
    } else {
      this.#line.push(entry);
      this.#events.ready();
    }
  }

  #lineUpKey(key: OrderedKey<M>): void {
    if (!key.isReady) return;
    key.queued = true;
    this.#line.push(key);
    this.#events.ready();
  }

  #arm(): void {
    const dueMs = this.#due.peek()?.dueMs;
    if (this.#closed || dueMs === undefined || (this.#armed && this.#armed.dueMs <= dueMs)) return;
    this.#armed?.cancel();
    const cancel = this.#timers.after(dueMs - this.#timers.now(), () => this.#onDue());
    this.#armed = { dueMs, cancel };
  }

  #onDue(): void {
    this.#armed = undefined;
    const nowMs = this.#timers.now();
    for (let entry = this.#due.peek(); entry && entry.dueMs <= nowMs; entry = this.#due.peek()) {
      this.#due.remove(entry);
      if (entry.state === 'leased') {
        this.#fail(entry, 'expired');
      } else {
        entry.state = 'ready';
        this.#lineUp(entry);
      }
    }
    this.#arm();
  }
}
