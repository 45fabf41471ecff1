/**
 * The journal read from its beginning: names and settings, and which messages each subscription still wants. Each
 * record is applied to the state that the ones before it made, as it was when it was written.
 */

import { type Filter, parseFilter } from './filter.ts';
import type { Location } from './journal.ts';
import type { MessageLog, StoredMessage } from './message-log.ts';
import { DELETED_TOPIC } from './names.ts';
import { KIND, readAcked, readFailed, readMessage, readSettings } from './records.ts';
import {
  decodeMessage,
  type Subscription as SubscriptionSettings,
  type Topic as TopicSettings,
} from './wire.ts';

interface Waiting {
  readonly message: StoredMessage;
  failures: number;
}

interface FoundSubscription {
  readonly uid: number;
  topicUid: number;
  settings: SubscriptionSettings;
  readonly filter: Filter;
  readonly backlog: Map<number, Waiting>;
}

export class Replay {
  readonly #log: MessageLog;
  readonly #topics = new Map<number, TopicSettings>();
  readonly #subscriptions = new Map<number, FoundSubscription>();
  readonly #messages = new Map<number, StoredMessage>();
  nextUid = 1;
  lastId = 0;

  constructor(log: MessageLog) {
    this.#log = log;
  }

  /** Applies one record. */
  take(kind: number, body: Buffer, location: Location<StoredMessage>): void {
    if (kind === KIND.settings) this.#settings(body);
    else if (kind === KIND.message) this.#published(body, location);
    else if (kind === KIND.moved) this.#moved(body, location);
    else if (kind === KIND.acked) this.#acked(body);
    else if (kind === KIND.failed) this.#failed(body);
    else
      throw new Error(
        `${location.segment.path} holds a record of unknown kind ${kind}: written by a later version?`,
      );
  }

  topics(): { readonly uid: number; readonly settings: TopicSettings }[] {
    return [...this.#topics].map(([uid, settings]) => ({ uid, settings }));
  }

  /** With what they want, oldest first. */
  subscriptions(): {
    readonly uid: number;
    readonly topicUid: number;
    readonly settings: SubscriptionSettings;
    readonly backlog: readonly Waiting[];
  }[] {
    return [...this.#subscriptions.values()].map(({ uid, topicUid, settings, backlog }) => ({
      uid,
      topicUid,
      settings,
      backlog: [...backlog.values()].sort((a, b) => a.message.id - b.message.id),
    }));
  }

  #settings(body: Buffer): void {
    const change = readSettings(body);
    if ('nextUid' in change) {
      this.nextUid = Math.max(this.nextUid, change.nextUid);
    } else if ('topic' in change) {
      this.#topics.set(change.uid, change.topic);
      this.nextUid = Math.max(this.nextUid, change.uid + 1);
    } else if ('subscription' in change) {
      this.#subscription(change);
      this.nextUid = Math.max(this.nextUid, change.uid + 1);
    } else {
      this.#gone(change.gone);
    }
  }

  #subscription(change: { subscription: SubscriptionSettings; uid: number; topicUid: number }): void {
    const { uid, topicUid, subscription: settings } = change;
    const known = this.#subscriptions.get(uid);
    if (known) {
      known.topicUid = topicUid;
      known.settings = settings;
    } else {
      const filter = parseFilter(settings.filter ?? '');
      this.#subscriptions.set(uid, { uid, topicUid, settings, filter, backlog: new Map() });
    }
  }

  #gone(uid: number): void {
    for (const { message } of this.#subscriptions.get(uid)?.backlog.values() ?? []) this.#unwanted(message);
    this.#subscriptions.delete(uid);
    if (!this.#topics.delete(uid)) return;
    for (const subscription of this.#subscriptions.values()) {
      if (subscription.topicUid !== uid) continue;
      subscription.topicUid = 0;
      subscription.settings = { ...subscription.settings, topic: DELETED_TOPIC };
    }
  }

  #published(body: Buffer, location: Location<StoredMessage>): void {
    const record = readMessage(body);
    const { attributes = {}, orderingKey = '' } = decodeMessage(body.subarray(record.start));
    this.lastId = Math.max(this.lastId, record.id);
    const wantedBy = [...this.#subscriptions.values()].filter(
      ({ topicUid, filter }) => topicUid === record.topicUid && filter(attributes),
    );
    if (wantedBy.length === 0) return;
    const message = this.#log.restore(record, orderingKey, location);
    this.#messages.set(message.id, message);
    for (const { backlog } of wantedBy) this.#wanted(backlog, message, 0);
  }

  #moved(body: Buffer, location: Location<StoredMessage>): void {
    const record = readMessage(body);
    const known = this.#messages.get(record.id);
    if (known) {
      this.#log.moved(known, location, record.start);
      return;
    }
    const { orderingKey = '' } = decodeMessage(body.subarray(record.start));
    this.lastId = Math.max(this.lastId, record.id);
    const message = this.#log.restore(record, orderingKey, location);
    this.#messages.set(message.id, message);
    for (const { subscriptionUid, failures } of record.pending) {
      const found = this.#subscriptions.get(subscriptionUid);
      if (found) this.#wanted(found.backlog, message, failures);
    }
  }

  #acked(body: Buffer): void {
    const { subscriptionUid, ids } = readAcked(body);
    const backlog = this.#subscriptions.get(subscriptionUid)?.backlog;
    for (const id of ids) {
      const waiting = backlog?.get(id);
      if (waiting === undefined) continue;
      backlog!.delete(id);
      this.#unwanted(waiting.message);
    }
  }

  #failed(body: Buffer): void {
    const { subscriptionUid, id, failures } = readFailed(body);
    const waiting = this.#subscriptions.get(subscriptionUid)?.backlog.get(id);
    if (waiting) waiting.failures = failures;
  }

  #wanted(backlog: Map<number, Waiting>, message: StoredMessage, failures: number): void {
    message.wanted++;
    backlog.set(message.id, { message, failures });
  }

  #unwanted(message: StoredMessage): void {
    this.#log.unwanted(message);
    if (message.wanted === 0) this.#messages.delete(message.id);
  }
}
