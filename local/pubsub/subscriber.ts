/** The Subscriber service but for its stream: requests checked and handed to the broker. */
import type { Timers } from '../timers.ts';
import type { Broker } from './broker.ts';
import { invalid, unsupported } from './failure.ts';
import { checkName, checkProject } from './names.ts';
import { page } from './page.ts';
import { pull, type ReceivedMessage } from './pull.ts';
import { completeSubscription, masked } from './settings.ts';
import type { Subscription } from './subscription.ts';
import { millisOf, type PushConfig, type Seconds, type Subscription as Settings } from './wire.ts';

export class Subscriber {
  readonly #broker: Broker;
  readonly #timers: Timers;

  constructor(broker: Broker, timers: Timers) {
    this.#broker = broker;
    this.#timers = timers;
  }

  createSubscription(given: Settings): Settings {
    const settings = completeSubscription(given);
    checkName('topics', settings.topic ?? '', 'topic');
    return this.#broker.createSubscription(settings).settings;
  }

  getSubscription({ subscription }: { subscription?: string }): Settings {
    return this.#subscription(subscription).settings;
  }

  updateSubscription(request: { subscription?: Settings; updateMask?: { paths?: string[] } }): Settings {
    const subscription = this.#subscription(request.subscription?.name);
    const next = masked(subscription.settings, request.subscription!, request.updateMask?.paths ?? []);
    this.#broker.updateSubscription(subscription, completeSubscription(next));
    return subscription.settings;
  }

  listSubscriptions(request: { project?: string; pageSize?: number; pageToken?: string }): object {
    const prefix = `${checkProject(request.project ?? '')}/`;
    const own = [...this.#broker.subscriptions.values()].filter(({ name }) => name.startsWith(prefix));
    const { items, nextPageToken } = page(own, ({ name }) => name, request);
    return { subscriptions: items.map(({ settings }) => settings), nextPageToken };
  }

  deleteSubscription({ subscription }: { subscription?: string }): object {
    this.#broker.deleteSubscription(this.#subscription(subscription));
    return {};
  }

  modifyPushConfig(request: { subscription?: string; pushConfig?: PushConfig }): object {
    const subscription = this.#subscription(request.subscription);
    const next = { ...subscription.settings, pushConfig: request.pushConfig ?? {} };
    this.#broker.updateSubscription(subscription, completeSubscription(next));
    return {};
  }

  modifyAckDeadline(request: {
    subscription?: string;
    ackIds?: string[];
    ackDeadlineSeconds?: number;
  }): object {
    const { ackIds = [], ackDeadlineSeconds = 0 } = request;
    checkSome(ackIds);
    checkDeadline(ackDeadlineSeconds);
    const subscription = this.#subscription(request.subscription);
    for (const id of ackIds) subscription.modifyDeadline(id, ackDeadlineSeconds);
    return {};
  }

  acknowledge(request: { subscription?: string; ackIds?: string[] }): object {
    const { ackIds = [] } = request;
    checkSome(ackIds);
    this.#subscription(request.subscription).acknowledge(ackIds);
    return {};
  }

  /** Waits for messages unless told not to; `cancelled` fires when the caller gives up. */
  async pull(
    request: { subscription?: string; maxMessages?: number; returnImmediately?: boolean },
    cancelled: AbortSignal,
  ): Promise<{ receivedMessages: readonly ReceivedMessage[] }> {
    const { maxMessages = 0, returnImmediately = false } = request;
    if (maxMessages <= 0) {
      throw invalid(
        `The value for max_messages is too small. You passed ${maxMessages} in the request, but the minimum value is 1.`,
      );
    }
    const subscription = this.#subscription(request.subscription);
    const receivedMessages = await pull(subscription, this.#broker.log, this.#timers, {
      maxMessages,
      returnImmediately,
      cancelled,
    });
    return { receivedMessages };
  }

  /** Drops what was published before a time. What was acknowledged is forgotten, and does not come back. */
  seek(request: { subscription?: string; time?: Seconds; snapshot?: string }): object {
    if (request.snapshot) throw unsupported('A snapshot');
    if (request.time === undefined) throw invalid('A seek needs a time.');
    this.#subscription(request.subscription).queue.dropBefore(millisOf(request.time));
    return {};
  }

  getSnapshot(): object {
    throw unsupported('A snapshot');
  }

  listSnapshots(): object {
    return { snapshots: [] };
  }

  createSnapshot(): object {
    throw unsupported('A snapshot');
  }

  updateSnapshot(): object {
    throw unsupported('A snapshot');
  }

  deleteSnapshot(): object {
    throw unsupported('A snapshot');
  }

  #subscription(name = ''): Subscription {
    return this.#broker.subscription(checkName('subscriptions', name, 'subscription'));
  }
}

/** Throws for a deadline that no request may set; 0 gives the message back. */
export function checkDeadline(seconds: number): void {
  if (seconds >= 0 && seconds <= 600) return;
  throw invalid(`Invalid ack deadline given (ack_deadline_seconds=${seconds}). It must be 0 to 600 s.`);
}

function checkSome(ackIds: readonly string[]): void {
  if (ackIds.length === 0) throw invalid('No ack ids specified.');
}
