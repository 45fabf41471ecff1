/**
 * What a deployment provisions, made on the laptop through Google's clients: topics, subscriptions, archive bucket,
 * timer queue, tables and views. Idempotent: what is there is kept, and pushed to today's ports.
 */
import { BigQuery } from '@google-cloud/bigquery';
import { type CreateSubscriptionOptions, PubSub, type Subscription } from '@google-cloud/pubsub';
import { Storage } from '@google-cloud/storage';
import { RAW_PREFIX } from '../../functions/archive/layout.ts';
import { lifecycleRules } from '../../functions/archive/lifecycle.ts';
import { openTasks, timerQueue } from '../../functions/clients.ts';
import { ConfigError, SETTINGS } from '../../functions/config.ts';
import { ROWS_PREFIX } from '../../functions/load/layout.ts';
import { STAGING_LIFECYCLE } from '../../functions/load/lifecycle.ts';
import type { Setting } from '../../functions/setting-kinds.ts';
import { applySql } from '../../sql/apply.ts';
import { type Endpoints, STAGING_BUCKET } from '../endpoints.ts';

/** Already there, as gRPC and as HTTP say it. */
const EXISTS = new Set<unknown>([6, 409]);

const DEAD_TOPIC = 'logs-dead';
/** Attempts before Pub/Sub gives a message up to the dead-letter topic: with back-off, some two hours. */
const MAX_ATTEMPTS = 20;
const MAX_RETENTION_S = 7 * 86_400;

/** Makes all of it. */
export async function makeResources(endpoints: Endpoints): Promise<void> {
  await makeBuckets(endpoints);
  await Promise.all([makePubsub(endpoints), makeQueue(endpoints), makeTables(endpoints)]);
}

async function unlessExists(make: Promise<unknown>): Promise<void> {
  await make.catch((error: { readonly code?: unknown }) => {
    if (!EXISTS.has(error.code)) throw error;
  });
}

async function makeBuckets(endpoints: Endpoints): Promise<void> {
  const { projectId, storage, archiveBucket, stateBucket } = endpoints;
  const client = new Storage({ projectId, apiEndpoint: storage });
  const names = [archiveBucket, stateBucket, STAGING_BUCKET];
  await Promise.all(names.map((name) => unlessExists(client.createBucket(name))));
  const [archiveKeepMs, tierAfterMs] = [settingOf(SETTINGS.archiveKeepMs), settingOf(SETTINGS.tierAfterMs)];
  const lifecycle = { rule: lifecycleRules({ archiveKeepMs, tierAfterMs }) };
  await client.bucket(archiveBucket).setMetadata({ lifecycle });
  await client.bucket(STAGING_BUCKET).setMetadata({ lifecycle: { rule: [...STAGING_LIFECYCLE] } });
}

/** Whether files wait to be loaded, as those of a start with other settings may. */
export async function hasStagedRows({ projectId, storage }: Endpoints): Promise<boolean> {
  const client = new Storage({ projectId, apiEndpoint: storage });
  const [files] = await client.bucket(STAGING_BUCKET).getFiles({ prefix: ROWS_PREFIX, maxResults: 1 });
  return files.length > 0;
}

/** A setting as the functions find it in the environment. */
function settingOf<T>({ env, kind, default: fallback }: Setting<T>): T {
  const value = kind.parse(process.env[env] ?? fallback ?? '');
  if (value === undefined) throw new ConfigError(`${env} is not valid; allowed: ${kind.allowed}`);
  return value;
}

async function makePubsub(endpoints: Endpoints): Promise<void> {
  const { projectId, pubsub, topic, verdictTopic, parse, alert, archiveBucket } = endpoints;
  const client = new PubSub({ projectId, apiEndpoint: pubsub, emulatorMode: true });
  try {
    await Promise.all(
      [topic, verdictTopic, DEAD_TOPIC].map((name) => unlessExists(client.createTopic(name))),
    );
    const push: CreateSubscriptionOptions = {
      pushEndpoint: parse,
      ackDeadlineSeconds: 600,
      messageRetentionDuration: MAX_RETENTION_S,
      retryPolicy: { minimumBackoff: { seconds: 1 }, maximumBackoff: { seconds: 600 } },
      deadLetterPolicy: {
        deadLetterTopic: `projects/${projectId}/topics/${DEAD_TOPIC}`,
        maxDeliveryAttempts: MAX_ATTEMPTS,
      },
    };
    const logs = client.topic(topic);
    await unlessExists(logs.createSubscription('parse', push));
    await pointAt(logs.subscription('parse'), parse);
    const verdicts = client.topic(verdictTopic);
    await unlessExists(verdicts.createSubscription('alert', { ...push, pushEndpoint: alert }));
    await pointAt(verdicts.subscription('alert'), alert);
    await unlessExists(
      logs.createSubscription('archive', {
        cloudStorageConfig: {
          bucket: archiveBucket,
          filenamePrefix: RAW_PREFIX,
          filenameSuffix: '.avro',
          filenameDatetimeFormat: 'YYYY-MM-DD/hh_mm_ss',
          avroConfig: { writeMetadata: true },
          maxDuration: { seconds: 60 },
          maxBytes: 100_000_000,
        },
      }),
    );
    // Keeps what Pub/Sub gave up on, to be looked at and published again.
    await unlessExists(
      client.topic(DEAD_TOPIC).createSubscription('logs-dead', { messageRetentionDuration: MAX_RETENTION_S }),
    );
  } finally {
    await client.close();
  }
}

/** The subscription of an earlier start may push to ports of that time. */
async function pointAt(subscription: Subscription, pushEndpoint: string): Promise<void> {
  const [metadata] = await subscription.getMetadata();
  if (metadata.pushConfig?.pushEndpoint !== pushEndpoint)
    await subscription.modifyPushConfig({ pushEndpoint });
}

async function makeQueue({ projectId, tasks }: Endpoints): Promise<void> {
  const { hostname, port } = new URL(tasks);
  const client = await openTasks({
    project: projectId,
    tasksEndpoint: { host: hostname, port: Number(port) },
  });
  const location = SETTINGS.location.default ?? '';
  const name = timerQueue({ project: projectId, location, timerQueue: SETTINGS.timerQueue.default ?? '' });
  await unlessExists(
    client.createQueue({
      parent: `projects/${projectId}/locations/${location}`,
      queue: {
        name,
        // A backlog of windows fires in turns: more at once only makes each of them slower.
        rateLimits: { maxDispatchesPerSecond: 500, maxConcurrentDispatches: 32 },
        retryConfig: { maxAttempts: -1, minBackoff: { nanos: 200_000_000 }, maxBackoff: { seconds: 30 } },
      },
    }),
  );
}

async function makeTables({ projectId, bigquery, dataset }: Endpoints): Promise<void> {
  const [expirationMs, policyTag] = [settingOf(SETTINGS.tableExpirationMs), settingOf(SETTINGS.policyTag)];
  await applySql({
    bigquery: new BigQuery({ projectId, apiEndpoint: bigquery }),
    dataset,
    expirationMs,
    policyTag: policyTag ?? undefined,
  });
}
