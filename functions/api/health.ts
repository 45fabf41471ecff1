/** Whether the parts that the API asks answer: asked of anybody, so it tells nothing else. */
import type { OpenRoute } from './app.ts';
import { BASE } from './app.ts';
import type { ApiContext } from './context.ts';
import type { Health } from './schema/principal.ts';

const SHARED_MS = 2000;

/** Asks the parts, at most every two seconds however many want to know. */
export function healthCheck({ ask, board }: ApiContext, clock: () => number): () => Promise<Health> {
  let last: { readonly atMs: number; readonly health: Promise<Health> } | null = null;
  const check = async (name: string, work: () => Promise<unknown>): Promise<Health['checks'][number]> => {
    const startedMs = clock();
    const status = await work().then(
      () => 'ok' as const,
      () => 'failing' as const,
    );
    return { name, status, ms: clock() - startedMs };
  };
  const make = async (): Promise<Health> => {
    const checks = await Promise.all([
      check('bigquery', () => ask({ sql: 'SELECT 1', params: {} })),
      check('firestore', board),
    ]);
    const isWell = checks.every(({ status }) => status === 'ok');
    return { status: isWell ? 'ok' : 'degraded', time: new Date(clock()).toISOString(), checks };
  };
  return () => {
    if (last === null || clock() - last.atMs >= SHARED_MS) last = { atMs: clock(), health: make() };
    return last.health;
  };
}

export const healthRoutes = (health: () => Promise<Health>): OpenRoute[] => [
  {
    method: 'GET',
    path: `${BASE}/health`,
    async handle() {
      const now = await health();
      return Response.json(now, { status: now.status === 'ok' ? 200 : 503 });
    },
  },
  {
    method: 'GET',
    path: '/health',
    async handle(_request, nowMs) {
      const { status } = await health();
      return Response.json(
        { status: status === 'ok' ? 'healthy' : 'degraded', timestamp: nowMs },
        { status: status === 'ok' ? 200 : 503 },
      );
    },
  },
];
