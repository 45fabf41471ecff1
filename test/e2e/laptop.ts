/** The laptop cloud as a test drives it: starts it, asks its warehouse, waits for what its functions say. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BigQuery } from '@google-cloud/bigquery';
import { PubSub } from '@google-cloud/pubsub';
import { type Cloud, startCloud } from '../../local/start/cloud.ts';
import { freePorts, type Ports } from '../../local/start/ports.ts';

process.env.METADATA_SERVER_DETECTION = 'none';

/** Windows of one second that fire at once, so that a test waits for seconds, not for minutes. */
const SETTINGS = {
  LOGWEIR_WINDOW_SIZE: '1s',
  LOGWEIR_OUT_OF_ORDERNESS: '0ms',
  LOGWEIR_TICK: '1s',
  LOGWEIR_TIMER_MARGIN: '100ms',
};

export type Row = Readonly<Record<string, unknown>>;

export interface Laptop {
  readonly cloud: Cloud;
  readonly pubsub: PubSub;
  query(query: string): Promise<Row[]>;
  /** Publishes one message to the topic of the logs. */
  publish(data: Buffer, attributes?: Record<string, string>): Promise<string>;
  /** Waits until all messages are acknowledged and all timers have fired. */
  quiet(): Promise<void>;
  /** Stops it; `keep`: the data stays, for `startLaptop` with the same ports and folder. */
  close(keep?: 'keep'): Promise<void>;
}

export interface LaptopOptions {
  readonly ports?: Ports;
  readonly dataDir?: string;
  readonly settings?: Readonly<Record<string, string>>;
  readonly onLine?: (name: string, line: string) => void;
  readonly archiveMs?: number;
}

export async function startLaptop(options: LaptopOptions = {}): Promise<Laptop> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'laptop-')));
  const cloud = await startCloud({
    ports: options.ports ?? (await freePorts()),
    dataDir,
    settings: { ...SETTINGS, ...options.settings },
    ...(options.onLine === undefined ? {} : { onLine: options.onLine }),
    ...(options.archiveMs === undefined ? {} : { archiveMs: options.archiveMs }),
  });
  const { projectId, pubsub: apiEndpoint, bigquery, dataset, topic } = cloud.endpoints;
  const pubsub = new PubSub({ projectId, apiEndpoint, emulatorMode: true });
  const client = new BigQuery({ projectId, apiEndpoint: bigquery });
  const logs = pubsub.topic(topic, { batching: { maxMilliseconds: 1 } });
  return {
    cloud,
    pubsub,
    query: async (query) => (await client.query({ query, defaultDataset: { datasetId: dataset } }))[0],
    publish: (data, attributes = {}) => logs.publishMessage({ data, attributes }),
    quiet: () => until(() => isQuiet(cloud)),
    async close(keep) {
      await pubsub.close();
      await cloud.close();
      if (keep === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function isQuiet({ endpoints, services }: Cloud): boolean {
  const { subscriptions } = services.pubsub.stats();
  const waiting = subscriptions[`projects/${endpoints.projectId}/subscriptions/parse`]?.unacked ?? 0;
  return waiting === 0 && services.tasks.stats().pending === 0;
}

/** Other processes work meanwhile: asks again every 50 ms until it holds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50));
}
