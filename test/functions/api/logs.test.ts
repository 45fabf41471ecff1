import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readQuery } from '../../../functions/api/input.ts';
import { matcherOf } from '../../../functions/api/logs/match.ts';
import { logsQuery } from '../../../functions/api/schema/logs.ts';
import type { LogEntry } from '../../../functions/parse/log-entry.ts';
import { logEntries } from '../../../functions/warehouse/tables.ts';
import { logEntry } from '../../log-entry.ts';
import { type LaptopApi, startLaptopApi } from './laptop-api.ts';

const BASE_US = Math.floor(Date.now() / 1000 - 600) * 1e6;

/** Sixty seconds; every second entry of the tenant shop, every twentieth delivered twice. */
const ENTRIES: readonly LogEntry[] = Array.from({ length: 120 }, (_, i) =>
  logEntry({
    insert_id: `batch-${i}`,
    // Two by two at one time.
    timestamp: BASE_US + Math.floor(i / 2) * 1e6,
    received_at: BASE_US + i * 1000,
    service: i % 2 === 0 ? 'shop-web' : 'bank',
    severity: i % 10 === 0 ? 500 : i % 3 === 0 ? 400 : 200,
    message: i % 10 === 0 ? `Disk /dev/sd${i} FAILED: no space left` : `order ${i} paid in ${i} ms`,
    pattern_id: i % 10 === 0 ? 'p-disk' : 'p-order',
    http_status: i % 10 === 0 ? 503 : i % 7 === 0 ? null : 200,
    latency_ms: i % 4 === 0 ? i * 1.5 : null,
    trace_id: `trace-${i % 8}`,
    labels: JSON.stringify({
      tenant: i % 2 === 0 ? 'shop' : 'bank',
      region: i % 4 < 2 ? 'eu-west' : 'us',
      n: i,
      deep: { word: 'Inner-Word' },
    }),
    anomaly_score: i % 10 === 0 ? 60 : 0,
    anomaly_reasons: i % 10 === 0 ? ['severity', 'http_status'] : [],
  }),
);

let api: LaptopApi;
beforeAll(async () => {
  api = await startLaptopApi();
  await api.warehouse.append(logEntries, ENTRIES);
  await api.warehouse.append(
    logEntries,
    ENTRIES.filter((_, i) => i % 20 === 0),
  );
}, 60_000);
afterAll(() => api.close());

interface Page {
  readonly items: readonly {
    readonly insert_id: string;
    readonly timestamp: string;
    readonly service: string;
  }[];
  readonly next_cursor: string | null;
}

async function idsOf(query: string, tenant: string | null = null): Promise<string[]> {
  const { status, body } = await api.ask(`/api/v1/logs?limit=1000&${query}`, { role: 'viewer', tenant });
  expect(status, JSON.stringify(body)).toBe(200);
  return (body as Page).items.map(({ insert_id }) => insert_id);
}

describe('log entries', () => {
  it.each([
    '',
    'service=bank',
    'service=bank&service=nobody',
    'severity=ERROR&severity=INFO',
    'min_severity=WARNING',
    'status=503',
    'status=2xx',
    'status=5xx&status=200',
    'anomaly=true',
    'anomaly=false',
    'pattern=p-disk',
    'trace=trace-3',
    'q=disk',
    'q=DISK failed',
    'q="no space"',
    'q="space no"',
    'q=-disk',
    'q=order -"paid in 5"',
    'q=inner',
    'q="inner word"',
    'q=dis',
    'q=eu-west',
    'q=region=eu-west',
    'q=n=7',
    'q=-region=us disk',
    'q=tenant=shop',
    `q=${encodeURIComponent('!!! ...')}`,
    `q=${encodeURIComponent('`back` quote')}`,
    `q=${encodeURIComponent('a"b')}`,
  ])('"%s" finds the same entries in BigQuery and in live tail, for all and for a tenant', async (query) => {
    for (const tenant of [null, 'shop']) {
      const principal = {
        name: 'x',
        by: 'token',
        role: 'viewer',
        tenant,
        services: [],
        expiresAtMs: null,
      } as const;
      const {
        from: _,
        to: __,
        sort: ___,
        limit: ____,
        cursor: _____,
        ...filters
      } = readQuery(logsQuery, new URLSearchParams(query));
      const matches = matcherOf(filters, { principal, tenantLabel: 'tenant' });
      const wanted = ENTRIES.filter(matches).map(({ insert_id }) => insert_id);
      expect((await idsOf(query, tenant)).sort(), `tenant ${tenant}`).toEqual(wanted.sort());
    }
  });

  it.each(['-timestamp', 'timestamp', '-latency_ms', '-anomaly_score'])(
    'page by page in the order %s come each once, however small the pages',
    async (sort) => {
      const whole = await idsOf(`sort=${sort}`);
      for (const limit of [7, 50]) {
        const paged: string[] = [];
        let cursor: string | null = '';
        while (cursor !== null && paged.length <= whole.length) {
          const given: string = cursor === '' ? '' : `&cursor=${cursor}`;
          const { body } = await api.ask(`/api/v1/logs?sort=${sort}&limit=${limit}${given}`);
          paged.push(...(body as Page).items.map(({ insert_id }) => insert_id));
          cursor = (body as Page).next_cursor;
        }
        expect(paged).toEqual(whole);
      }
      expect(new Set(whole).size).toBe(whole.length);
    },
    60_000,
  );

  it('the first page of a long time is that of a short one', async () => {
    const day = new Date(Date.now() - 86_400_000).toISOString();
    const { body } = await api.ask(`/api/v1/logs?limit=7&from=${day}`);
    const page = body as Page & { readonly from: string };
    expect(page.items.map(({ insert_id }) => insert_id)).toEqual((await idsOf('')).slice(0, 7));
    expect(page.from).toBe(day);
    const next = await api.ask(`/api/v1/logs?limit=1000&from=${day}&cursor=${page.next_cursor}`);
    expect((next.body as Page).items).toHaveLength((await idsOf('')).length - 7);
  });

  it('a cursor of another order or another path is refused', async () => {
    const { body } = await api.ask('/api/v1/logs?limit=1');
    const { status } = await api.ask(`/api/v1/logs?sort=timestamp&cursor=${(body as Page).next_cursor}`);
    expect(status).toBe(400);
    expect((await api.ask(`/api/v1/windows?cursor=${(body as Page).next_cursor}`)).status).toBe(400);
  });

  it('an entry is shown with what its service wrote around it, and its trace', async () => {
    const at = new Date(ENTRIES[40]!.timestamp / 1000).toISOString();
    const { body } = await api.ask(`/api/v1/logs/batch-40/context?at=${at}&before=2&after=2`);
    const { entry, before, after, trace } = body as Record<string, { insert_id: string }[]> & {
      entry: { insert_id: string };
    };
    expect(entry.insert_id).toBe('batch-40');
    expect(before!.map(({ insert_id }) => insert_id)).toEqual(['batch-36', 'batch-38']);
    expect(after!.map(({ insert_id }) => insert_id)).toEqual(['batch-42', 'batch-44']);
    expect(trace!.map(({ insert_id }) => insert_id)).toEqual(
      ENTRIES.filter(({ trace_id }) => trace_id === 'trace-0').map(({ insert_id }) => insert_id),
    );
  });

  it("another tenant's entry is not there, by its id either, nor in a trace or in counts", async () => {
    const at = (i: number) => new Date(ENTRIES[i]!.timestamp / 1000).toISOString();
    const shop = { role: 'viewer', tenant: 'shop' } as const;
    expect((await api.ask(`/api/v1/logs/batch-41/context?at=${at(41)}`, shop)).status).toBe(404);
    expect((await api.ask(`/api/v1/logs/batch-40/context?at=${at(40)}`, shop)).status).toBe(200);
    const { body } = await api.ask('/api/v1/logs/stats', shop);
    const { total, facets } = body as { total: number; facets: { service: unknown[] } };
    expect(facets.service).toEqual([{ value: 'shop-web', count: total }]);
    expect(await idsOf('q=tenant=bank', 'shop')).toEqual([]);
  });

  it('counts add up: the histogram, the severities and the services tell the same total', async () => {
    const { body } = await api.ask('/api/v1/logs/stats?buckets=20&min_severity=WARNING');
    const stats = body as {
      total: number;
      histogram: { total: number; counts: Record<string, number> }[];
      facets: Record<string, { count: number }[]>;
    };
    const sum = (all: readonly { count: number }[]) => all.reduce((n, { count }) => n + count, 0);
    expect(stats.histogram.reduce((n, { total }) => n + total, 0)).toBe(stats.total);
    expect(sum(stats.facets.severity!)).toBe(stats.total);
    expect(sum(stats.facets.service!)).toBe(stats.total);
    expect(stats.total).toBeGreaterThan(0);
  });

  it('as a file a spreadsheet takes nothing for a formula, and every line is there', async () => {
    await api.warehouse.append(logEntries, [
      logEntry({
        insert_id: 'f-1',
        timestamp: BASE_US,
        received_at: BASE_US,
        service: 'formula',
        message: '=cmd|"/c calc"!A1',
      }),
    ]);
    const { body, headers } = await api.ask('/api/v1/logs/export?service=formula');
    expect(String(body)).toContain(`"'=cmd|""/c calc""!A1"`);
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="logs-/);
    const all = await api.ask('/api/v1/logs/export?format=ndjson&service=bank&limit=1000');
    expect(String(all.body).trim().split('\n')).toHaveLength(60);
  });

  it('the older paths answer with their own fields', async () => {
    const from = BASE_US / 1000;
    const query = `from_timestamp=${from}&to_timestamp=${from + 60_000}&level=error&page=1&size=5&status_code=503&anomaly=true`;
    const { body } = await api.ask(`/logs?${query}&service_name=shop-web`);
    const page = body as { items: Record<string, unknown>[]; total: number; pages: number };
    expect(page.items).toHaveLength(5);
    expect(page).toMatchObject({ page: 1, size: 5, pages: Math.ceil(page.total / 5) });
    expect(page.items[0]).toMatchObject({
      service_name: 'shop-web',
      level: 'ERROR',
      status_code: 503,
      anomaly: true,
    });
    expect(page.items[0]!.timestamp).toBeTypeOf('number');
    expect((await api.ask('/logs?page=5000&size=1000')).status).toBe(400);
  });
});

describe('who may what', () => {
  it.each([
    ['viewer', 'GET', '/api/v1/logs/export', 403],
    ['viewer', 'POST', '/api/v1/feedback', 403],
    ['analyst', 'POST', '/api/v1/silences', 403],
    ['operator', 'GET', '/api/v1/webhooks', 403],
    ['analyst', 'GET', '/api/v1/dead-letters', 403],
    ['viewer', 'POST', '/api/v1/sql', 403],
    ['admin', 'GET', '/api/v1/webhooks', 200],
    ['viewer', 'GET', '/api/v1/logs', 200],
  ] as const)('%s asks %s %s: %i', async (role, method, path, status) => {
    const body = method === 'POST' ? { body: {} } : {};
    expect((await api.ask(path, { method, role, ...body })).status).toBe(status);
  });

  it('an admin of one tenant sees nothing that tells of all', async () => {
    const wide = api.routes.flatMap(({ base, routes }) =>
      routes.filter((one) => one.wide).map((one) => ({ base, one })),
    );
    expect(wide.length).toBeGreaterThan(10);
    for (const { base, one } of wide) {
      const body = one.body === undefined ? {} : { body: {} };
      const path = `${base}${one.path}`.replaceAll(/\{\w+\}/g, 'x');
      expect((await api.ask(path, { method: one.method, tenant: 'shop', ...body })).status, path).toBe(403);
    }
  });

  it('without a token there is nothing but health, the page and the documentation', async () => {
    for (const { base, routes } of api.routes)
      for (const { method, path } of routes) {
        const response = await api.app.request(`${base}${path.replaceAll(/\{\w+\}/g, 'x')}`, { method });
        expect(response.status, path).toBe(401);
        expect(response.headers.get('www-authenticate')).toContain('Bearer');
      }
    expect((await api.app.request('/api/v1/health')).status).toBe(200);
  });

  it('other origins get no leave, but for those of the setting; the page may load its own alone', async () => {
    const evil = await api.ask('/api/v1/me', { headers: { origin: 'https://evil.example' } });
    expect(evil.headers.get('access-control-allow-origin')).toBeNull();
    const good = await api.ask('/api/v1/me', { headers: { origin: 'https://logs.example.com' } });
    expect(good.headers.get('access-control-allow-origin')).toBe('https://logs.example.com');
    expect(good.headers.get('access-control-allow-credentials')).toBeNull();
    const page = await api.app.request('/explore');
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('a webhook to an address of the machine or of the cloud is refused', async () => {
    for (const url of [
      'http://example.com/',
      'https://127.0.0.1/',
      'https://169.254.169.254/',
      'https://[::1]/',
      'ftp://x/',
      'x',
    ]) {
      const { status } = await api.ask('/api/v1/webhooks', { method: 'POST', body: { url } });
      expect(status, url).toBe(400);
    }
  });

  it('a statement that writes is refused, one that is wrong is told so', async () => {
    const ask = (query: string) => api.ask('/api/v1/sql', { method: 'POST', body: { query } });
    for (const query of [
      'DELETE FROM notes WHERE TRUE',
      'CREATE TABLE x (a INT64)',
      'DROP TABLE notes',
      "INSERT INTO notes (note_id) VALUES ('x')",
      'SELECT 1; DROP TABLE notes',
    ])
      expect((await ask(query)).status, query).toBeGreaterThanOrEqual(400);
    expect((await ask('SELECT COUNT(*) AS n FROM notes')).body).toMatchObject({ rows: [[0]] });
    expect((await ask('SELECT nope FROM notes')).body).toMatchObject({
      error: { code: 'invalid', message: expect.stringContaining('nope') },
    });
  });
});
