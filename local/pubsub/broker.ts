/**
 * Topics, subscriptions and the messages between them: what the gRPC handlers call and what the journal rebuilds.
 * Guarantee: what a method returns from is in the journal. A message is with every subscription whose filter it
 * passed when it was published; with none, it is dropped, as the service does.
 */
import type { Timers } from '../timers.ts';
import { alreadyExists, notFound } from './failure.ts';
import { Journal, type JournalRecord } from './journal.ts';
import { checkMessage, checkRequest } from './message-check.ts';
import { MessageLog, type NewMessage, type StoredMessage } from './message-log.ts';
import { DELETED_TOPIC, partsOf } from './names.ts';
import { settingsRecord } from './records.ts';
import { Replay } from './replay.ts';
import { Subscription } from './subscription.ts';
import {
  decodeMessage,
  encodeMessage,
  encodeStamp,
  type PubsubMessage,
  type Subscription as SubscriptionSettings,
  type Topic as TopicSettings,
} from './wire.ts';

export interface BrokerOptions {
  readonly dir: string;
  readonly timers: Timers;
  readonly maxUnackedBytes: number;
  readonly segmentBytes?: number;
}

export interface Topic {
  readonly uid: number;
  settings: TopicSettings;
}

/** Told when a subscription is made or changed, and when it is no more. */
export interface Watcher {
  changed(subscription: Subscription): void;
  gone(subscription: Subscription): void;
}

const SWEEP_MS = 60_000;

export class Broker {
  readonly topics = new Map<string, Topic>();
  readonly subscriptions = new Map<string, Subscription>();
  readonly log: MessageLog;
  readonly #timers: Timers;
  readonly #journal: Journal<StoredMessage>;
  #watcher: Watcher | undefined;
  #nextUid = 1;
  #lastId = 0;
  #cancelSweep = (): void => {};

  /** Opens or makes the journal in `dir` and rebuilds all that it tells. */
  constructor(options: BrokerOptions) {
    const { dir, timers, maxUnackedBytes, segmentBytes } = options;
    this.#timers = timers;
    let replay: Replay | undefined;
    this.#journal = new Journal({
      dir,
      ...(segmentBytes ? { segmentBytes } : {}),
      replay: (kind, body, location) => replay?.take(kind, body, location),
      preamble: () => this.#settings(),
      move: (message) => this.#move(message),
    });
    this.log = new MessageLog(this.#journal, maxUnackedBytes);
    replay = new Replay(this.log);
    this.#journal.open();
    this.#restore(replay);
    replay = undefined;
    this.#journal.start();
    this.#sweep();
  }

  /** Takes a watcher and tells it of the subscriptions there are. */
  watch(watcher: Watcher): void {
    this.#watcher = watcher;
    for (const subscription of this.subscriptions.values()) watcher.changed(subscription);
  }

  topic(name: string): Topic {
    const topic = this.topics.get(name);
    if (topic === undefined) throw notFound(name);
    return topic;
  }

  subscription(name: string): Subscription {
    const subscription = this.subscriptions.get(name);
    if (subscription === undefined) throw notFound(name);
    return subscription;
  }

  subscriptionsOf(topic: Topic): Subscription[] {
    return [...this.subscriptions.values()].filter(({ topicUid }) => topicUid === topic.uid);
  }

  createTopic(settings: TopicSettings): Topic {
    if (this.topics.has(settings.name)) throw alreadyExists(settings.name);
    const topic = { uid: this.#nextUid++, settings };
    this.topics.set(settings.name, topic);
    this.#write([settingsRecord({ topic: settings, uid: topic.uid })]);
    return topic;
  }

  updateTopic(topic: Topic, settings: TopicSettings): void {
    topic.settings = settings;
    this.#write([settingsRecord({ topic: settings, uid: topic.uid })]);
  }

  /** Its subscriptions stay, with what they have. */
  deleteTopic(topic: Topic): void {
    for (const subscription of this.subscriptionsOf(topic)) this.#cutOff(subscription);
    this.topics.delete(topic.settings.name);
    this.#write([settingsRecord({ gone: topic.uid })]);
  }

  createSubscription(settings: SubscriptionSettings): Subscription {
    if (this.subscriptions.has(settings.name)) throw alreadyExists(settings.name);
    const topicUid = this.topic(settings.topic).uid;
    this.#checkDeadLetter(settings);
    const subscription = this.#subscription({ uid: this.#nextUid++, topicUid, settings });
    this.#keep(subscription);
    return subscription;
  }

  updateSubscription(subscription: Subscription, settings: SubscriptionSettings): void {
    this.#checkDeadLetter(settings);
    subscription.settings = settings;
    this.#keep(subscription);
  }

  deleteSubscription(subscription: Subscription): void {
    for (const message of subscription.queue.clear()) this.log.unwanted(message);
    this.subscriptions.delete(subscription.name);
    this.#write([settingsRecord({ gone: subscription.uid })]);
    this.#journal.reclaim();
    this.#watcher?.gone(subscription);
  }

  /** Drops what the subscription has; it gets nothing any more. */
  detach(subscription: Subscription): void {
    subscription.queue.dropBefore(Infinity);
    subscription.topicUid = 0;
    subscription.settings = { ...subscription.settings, detached: true };
    this.#keep(subscription);
  }

  /** Publishes encoded messages; returns their ids. */
  publish(name: string, messages: readonly Buffer[]): string[] {
    const topic = this.topic(name);
    checkRequest(messages);
    const decoded = messages.map((bytes) => decodeMessage(bytes));
    for (const message of decoded) checkMessage(message);
    this.log.checkRoom();
    return this.#publish(topic, decoded, messages);
  }

  close(): void {
    this.#cancelSweep();
    for (const { queue } of this.subscriptions.values()) queue.close();
    this.log.flush();
    this.#journal.close();
  }

  #publish(topic: Topic, decoded: readonly PubsubMessage[], encoded: readonly Buffer[]): string[] {
    const publishTimeMs = this.#timers.now();
    const subscriptions = this.subscriptionsOf(topic);
    const ids: string[] = [];
    const wanted: { message: NewMessage; by: Subscription[] }[] = [];
    decoded.forEach((message, index) => {
      const id = this.#newId(publishTimeMs);
      ids.push(String(id));
      const by = subscriptions.filter(({ filter }) => filter(message.attributes ?? {}));
      if (by.length === 0) return;
      const parts = [bare(message, encoded[index]!), encodeStamp(String(id), publishTimeMs)];
      const { orderingKey = '' } = message;
      wanted.push({
        message: { id, publishTimeMs, topicUid: topic.uid, orderingKey, parts, wanted: by.length },
        by,
      });
    });
    const stored = this.log.append(wanted.map(({ message }) => message));
    wanted.forEach(({ by }, index) => {
      for (const subscription of by) subscription.queue.add(stored[index]!);
    });
    return ids;
  }

  /** Ids grow with time, so that they are new also when the journal is. */
  #newId(nowMs: number): number {
    this.#lastId = Math.max(this.#lastId + 1, Math.floor(nowMs * 1000));
    return this.#lastId;
  }

  #deadLetter(subscription: Subscription, message: StoredMessage, attempts: number): boolean {
    const topic = this.topics.get(subscription.settings.deadLetterPolicy?.deadLetterTopic ?? '');
    if (topic === undefined) return false;
    const { data, attributes, orderingKey } = decodeMessage(this.log.read(message));
    const { project, id } = partsOf(subscription.name);
    const forwarded: PubsubMessage = {
      ...(data ? { data } : {}),
      ...(orderingKey ? { orderingKey } : {}),
      attributes: {
        ...attributes,
        CloudPubSubDeadLetterSourceDeliveryCount: String(attempts),
        CloudPubSubDeadLetterSourceSubscription: id,
        CloudPubSubDeadLetterSourceSubscriptionProject: project,
        CloudPubSubDeadLetterSourceTopicPublishTime: new Date(message.publishTimeMs)
          .toISOString()
          .replace('Z', '+00:00'),
      },
    };
    this.#publish(topic, [forwarded], [encodeMessage(forwarded)]);
    return true;
  }

  #checkDeadLetter({ deadLetterPolicy }: SubscriptionSettings): void {
    const name = deadLetterPolicy?.deadLetterTopic;
    if (name !== undefined && !this.topics.has(name)) throw notFound(name);
  }

  #subscription(record: ConstructorParameters<typeof Subscription>[0]): Subscription {
    const subscription: Subscription = new Subscription(record, this.#timers, {
      settled: (message) => this.log.settled(record.uid, message),
      failed: (message, failures) => this.log.failed(record.uid, message, failures),
      deadLetter: (message, attempts) => this.#deadLetter(subscription, message, attempts),
    });
    this.subscriptions.set(subscription.name, subscription);
    return subscription;
  }

  #keep(subscription: Subscription): void {
    this.#write([recordOf(subscription)]);
    this.#watcher?.changed(subscription);
  }

  #cutOff(subscription: Subscription): void {
    subscription.topicUid = 0;
    subscription.settings = { ...subscription.settings, topic: DELETED_TOPIC };
  }

  #write(records: readonly JournalRecord[]): void {
    this.#journal.append(records);
  }

  #settings(): JournalRecord[] {
    return [
      settingsRecord({ nextUid: this.#nextUid }),
      ...[...this.topics.values()].map(({ uid, settings }) => settingsRecord({ topic: settings, uid })),
      ...[...this.subscriptions.values()].map(recordOf),
    ];
  }

  #move(message: StoredMessage): void {
    const pending = [...this.subscriptions.values()].flatMap(({ uid, queue }) => {
      const failures = queue.failuresOf(message.id);
      return failures === undefined ? [] : [{ subscriptionUid: uid, failures }];
    });
    this.log.move(message, pending);
  }

  #restore(replay: Replay): void {
    this.#nextUid = replay.nextUid;
    this.#lastId = replay.lastId;
    for (const { uid, settings } of replay.topics()) this.topics.set(settings.name, { uid, settings });
    for (const found of replay.subscriptions()) {
      const { queue } = this.#subscription(found);
      for (const { message, failures } of found.backlog) queue.add(message, failures);
    }
  }

  #sweep(): void {
    for (const { queue, retentionMs } of this.subscriptions.values()) {
      queue.dropBefore(this.#timers.now() - retentionMs);
    }
    this.#cancelSweep = this.#timers.after(SWEEP_MS, () => this.#sweep());
  }
}

/** Without an id and a time that a publisher may have set: those are the service's to set. */
function bare(message: PubsubMessage, encoded: Buffer): Buffer {
  if (message.messageId === undefined && message.publishTime === undefined) return encoded;
  const { messageId: _id, publishTime: _time, ...rest } = message;
  return encodeMessage(rest);
}

const recordOf = ({ settings, uid, topicUid }: Subscription): JournalRecord =>
  settingsRecord({ subscription: settings, uid, topicUid });
