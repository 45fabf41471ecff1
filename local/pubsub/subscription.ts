/** One subscription at work: its settings, its queue, and who consumes it. */
import type { Timers } from '../timers.ts';
import { ackId, parseAckId } from './ack-id.ts';
import { PUSH_BACKOFF } from './backoff.ts';
import { type DeliveryPolicy, DeliveryQueue, type QueueEvents, type QueueStats } from './delivery-queue.ts';
import { Dispatcher } from './dispatcher.ts';
import type { Delivery } from './entry.ts';
import { type Filter, parseFilter } from './filter.ts';
import type { StoredMessage } from './message-log.ts';
import { millisOf, type Subscription as Settings } from './wire.ts';

export class Subscription {
  readonly uid: number;
  /** 0 once the topic is deleted or the subscription is detached from it. */
  topicUid: number;
  readonly filter: Filter;
  readonly queue: DeliveryQueue<StoredMessage>;
  readonly dispatcher: Dispatcher<StoredMessage>;
  #settings: Settings;

  constructor(
    record: { readonly uid: number; readonly topicUid: number; readonly settings: Settings },
    timers: Timers,
    events: Omit<QueueEvents<StoredMessage>, 'ready'>,
  ) {
    this.uid = record.uid;
    this.topicUid = record.topicUid;
    this.#settings = record.settings;
    this.filter = parseFilter(record.settings.filter ?? '');
    this.queue = new DeliveryQueue(policyOf(record.settings), timers, {
      ...events,
      ready: () => this.dispatcher.wake(),
    });
    this.dispatcher = new Dispatcher(this.queue);
  }

  get settings(): Settings {
    return this.#settings;
  }

  set settings(settings: Settings) {
    this.#settings = settings;
    this.queue.policy = policyOf(settings);
  }

  get name(): string {
    return this.#settings.name;
  }

  get stats(): QueueStats {
    return this.queue.stats;
  }

  get retentionMs(): number {
    return millisOf(this.#settings.messageRetentionDuration ?? {});
  }

  /** What the subscriber sees as `deliveryAttempt`: told only where there is a dead-letter policy. */
  attemptOf(delivery: Delivery<StoredMessage>): number | undefined {
    return this.#settings.deadLetterPolicy ? delivery.attempt : undefined;
  }

  ackIdOf(delivery: Delivery<StoredMessage>): string {
    return ackId({ subscriptionUid: this.uid, messageId: delivery.message.id, serial: delivery.serial });
  }

  /** Acknowledges; ids of messages that are gone already change nothing. Throws when an id is malformed. */
  acknowledge(ackIds: readonly string[]): void {
    const ids = ackIds.map((id) => parseAckId(id, this.uid));
    for (const { messageId } of ids) this.queue.ack(messageId);
  }

  /** Sets the time left, 0 to give the message back. Ids of past deliveries change nothing. */
  modifyDeadline(ackIdText: string, seconds: number): void {
    const { messageId, serial } = parseAckId(ackIdText, this.uid);
    const delivery = this.queue.find(messageId, serial);
    if (delivery === undefined) return;
    if (seconds === 0) this.queue.nack(delivery);
    else this.queue.extend(delivery, seconds * 1000);
  }
}

function policyOf(settings: Settings): DeliveryPolicy {
  const { retryPolicy, deadLetterPolicy, pushConfig } = settings;
  const retry = retryPolicy
    ? {
        minMs: millisOf(retryPolicy.minimumBackoff ?? {}),
        maxMs: millisOf(retryPolicy.maximumBackoff ?? {}),
      }
    : pushConfig?.pushEndpoint
      ? PUSH_BACKOFF
      : undefined;
  return {
    ackDeadlineMs: (settings.ackDeadlineSeconds ?? 10) * 1000,
    isOrdered: settings.enableMessageOrdering ?? false,
    ...(retry ? { retry } : {}),
    ...(deadLetterPolicy ? { maxAttempts: deadLetterPolicy.maxDeliveryAttempts ?? 5 } : {}),
  };
}
