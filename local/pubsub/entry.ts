/**
 * One message in one subscription.
 *
 *            lease              ack
 *   ready ───────────▶ leased ──────────▶ gone        (an ordered message: done, until all before it are)
 *     ▲ ▲                │ nack, deadline
 *     │ └── no back-off ─┤
 *     └──── time up ── waiting ◀── back-off           nack number N with a dead-letter policy of N: gone
 */
import type { Due } from './due-heap.ts';

/** What the queue must know of a message; the rest stays where it is stored. */
export interface QueuedMessage {
  /** Unique and growing. */
  readonly id: number;
  readonly publishTimeMs: number;
  /** Size of the encoded message. */
  readonly bytes: number;
  /** Empty: not ordered. */
  readonly orderingKey: string;
}

export type EntryState = 'ready' | 'leased' | 'waiting' | 'done' | 'gone';

/** How a delivery ended; `revoked` is an ordered message taken back because one before it failed. */
export type DeliveryEnd = 'acked' | 'nacked' | 'expired' | 'released' | 'revoked' | 'dropped';

export interface Entry<M extends QueuedMessage> extends Due {
  readonly message: M;
  readonly key: OrderedKey<M> | undefined;
  state: EntryState;
  /** Deliveries that were nacked or ran out of time. */
  failures: number;
  /** All deliveries since the start of the process. */
  deliveries: number;
  delivery: Delivery<M> | undefined;
}

/** A message handed to a consumer. */
export interface Delivery<M extends QueuedMessage> {
  readonly entry: Entry<M>;
  readonly message: M;
  /** 1 + nacks + expired deadlines so far. */
  readonly attempt: number;
  /** Tells one delivery of the message from the next. */
  readonly serial: number;
  /** Told when the delivery ends, whoever ends it. */
  readonly onEnd: ((delivery: Delivery<M>, end: DeliveryEnd) => void) | undefined;
}

/**
 * The unacknowledged messages of one ordering key, in order. The first `run` of them are handed out (or done
 * already); nothing more goes out until all of these are settled, so that no message overtakes one that failed.
 */
export class OrderedKey<M extends QueuedMessage> {
  readonly name: string;
  readonly entries: Entry<M>[] = [];
  run = 0;
  /** Whether the key is in the queue's line. */
  queued = false;

  constructor(name: string) {
    this.name = name;
  }

  get isReady(): boolean {
    return !this.queued && this.run === 0 && this.entries[0]?.state === 'ready';
  }

  /** The next message to hand out after the run, if it may go. */
  next(): Entry<M> | undefined {
    while (this.entries[this.run]?.state === 'done') this.run++;
    const entry = this.entries[this.run];
    return entry?.state === 'ready' ? entry : undefined;
  }

  /** Takes settled messages off the front and returns them. */
  trim(): Entry<M>[] {
    const settled: Entry<M>[] = [];
    while (this.entries[0]?.state === 'done') {
      settled.push(this.entries.shift()!);
      if (this.run > 0) this.run--;
    }
    return settled;
  }

  /** Ends the run before this message and returns those after it that were handed out: they come again. */
  cut(failed: Entry<M>): Entry<M>[] {
    const at = this.entries.indexOf(failed);
    const after = this.entries.slice(at + 1, Math.max(this.run, at + 1));
    this.run = Math.min(this.run, at);
    return after;
  }
}
