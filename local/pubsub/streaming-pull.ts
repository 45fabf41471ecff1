/**
 * One StreamingPull: messages flow to the client as long as it has room by its own limits, and answers come back on
 * the same stream or by unary calls.
 * Under pressure: nothing is sent while the client reads slowly (the stream's buffer is full) or holds as many
 * unacknowledged messages or bytes as it said it would.
 */
import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { Broker } from './broker.ts';
import { type Consumer, NO_ROOM, type Room } from './dispatcher.ts';
import type { Delivery } from './entry.ts';
import { type Failure, invalid } from './failure.ts';
import type { StoredMessage } from './message-log.ts';
import { checkName } from './names.ts';
import { checkPullable, received } from './pull.ts';
import { ackDeadline } from './settings.ts';
import { checkDeadline } from './subscriber.ts';
import type { Subscription } from './subscription.ts';

export interface StreamingPullRequest {
  readonly subscription?: string;
  readonly ackIds?: readonly string[];
  readonly modifyDeadlineSeconds?: readonly number[];
  readonly modifyDeadlineAckIds?: readonly string[];
  readonly streamAckDeadlineSeconds?: number;
  readonly maxOutstandingMessages?: string;
  readonly maxOutstandingBytes?: string;
}

export type PullCall = ServerDuplexStream<StreamingPullRequest, object>;

/** The streams that are open. */
export class StreamingPulls {
  readonly #broker: Broker;
  readonly #streams = new Set<Stream>();

  constructor(broker: Broker) {
    this.#broker = broker;
  }

  /** Serves a stream until either side ends it. */
  serve(call: PullCall, fail: (error: unknown) => void): void {
    let stream: Stream | undefined;
    const close = (): void => {
      if (stream === undefined) return;
      this.#streams.delete(stream);
      stream.close();
    };
    const end = (error: unknown): void => {
      close();
      fail(error);
    };
    call.on('data', (request: StreamingPullRequest) => {
      try {
        if (stream) {
          stream.take(request);
        } else {
          stream = this.#open(call, request, end);
          this.#streams.add(stream);
        }
      } catch (error) {
        end(error);
      }
    });
    call.on('end', () => {
      close();
      call.end();
    });
    for (const event of ['cancelled', 'close', 'error']) call.on(event, close);
  }

  /** Ends the streams of a subscription, or all. */
  end(error: Failure, subscription?: Subscription): void {
    for (const stream of [...this.#streams]) {
      if (subscription === undefined || stream.subscription === subscription) stream.end(error);
    }
  }

  #open(call: PullCall, request: StreamingPullRequest, end: (error: unknown) => void): Stream {
    const name = checkName('subscriptions', request.subscription ?? '', 'subscription');
    const subscription = this.#broker.subscription(name);
    checkPullable(subscription);
    return new Stream({ broker: this.#broker, subscription, call, request, end });
  }
}

interface StreamOptions {
  readonly broker: Broker;
  readonly subscription: Subscription;
  readonly call: PullCall;
  /** The first one. */
  readonly request: StreamingPullRequest;
  readonly end: (error: unknown) => void;
}

class Stream implements Consumer<StoredMessage> {
  readonly subscription: Subscription;
  readonly end: (error: unknown) => void;
  deadlineMs: number;
  readonly #broker: Broker;
  readonly #call: PullCall;
  readonly #max: Room;
  #outMessages = 0;
  #outBytes = 0;
  #isFull = false;
  #isClosed = false;

  constructor({ broker, subscription, call, request, end }: StreamOptions) {
    this.subscription = subscription;
    this.end = end;
    this.#broker = broker;
    this.#call = call;
    this.deadlineMs = ackDeadline(request.streamAckDeadlineSeconds ?? 0) * 1000;
    this.#max = {
      messages: limit(request.maxOutstandingMessages),
      bytes: limit(request.maxOutstandingBytes),
    };
    call.on('drain', () => {
      this.#isFull = false;
      subscription.dispatcher.wake();
    });
    this.#answer(request);
    call.write({
      subscriptionProperties: {
        messageOrderingEnabled: subscription.settings.enableMessageOrdering ?? false,
      },
    });
    subscription.dispatcher.attach(this);
  }

  get room(): Room {
    if (this.#isFull || this.#isClosed) return NO_ROOM;
    return { messages: this.#max.messages - this.#outMessages, bytes: this.#max.bytes - this.#outBytes };
  }

  deliver(deliveries: readonly Delivery<StoredMessage>[]): void {
    for (const { message } of deliveries) {
      this.#outMessages++;
      this.#outBytes += message.bytes;
    }
    const { subscription } = this;
    const receivedMessages = deliveries.map((delivery) => received(subscription, this.#broker.log, delivery));
    this.#isFull = !this.#call.write({ receivedMessages });
  }

  ended({ message }: Delivery<StoredMessage>): void {
    this.#outMessages--;
    this.#outBytes -= message.bytes;
  }

  /** A request after the first. */
  take(request: StreamingPullRequest): void {
    if (request.subscription) throw invalid('The subscription must be set in the first request only.');
    const seconds = request.streamAckDeadlineSeconds;
    if (seconds) this.deadlineMs = ackDeadline(seconds) * 1000;
    this.#answer(request);
  }

  close(): void {
    this.#isClosed = true;
    this.subscription.dispatcher.detach(this);
  }

  #answer(request: StreamingPullRequest): void {
    const { ackIds = [], modifyDeadlineAckIds = [], modifyDeadlineSeconds = [] } = request;
    if (modifyDeadlineAckIds.length !== modifyDeadlineSeconds.length) {
      throw invalid('modify_deadline_seconds and modify_deadline_ack_ids must be of the same length.');
    }
    for (const seconds of modifyDeadlineSeconds) checkDeadline(seconds);
    this.subscription.acknowledge(ackIds);
    modifyDeadlineAckIds.forEach((id, index) => {
      this.subscription.modifyDeadline(id, modifyDeadlineSeconds[index]!);
    });
  }
}

const limit = (text = '0'): number => (Number(text) > 0 ? Number(text) : Infinity);
