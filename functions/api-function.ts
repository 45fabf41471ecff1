/**
 * The edge of `api`: HTTP → the Hono app, and what it works with, each client opened when it is first needed. One instance
 * serves the API, live tail and the page; on SIGTERM live tails end, so that the instance can.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { firestoreAlerts } from './alert/firestore-store.ts';
import { createApp } from './api/app.ts';
import { readAssets } from './api/assets.ts';
import { createGate } from './api/auth/gate.ts';
import { googleKeys } from './api/auth/google.ts';
import type { ApiContext } from './api/context.ts';
import { healthCheck, healthRoutes } from './api/health.ts';
import { openAsk } from './api/question.ts';
import { rateLimit } from './api/rate-limit.ts';
import { apiRoutes } from './api/routes/index.ts';
import { pageRoutes } from './api/static-files.ts';
import { BEAT_MS, Feed } from './api/tail/feed.ts';
import { subscriptionSource } from './api/tail/subscription.ts';
import { openBigquery, openBucket, openFirestore, openPubsub } from './clients.ts';
import { wallClock } from './clock.ts';
import { type Config, loadConfig } from './config.ts';
import { errorFields, log } from './log.ts';
import { createParser } from './parse/parse-record.ts';
import { catalogueInBucket } from './parse/pattern/catalogue-store.ts';
import { livePatterns } from './parse/pattern/live.ts';
import { WARNING } from './parse/severity.ts';

const MAX_LISTENERS = 500;

export type Listener = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Opens the API once an instance; returns what handles one request. */
export async function openApi(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Listener> {
  const config = loadConfig(env);
  const [context, assets] = await Promise.all([
    openContext(config),
    readAssets(new URL('./', import.meta.url)),
  ]);
  const app = createApp({
    routes: apiRoutes(context),
    openRoutes: [...healthRoutes(healthCheck(context, wallClock)), ...pageRoutes(assets)],
    gate: createGate({
      apiKey: config.apiKey,
      audiences: { google: config.apiAudience, iap: config.iapAudience },
      googleKeys,
      members: config.apiMembers,
      tenantServices: config.tenantServices,
      clock: wallClock,
    }),
    limit: rateLimit(config.apiRate),
    origins: config.apiOrigins,
    clock: wallClock,
  });
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  return async (request, response) => {
    await listener(request, response);
  };
}

async function openContext(config: Config): Promise<ApiContext> {
  const { dataset, apiMaxScanBytes: maxScanBytes, tenantLabel, tierAfterMs, windowSizeMs, zone } = config;
  let store: ReturnType<ApiContext['alerts']> | null = null;
  return {
    ask: openAsk({ bigquery: await openBigquery(config), dataset, maxScanBytes, clock: wallClock }),
    settings: { tenantLabel, tierAfterMs, windowSizeMs, zone, sql: config.apiSql },
    feed: config.logTopic === null ? null : openFeed(config, config.logTopic),
    alerts: () => {
      store ??= openFirestore(config).then((firestore) => firestoreAlerts(firestore));
      return store;
    },
  };
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
