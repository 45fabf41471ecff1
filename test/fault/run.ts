/**
 * The laptop cloud with a proxy before each of Google's services: batches are published while a share of the calls of one
 * service goes wrong, then all is well again. In the end every line must be one row, counted once in its windows.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { PubSub } from '@google-cloud/pubsub';
import { freePorts, type Ports } from '../../local/start/ports.ts';
import { ATTRIBUTES, expectedOf, newBatch, SETTINGS } from '../crash/load.ts';
import { compare } from '../crash/run.ts';
import { type Laptop, startLaptop, until } from '../e2e/laptop.ts';
import { random } from '../random.ts';
import { Fate, type Fault, type FaultProxy } from './fault.ts';
import { startGrpcProxy } from './grpc-proxy.ts';
import { startHttpProxy } from './http-proxy.ts';

/** Between whom things go wrong. push: Pub/Sub calls parse · timers: Cloud Tasks calls close. */
export const PLACES = [
  'pubsub',
  'push',
  'firestore',
  'bigquery-write',
  'bigquery',
  'storage',
  'tasks',
  'timers',
  'vertex',
] as const;
export type Place = (typeof PLACES)[number];

export interface Case {
  readonly place: Place;
  readonly fault: Fault;
}

export interface Outcome extends Case {
  /** Calls of the place while faults were on, and how many of them went wrong. */
  readonly calls: number;
  readonly mishaps: number;
  readonly lines: number;
  /** Deliveries of batches beyond the first of each. */
  readonly redeliveries: number;
  readonly secondsToQuiet: number;
  readonly wrong: readonly string[];
}

export interface FaultOptions {
  readonly cases: readonly Case[];
  readonly seed: number;
  /** How long things go wrong in a case, in seconds. */
  readonly seconds: number;
  /** How many calls of a hundred go wrong. */
  readonly percent: number;
  readonly onOutcome?: (outcome: Outcome) => void;
}

const BATCHES_A_SECOND = 5;

export async function runFaults(options: FaultOptions): Promise<Outcome[]> {
  const ports = await freePorts();
  const proxies = await startProxies(ports, options);
  const laptop = await startLaptop({ ports, settings: { ...SETTINGS, ...addressesOf(proxies) } });
  const pubsub = new PubSub({
    projectId: laptop.cloud.endpoints.projectId,
    apiEndpoint: `127.0.0.1:${proxies.pubsub.port}`,
    emulatorMode: true,
  });
  try {
    await laptop.pubsub
      .subscription('parse')
      .modifyPushConfig({ pushEndpoint: `http://127.0.0.1:${proxies.push.port}` });
    const next = random(options.seed);
    const batches: Buffer[] = [];
    const outcomes: Outcome[] = [];
    for (const one of options.cases) {
      const outcome = await run(one, { laptop, pubsub, proxies, options, next, batches });
      options.onOutcome?.(outcome);
      outcomes.push(outcome);
    }
    return outcomes;
  } finally {
    await pubsub.close();
    await laptop.close();
    await Promise.all(Object.values(proxies).map((proxy) => proxy.close()));
  }
}

type Proxies = Readonly<Record<Place, FaultProxy>>;

async function startProxies(ports: Ports, { seed, percent }: FaultOptions): Promise<Proxies> {
  const fate = (): Fate => new Fate(percent / 100, seed);
  const http = (port: number): Promise<FaultProxy> => startHttpProxy(() => port, fate());
  const grpc = (port: number): Promise<FaultProxy> => startGrpcProxy(() => port, fate());
  return {
    pubsub: await grpc(ports.pubsub),
    push: await http(ports.parse),
    firestore: await grpc(ports.firestore),
    'bigquery-write': await grpc(ports.bigqueryWrite),
    bigquery: await http(ports.bigquery),
    storage: await http(ports.storage),
    tasks: await http(ports.tasks),
    timers: await http(ports.close),
    vertex: await http(ports.vertex),
  };
}

/** The functions' endpoints, with the proxies in place of the services. */
function addressesOf(proxies: Proxies): Record<string, string> {
  const address = (place: Place): string => `127.0.0.1:${proxies[place].port}`;
  return {
    FIRESTORE_EMULATOR_HOST: address('firestore'),
    STORAGE_EMULATOR_HOST: `http://${address('storage')}`,
    PUBSUB_EMULATOR_HOST: address('pubsub'),
    LOGWEIR_CLOSE_URL: `http://${address('timers')}`,
    LOGWEIR_BIGQUERY_ENDPOINT: `http://${address('bigquery')}`,
    LOGWEIR_BIGQUERY_WRITE_ENDPOINT: address('bigquery-write'),
    LOGWEIR_VERTEX_ENDPOINT: `http://${address('vertex')}`,
    LOGWEIR_TASKS_ENDPOINT: address('tasks'),
  };
}

interface World {
  readonly laptop: Laptop;
  /** Publishes through the proxy, as a shipper does. */
  readonly pubsub: PubSub;
  readonly proxies: Proxies;
  readonly options: FaultOptions;
  readonly next: () => number;
  /** Of all cases so far. */
  readonly batches: Buffer[];
}

async function run({ place, fault }: Case, world: World): Promise<Outcome> {
  const { laptop, pubsub, proxies, options, next, batches } = world;
  const { fate } = proxies[place];
  const { endpoints } = laptop.cloud;
  const before = { delivered: deliveredOf(laptop), batches: batches.length };
  const topic = pubsub.topic(endpoints.topic, { batching: { maxMilliseconds: 1 } });
  const pending: Promise<unknown>[] = [];
  fate.begin(fault);
  const endMs = Date.now() + 1000 * options.seconds;
  while (Date.now() < endMs) {
    const data = newBatch(Date.now(), next);
    batches.push(data);
    pending.push(publishedFor(() => topic.publishMessage({ data, attributes: ATTRIBUTES })));
    await delay(1000 / BATCHES_A_SECOND);
  }
  // What the scheduler calls, in the middle of it.
  await Promise.all(
    [endpoints.sweep, endpoints.learn, endpoints.remind].map((url) => fetch(url, { method: 'POST' })),
  );
  const { calls, mishaps } = fate;
  fate.begin(null);
  const wellMs = Date.now();
  await Promise.all(pending);
  await laptop.quiet();
  const secondsToQuiet = (Date.now() - wellMs) / 1000;
  const expected = await expectedOf(batches);
  // A timer that was lost is found by the sweep.
  await until(
    async () => Date.now() > wellMs + 60_000 || (await compare(laptop, expected)).wrong.length === 0,
  );
  const { wrong } = await compare(laptop, expected);
  const made = batches.length - before.batches;
  return {
    ...{ place, fault, calls, mishaps, secondsToQuiet, wrong },
    lines: made * 50,
    redeliveries: deliveredOf(laptop) - before.delivered - made,
  };
}

const deliveredOf = ({ cloud }: Laptop): number =>
  cloud.services.pubsub.stats().subscriptions[`projects/${cloud.endpoints.projectId}/subscriptions/parse`]
    ?.delivered ?? 0;

/** As a shipper does: the same bytes again until Pub/Sub takes them. */
async function publishedFor(publish: () => Promise<unknown>): Promise<void> {
  for (;;) {
    const taken = await publish().then(
      () => true,
      () => false,
    );
    if (taken) return;
    await delay(200);
  }
}
