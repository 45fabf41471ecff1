/** The API on the local warehouse, with alerts in memory and a source of live entries moved by hand. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hono } from 'hono';
import { safeFetch } from '../../../functions/alert/channel/safe-fetch.ts';
import type { RegisteredWebhook } from '../../../functions/alert/registered-webhooks.ts';
import { BASE, createApp } from '../../../functions/api/app.ts';
import { makeAssets } from '../../../functions/api/assets-bundle.ts';
import { createGate } from '../../../functions/api/auth/gate.ts';
import { signToken } from '../../../functions/api/auth/token.ts';
import type { ApiContext } from '../../../functions/api/context.ts';
import { healthCheck, healthRoutes } from '../../../functions/api/health.ts';
import { openApiRoute } from '../../../functions/api/openapi.ts';
import { openAsk } from '../../../functions/api/question.ts';
import { rateLimit } from '../../../functions/api/rate-limit.ts';
import type { Route } from '../../../functions/api/route.ts';
import { apiRoutes } from '../../../functions/api/routes/index.ts';
import { oldRoutes } from '../../../functions/api/routes/old.ts';
import type { Role } from '../../../functions/api/schema/principal.ts';
import { sqlRunner } from '../../../functions/api/sql-runner.ts';
import { pageRoutes } from '../../../functions/api/static-files.ts';
import { Feed } from '../../../functions/api/tail/feed.ts';
import { webhooksOf } from '../../../functions/api/webhook-trial.ts';
import type { LogEntry } from '../../../functions/parse/log-entry.ts';
import { openWarehouse, type Warehouse } from '../../../functions/warehouse/warehouse.ts';
import { type BigqueryService, startBigquery } from '../../../local/bigquery/service.ts';
import { costTable } from '../../../local/cost/cost-table.ts';
import { applySql } from '../../../sql/apply.ts';
import { clientOf, DATASET, PROJECT } from '../../local/bigquery/client.ts';
import { MemoryAlerts } from '../alert/memory-store.ts';

export const KEY = 'a key of the tests, long enough for HS256';

export interface LaptopApi {
  readonly app: Hono;
  readonly routes: readonly { readonly base: string; readonly routes: readonly Route[] }[];
  readonly warehouse: Warehouse;
  readonly alerts: MemoryAlerts;
  readonly published: { readonly data: Buffer; readonly attributes: Readonly<Record<string, string>> }[];
  /** Entries that come in just now. */
  arrive(entries: readonly LogEntry[]): void;
  readonly feed: Feed;
  token(role: Role, tenant?: string | null): Promise<string>;
  /** Asks as somebody; the status and the body, read as JSON where it is. */
  ask(
    path: string,
    options?: AskOptions,
  ): Promise<{ readonly status: number; readonly body: unknown; readonly headers: Headers }>;
  close(): Promise<void>;
}

export interface AskOptions {
  readonly method?: string;
  readonly body?: unknown;
  readonly role?: Role;
  readonly tenant?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export async function startLaptopApi(): Promise<LaptopApi> {
  const dataDir = await mkdtemp(join(tmpdir(), 'logweir-api-'));
  const service = await startBigquery({ port: 0, writePort: 0, dataDir, projectId: PROJECT });
  await applySql({ bigquery: clientOf(service), dataset: DATASET });
  const warehouse = openWarehouse({
    projectId: PROJECT,
    datasetId: DATASET,
    endpoint: { host: '127.0.0.1', port: service.writePort },
  });
  const alerts = new MemoryAlerts();
  const published: { data: Buffer; attributes: Readonly<Record<string, string>> }[] = [];
  let arrive: (entries: readonly LogEntry[]) => void = () => undefined;
  const feed = new Feed({
    source: async (onEntries) => {
      arrive = onEntries;
      return { close: async () => undefined };
    },
    ...{ clock: Date.now, maxListeners: 60, report: () => undefined },
  });
  const context = await contextOf(service, { warehouse, alerts, published, feed });
  const [routes, old] = [apiRoutes(context), oldRoutes(context)];
  const documented = [
    { base: BASE, routes },
    { base: '', routes: old },
  ];
  const app = createApp({
    ...{ routes, oldRoutes: old, clock: Date.now, origins: ['https://logs.example.com'] },
    openRoutes: [
      ...healthRoutes(healthCheck(context, Date.now)),
      openApiRoute(documented),
      ...pageRoutes({ page: {}, queries: [], schema: [], cost: null }),
    ],
    gate: createGate({
      apiKey: KEY,
      audiences: { google: null, iap: null },
      googleKeys: () => {
        throw new Error('not asked');
      },
      ...{ members: {}, tenantServices: { shop: ['shop-*', 'cart'] }, clock: Date.now },
    }),
    limit: rateLimit(100_000),
  });
  const token = (role: Role, tenant: string | null = null): Promise<string> =>
    signToken(
      { name: `${role} of the tests`, role, tenant, expiresAtMs: Date.now() + 3_600_000 },
      KEY,
      Date.now(),
    );
  return {
    ...{ app, routes: documented, warehouse, alerts, published, feed, token },
    arrive: (entries) => arrive(entries),
    async ask(path, { method = 'GET', body, role = 'admin', tenant = null, headers = {} } = {}) {
      const response = await app.request(path, {
        method,
        headers: {
          authorization: `Bearer ${await token(role, tenant)}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: jsonOr(text), headers: response.headers };
    },
    async close() {
      await feed.close();
      await warehouse.close();
      await service.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function contextOf(
  service: BigqueryService,
  { warehouse, alerts, published, feed }: Pick<LaptopApi, 'warehouse' | 'alerts' | 'published' | 'feed'>,
): Promise<ApiContext> {
  const options = { bigquery: clientOf(service), dataset: DATASET, maxScanBytes: 2 ** 40, clock: Date.now };
  const kept: RegisteredWebhook[] = [];
  const store = {
    list: async () => kept,
    add: async (one: RegisteredWebhook) => void kept.push(one),
    async remove(id: string) {
      const at = kept.findIndex((one) => one.id === id);
      return at >= 0 && kept.splice(at, 1).length > 0;
    },
  };
  const day = 86_400_000;
  return {
    ask: openAsk(options),
    settings: { tenantLabel: 'tenant', tierAfterMs: 30 * day, windowSizeMs: 10_000, zone: 'UTC', sql: true },
    assets: await makeAssets({ cost: costTable() }),
    feed,
    board: async () => alerts.board,
    operations: async () => ({
      store: alerts,
      channels: [],
      content: { pageUrl: null, dataset: DATASET, redact: (text) => text },
    }),
    warehouse: async () => warehouse,
    runSql: sqlRunner(options),
    async publish(data, attributes) {
      published.push({ data, attributes });
      return String(published.length);
    },
    webhooks: async () =>
      webhooksOf({ store, fetch: safeFetch({ allowedHosts: [] }), allowedHosts: [], clock: Date.now }),
    models: null,
  };
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
