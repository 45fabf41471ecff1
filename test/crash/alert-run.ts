/**
 * Real processes, killed: verdicts are published, some twice, to the laptop cloud, while `alert` and `remind` are ended by
 * SIGKILL: at random, right after a commit, and while a channel is taking a message, which it then has or has not. Holds
 * what Slack, the mailbox, the webhook and the tables have in the end against what was to be told.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Firestore } from '@google-cloud/firestore';
import { firestoreAlerts } from '../../functions/alert/firestore-store.ts';
import { type Laptop, startLaptop, until } from '../e2e/laptop.ts';
import { random } from '../random.ts';
import { ALERTS, APART_MS, servicesOf, verdictsOf } from './alert-story.ts';
import { compare } from './alert-told.ts';

export interface AlertKillOptions {
  readonly incidents: number;
  readonly seed: number;
  /** Told what goes on. */
  readonly onProgress?: (text: string) => void;
}

/** `taken`: what was being sent had come through, and nobody was told so; of any channel, then of the mailbox. */
const MOMENTS = ['committed', 'taken', 'handling', 'not taken', 'mail taken'] as const;
export type Moment = (typeof MOMENTS)[number];

export interface AlertKillReport {
  readonly kills: Readonly<Record<Moment, number>>;
  /** Verdicts published, those published again with them. */
  readonly published: number;
  readonly redeliveries: number;
  /** Mails and calls of webhooks that came again under the same key, as nobody knew whether they had come. */
  readonly again: { readonly mails: number; readonly webhooks: number };
  /** What differs; empty: everything is right. */
  readonly wrong: readonly string[];
}

/** A verdict is published again this often. */
const AGAIN = 0.3;

export async function runAlertKills(options: AlertKillOptions): Promise<AlertKillReport> {
  const killer = new Killer(random(options.seed + 1), options.onProgress);
  const laptop = await startLaptop({
    // A sender that died is followed soon, so that one waits for seconds.
    settings: { LOGWEIR_ALERTS: ALERTS, LOGWEIR_ALERT_LEASE: '5s' },
    onLine: (name, line) => killer.hear(name, line),
  });
  try {
    killer.watch(laptop);
    const published = await tell(laptop, options, killer);
    killer.rest();
    await settle(laptop);
    const { delivered } = laptop.cloud.services.pubsub.stats().subscriptions[subscription(laptop)]!;
    return {
      kills: killer.kills,
      published,
      redeliveries: delivered - published,
      ...(await compare(
        laptop,
        Array.from({ length: options.incidents }, (_, i) => servicesOf(i)),
      )),
    };
  } finally {
    killer.rest();
    await laptop.close();
  }
}

const subscription = ({ cloud }: Laptop): string =>
  `projects/${cloud.endpoints.projectId}/subscriptions/alert`;

/** Publishes the bad windows, waits until all were judged, then the good ones; reminds meanwhile, as the scheduler does. */
async function tell(laptop: Laptop, { incidents, seed }: AlertKillOptions, killer: Killer): Promise<number> {
  const next = random(seed);
  const startMs = Date.now() - APART_MS * incidents;
  const topic = laptop.pubsub.topic(laptop.cloud.endpoints.verdictTopic, {
    batching: { maxMilliseconds: 1 },
  });
  const reminding = remindWhile(laptop);
  let published = 0;
  for (const phase of ['bad', 'good'] as const) {
    const all = Array.from({ length: incidents }, (_, i) => verdictsOf(i, startMs, phase)).flat();
    const twice = all.filter(() => next() < AGAIN);
    for (const verdict of shuffled([...all, ...twice], next)) {
      await topic.publishMessage({ json: verdict });
      published++;
      killer.publishedOne();
      await delay(60 * next());
    }
    await until(
      () => laptop.cloud.services.pubsub.stats().subscriptions[subscription(laptop)]?.unacked === 0,
    );
  }
  await reminding.stop();
  return published;
}

function shuffled<T>(items: readonly T[], next: () => number): T[] {
  return items
    .map((item) => ({ item, at: next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/** Calls `remind` every half a second; it may be dead. */
function remindWhile({ cloud }: Laptop): { stop(): Promise<void> } {
  let stopped = false;
  const calling = (async () => {
    while (!stopped) {
      await fetch(cloud.endpoints.remind, { method: 'POST' }).catch(() => {});
      await delay(500);
    }
  })();
  return {
    async stop() {
      stopped = true;
      await calling;
    },
  };
}

/** Until nothing waits to be sent. */
async function settle(laptop: Laptop): Promise<void> {
  const { cloud } = laptop;
  await Promise.all([cloud.processes.alert.ready(), cloud.processes.remind.ready()]);
  const [host, port] = cloud.endpoints.firestore.split(':');
  const firestore = new Firestore({
    ...{ projectId: cloud.endpoints.projectId, host: `${host}:${port}`, ssl: false },
    customHeaders: { Authorization: 'Bearer owner' },
  });
  const reminding = remindWhile(laptop);
  try {
    const store = firestoreAlerts(firestore);
    await until(async () => (await store.undelivered(1)).length === 0);
  } finally {
    await reminding.stop();
    await firestore.terminate();
  }
}

/** Ends `alert` or `remind` at the next moment of the kind that is its turn. */
class Killer {
  readonly kills = { committed: 0, taken: 0, handling: 0, 'not taken': 0, 'mail taken': 0 };
  readonly #next: () => number;
  readonly #onProgress: ((text: string) => void) | undefined;
  #laptop: Laptop | null = null;
  #turn = 0;
  #armed = false;

  constructor(next: () => number, onProgress?: (text: string) => void) {
    this.#next = next;
    this.#onProgress = onProgress;
  }

  watch(laptop: Laptop): void {
    this.#laptop = laptop;
    this.#armed = true;
    laptop.cloud.services.alerts.fault = (channel) => this.#sending(channel);
  }

  rest(): void {
    this.#armed = false;
    if (this.#laptop !== null) this.#laptop.cloud.services.alerts.fault = null;
  }

  /** A verdict is on its way: ends its handling a little later. */
  publishedOne(): void {
    if (this.#is('handling'))
      setTimeout(() => this.#is('handling') && this.#kill('alert'), 40 * this.#next());
  }

  /** A function has said that it committed something that must be told. */
  hear(name: string, line: string): void {
    if (name === 'alert' && this.#is('committed') && /"notices":[1-9]/.test(line)) this.#kill('alert');
  }

  /** A channel is being told. */
  #sending(channel: string): { readonly status: number } | null {
    const notTaken = this.#is('not taken');
    if (!notTaken && !this.#is('taken') && !(this.#is('mail taken') && channel === 'smtp')) return null;
    // Either may be who sends.
    this.#kill('alert', 'remind');
    return notTaken ? { status: 500 } : null;
  }

  #is(moment: Moment): boolean {
    return this.#armed && MOMENTS[this.#turn % MOMENTS.length] === moment;
  }

  #kill(...names: readonly ('alert' | 'remind')[]): void {
    const moment = MOMENTS[this.#turn % MOMENTS.length]!;
    this.#armed = false;
    this.kills[moment]++;
    this.#onProgress?.(`killed ${names.join(' and ')}: ${moment}`);
    const { processes } = this.#laptop!.cloud;
    void Promise.all(names.map((name) => processes[name].kill().then(() => processes[name].ready()))).then(
      () => {
        this.#turn++;
        this.#armed = true;
      },
    );
  }
}
