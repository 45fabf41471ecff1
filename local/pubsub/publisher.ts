/** The Publisher service: requests checked and handed to the broker, in the service's words. */
import type { Broker } from './broker.ts';
import { unsupported } from './failure.ts';
import { checkName, checkProject } from './names.ts';
import { page } from './page.ts';
import { completeTopic, masked } from './settings.ts';
import type { Topic } from './wire.ts';

interface ListRequest {
  readonly project?: string;
  readonly topic?: string;
  readonly pageSize?: number;
  readonly pageToken?: string;
}

export class Publisher {
  readonly #broker: Broker;

  constructor(broker: Broker) {
    this.#broker = broker;
  }

  createTopic(topic: Topic): Topic {
    return this.#broker.createTopic(completeTopic(topic)).settings;
  }

  updateTopic(request: { topic?: Topic; updateMask?: { paths?: string[] } }): Topic {
    const topic = this.#topic(request.topic?.name);
    const next = masked(topic.settings, request.topic!, request.updateMask?.paths ?? []);
    this.#broker.updateTopic(topic, completeTopic(next));
    return topic.settings;
  }

  getTopic({ topic }: { topic?: string }): Topic {
    return this.#topic(topic).settings;
  }

  deleteTopic({ topic }: { topic?: string }): object {
    this.#broker.deleteTopic(this.#topic(topic));
    return {};
  }

  listTopics(request: ListRequest): object {
    const prefix = `${checkProject(request.project ?? '')}/`;
    const topics = [...this.#broker.topics.values()].map(({ settings }) => settings);
    const own = topics.filter(({ name }) => name.startsWith(prefix));
    const { items, nextPageToken } = page(own, ({ name }) => name, request);
    return { topics: items, nextPageToken };
  }

  listTopicSubscriptions(request: ListRequest): object {
    const subscriptions = this.#broker.subscriptionsOf(this.#topic(request.topic));
    const { items, nextPageToken } = page(subscriptions, ({ name }) => name, request);
    return { subscriptions: items.map(({ name }) => name), nextPageToken };
  }

  listTopicSnapshots(): object {
    throw unsupported('A snapshot');
  }

  detachSubscription({ subscription = '' }: { subscription?: string }): object {
    this.#broker.detach(this.#broker.subscription(checkName('subscriptions', subscription, 'subscription')));
    return {};
  }

  publish({ topic = '', messages = [] }: { topic?: string; messages?: Buffer[] }): object {
    return { messageIds: this.#broker.publish(checkName('topics', topic, 'topic'), messages) };
  }

  #topic(name = ''): ReturnType<Broker['topic']> {
    return this.#broker.topic(checkName('topics', name, 'topic'));
  }
}
