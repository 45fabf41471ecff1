/**
 * Pushes the messages of one subscription to its endpoint.
 * Guarantee: at least once. A 2xx answer acknowledges; any other answer, a connection that breaks and a deadline
 * that passes give the message back to the queue, with its back-off, and count as attempts.
 * Under pressure: a bounded number of requests is under way (push-window.ts). When nobody listens at the endpoint
 * the message was not delivered: no attempt is counted, so that an endpoint that restarts sends nothing to the
 * dead-letter topic (here we differ from the service), and the subscription pauses, 100 ms growing to 60 s.
 */
import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type RequestOptions,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Timers } from '../timers.ts';
import { backoffMs, PUSH_BACKOFF, type RetryPolicy } from './backoff.ts';
import { type Consumer, NO_ROOM, type Room } from './dispatcher.ts';
import type { Delivery, DeliveryEnd } from './entry.ts';
import type { MessageLog, StoredMessage } from './message-log.ts';
import { pushRequest } from './push-request.ts';
import { PushWindow } from './push-window.ts';
import type { Subscription } from './subscription.ts';
import { decodeMessage } from './wire.ts';

export interface PushOptions {
  readonly subscription: Subscription;
  readonly log: MessageLog;
  readonly timers: Timers;
  /** Requests under way at most. */
  readonly concurrency: number;
  /** While nobody listens. */
  readonly pause?: RetryPolicy;
}

/** How long requests under way may take to be answered after `close()`. */
const CLOSE_GRACE_MS = 2_000;
const NOBODY_LISTENS = ['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH'];

type Push = Delivery<StoredMessage>;

export class Pusher implements Consumer<StoredMessage> {
  readonly isParallel = true;
  readonly #options: PushOptions;
  readonly #endpoint: URL;
  readonly #agent: HttpAgent;
  readonly #window: PushWindow;
  readonly #requests = new Map<Push, ClientRequest>();
  #underWay = 0;
  #refusals = 0;
  #cancelPause: (() => void) | undefined;
  #whenIdle: (() => void) | undefined;
  #isClosed = false;

  constructor(options: PushOptions) {
    this.#options = options;
    this.#endpoint = new URL(options.subscription.settings.pushConfig?.pushEndpoint ?? '');
    const Agent = this.#endpoint.protocol === 'https:' ? HttpsAgent : HttpAgent;
    this.#agent = new Agent({ keepAlive: true, maxFreeSockets: options.concurrency, scheduling: 'lifo' });
    this.#window = new PushWindow(options.concurrency);
    options.subscription.dispatcher.attach(this);
  }

  get room(): Room {
    if (this.#isClosed || this.#cancelPause) return NO_ROOM;
    return { messages: this.#window.size - this.#underWay, bytes: Infinity };
  }

  deliver(deliveries: readonly Push[]): void {
    for (const delivery of deliveries) this.#send(delivery);
  }

  ended(delivery: Push, end: DeliveryEnd): void {
    if (end !== 'acked' && end !== 'nacked' && end !== 'released') this.#requests.get(delivery)?.destroy();
  }

  /** Lets requests under way be answered, for a while; what is not goes back to the queue. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelPause?.();
    this.#options.subscription.dispatcher.detach(this);
    if (this.#underWay > 0) await this.#idle();
    this.#agent.destroy();
  }

  #idle(): Promise<void> {
    return new Promise((resolve) => {
      const hurry = setTimeout(() => {
        for (const [delivery, request] of this.#requests) {
          this.#options.subscription.queue.release(delivery);
          request.destroy();
        }
      }, CLOSE_GRACE_MS);
      this.#whenIdle = () => {
        clearTimeout(hurry);
        resolve();
      };
    });
  }

  #send(delivery: Push): void {
    const { subscription, log } = this.#options;
    const { round } = this.#window;
    const { headers, body } = pushRequest({
      message: decodeMessage(log.read(delivery.message)),
      subscription: subscription.name,
      topic: subscription.settings.topic,
      deliveryAttempt: subscription.attemptOf(delivery),
    });
    const options: RequestOptions = { method: 'POST', agent: this.#agent, headers };
    const isHttps = this.#endpoint.protocol === 'https:';
    const request = (isHttps ? httpsRequest : httpRequest)(this.#endpoint, options);
    this.#requests.set(delivery, request);
    this.#underWay++;
    request.on('response', (response) => {
      response.resume();
      this.#answered(delivery, response.statusCode ?? 0, round);
    });
    request.on('error', (error: NodeJS.ErrnoException) => this.#broken(delivery, error, round));
    request.on('close', () => this.#over(delivery));
    request.end(body);
  }

  #answered(delivery: Push, status: number, round: number): void {
    const { queue } = this.#options.subscription;
    this.#refusals = 0;
    if (status >= 200 && status < 300) {
      this.#window.succeeded();
      queue.ack(delivery.message.id);
    } else {
      this.#window.failed(round);
      queue.nack(delivery);
    }
  }

  #broken(delivery: Push, error: NodeJS.ErrnoException, round: number): void {
    const { queue } = this.#options.subscription;
    if (NOBODY_LISTENS.includes(error.code ?? '')) {
      this.#pause();
      queue.release(delivery);
    } else {
      this.#window.failed(round);
      queue.nack(delivery);
    }
  }

  #over(delivery: Push): void {
    this.#requests.delete(delivery);
    this.#underWay--;
    if (this.#underWay === 0) this.#whenIdle?.();
    this.#options.subscription.dispatcher.wake();
  }

  #pause(): void {
    if (this.#cancelPause || this.#isClosed) return;
    const { timers, subscription, pause = PUSH_BACKOFF } = this.#options;
    this.#window.collapse();
    this.#refusals++;
    this.#cancelPause = timers.after(backoffMs(pause, this.#refusals), () => {
      this.#cancelPause = undefined;
      subscription.dispatcher.wake();
    });
  }
}
