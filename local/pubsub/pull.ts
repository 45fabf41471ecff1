/**
 * One Pull request: takes what is ready, or waits for the first messages.
 * Under pressure: an answer holds at most 4 MB beyond its first message; the rest stays in the queue.
 */
import type { Timers } from '../timers.ts';
import { type Consumer, NO_ROOM, type Room } from './dispatcher.ts';
import type { Delivery } from './entry.ts';
import { failedPrecondition } from './failure.ts';
import type { MessageLog, StoredMessage } from './message-log.ts';
import type { Subscription } from './subscription.ts';

export interface ReceivedMessage {
  readonly ackId: string;
  /** Encoded. */
  readonly message: Buffer;
  readonly deliveryAttempt?: number;
}

/** The service, too, answers an empty list before the client's deadline. */
const WAIT_MS = 20_000;
const MAX_BYTES = 4_000_000;

/** Throws for a subscription that delivers by itself. */
export function checkPullable({ settings }: Subscription): void {
  if (settings.detached) throw failedPrecondition('The subscription is detached from its topic.');
  if (settings.pushConfig?.pushEndpoint || settings.cloudStorageConfig) {
    throw failedPrecondition('This method is not supported for this subscription type.');
  }
}

export function received(
  subscription: Subscription,
  log: MessageLog,
  delivery: Delivery<StoredMessage>,
): ReceivedMessage {
  const deliveryAttempt = subscription.attemptOf(delivery);
  return {
    ackId: subscription.ackIdOf(delivery),
    message: log.read(delivery.message),
    ...(deliveryAttempt === undefined ? {} : { deliveryAttempt }),
  };
}

export function pull(
  subscription: Subscription,
  log: MessageLog,
  timers: Timers,
  options: {
    readonly maxMessages: number;
    readonly returnImmediately: boolean;
    readonly cancelled: AbortSignal;
  },
): Promise<readonly ReceivedMessage[]> {
  checkPullable(subscription);
  return new Promise((resolve) => {
    let room: Room = { messages: options.maxMessages, bytes: MAX_BYTES };
    const consumer: Consumer<StoredMessage> = {
      get room() {
        return room;
      },
      deliver: (deliveries) => answer(deliveries.map((delivery) => received(subscription, log, delivery))),
    };
    const answer = (messages: readonly ReceivedMessage[]): void => {
      room = NO_ROOM;
      cancelWait();
      options.cancelled.removeEventListener('abort', giveUp);
      subscription.dispatcher.detach(consumer);
      resolve(messages);
    };
    const giveUp = (): void => answer([]);
    const cancelWait = timers.after(options.returnImmediately ? 0 : WAIT_MS, giveUp);
    options.cancelled.addEventListener('abort', giveUp);
    subscription.dispatcher.attach(consumer);
  });
}
