/** Opens what the paths of the API work with, from the settings; each client when it is first needed. */
import { safeFetch } from '../alert/channel/safe-fetch.ts';
import { firestoreAlerts } from '../alert/firestore-store.ts';
import type { Board } from '../alert/incident.ts';
import { firestoreWebhooks } from '../alert/registered-webhooks.ts';
import type { AlertStore } from '../alert/store.ts';
import { openBigquery, openBucket, openFirestore, openPubsub, openTopic } from '../clients.ts';
import { wallClock } from '../clock.ts';
import type { Config } from '../config.ts';
import { errorFields, log } from '../log.ts';
import { createParser } from '../parse/parse-record.ts';
import { catalogueInBucket } from '../parse/pattern/catalogue-store.ts';
import { livePatterns } from '../parse/pattern/live.ts';
import { createRedactor } from '../parse/redact/redactor.ts';
import { WARNING } from '../parse/severity.ts';
import { openWarehouse } from '../warehouse/warehouse.ts';
import type { Assets } from './assets.ts';
import type { ApiContext, Operations } from './context.ts';
import { editableChannels } from './editable-channels.ts';
import { modelKeeper } from './model-keeper.ts';
import { openAsk } from './question.ts';
import { sqlRunner } from './sql-runner.ts';
import { BEAT_MS, Feed } from './tail/feed.ts';
import { subscriptionSource } from './tail/subscription.ts';
import { webhooksOf } from './webhook-trial.ts';

const MAX_LISTENERS = 500;
const BOARD_MS = 500;

export async function openContext(config: Config, assets: Assets): Promise<ApiContext> {
  const { dataset, apiMaxScanBytes: maxScanBytes, tenantLabel, tierAfterMs, windowSizeMs, zone } = config;
  const bigquery = await openBigquery(config);
  const options = { bigquery, dataset, maxScanBytes, clock: wallClock };
  const firestore = once(() => openFirestore(config));
  const alerts = once(async () => firestoreAlerts(await firestore()));
  const { logTopic } = config;
  return {
    ask: openAsk(options),
    settings: { tenantLabel, tierAfterMs, windowSizeMs, zone, sql: config.apiSql },
    assets,
    feed: logTopic === null ? null : openFeed(config, logTopic),
    board: boardOf(alerts, wallClock),
    operations: once(() => openOperations(config, alerts)),
    warehouse: once(async () =>
      openWarehouse({
        projectId: config.project,
        datasetId: dataset,
        endpoint: config.bigqueryWriteEndpoint,
      }),
    ),
    runSql: sqlRunner(options),
    publish: logTopic === null ? null : publisher(config, logTopic),
    webhooks: once(async () => {
      const { allowedHosts } = config;
      const store = firestoreWebhooks(await firestore());
      return webhooksOf({ store, allowedHosts, fetch: safeFetch({ allowedHosts }), clock: wallClock });
    }),
    models: config.driftUrl === null ? null : modelKeeper({ url: config.driftUrl, project: config.project }),
  };
}

/** Calls what opens something once; a failure is forgotten, so that the next call tries again. */
function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | null = null;
  return () => {
    if (opened === null) {
      opened = open();
      opened.catch(() => {
        opened = null;
      });
    }
    return opened;
  };
}

/** The board, read at most twice a second however many pages watch it. */
export function boardOf(alerts: () => Promise<AlertStore>, clock: () => number): () => Promise<Board> {
  let last: { readonly atMs: number; readonly board: Promise<Board> } | null = null;
  return () => {
    if (last === null || clock() - last.atMs >= BOARD_MS) {
      const board = alerts().then(async (store) => (await store.load([])).board.value);
      const now = { atMs: clock(), board };
      last = now;
      board.catch(() => {
        if (last === now) last = null;
      });
    }
    return last.board;
  };
}

async function openOperations(config: Config, alerts: () => Promise<AlertStore>): Promise<Operations> {
  const redactor = createRedactor({
    rules: config.redactRules,
    key: config.redactKey,
    own: config.redactOwn,
  });
  return {
    store: await alerts(),
    channels: editableChannels(config),
    content: { pageUrl: config.pageUrl, dataset: config.dataset, redact: (text) => redactor.text(text) },
  };
}

function publisher(config: Config, topicName: string): NonNullable<ApiContext['publish']> {
  const topic = once(() => openTopic(config, topicName));
  return async (data, attributes) => (await topic()).publishMessage({ data, attributes });
}

function openFeed(config: Config, topic: string): Feed {
  const report = (error: unknown): void =>
    log(WARNING, 'api', 'live tail failed; it goes on where it can', errorFields(error));
  const feed = new Feed({
    source: async (onEntries) => {
      const [pubsub, patternId] = await Promise.all([openPubsub(config), openPatterns(config)]);
      const parser = createParser(patternId === null ? config : { ...config, patternId });
      return subscriptionSource({ pubsub, topic, parser, limits: config, report })(onEntries);
    },
    clock: wallClock,
    maxListeners: MAX_LISTENERS,
    report,
  });
  setInterval(() => feed.beat(), BEAT_MS).unref();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void feed.close());
  return feed;
}

/** As parse has them, so that an entry has the same pattern here; looked up when live tail begins. */
async function openPatterns(config: Config): Promise<((message: string) => string) | null> {
  if (config.patternBucket === null) return null;
  const patterns = livePatterns({
    store: catalogueInBucket(await openBucket(config, config.patternBucket)),
    refreshMs: config.patternRefreshMs,
    report: () => undefined,
  });
  await patterns.refresh(wallClock());
  return (message) => patterns.patternIdOf(message);
}
