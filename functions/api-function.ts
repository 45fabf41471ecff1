/**
 * The edge of `api`: HTTP → the Hono app. One instance serves the API, live tail and the page; on SIGTERM live tails end,
 * so that the instance can.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { BASE, createApp } from './api/app.ts';
import { readAssets } from './api/assets.ts';
import { createGate } from './api/auth/gate.ts';
import { googleKeys } from './api/auth/google.ts';
import { healthCheck, healthRoutes } from './api/health.ts';
import { openContext } from './api/open-context.ts';
import { openApiRoute } from './api/openapi.ts';
import { rateLimit } from './api/rate-limit.ts';
import { apiRoutes } from './api/routes/index.ts';
import { oldRoutes } from './api/routes/old.ts';
import { slackRoute } from './api/slack.ts';
import { slackFeedback } from './api/slack-feedback.ts';
import { pageRoutes } from './api/static-files.ts';
import { wallClock } from './clock.ts';
import { loadConfig } from './config.ts';

export type Listener = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Opens the API once an instance; returns what handles one request. */
export async function openApi(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Listener> {
  const config = loadConfig(env);
  const assets = await readAssets(new URL('./', import.meta.url));
  const context = await openContext(config, assets);
  const [routes, old] = [apiRoutes(context), oldRoutes(context)];
  const documented = [
    { base: BASE, routes },
    { base: '', routes: old },
  ];
  const app = createApp({
    routes,
    oldRoutes: old,
    openRoutes: [
      ...healthRoutes(healthCheck(context, wallClock)),
      openApiRoute(documented),
      slackRoute({ secret: config.slackSigningSecret, give: slackFeedback(context) }),
      ...pageRoutes(assets),
    ],
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
