/**
 * Messages on disk, and the changes to what waits for them. Payloads are read back when they are delivered; memory
 * holds a few numbers a message.
 * Guarantee: when `publish` returns, the messages survive SIGKILL. Acknowledgements are written before the next
 * event is handled; one that a death swallows leads to another delivery, never to a loss.
 * Under pressure: beyond `maxUnackedBytes` publishing is refused with RESOURCE_EXHAUSTED, which Google's client
 * takes as "try again".
 */
import { exhausted } from './failure.ts';
import type { Journal, JournalRecord, Location } from './journal.ts';
import { ackedRecord, failedRecord, type MessageRecord, messageRecord } from './records.ts';

/** A message that some subscription still wants. */
export interface StoredMessage {
  readonly id: number;
  readonly publishTimeMs: number;
  readonly bytes: number;
  readonly orderingKey: string;
  location: Location<StoredMessage>;
  /** Where the encoded message begins in its record. */
  start: number;
  /** How many subscriptions want it. */
  wanted: number;
}

/** What a message costs in memory, about, whatever its size. */
const OVERHEAD_BYTES = 256;

export interface NewMessage {
  readonly id: number;
  readonly publishTimeMs: number;
  readonly topicUid: number;
  readonly orderingKey: string;
  /** Joined, the encoded message. */
  readonly parts: readonly Uint8Array[];
  readonly wanted: number;
}

export class MessageLog {
  readonly #journal: Journal<StoredMessage>;
  readonly #maxUnackedBytes: number;
  #unackedBytes = 0;
  #acked = new Map<number, number[]>();
  #flushes = false;

  constructor(journal: Journal<StoredMessage>, maxUnackedBytes: number) {
    this.#journal = journal;
    this.#maxUnackedBytes = maxUnackedBytes;
  }

  get unackedBytes(): number {
    return this.#unackedBytes;
  }

  /** Throws RESOURCE_EXHAUSTED when no more is taken. */
  checkRoom(): void {
    if (this.#unackedBytes < this.#maxUnackedBytes) return;
    throw exhausted(
      `Unacknowledged messages hold ${this.#unackedBytes} bytes, the limit is ${this.#maxUnackedBytes}: publish again when subscribers have caught up.`,
    );
  }

  append(messages: readonly NewMessage[]): StoredMessage[] {
    const records = messages.map((message) => messageRecord({ ...message, pending: [] }, message.parts));
    const locations = this.#journal.append(records);
    return messages.map(({ id, publishTimeMs, orderingKey, wanted }, index) => {
      const location = locations[index]!;
      const start = records[index]!.parts[0]!.length;
      return this.#keep({
        id,
        publishTimeMs,
        orderingKey,
        location,
        start,
        wanted,
        bytes: location.bytes - start,
      });
    });
  }

  /** Takes up a message found at the start. */
  restore(record: MessageRecord, orderingKey: string, location: Location<StoredMessage>): StoredMessage {
    const { id, publishTimeMs, start } = record;
    const bytes = location.bytes - start;
    return this.#keep({ id, publishTimeMs, orderingKey, location, start, wanted: 0, bytes });
  }

  /** The encoded message. */
  read({ location, start }: StoredMessage): Buffer {
    return this.#journal.read(location).subarray(start);
  }

  /** A subscription is done with the message. */
  settled(subscriptionUid: number, message: StoredMessage): void {
    const ids = this.#acked.get(subscriptionUid);
    if (ids) ids.push(message.id);
    else this.#acked.set(subscriptionUid, [message.id]);
    this.unwanted(message);
    if (this.#flushes) return;
    this.#flushes = true;
    queueMicrotask(() => this.flush());
  }

  /** As `settled`, without a record: for what the journal tells by other means. */
  unwanted(message: StoredMessage): void {
    message.wanted--;
    if (message.wanted > 0) return;
    this.#unackedBytes -= message.bytes + OVERHEAD_BYTES;
    this.#journal.release(message, message.location);
  }

  failed(subscriptionUid: number, message: StoredMessage, failures: number): void {
    this.#journal.append([failedRecord(subscriptionUid, message.id, failures)]);
  }

  /** Appends the message anew, with who still wants it. */
  move(message: StoredMessage, pending: MessageRecord['pending']): void {
    const { id, publishTimeMs } = message;
    const moved = messageRecord({ id, publishTimeMs, topicUid: 0, pending }, [this.read(message)]);
    const [location] = this.#journal.append([moved]);
    this.moved(message, location!, moved.parts[0]!.length);
  }

  moved(message: StoredMessage, location: Location<StoredMessage>, start: number): void {
    this.#journal.release(message, message.location);
    message.location = location;
    message.start = start;
    this.#journal.keep(message, location);
  }

  /** Writes what is acknowledged, and gives up what of the journal is not needed any more. */
  flush(): void {
    this.#flushes = false;
    const records: JournalRecord[] = [];
    for (const [uid, ids] of this.#acked) records.push(ackedRecord(uid, ids));
    this.#acked = new Map();
    if (records.length === 0) return;
    this.#journal.append(records);
    this.#journal.reclaim();
  }

  #keep(message: StoredMessage): StoredMessage {
    this.#unackedBytes += message.bytes + OVERHEAD_BYTES;
    this.#journal.keep(message, message.location);
    return message;
  }
}
